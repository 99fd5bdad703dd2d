//! A list that grows with the archive: in pages, in several orders, and in parts by what its rows have in common.
//!
//! Everything is laid out when the site is made, so a list can be narrowed and sorted without a script. A row is on exactly
//! one page of each order; pages of a part hold the rows of the list that belong to it, in its first order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::paging::{self, Pager};
use crate::publish::site::Sheet;

/// Values of a facet beyond which they stand on the pages of the whole list only. On the page of each value all values would
/// make a square of them.
const MANY: usize = 100;

/// Longest part of an address that is made from a name, in characters.
const SLUG: usize = 40;

/// A list to be laid out.
pub(super) struct Catalogue<'v, T> {
    /// The page that it begins on, such as `dossiers/index.html`; none where only its parts have pages.
    pub home: Option<&'static str>,
    /// The folder of its other pages.
    pub folder: &'static str,
    /// The template of its pages.
    pub template: &'static str,
    /// The component that makes a row for all the pages on which it stands; none where the template prints rows itself.
    pub row_by: Option<&'static str>,
    /// Their entry in the menu.
    pub here: &'static str,
    /// Rows on a page.
    pub per: usize,
    /// The rows in each order, by its name; the first is that of all parts.
    pub orders: Vec<(&'static str, Vec<usize>)>,
    /// What rows may have in common.
    pub facets: Vec<Facet>,
    /// Makes a row.
    pub row: Arc<dyn Fn(usize) -> T + Send + Sync + 'v>,
}

/// Something that rows may have in common, such as the project.
#[derive(Debug, Clone, Default)]
pub(super) struct Facet {
    key: &'static str,
    groups: Vec<Group>,
}

/// The rows that have a value in common.
#[derive(Debug, Clone)]
struct Group {
    name: String,
    slug: String,
    rows: Vec<usize>,
}

impl Facet {
    /// Sorts rows by a value; what has none belongs to no group. Groups stand in the order of their names.
    pub fn of(key: &'static str, rows: &[usize], value: impl Fn(usize) -> Option<String>) -> Self {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for &row in rows {
            if let Some(value) = value(row).filter(|value| !value.is_empty()) {
                groups.entry(value).or_default().push(row);
            }
        }
        Self::grouped(key, groups)
    }

    /// Groups that are there already.
    pub fn grouped(key: &'static str, groups: impl IntoIterator<Item = (String, Vec<usize>)>) -> Self {
        let groups = groups.into_iter().map(|(name, rows)| Group { slug: String::new(), name, rows });
        Self { key, groups: groups.collect() }.called(str::to_owned)
    }

    /// The same groups with other words for them in addresses.
    pub fn called(mut self, plain: impl Fn(&str) -> String) -> Self {
        let mut taken = BTreeSet::new();
        for (nth, group) in self.groups.iter_mut().enumerate() {
            group.slug = slug(&plain(&group.name), nth + 1, &mut taken);
        }
        self
    }

    /// The rows of a group.
    pub fn rows(&self, name: &str) -> &[usize] {
        self.groups.iter().find(|group| group.name == name).map_or(&[], |group| group.rows.as_slice())
    }

    /// The page of a group.
    pub fn url(&self, folder: &str, name: &str) -> Option<String> {
        let group = self.groups.iter().find(|group| group.name == name)?;
        Some(format!("{folder}/{}/{}.html", self.key, group.slug))
    }
}

/// A name as a part of an address: as it is where it can be typed anywhere, else by its place among the others. Unlike those
/// before it also where case does not count.
fn slug(name: &str, nth: usize, taken: &mut BTreeSet<String>) -> String {
    let typed = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let plain = if typed && !name.is_empty() && name.len() <= SLUG { name.to_owned() } else { format!("n{nth}") };
    let mut slug = plain.clone();
    let mut again = 1;
    while !taken.insert(slug.to_lowercase()) {
        again += 1;
        slug = format!("{plain}-{again}");
    }
    slug
}

/// A page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogueView<T> {
    /// What the rows of this page have in common: the facet's key; none for the whole list.
    pub facet: Option<&'static str>,
    /// Its value.
    pub group: Option<String>,
    /// The whole list, if it has a page.
    pub home: Option<String>,
    /// Other orders of the same list.
    pub orders: Vec<ChoiceView>,
    /// Parts of the list; on the first page only.
    pub facets: Vec<FacetView>,
    /// Where the page stands.
    pub pager: Pager,
    /// Rows.
    pub rows: Vec<T>,
}

/// What a list may be narrowed by.
#[derive(Debug, Clone, Serialize)]
pub struct FacetView {
    /// Its key.
    pub key: &'static str,
    /// Its values; none on a page of a part where there are very many.
    pub choices: Vec<ChoiceView>,
    /// How many there are.
    pub total: usize,
}

/// Another page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceView {
    /// Key of the order, or value of the facet.
    pub name: String,
    /// Its page.
    pub url: String,
    /// How many rows it has.
    pub rows: usize,
    /// Whether it is the one that is shown.
    pub here: bool,
}

