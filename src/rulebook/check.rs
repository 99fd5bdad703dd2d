//! The rulebook checks itself: every name that a rule uses must exist.

use std::collections::{BTreeMap, BTreeSet};

use super::Rulebook;
use super::condition::{Condition, Test};
use super::derived::Asked;
use super::derived::source::GROUP;
use super::form::{Field, Form, Kind, Requirement};
use super::lookup::{COLUMN, FIELD, ROW, THIS, VALUE};
use super::reference::{Ref, Refs, Target};
use super::ring;
use crate::diagnostic::{Diagnostic, Text};
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{Spanned, nearest};

/// Checks the names of one rule or form, from the point of view of its subjects.
pub struct Checker<'a> {
    /// The rulebook.
    pub rulebook: &'a Rulebook,
    /// The file that is checked.
    pub source: SharedSource,
    /// Where findings without a place of their own go.
    pub home: Span,
    /// Forms of the subjects; a bare field name must be one of theirs.
    pub subjects: Vec<usize>,
    /// What bare names may mean besides.
    pub scope: Scope<'a>,
    /// Every field that was referred to, as (form, field).
    pub uses: Vec<(usize, usize)>,
    /// What was found.
    pub found: &'a mut Vec<Diagnostic>,
}

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
    /// A checker of names in `source`, from the point of view of records of the forms `subjects`.
    pub fn new(rulebook: &'a Rulebook, source: &SharedSource, home: Span, subjects: Vec<usize>, found: &'a mut Vec<Diagnostic>) -> Self {
        let scope = Scope { home: subjects.clone(), ..Scope::default() };
        Self { rulebook, source: source.clone(), home, subjects, scope, uses: Vec::new(), found }
    }

    /// The same checks from another point of view.
    pub fn viewing<T>(&mut self, subjects: Vec<usize>, scope: Scope<'a>, check: impl FnOnce(&mut Self) -> T) -> T {
        let subjects = std::mem::replace(&mut self.subjects, subjects);
        let scope = std::mem::replace(&mut self.scope, scope);
        let result = check(self);
        self.subjects = subjects;
        self.scope = scope;
        result
    }

    fn say(&mut self, code: &str, span: Span, key: &str, message: Text, help: Option<Text>) {
        let mut d = Diagnostic::error(code, Place::new(&self.source, span), message).key(key);
        d.help = help;
        self.found.push(d);
    }

    /// Something is wrong with the rule itself.
    pub fn wrong(&mut self, message: Text) {
        self.say("R101", self.home, "", message, None);
    }

    /// A name that is not there.
    pub fn unknown<'k>(&mut self, name: &Spanned<String>, what: (&str, &str), known: impl Iterator<Item = &'k str>) {
        let (word, (zh, en)) = (&name.value, what);
        let near = nearest(word, known);
        let help = near.map(|near| say!("是不是“{near}”?", "did you mean `{near}`?"));
        self.say("R102", name.span, word, say!("没有叫“{word}”的{zh}", "there is no {en} `{word}`"), help);
    }

    /// The same checks from the point of view of another form.
    pub fn within(&mut self, form: &str) -> Checker<'_> {
        let subjects = self.rulebook.form_index(form).into_iter().collect();
        let mut inner = Checker::new(self.rulebook, &self.source, self.home, subjects, self.found);
        inner.scope.home.clone_from(&self.scope.home);
        inner
    }

    /// A form's code.
    pub fn form(&mut self, code: &Spanned<String>) {
        let rulebook = self.rulebook;
        if rulebook.form_index(code).is_none() {
            self.unknown(code, ("表单", "form"), rulebook.forms.iter().map(|f| f.code.as_str()));
        }
    }

    /// A role.
    pub fn role(&mut self, role: &Spanned<String>) {
        let rulebook = self.rulebook;
        if !rulebook.settings.roles.contains(role) {
            self.unknown(role, ("角色", "role"), rulebook.settings.roles.iter().map(String::as_str));
        }
    }

    /// An article.
    pub fn article(&mut self, article: &Spanned<String>) {
        let rulebook = self.rulebook;
        if rulebook.article(article).is_none() {
            self.unknown(article, ("条", "article"), rulebook.articles.iter().map(|a| a.article.as_str()));
        }
    }

    /// A kind of dossier.
    pub fn dossier(&mut self, kind: &Spanned<String>) {
        let rulebook = self.rulebook;
        if rulebook.settings.kind(kind).is_none() {
            self.unknown(kind, ("案卷类别", "kind of dossier"), rulebook.settings.dossiers.iter().map(|k| k.kind.as_str()));
        }
    }

    /// A choice list.
    pub fn list(&mut self, name: &str) {
        let rulebook = self.rulebook;
        if !rulebook.settings.lists.contains_key(name) {
            self.unknown(
                &Spanned { value: name.to_owned(), span: self.home },
                ("选项表", "choice list"),
                rulebook.settings.lists.keys().map(String::as_str),
            );
        }
    }

    /// A field or section of the subjects.
    pub fn own_field(&mut self, name: &str) {
        let rulebook = self.rulebook;
        let bare = name.trim_start_matches('§');
        let forms: Vec<&Form> = self.subjects.iter().map(|&at| &rulebook.forms[at]).collect();
        let known = forms.iter().any(|f| f.field(bare).is_some() || f.sections.iter().any(|s| s.name.value == bare));
        if !known {
            self.unknown(
                &Spanned { value: name.to_owned(), span: self.home },
                ("栏目或段落", "field or section"),
                forms.iter().flat_map(|f| f.fields.iter().map(|x| x.name.value.as_str())),
            );
        }
    }

    /// References that should be days.
    pub fn days(&mut self, refs: &Refs) {
        for r in &refs.0 {
            if let Some(kind) = self.reference_kind(r)
                && !matches!(kind, Kind::Date | Kind::Datetime)
            {
                self.say("R102", r.span, &r.to_string(), say!("{r} 不是日期", "{r} is no date"), None);
            }
        }
    }

    /// A reference.
    pub fn reference(&mut self, r: &Ref) {
        self.reference_kind(r);
    }

    /// A form, or a table of one. Whether it is one.
    pub fn table(&mut self, r: &Ref) -> bool {
        let form = r.parts.first().is_some_and(|first| self.rulebook.form_index(first).is_some());
        if form && r.parts.len() == 1 && r.target == Target::Value {
            return true;
        }
        match self.reference_kind(r) {
            Some(Kind::Table) => true,
            Some(_) => {
                self.say("R102", r.span, &r.to_string(), say!("{r} 不是表格", "{r} is no table"), None);
                false
            }
            None => false,
        }
    }

    /// A column of the table that is being made.
    pub fn column(&mut self, name: &Spanned<String>, columns: &[Field]) {
        if !columns.iter().any(|column| column.name.value == name.value) {
            self.unknown(name, ("列", "column"), columns.iter().map(|c| c.name.value.as_str()));
        }
    }

    /// A rule.
    pub fn rule(&mut self, id: &Spanned<String>) {
        let rulebook = self.rulebook;
        if rulebook.rule(id).is_none() {
            self.unknown(id, ("规则", "rule"), rulebook.rules.iter().map(|rule| rule.id.value.as_str()));
        }
    }

    /// Checks a reference and says which type of field it leads to, where it leads to one.
    fn reference_kind(&mut self, r: &Ref) -> Option<Kind> {
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

/// Checks every form: articles, dossiers, stages, roles, references, conditions, computations. Says which
/// computed fields, as (form, field), rest on themselves.
pub fn forms(rulebook: &Rulebook, found: &mut Vec<Diagnostic>) -> BTreeSet<(usize, usize)> {
    let mut uses = BTreeMap::new();
    for (at, form) in rulebook.forms.iter().enumerate() {
        let mut checker = Checker::new(rulebook, &form.source, form.code.span, vec![at], found);
        for article in &form.articles {
            checker.article(article);
        }
        for kind in &form.dossiers {
            checker.dossier(kind);
        }
        if let Some(stage) = &form.stage {
            let kinds = form.dossiers.iter().filter_map(|k| rulebook.settings.kind(k)).map(|k| &rulebook.settings.dossiers[k]);
            let stages: Vec<&str> = kinds.flat_map(|k| k.stages.iter().map(String::as_str)).collect();
            if !stages.contains(&stage.as_str()) {
                checker.unknown(stage, ("阶段", "stage"), stages.into_iter());
            }
        }
        for spec in &form.signatures {
            if let Some(field) = &spec.field
                && form.field(field).is_none()
            {
                checker.unknown(field, ("栏目", "field"), form.fields.iter().map(|f| f.name.value.as_str()));
            }
        }
        for (index, field) in form.fields.iter().enumerate() {
            checker.uses.clear();
            checker.field(field, at);
            if is_computed(field) {
                uses.insert((at, index), std::mem::take(&mut checker.uses));
            }
        }
        for section in &form.sections {
            if let Requirement::When(condition) = &section.required {
                checker.condition(condition);
            }
        }
    }
    ring::find(rulebook, &uses, found)
}

/// Whether a field or one of its columns is computed.
fn is_computed(field: &Field) -> bool {
    field.computed.is_some() || field.columns.iter().any(|column| column.computed.is_some())
}

impl<'a> Checker<'a> {
    /// Checks in the file where a field or column stands: common fields and structures stand with the
    /// settings, and what is wrong with them is said once for all forms.
    fn where_written(&mut self, field: &'a Field, check: impl FnOnce(&mut Self)) {
        let stands_in = |source: &SharedSource| source.slice(field.name.span) == field.name.value;
        if stands_in(&self.source) {
            return check(self);
        }
        let settings = self.rulebook.settings.source.as_ref().filter(|source| stands_in(source));
        let before = self.found.len();
        let own = settings.map(|settings| std::mem::replace(&mut self.source, settings.clone()));
        check(self);
        match own {
            Some(own) => self.source = own,
            None => self.found.truncate(before),
        }
    }

    /// One field of the form at `home`.
    fn field(&mut self, field: &'a Field, home: usize) {
        self.where_written(field, |checker| {
            for target in &field.refers {
                checker.form(target);
            }
            if let Requirement::When(condition) = &field.required {
                checker.condition(condition);
                checker.uses.clear();
            }
            if let Some(computed) = &field.computed {
                let scope = Scope { home: vec![home], ..Scope::default() };
                checker.viewing(vec![home], scope, |checker| checker.computed(computed, field));
            }
        });
        for (at, column) in field.columns.iter().enumerate() {
            if let Requirement::When(condition) = &column.required {
                let scope = Scope { columns: field.columns.iter().collect(), ..self.scope.clone() };
                let uses = std::mem::take(&mut self.uses);
                self.where_written(column, |checker| checker.viewing(vec![home], scope, |checker| checker.condition(condition)));
                self.uses = uses;
            }
            let Some(computed) = &column.computed else { continue };
            let pending = field.columns[at..].iter().filter(|c| c.computed.is_some()).map(|c| c.name.value.as_str()).collect();
            let scope = Scope { columns: field.columns.iter().collect(), home: vec![home], column: true, ..Scope::default() };
            let row = MadeRow { columns: &field.columns, pending, written: true, subjects: vec![home], scope: scope.clone() };
            let scope = Scope { making: Some(Box::new(row)), ..scope };
            self.where_written(column, |checker| checker.viewing(vec![home], scope, |checker| checker.computed(computed, column)));
        }
    }
}
