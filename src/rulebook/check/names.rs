//! Names from one point of view: the record a computation stands in, the record or row that is asked, the
//! row that is being made.

use super::Checker;
use crate::rulebook::condition::{Condition, Test};
use crate::rulebook::derived::Asked;
use crate::rulebook::derived::source::GROUP;
use crate::rulebook::encryption;
use crate::rulebook::form::{Field, Form, Kind};
use crate::rulebook::lookup::{COLUMN, FIELD, ROW, THIS, VALUE};
use crate::rulebook::reference::{Ref, Target};
use crate::say;
use crate::source::Span;
use crate::yaml::de::Spanned;

/// What names mean at one place of a computation, besides fields of the subjects.
#[derive(Clone, Default)]
pub struct Scope<'a> {
    /// Columns of the rows in view.
    pub columns: Vec<&'a Field>,
    /// Whether sources are laid out by fields, so that there are `field` and `value`.
    pub pivot: bool,
    /// Whether the row is made from a group.
    pub grouped: bool,
    /// Whether a column is being computed.
    pub column: bool,
    /// The row that is being made.
    pub making: Option<Box<MadeRow<'a>>>,
    /// Forms of the record whose value is being computed or whose duty is judged.
    pub home: Vec<usize>,
}

/// A row that is being made, for the check of names.
#[derive(Clone)]
pub struct MadeRow<'a> {
    /// Its columns.
    pub columns: &'a [Field],
    /// Columns that are made at this one's turn or after it.
    pub pending: Vec<&'a str>,
    /// Whether people write the row, so that its cells go by their bare names.
    pub written: bool,
    /// Forms of what it is made from.
    pub subjects: Vec<usize>,
    /// What bare names mean there.
    pub scope: Scope<'a>,
}

impl<'a> Checker<'a> {
    /// Checks a reference and says which type of field it leads to, where it leads to one.
    pub(super) fn reference_kind(&mut self, r: &Ref) -> Option<Kind> {
        self.field_of(r).0
    }

    /// The point of view that `this.…` and `row.…` mean, and what is named there.
    fn turned(&self, r: &Ref) -> Option<(Vec<usize>, Scope<'a>, Ref)> {
        let first = r.parts.first()?;
        if r.parts.len() == 1 && r.target == Target::Value || self.rulebook.form_index(first).is_some() {
            return None;
        }
        let rest = Ref { parts: r.parts[1..].to_vec(), ..r.clone() };
        let home = &self.scope.home;
        match (first.as_str(), &self.scope.making) {
            (THIS, _) if !home.is_empty() => Some((home.clone(), Scope { home: home.clone(), ..Scope::default() }, rest)),
            (ROW, Some(row)) => Some((row.subjects.clone(), row.scope.clone(), rest)),
            _ => None,
        }
    }

    /// What a reference leads to: a type, and the field or column. What is not there is said.
    fn field_of(&mut self, r: &Ref) -> (Option<Kind>, Option<&'a Field>) {
        if let Some((subjects, scope, rest)) = self.turned(r) {
            if r.parts[0] == ROW
                && r.target == Target::Value
                && let Some(column) = self.made_column(&rest)
            {
                return (Some(column.kind), Some(column));
            }
            return self.viewing(subjects, scope, |checker| checker.field_of(&rest));
        }
        let rulebook = self.rulebook;
        let first = r.parts.first();
        let form = first.and_then(|first| rulebook.form_index(first));
        if form.is_none()
            && r.target == Target::Value
            && let [name] = r.parts.as_slice()
        {
            let word = name.as_str();
            let reserved = word == COLUMN && self.scope.column
                || (word == FIELD || word == VALUE) && self.scope.pivot
                || word == GROUP && self.scope.grouped;
            if reserved {
                return (None, None);
            }
            if let Some(column) = self.scope.columns.iter().find(|column| column.name.value == *name).copied() {
                if self.scope.making.as_ref().is_some_and(|row| row.written) {
                    self.made_column(r);
                }
                return (Some(column.kind), Some(column));
            }
        }
        let looks_like_form =
            first.is_some_and(|first| first.is_ascii() && r.parts.len() > 1 || matches!(r.target, Target::Event(_)) && !r.parts.is_empty());
        let (indices, rest): (Vec<usize>, &[String]) = match form {
            Some(form) => (vec![form], &r.parts[1..]),
            None if looks_like_form => {
                let name = Spanned { value: first.cloned().unwrap_or_default(), span: r.span };
                self.unknown(&name, ("表单", "form"), rulebook.forms.iter().map(|f| f.code.as_str()));
                return (None, None);
            }
            None => (self.subjects.clone(), &r.parts),
        };
        if indices.is_empty() || matches!(r.target, Target::Event(_)) {
            return (None, None);
        }
        let forms: Vec<&'a Form> = indices.iter().map(|&at| &rulebook.forms[at]).collect();
        let Some(name) = rest.first() else { return (None, None) };
        let spanned = Spanned { value: name.clone(), span: r.span };
        encryption::check_use(self, &forms, r, name);
        if r.target == Target::Section {
            if !forms.iter().any(|f| f.sections.iter().any(|s| s.name.value == *name)) {
                self.unknown(&spanned, ("段落", "section"), forms.iter().flat_map(|f| f.sections.iter().map(|s| s.name.value.as_str())));
            }
            return (None, None);
        }
        self.uses.extend(indices.iter().filter_map(|&at| Some((at, rulebook.forms[at].field(name)?.0))));
        let Some(field) = forms.iter().find_map(|f| f.field(name)).map(|(_, field)| field) else {
            let own = if form.is_none() { self.scope.columns.clone() } else { Vec::new() };
            let known = forms.iter().flat_map(|f| f.fields.iter().map(|x| x.name.value.as_str()));
            self.unknown(&spanned, ("栏目", "field"), known.chain(own.into_iter().map(|c| c.name.value.as_str())));
            return (None, None);
        };
        match rest.get(1) {
            None => (Some(field.kind), Some(field)),
            Some(part) => self.part_of(field, part, rest.get(2).is_some(), r.span),
        }
    }