/// Rows that are laid out one after the other.
struct Run {
    url: String,
    facet: Option<&'static str>,
    group: Option<String>,
    rows: Vec<usize>,
}

impl<'v, T: Serialize + 'v> Catalogue<'v, T> {
    /// All pages, the first page of the whole list first.
    pub fn sheets(self) -> Vec<Sheet<'v>> {
        self.laid_out(true)
    }

    /// All pages, none of which names the others: where each part is reached from elsewhere.
    pub fn sheets_alone(self) -> Vec<Sheet<'v>> {
        self.laid_out(false)
    }

    fn laid_out(self, named: bool) -> Vec<Sheet<'v>> {
        let Self { home, folder, template, row_by, here, per, orders, facets, row } = self;
        let mut runs: Vec<Run> = Vec::new();
        let mut order_choices = Vec::new();
        if let Some(home) = home {
            for (nth, (key, rows)) in orders.into_iter().enumerate() {
                let url = if nth == 0 { home.to_owned() } else { format!("{folder}/by/{key}.html") };
                order_choices.push(ChoiceView { name: key.to_owned(), url: url.clone(), rows: rows.len(), here: false });
                runs.push(Run { url, facet: None, group: None, rows });
            }
        }
        let mut facet_views: Vec<FacetView> = Vec::new();
        for Facet { key, groups } in facets.into_iter().filter(|facet| !facet.groups.is_empty()) {
            let mut choices = Vec::new();
            for Group { name, slug, rows } in groups {
                let url = format!("{folder}/{key}/{slug}.html");
                choices.push(ChoiceView { name: name.clone(), url: url.clone(), rows: rows.len(), here: false });
                runs.push(Run { url, facet: Some(key), group: Some(name), rows });
            }
            facet_views.push(FacetView { key, total: choices.len(), choices });
        }
        // A list of one order has no choice of orders.
        if order_choices.len() < 2 {
            order_choices.clear();
        }
        if !named {
            facet_views.clear();
        }
        let shared = Arc::new((order_choices, facet_views, row));
        let mut sheets = Vec::new();
        for run in runs {
            let run = Arc::new(run);
            for (rows, pager) in paging::pages(&run.url, run.rows.len(), per) {
                let (run, shared) = (Arc::clone(&run), Arc::clone(&shared));
                let url = paging::address(&run.url, pager.at);
                let make = move || {
                    let (orders, facets, row) = &*shared;
                    let mark = |choice: &ChoiceView| ChoiceView { here: choice.url == run.url, ..choice.clone() };
                    let elsewhere = |facet: &FacetView| facet.total > MANY && run.facet.is_some() && home.is_some();
                    let shown = |facet: &FacetView| FacetView {
                        choices: if elsewhere(facet) { Vec::new() } else { facet.choices.iter().map(mark).collect() },
                        ..*facet
                    };
                    CatalogueView {
                        facet: run.facet,
                        group: run.group.clone(),
                        home: home.map(str::to_owned),
                        orders: orders.iter().map(mark).collect(),
                        // Whoever turns pages has chosen; the first page has the choice.
                        facets: facets.iter().filter(|_| pager.at == 1).map(shown).collect(),
                        pager: pager.clone(),
                        rows: run.rows[rows.clone()].iter().map(|&at| row(at)).collect(),
                    }
                };
                sheets.push(match row_by {
                    Some(component) => Sheet::list(url, (template, component), here, make),
                    None => Sheet::new(url, template, here, make),
                });
            }
        }
        sheets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_addresses_that_differ() {
        let mut taken = BTreeSet::new();
        let names = ["NS", "ns", "李 娜", "李/娜", "../x", "2026-Q1", "n3"];
        let said: Vec<String> = names.iter().enumerate().map(|(nth, name)| slug(name, nth + 1, &mut taken)).collect();
        assert_eq!(said, ["NS", "ns-2", "n3", "n4", "n5", "2026-Q1", "n3-2"]);
    }

    #[test]
    fn every_row_stands_once_in_each_order_and_in_its_groups() {
        let rows: Vec<usize> = (0..25).collect();
        let backwards: Vec<usize> = (0..25).rev().collect();
        let list = Catalogue {
            home: Some("x/index.html"),
            folder: "x",
            template: "x.html",
            row_by: None,
            here: "x",
            per: 10,
            facets: vec![Facet::of("parity", &rows, |row| (row != 3).then(|| ["even", "odd"][row % 2].to_owned()))],
            orders: vec![("number", rows), ("backwards", backwards)],
            row: Arc::new(|row| row),
        };
        let urls: Vec<String> = list.sheets().into_iter().map(|sheet| sheet.url).collect();
        assert_eq!(
            urls,
            [
                "x/index.html",
                "x/index/2.html",
                "x/index/3.html",
                "x/by/backwards.html",
                "x/by/backwards/2.html",
                "x/by/backwards/3.html",
                "x/parity/even.html",
                "x/parity/even/2.html",
                "x/parity/odd.html",
                "x/parity/odd/2.html"
            ]
        );
    }
}
