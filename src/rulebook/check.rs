//! The rulebook checks itself: every name that a rule uses must exist.

use super::Rulebook;
use super::condition::Condition;
use super::form::{Field, Form, Kind};
use super::reference::{Ref, Refs, Target};
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
    /// Columns of the table whose rows are looked at; their names come before those of the subjects.
    pub columns: &'a [Field],
    /// What was found.
    pub found: &'a mut Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    fn say(&mut self, code: &str, span: Span, key: &str, message: Text, help: Option<Text>) {
        let mut d = Diagnostic::error(code, Place::new(&self.source, span), message).key(key);
        d.help = help;
        self.found.push(d);
    }

    /// Something is wrong with the rule itself.
    pub fn wrong(&mut self, message: Text) {
        self.say("R101", self.home, "", message, None);
    }

    fn unknown<'k>(&mut self, name: &Spanned<String>, what: (&str, &str), known: impl Iterator<Item = &'k str>) {
        let (word, (zh, en)) = (&name.value, what);
        let near = nearest(word, known);
        let help = near.map(|near| say!("是不是“{near}”?", "did you mean `{near}`?"));
        self.say("R102", name.span, word, say!("没有叫“{word}”的{zh}", "there is no {en} `{word}`"), help);
    }

    /// The same checks from the point of view of another form.
    pub fn within(&mut self, form: &str) -> Checker<'_> {
        Checker {
            rulebook: self.rulebook,
            source: self.source.clone(),
            home: self.home,
            subjects: self.rulebook.form_index(form).into_iter().collect(),
            columns: &[],
            found: self.found,
        }
    }

    /// The same checks from the point of view of a row of a table.
    pub fn on_rows(&mut self, table: &Ref) -> Checker<'_> {
        let columns = self.field(table).map_or(&[][..], |field| field.columns.as_slice());
        Checker {
            rulebook: self.rulebook,
            source: self.source.clone(),
            home: self.home,
            subjects: self.subjects.clone(),
            columns,
            found: self.found,
        }
    }

    /// The field that a reference leads to, columns left aside.
    fn field(&self, r: &Ref) -> Option<&'a Field> {
        let rulebook = self.rulebook;
        let form = r.parts.first().and_then(|first| rulebook.form_index(first));
        let (forms, rest) = match form {
            Some(form) => (vec![form], &r.parts[1..]),
            None => (self.subjects.clone(), &r.parts[..]),
        };
        forms.into_iter().find_map(|at| rulebook.forms[at].field(rest.first()?)).map(|(_, field)| field)
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

    /// Checks a reference and says which type of field it leads to, where it leads to one.
    fn reference_kind(&mut self, r: &Ref) -> Option<Kind> {
        let rulebook = self.rulebook;
        let first = r.parts.first();
        if let (Target::Value, [name]) = (r.target, r.parts.as_slice())
            && let Some(column) = self.columns.iter().find(|c| c.name.value == *name)
        {
            return Some(column.kind);
        }
        let form = first.and_then(|first| rulebook.form_index(first));
        let looks_like_form =
            first.is_some_and(|first| first.is_ascii() && r.parts.len() > 1 || matches!(r.target, Target::Event(_)) && !r.parts.is_empty());
        let (forms, rest): (Vec<usize>, &[String]) = match form {
            Some(form) => (vec![form], &r.parts[1..]),
            None if looks_like_form => {
                let name = Spanned { value: first.cloned().unwrap_or_default(), span: r.span };
                self.unknown(&name, ("表单", "form"), rulebook.forms.iter().map(|f| f.code.as_str()));
                return None;
            }
            None => (self.subjects.clone(), &r.parts),
        };
        if forms.is_empty() || matches!(r.target, Target::Event(_)) {
            return None;
        }
        let forms: Vec<&Form> = forms.into_iter().map(|at| &rulebook.forms[at]).collect();
        let name = rest.first()?;
        let spanned = Spanned { value: name.clone(), span: r.span };
        if r.target == Target::Section {
            if !forms.iter().any(|f| f.sections.iter().any(|s| s.name.value == *name)) {
                self.unknown(&spanned, ("段落", "section"), forms.iter().flat_map(|f| f.sections.iter().map(|s| s.name.value.as_str())));
            }
            return None;
        }
        let Some(field) = forms.iter().find_map(|f| f.field(name)).map(|(_, field)| field) else {
            self.unknown(&spanned, ("栏目", "field"), forms.iter().flat_map(|f| f.fields.iter().map(|x| x.name.value.as_str())));
            return None;
        };
        let Some(part) = rest.get(1) else { return Some(field.kind) };
        let keys = &rulebook.settings.value_keys;
        let spanned = Spanned { value: part.clone(), span: r.span };
        match field.kind {
            Kind::Table => match field.columns.iter().find(|c| c.name.value == *part) {
                Some(column) => rest.get(2).map_or(Some(column.kind), |_| None),
                None => {
                    self.unknown(&spanned, ("列", "column"), field.columns.iter().map(|c| c.name.value.as_str()));
                    None
                }
            },
            Kind::Signature => {
                let parts = [&keys.signature.name, &keys.signature.role, &keys.signature.date, &keys.signature.form, &keys.signature.place];
                if !parts.contains(&part) {
                    self.unknown(&spanned, ("签名项", "part of a signature"), parts.iter().map(|p| p.as_str()));
                }
                (*part == keys.signature.date).then_some(Kind::Date)
            }
            Kind::Attachment | Kind::IdCard => None,
            _ => {
                self.say(
                    "R102",
                    r.span,
                    part,
                    say!("「{name}」不是表格，没有「{part}」列", "`{name}` is no table and has no column `{part}`"),
                    None,
                );
                None
            }
        }
    }

    /// A condition: its references, and the literals against the choices of the fields.
    pub fn condition(&mut self, condition: &Condition) {
        let mut tests = Vec::new();
        condition.references(&mut tests);
        for (r, test) in tests {
            self.reference(r);
            let Some(options) = self.options(r) else { continue };
            for (literal, span) in test.into_iter().flat_map(|t| t.literals()) {
                if !options.contains(literal) {
                    self.unknown(&Spanned { value: literal.clone(), span: *span }, ("选项", "choice"), options.iter().map(String::as_str));
                }
            }
        }
    }

    /// The choices of the field that a reference leads to.
    fn options(&self, r: &Ref) -> Option<Vec<String>> {
        let of_row = self.columns.iter().find(|c| r.parts.len() == 1 && c.name.value == r.parts[0]);
        let field = of_row.or_else(|| self.field(r))?;
        let inner = usize::from(r.parts.first().is_some_and(|first| self.rulebook.form_index(first).is_some())) + 1;
        let field = match r.parts.get(inner) {
            Some(column) => field.columns.iter().find(|c| c.name.value == *column)?,
            None => field,
        };
        (matches!(field.kind, Kind::Choice | Kind::Multichoice)).then(|| field.options.clone())
    }
}

/// Checks every form: articles, dossiers, stages, roles, references, conditions, computations.
pub fn forms(rulebook: &Rulebook, found: &mut Vec<Diagnostic>) {
    for (at, form) in rulebook.forms.iter().enumerate() {
        let mut checker = Checker { rulebook, source: form.source.clone(), home: form.code.span, subjects: vec![at], columns: &[], found };
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
        // Common fields and structures stand in another file; what they name is checked there once.
        for field in form.fields.iter().filter(|f| form.source.slice(f.name.span) == f.name.value) {
            for target in &field.refers {
                checker.form(target);
            }
            if let super::form::Requirement::When(condition) = &field.required {
                checker.condition(condition);
            }
            if let Some(computed) = &field.computed {
                for r in computed.references() {
                    checker.reference(r);
                }
            }
        }
        for section in &form.sections {
            if let super::form::Requirement::When(condition) = &section.required {
                checker.condition(condition);
            }
        }
    }
}
