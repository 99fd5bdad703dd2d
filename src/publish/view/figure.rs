//! The figures of a record, drawn from tables as its form says.

mod bars;
mod ecomap;
mod goals;
mod network;
mod series;

use chrono::Datelike as _;

use super::FigureView;
use super::viewer::Viewer;
use crate::publish::figure::genogram::{self, Caption, Words};
use crate::publish::figure::{Table, bar};
use crate::rulebook::figure::Rows;
use crate::rulebook::form::{FigureKind, FigureSpec};
use crate::rulebook::value::Value;

/// The figures of a record, for those who may see all that they are drawn from.
pub(super) fn of(viewer: &Viewer<'_>, at: (usize, usize)) -> Vec<FigureView> {
    let form = viewer.form(viewer.judgement.world.entry(at));
    let seen = |figure: &&FigureSpec| {
        figure.parts.values().all(|part| {
            let table = viewer.judgement.world.rulebook.figure_table(form, &part.table);
            table.is_some_and(|(_, table)| {
                let column = |name: &str| table.columns.iter().find(|column| column.name.value == name);
                let columns = part.columns.values().filter_map(|name| column(name));
                viewer.sees(table.audience) && columns.into_iter().all(|column| viewer.sees(column.audience))
            })
        })
    };
    form.figures
        .iter()
        .filter(seen)
        .flat_map(|figure| Source { viewer, rows: Rows { world: &viewer.judgement.world, at, figure } }.draw())
        .filter(|figure| !names_somebody(viewer, figure))
        .collect()
}

/// Whether somebody is named in a figure whom the audience must not know: a drawing breaks its texts as it likes, so nothing in
/// it can be replaced.
fn names_somebody(viewer: &Viewer<'_>, figure: &FigureView) -> bool {
    let texts = figure.rows.iter().flatten().chain(&figure.head).chain([&figure.title]);
    texts.into_iter().any(|text| viewer.names_somebody(text))
}

/// A drawing and the same in numbers.
type Drawn = (String, Table);

/// A figure and the record it is drawn from.
struct Source<'s, 'v> {
    viewer: &'s Viewer<'v>,
    rows: Rows<'s, 'v>,
}

impl Source<'_, '_> {
    fn caption(&self, title: &str, description: String) -> Caption {
        let day = self.rows.day();
        let year = day.as_ref().and_then(Value::day).map(|day| day.year()).unwrap_or_default();
        Caption { title: title.to_owned(), description, drawn_on: day.map(|day| day.to_string()).unwrap_or_default(), year }
    }

    fn draw(&self) -> Vec<FigureView> {
        let title = self.rows.figure.title.as_str();
        let word = |key: &str| self.viewer.figure_word(key);
        match self.rows.figure.kind {
            FigureKind::Genogram => {
                let (family, words) = (self.rows.family(), Words::read(word));
                let people = family.people.iter().map(|person| person.label.as_str()).collect::<Vec<_>>().join(" ");
                let svg = genogram::draw(&family, &self.caption(title, people), &words);
                self.views(vec![(title.to_owned(), svg.map(|svg| (svg, genogram::rows(&family, &words))))])
            }
            FigureKind::Ecomap => self.views(vec![(title.to_owned(), self.ecomap(title))]),
            FigureKind::Network => self.views(vec![(title.to_owned(), self.network(title))]),
            FigureKind::Baseline => self.views(self.series(title)),
            FigureKind::Goals => self.views(vec![(title.to_owned(), self.goals(title))]),
            FigureKind::Bars => {
                let bars = self.bars();
                let said = bars.bars.iter().map(|bar| bar.label.as_str()).collect::<Vec<_>>().join(" ");
                self.views(vec![(title.to_owned(), bar::draw(&bars, title, &said).map(|svg| (svg, bar::rows(&bars))))])
            }
        }
    }

    fn views(&self, drawn: Vec<(String, Option<Drawn>)>) -> Vec<FigureView> {
        let view = |(title, drawn): (String, Option<Drawn>)| {
            let (svg, Table { head, rows }) = drawn?;
            Some(FigureView { title, svg, head, rows })
        };
        drawn.into_iter().filter_map(view).collect()
    }
}
