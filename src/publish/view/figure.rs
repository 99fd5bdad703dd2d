//! The figures of a record, drawn from tables as its form says.

mod bars;
mod ecomap;
mod family;
mod goals;
mod network;
mod series;

use chrono::Datelike as _;
use rust_decimal::Decimal;

use super::FigureView;
use super::viewer::Viewer;
use crate::publish::figure::genogram::{self, Caption, Words};
use crate::publish::figure::{Table, bar};
use crate::rulebook::form::{Field, FigureKind, FigureSpec, Form};
use crate::rulebook::value::{Data, Row, Value};

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
    form.figures.iter().filter(seen).flat_map(|figure| Source { viewer, at, figure }.draw()).collect()
}

/// A drawing and the same in numbers.
type Drawn = (String, Table);

/// A figure and the record it is drawn from.
struct Source<'s, 'v> {
    viewer: &'s Viewer<'v>,
    at: (usize, usize),
    figure: &'s FigureSpec,
}

/// A row of one of its tables.
struct Line<'s, 'v> {
    source: &'s Source<'s, 'v>,
    part: &'s str,
    columns: &'v [Field],
    row: Row,
}

impl Line<'_, '_> {
    fn cell(&self, column: &str) -> Option<&Data> {
        let name = self.source.figure.parts.get(self.part).and_then(|part| part.columns.get(column))?;
        self.row.cell(self.columns, name)
    }

    /// What stands in the column that the figure calls so.
    fn text(&self, column: &str) -> String {
        self.cell(column).map(Data::words).unwrap_or_default()
    }

    /// What that means to the figure.
    fn word(&self, column: &str) -> String {
        let text = self.text(column);
        self.source.figure.values.get(&text).cloned().unwrap_or(text)
    }

    fn number(&self, column: &str) -> Option<i32> {
        self.text(column).parse().ok()
    }

    fn score(&self, column: &str) -> Option<i64> {
        self.text(column).parse().ok()
    }

    fn decimal(&self, column: &str) -> Option<Decimal> {
        match self.cell(column)?.first()? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn yes(&self, column: &str) -> bool {
        matches!(self.cell(column).and_then(Data::first), Some(Value::Bool(true)))
    }

    fn some(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }
}

impl<'s, 'v> Source<'s, 'v> {
    fn form(&self) -> &'v Form {
        self.viewer.form(self.viewer.judgement.world.entry(self.at))
    }

    /// The rows of a table: of this record, or of all records of the form that the table names.
    fn lines(&'s self, part: &'s str) -> Vec<Line<'s, 'v>> {
        let world = &self.viewer.judgement.world;
        let form = self.form();
        let table = self.figure.parts.get(part).and_then(|spec| world.rulebook.figure_table(form, &spec.table));
        let Some((other, field)) = table else { return Vec::new() };
        let entries: Vec<usize> = match other {
            None => vec![self.at.1],
            Some(other) => {
                let entries = world.dossiers[self.at.0].entries.iter().enumerate();
                let mut own: Vec<_> = entries.filter(|(_, entry)| entry.form == other).map(|(e, entry)| (entry.record.stem(), e)).collect();
                own.sort();
                own.into_iter().map(|(_, e)| e).collect()
            }
        };
        let mut lines = Vec::new();
        for at in entries.into_iter().map(|e| (self.at.0, e)) {
            let Some((index, _)) = self.viewer.form(world.entry(at)).field(&field.name) else { continue };
            let data = world.context(at.0, Some(at.1)).data(at, index);
            let Some(Data::Rows(rows)) = data.map(std::borrow::Cow::into_owned) else { continue };
            lines.extend(rows.into_iter().map(|row| Line { source: self, part, columns: &field.columns, row }));
        }
        lines
    }

    /// The day as of which it is drawn.
    fn day(&self) -> Option<Value> {
        let world = &self.viewer.judgement.world;
        let (index, _) = self.form().field(self.figure.drawn.as_ref()?)?;
        world.context(self.at.0, Some(self.at.1)).data(self.at, index)?.first().cloned()
    }

    fn caption(&self, title: &str, description: String) -> Caption {
        let day = self.day();
        let year = day.as_ref().and_then(Value::day).map(|day| day.year()).unwrap_or_default();
        Caption { title: title.to_owned(), description, drawn_on: day.map(|day| day.to_string()).unwrap_or_default(), year }
    }

    fn draw(&self) -> Vec<FigureView> {
        let title = self.figure.title.as_str();
        let word = |key: &str| self.viewer.figure_word(key);
        match self.figure.kind {
            FigureKind::Genogram => {
                let (family, words) = (self.family(), Words::read(word));
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
