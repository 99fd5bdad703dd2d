//! Long lists in pages, so that no page grows with the archive.

use std::ops::Range;

use serde::Serialize;

/// Where one page stands among the pages of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pager {
    /// The page, from 1.
    pub at: usize,
    /// How many pages there are.
    pub of: usize,
    /// The first row on it, from 1; 0 where there are none.
    pub from: usize,
    /// The last row on it.
    pub to: usize,
    /// How many rows there are.
    pub total: usize,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// The first page, the last, and those around this one.
    pub links: Vec<PagerLink>,
}

/// A page of a list as its pager names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PagerLink {
    /// The page, from 1.
    pub number: usize,
    /// Its address.
    pub url: String,
    /// Whether pages are left out before it.
    pub gap: bool,
}

/// So many pages are named on either side of the one that is shown.
const AROUND: usize = 2;

/// The address of the nth page, from 1, of a list whose first page is at `first`.
pub fn address(first: &str, nth: usize) -> String {
    let stem = first.strip_suffix(".html").unwrap_or(first);
    if nth <= 1 { first.to_owned() } else { format!("{stem}/{nth}.html") }
}

/// The pages of a list of `total` rows, `per` on each; a list of nothing has one page.
pub fn pages(first: &str, total: usize, per: usize) -> Vec<(Range<usize>, Pager)> {
    let of = total.div_ceil(per).max(1);
    let page = |at: usize| {
        let rows = (at - 1) * per..(at * per).min(total);
        (rows.clone(), Pager::new(at, of, rows, total, &|nth| address(first, nth)))
    };
    (1..=of).map(page).collect()
}

impl Pager {
    /// The pager of page `at` of `of` with these of `total` rows; `address` tells where a page is.
    pub fn new(at: usize, of: usize, rows: Range<usize>, total: usize, address: &dyn Fn(usize) -> String) -> Self {
        Self {
            at,
            of,
            from: if rows.is_empty() { 0 } else { rows.start + 1 },
            to: rows.end,
            total,
            previous: (at > 1).then(|| address(at - 1)),
            next: (at < of).then(|| address(at + 1)),
            links: links(at, of, address),
        }
    }
}

fn links(at: usize, of: usize, address: &dyn Fn(usize) -> String) -> Vec<PagerLink> {
    let mut last = 0;
    let named = (1..=of).filter(|&n| n == 1 || n == of || n.abs_diff(at) <= AROUND);
    let link = |number| {
        let gap = number > last + 1;
        last = number;
        PagerLink { number, url: address(number), gap }
    };
    named.map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_on_exactly_one_page() {
        for (total, of) in [(0, 1), (1, 1), (10, 1), (11, 2), (95, 10)] {
            let pages = pages("a/index.html", total, 10);
            assert_eq!(pages.len(), of, "{total}");
            let rows: Vec<usize> = pages.iter().flat_map(|(rows, _)| rows.clone()).collect();
            assert_eq!(rows, (0..total).collect::<Vec<_>>());
            assert!(pages.iter().enumerate().all(|(nth, (rows, pager))| (pager.at, pager.of, pager.to) == (nth + 1, of, rows.end)));
        }
    }

    #[test]
    fn a_pager_names_its_ends_and_its_neighbours() {
        let (_, pager) = pages("a/index.html", 100, 10).remove(5);
        let said: Vec<String> = pager.links.iter().map(|l| format!("{}{}", if l.gap { "… " } else { "" }, l.number)).collect();
        assert_eq!(said, ["1", "… 4", "5", "6", "7", "8", "… 10"]);
        assert_eq!((pager.previous.as_deref(), pager.next.as_deref()), (Some("a/index/5.html"), Some("a/index/7.html")));
        assert_eq!((pager.from, pager.to), (51, 60));
        let (_, second) = pages("a/index.html", 11, 10).remove(1);
        assert_eq!((second.previous.as_deref(), second.next, second.from, second.to), (Some("a/index.html"), None, 11, 11));
    }
}