    /// The same checks from the point of view of a row of a table; the table itself is checked too.
    pub fn on_rows(&mut self, table: &Ref, check: impl FnOnce(&mut Self)) {
        let columns = self.field_of(table).1.map_or_else(Vec::new, |field| field.columns.iter().collect());
        let scope = Scope { columns, home: self.scope.home.clone(), ..Scope::default() };
        self.viewing(self.subjects.clone(), scope, check);
    }

    /// The column of the row that is being made which a reference names, if it is one.
    fn made_column(&mut self, r: &Ref) -> Option<&'a Field> {
        let row = self.scope.making.as_ref()?;
        let name = r.parts.first()?;
        let column = row.columns.iter().find(|column| column.name.value == *name)?;
        if row.pending.contains(&name.as_str()) {
            let message =
                say!("「{name}」轮到这一列时还没有算出：列按先后推算", "`{name}` is not made yet: columns are made in their order");
            self.say("R106", r.span, name, message, None);
        }
        Some(column)
    }

    /// A column of a table or a part of a composed value.
    fn part_of(&mut self, field: &'a Field, part: &String, deeper: bool, span: Span) -> (Option<Kind>, Option<&'a Field>) {
        let keys = &self.rulebook.settings.value_keys;
        let name = &field.name.value;
        let spanned = Spanned { value: part.clone(), span };
        match field.kind {
            Kind::Table => match field.columns.iter().find(|c| c.name.value == *part) {
                Some(column) => ((!deeper).then_some(column.kind), Some(column)),
                None => {
                    self.unknown(&spanned, ("列", "column"), field.columns.iter().map(|c| c.name.value.as_str()));
                    (None, None)
                }
            },
            Kind::Signature => {
                let parts = [&keys.signature.name, &keys.signature.role, &keys.signature.date, &keys.signature.form, &keys.signature.place];
                if !parts.contains(&part) {
                    self.unknown(&spanned, ("签名项", "part of a signature"), parts.iter().map(|p| p.as_str()));
                }
                ((*part == keys.signature.date).then_some(Kind::Date), None)
            }
            Kind::Attachment | Kind::IdCard => (None, None),
            _ => {
                let message = say!("「{name}」不是表格，没有「{part}」列", "`{name}` is no table and has no column `{part}`");
                self.say("R102", span, part, message, None);
                (None, None)
            }
        }
    }

    /// A condition: its references, and the literals against the choices of the fields.
    pub fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(list) | Condition::Any(list) => list.iter().for_each(|c| self.condition(c)),
            Condition::Not(inner) => self.condition(inner),
            Condition::Test(r, test) => {
                let field = self.field_of(r).1;
                if let Some(field) = field.filter(|field| matches!(field.kind, Kind::Choice | Kind::Multichoice)) {
                    for (literal, span) in test.literals().into_iter().filter(|(literal, _)| !field.options.contains(literal)) {
                        let name = Spanned { value: literal.clone(), span: *span };
                        self.unknown(&name, ("选项", "choice"), field.options.iter().map(String::as_str));
                    }
                }
                self.right_side(test);
            }
            Condition::Count(asked, test) => {
                asked.iter().for_each(|one| self.asked(one));
                self.right_side(test);
            }
        }
    }

    fn right_side(&mut self, test: &Test) {
        let mut refs = Vec::new();
        test.references(&mut refs);
        refs.into_iter().for_each(|(r, _)| self.reference(r));
    }

    /// A reference and its condition, from the point of view of what it leads to.
    pub fn asked(&mut self, asked: &Asked) {
        self.reference(&asked.of);
        if let Some(filter) = &asked.filter {
            let (subjects, scope) = self.leads_to(&asked.of);
            self.viewing(subjects, scope, |checker| checker.condition(filter));
        }
    }

    /// The point of view of the records or rows that a reference leads to.
    pub fn leads_to(&mut self, r: &Ref) -> (Vec<usize>, Scope<'a>) {
        if let Some((subjects, scope, rest)) = self.turned(r) {
            let kept = self.scope.clone();
            let (subjects, led) = self.viewing(subjects, scope, |checker| checker.leads_to(&rest));
            return (subjects, Scope { making: kept.making, home: kept.home, column: kept.column, ..led });
        }
        let rulebook = self.rulebook;
        let table =
            |form: usize, name: &String| rulebook.forms[form].field(name).map(|(_, field)| field).filter(|field| field.kind == Kind::Table);
        let columns = |field: &'a Field| field.columns.iter().collect::<Vec<_>>();
        let form = r.parts.first().and_then(|first| rulebook.form_index(first));
        let same = Scope { columns: Vec::new(), pivot: false, grouped: false, ..self.scope.clone() };
        match (form, r.parts.first()) {
            (Some(form), _) => {
                let columns = r.parts.get(1).and_then(|name| table(form, name)).map(columns).unwrap_or_default();
                (vec![form], Scope { columns, ..same })
            }
            (None, Some(name)) if r.parts.len() > 1 || !self.scope.columns.iter().any(|c| c.name.value == *name) => {
                let tables: Vec<&'a Field> = self.subjects.iter().filter_map(|&form| table(form, name)).collect();
                if tables.is_empty() {
                    return (self.subjects.clone(), self.scope.clone());
                }
                (self.subjects.clone(), Scope { columns: tables.into_iter().flat_map(columns).collect(), ..same })
            }
            _ => (self.subjects.clone(), self.scope.clone()),
        }
    }
}
