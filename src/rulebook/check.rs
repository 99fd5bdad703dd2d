//! The rulebook checks itself: every name that a rule uses must exist.

mod names;

pub use names::{MadeRow, Scope};

use std::collections::{BTreeMap, BTreeSet};

use super::Rulebook;
use super::form::{Field, FigureSpec, Form, Kind, Requirement};
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

    /// The tables and columns that a figure is drawn from.
    fn figure(&mut self, form: &Form, figure: &FigureSpec) {
        let fields = || form.fields.iter().map(|field| field.name.value.as_str());
        if let Some(drawn) = &figure.drawn
            && form.field(drawn).is_none()
        {
            self.unknown(drawn, ("栏目", "field"), fields());
        }
        for (name, part) in &figure.parts {
            if !figure.kind.parts().contains(&name.as_str()) {
                let name = Spanned { value: name.clone(), span: part.table.span };
                self.unknown(&name, ("图的部分", "part of the figure"), figure.kind.parts().iter().copied());
            }
            match self.rulebook.figure_table(form, &part.table) {
                Some((_, field)) => part.columns.values().for_each(|name| self.column(name, &field.columns)),
                None => self.unknown(&part.table, ("栏目", "field"), fields()),
            }
        }
    }

    /// A rule.
    pub fn rule(&mut self, id: &Spanned<String>) {
        let rulebook = self.rulebook;
        if rulebook.rule(id).is_none() {
            self.unknown(id, ("规则", "rule"), rulebook.rules.iter().map(|rule| rule.id.value.as_str()));
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
        for figure in &form.figures {
            checker.figure(form, figure);
        }
        for extract in &form.extracts {
            if !extract.key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') || extract.key.is_empty() {
                let key = &extract.key.value;
                let message = say!("“{key}”要作文件名，只用字母、数字和连字符", "`{key}` names a file: letters, digits and hyphens only");
                checker.say("R101", extract.key.span, key, message, None);
            }
            let sections = || form.sections.iter().map(|section| section.name.value.as_str());
            for section in extract.sections.iter().filter(|name| !sections().any(|own| own == name.value)) {
                checker.unknown(section, ("段落", "section"), sections());
            }
            for field in extract.fields.iter().filter(|name| form.field(name).is_none()) {
                checker.unknown(field, ("栏目", "field"), form.fields.iter().map(|field| field.name.value.as_str()));
            }
            extract.figures.iter().for_each(|other| checker.form(other));
        }
        for spec in &form.signatures {
            if let Some(field) = &spec.field
                && form.field(field).is_none()
            {
                checker.unknown(field, ("栏目", "field"), form.fields.iter().map(|f| f.name.value.as_str()));
            }
        }
        stand_ins(&mut checker, &form.fields);
        form.fields.iter().for_each(|field| stand_ins(&mut checker, &field.columns));
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

/// Codes stand for somebody whom another field beside them identifies.
fn stand_ins(checker: &mut Checker<'_>, fields: &[Field]) {
    let known = || fields.iter().filter_map(|field| field.identifies.as_deref());
    for word in fields.iter().filter_map(|field| field.stands_for.as_ref()).filter(|word| !known().any(|own| own == word.value)) {
        checker.unknown(word, ("识别标记", "mark of identity"), known());
    }
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
