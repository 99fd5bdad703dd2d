//! The pages of the statistics: one while the archive is small; with more projects each has its own page, and with more
//! records behind the numbers these have lists of their own.

use std::sync::Arc;

use serde::Serialize;

use super::{StatisticsTable, StatisticsView, TargetView, statistics, this_year};
use crate::publish::site::{Sheet, url};
use crate::publish::view::catalogue::{Catalogue, Facet};
use crate::publish::view::{FigureView, Link, Viewer};
use crate::rulebook::statistic::{By, Question};

/// So many records are named on the page of the numbers; where there are more, every number leads to its list.
const NAMED: usize = 1000;
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

/// Where the numbers rest on very many records, takes these out and lays them out in lists of their own.
fn lists<'v>(view: &mut StatisticsView) -> Vec<Sheet<'v>> {
    let numbers = view.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.numbers);
    let targets = view.targets.iter().flat_map(|target| [&target.target, &target.actual, &target.percent]);
    let named: usize = numbers.chain(targets).map(|number| number.records.len()).sum();
    if named <= NAMED {
        return Vec::new();
    }
    let mut rows: Vec<CountedRow> = Vec::new();
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    // A record of all together is in one group and one column; where a number has no groups it is taken as it is.
    let all = &view.tables[0];
    for row in &all.rows {
        let from = rows.len();
        for table in view.tables.iter().skip(1) {
            let Some(own) = table.rows.iter().find(|own| own.id == row.id) else { continue };
            for (number, column) in own.numbers.iter().zip(&table.columns).filter(|(_, column)| !column.total) {
                rows.extend(number.records.iter().map(|record| counted(&row.name, record, &table.name, &column.name)));
            }
        }
        if rows.len() == from {
            let total = row.numbers.last().map(|number| number.records.as_slice()).unwrap_or_default();
            rows.extend(total.iter().map(|record| counted(&row.name, record, &all.name, &all.name)));
        }
        if rows.len() > from {
            groups.push((row.id.clone(), (from..rows.len()).collect()));
        }
    }
    let facet = Facet::grouped("records", groups);
    for row in view.tables.iter_mut().flat_map(|table| &mut table.rows) {
        let list = facet.url(FOLDER, &row.id);
        for number in row.numbers.iter_mut().filter(|number| !number.records.is_empty()) {
            number.records.clear();
            number.list.clone_from(&list);
        }
    }
    for target in &mut view.targets {
        for number in [&mut target.target, &mut target.actual, &mut target.percent] {
            number.records.clear();
        }
    }
    let list = Catalogue {
        home: None,
        folder: FOLDER,
        template: "counted.html",
        here: "statistics",
        per: ON_PAGE,
        orders: Vec::new(),
        facets: vec![facet],
        row: Arc::new(move |at| rows[at].clone()),
    };
    list.sheets_alone()
}

fn counted(statistic: &str, record: &Link, group: &str, column: &str) -> CountedRow {
    CountedRow { statistic: statistic.to_owned(), record: record.clone(), group: group.to_owned(), column: column.to_owned() }
}
