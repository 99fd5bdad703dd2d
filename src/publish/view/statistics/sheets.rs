//! The pages of the statistics: the numbers, on one page or with more projects on one for each, and for every statistic a
//! list of the records behind it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::{NumberView, StatisticsTable, StatisticsView, TargetView, statistics, this_year};
use crate::publish::site::{Sheet, url};
use crate::publish::view::catalogue::{Catalogue, Facet};
use crate::publish::view::{FigureView, Link, Viewer, paging};
use crate::rulebook::statistic::{By, Question};

/// Tables on one page besides that of all together.
const TABLES: usize = 4;
/// Records on one page of a list.
const ON_PAGE: usize = 500;
/// The folder of the pages.
const FOLDER: &str = "statistics";

/// A page of statistics.
#[derive(Serialize)]
struct SheetView {
    from: String,
    to: String,
    suppress_below: Option<u32>,
    /// Whose page it is; none for all together.
    whose: Option<Link>,
    /// The pages of the groups, where they have their own.
    pages: Vec<Link>,
    tables: Vec<StatisticsTable>,
    targets: Vec<TargetView>,
    charts: Vec<FigureView>,
}

/// A record that a number rests on.
#[derive(Debug, Clone, Serialize)]
struct CountedRow {
    /// Where numbers lead that rest on this record and those after it.
    anchor: Option<String>,
    statistic: String,
    record: Link,
    group: String,
    column: String,
}

/// This year's statistics by project and quarter, for the audiences that get any.
pub(in crate::publish::view) fn sheets<'v>(viewer: &'v Viewer<'_>) -> Vec<Sheet<'v>> {
    let (from, to) = this_year(viewer.judgement.world.today);
    let question = Question { from, to, by: vec![By::Project, By::Quarter] };
    let Some(mut view) = statistics(viewer, &question) else { return Vec::new() };
    let lists = lists(&mut view);
    let StatisticsView { from, to, suppress_below, mut tables, targets, charts, .. } = view;
    let groups = if tables.len() > TABLES + 1 { tables.split_off(1) } else { Vec::new() };
    let address = Facet::grouped("project", groups.iter().map(|table| (table.name.clone(), Vec::new())));
    let pages: Vec<Link> = groups.iter().map(|table| Link { text: table.name.clone(), url: address.url(FOLDER, &table.name) }).collect();
    let page = |whose, pages, tables, targets, charts| {
        Arc::new(SheetView { from: from.clone(), to: to.clone(), suppress_below, whose, pages, tables, targets, charts })
    };
    let sheet = |url: String, view: Arc<SheetView>| {
        let make = move || Shared(Arc::clone(&view));
        Sheet::new(url, "statistics.html", "statistics", make)
    };
    let of = |name: &str| targets.iter().filter(|target| target.project.text == name).cloned().collect::<Vec<_>>();
    let own: Vec<_> = groups.iter().map(|table| of(&table.name)).collect();
    let first = if groups.is_empty() { targets.clone() } else { Vec::new() };
    let mut sheets = vec![sheet(url::STATISTICS.to_owned(), page(None, pages.clone(), tables, first, charts))];
    for ((link, table), targets) in pages.into_iter().zip(groups).zip(own) {
        if let Some(url) = link.url {
            let whose = table.link.clone().unwrap_or(Link { text: link.text, url: None });
            sheets.push(sheet(url, page(Some(whose), Vec::new(), vec![table], targets, Vec::new())));
        }
    }
    sheets.extend(lists);
    sheets
}

/// A view that several makers hold.
struct Shared(Arc<SheetView>);

impl Serialize for Shared {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Takes the records out of the numbers and lays them out in a list for each statistic, to which the numbers lead: where
/// they are those of one group and period, to the place in it where these begin.
fn lists<'v>(view: &mut StatisticsView) -> Vec<Sheet<'v>> {
    let mut rows: Vec<CountedRow> = Vec::new();
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    // Where the records of a number begin, by statistic, table and column.
    let mut begins: BTreeMap<(String, usize, usize), usize> = BTreeMap::new();
    let Some(all) = view.tables.first() else { return Vec::new() };
    for row in &all.rows {
        let from = rows.len();
        let add = |rows: &mut Vec<CountedRow>, number: &NumberView, group: &str, column: &str| {
            let counted = |record: &Link| CountedRow {
                anchor: None,
                statistic: row.name.clone(),
                record: record.clone(),
                group: group.to_owned(),
                column: column.to_owned(),
            };
            rows.extend(number.records.iter().map(counted));
        };
        for (t, table) in view.tables.iter().enumerate().skip(1) {
            let Some(own) = table.rows.iter().find(|own| own.id == row.id) else { continue };
            let columns = own.numbers.iter().zip(&table.columns).enumerate();
            for (c, (number, column)) in columns.filter(|(_, (number, column))| !column.total && !number.records.is_empty()) {
                begins.insert((row.id.clone(), t, c), rows.len() - from);
                // All of the group begin where its first period does.
                begins.entry((row.id.clone(), t, table.columns.len() - 1)).or_insert(rows.len() - from);
                let first = rows.len();
                add(&mut rows, number, &table.name, &column.name);
                rows[first].anchor = Some(anchor(first, from));
            }
        }
        // What is in no group is taken as it is.
        if let Some(total) = row.numbers.last().filter(|_| rows.len() == from) {
            add(&mut rows, total, &all.name, &all.name);
        }
        if rows.len() > from {
            groups.push((row.id.clone(), (from..rows.len()).collect()));
        }
    }
    let facet = Facet::grouped("records", groups);
    for (t, table) in view.tables.iter_mut().enumerate() {
        for row in &mut table.rows {
            let Some(first) = facet.url(FOLDER, &row.id) else { continue };
            for (c, number) in row.numbers.iter_mut().enumerate().filter(|(_, number)| !number.records.is_empty()) {
                number.records.clear();
                number.list = Some(match begins.get(&(row.id.clone(), t, c)) {
                    Some(&at) => format!("{}#{}", paging::address(&first, at / ON_PAGE + 1), anchor(at, 0)),
                    None => first.clone(),
                });
            }
        }
    }
    for target in &mut view.targets {
        let list = facet.url(FOLDER, &target.id);
        for number in [&mut target.target, &mut target.actual, &mut target.percent] {
            if !number.records.is_empty() {
                number.records.clear();
                number.list.clone_from(&list);
            }
        }
    }
    let list = Catalogue {
        home: None,
        folder: FOLDER,
        template: "counted.html",
        row_by: None,
        here: "statistics",
        per: ON_PAGE,
        orders: Vec::new(),
        facets: vec![facet],
        row: Arc::new(move |at| rows[at].clone()),
    };
    list.sheets_alone()
}

/// The place of a row in the list that begins with row `from`.
fn anchor(row: usize, from: usize) -> String {
    format!("r{}", row - from + 1)
}
