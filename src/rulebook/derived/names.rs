//! Every name in a computation must exist, seen from the record or row that it is taken from.

use super::{Computed, Rows, Selection, Source, Tally};
use crate::rulebook::check::{Checker, MadeRow, Scope};
use crate::rulebook::form::{Field, FigureKind, Kind};
use crate::rulebook::lookup::THIS;
use crate::rulebook::reference::{Pick, Ref, Target};
use crate::yaml::de::Spanned;

/// A point of view: forms of the records, and what bare names mean besides.
type View<'a> = (Vec<usize>, Scope<'a>);

impl<'a> Checker<'a> {
    /// The computation of a field or column.
    pub fn computed(&mut self, computed: &'a Computed, field: &'a Field) {
        self.value(computed, &|checker, table| checker.made_table(table, field));
    }

    fn source(&mut self, source: &'a Source, field: &'a Field) {
        self.value_source(source, &|checker, table| checker.made_table(table, field));
    }

    fn made_table(&mut self, computed: &'a Computed, field: &'a Field) {
        match computed {
            Computed::Rows(list) => list.iter().for_each(|rows| self.rows(rows, field)),
            Computed::Tally(tally) => self.tally(tally, field),
            _ => {}
        }
    }

    /// A computation of single values; what makes a table is handed to `table`.
    fn value<'c>(&mut self, computed: &'c Computed, table: &dyn Fn(&mut Self, &'c Computed)) {
        match computed {
            Computed::Deadline(rule) => self.rule(rule),
            Computed::Baseline(baseline, _) => {
                self.baseline(&baseline.figure);
                self.value_source(&baseline.of, table);
            }
            Computed::Choose(branches) => {
                for (when, computed) in branches {
                    if let Some(when) = when {
                        self.condition(when);
                    }
                    self.value(computed, table);
                }
            }
            Computed::Rows(_) | Computed::Tally(_) => table(self, computed),
            _ => computed.sources().into_iter().for_each(|source| self.value_source(source, table)),
        }
    }

    /// A figure of the record's form that shows measures over time.
    fn baseline(&mut self, title: &Spanned<String>) {
        let forms = self.scope.home.iter().map(|&at| &self.rulebook.forms[at]);
        let figures = forms.flat_map(|form| &form.figures).filter(|figure| figure.kind == FigureKind::Baseline);
        let known: Vec<&str> = figures.map(|figure| figure.title.as_str()).collect();
        if !known.contains(&title.value.as_str()) {
            self.unknown(title, ("基线图", "baseline figure"), known.into_iter());
        }
    }

    /// The same of a source.
    pub fn value_source<'c>(&mut self, source: &'c Source, table: &dyn Fn(&mut Self, &'c Computed)) {
        match source {
            Source::Of(asked) => self.asked(asked),
            Source::Literal(_) => {}
            Source::Made(computed) => self.value(computed, table),
        }
    }

    fn rows(&mut self, rows: &'a Rows, field: &'a Field) {
        let (subjects, mut scope) = self.selection(&rows.from, field);
        scope.pivot = !rows.fields.is_empty();
        for name in &rows.fields {
            let r = Ref { span: name.span, pick: Pick::Own, parts: vec![name.value.clone()], target: Target::Value };
            self.viewing(subjects.clone(), scope.clone(), |checker| checker.reference(&r));
        }
        for (name, computed) in &rows.by {
            self.column(name, &field.columns);
            self.viewing(subjects.clone(), scope.clone(), |checker| checker.computed(computed, field));
        }
        scope.grouped = !rows.by.is_empty() || rows.from.each;
        scope.column = true;
        let made = |pending: Vec<&'a str>| MadeRow {
            columns: &field.columns,
            pending,
            written: false,
            subjects: subjects.clone(),
            scope: scope.clone(),
        };
        let names: Vec<&Spanned<String>> = rows.columns.iter().map(|(name, _)| name).collect();
        for (at, (name, computed)) in rows.columns.iter().enumerate() {
            self.column(name, &field.columns);
            let row = made(names[at..].iter().map(|name| name.value.as_str()).collect());
            let scope = Scope { making: Some(Box::new(row)), ..scope.clone() };
            self.viewing(subjects.clone(), scope, |checker| checker.computed(computed, field));
        }
        let scope = Scope { making: Some(Box::new(made(Vec::new()))), ..scope.clone() };
        self.viewing(subjects.clone(), scope, |checker| {
            if let Some(rest) = &rows.rest {
                checker.computed(rest, field);
            }
            if let Some(having) = &rows.having {
                checker.condition(having);
            }
        });
    }

    fn tally(&mut self, tally: &'a Tally, field: &'a Field) {
        let (subjects, scope) = self.selection(&tally.from, field);
        self.viewing(subjects, scope, |checker| {
            checker.source(&tally.rows, field);
            checker.source(&tally.columns, field);
        });
    }

    /// Checks where the rows come from; the point of view of one of them.
    fn selection(&mut self, from: &'a Selection, field: &'a Field) -> View<'a> {
        let view = self.view(from);
        if let Some(period) = &from.period {
            period[..2].iter().for_each(|bound| self.source(bound, field));
        }
        let (subjects, scope) = view.clone();
        self.viewing(subjects, scope, |checker| {
            if let Some(filter) = &from.filter {
                checker.condition(filter);
            }
            from.sort.iter().for_each(|source| checker.source(source, field));
            if let Some(period) = &from.period {
                checker.source(&period[2], field);
            }
        });
        view
    }

    fn view(&mut self, from: &'a Selection) -> View<'a> {
        let base = Scope { home: self.scope.home.clone(), ..Scope::default() };
        if from.each {
            from.forms.iter().for_each(|form| self.form(form));
            let named: Vec<usize> = from.forms.iter().filter_map(|form| self.rulebook.form_index(form)).collect();
            let all = if from.forms.is_empty() { (0..self.rulebook.forms.len()).collect() } else { named };
            return (all, base);
        }
        let mut subjects: Vec<usize> = Vec::new();
        let mut columns = Vec::new();
        for r in &from.from {
            let form = r.parts.first().and_then(|first| self.rulebook.form_index(first));
            let bare = r.parts.first().filter(|_| form.is_none() && r.parts.len() == 1);
            let own_table = bare.is_some_and(|name| self.is_own_table(name));
            match bare {
                Some(word) if word == THIS => subjects.extend(&self.scope.home),
                Some(word) if !own_table => self.form(&Spanned { value: word.clone(), span: r.span }),
                // Of what is not there, nothing more can be said.
                _ if !self.table(r) => {}
                _ => {
                    let (forms, scope) = self.leads_to(r);
                    subjects.extend(forms);
                    columns.extend(scope.columns);
                }
            }
        }
        (subjects, Scope { columns, ..base })
    }

    fn is_own_table(&self, name: &str) -> bool {
        let table = |&at: &usize| self.rulebook.forms[at].field(name).is_some_and(|(_, field)| field.kind == Kind::Table);
        self.subjects.iter().any(table)
    }
}
