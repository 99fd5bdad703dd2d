//! `companion`: a record must, or must not, be accompanied by records of another form.
//!
//! ```yaml
//! companion: { form: C12, exactly: 1 }
//! companion: { form: C07, none: true, where: { 开始: { greater: C13.结案日期 } } }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::condition::Condition;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::say;
use crate::source::Span;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Companion {
    form: Spanned<String>,
    #[serde(default)]
    exactly: Option<usize>,
    #[serde(default)]
    at_least: Option<usize>,
    #[serde(default)]
    at_most: Option<usize>,
    #[serde(default)]
    none: bool,
    #[serde(default, rename = "where")]
    filter: Option<Condition>,
}

impl Companion {
    fn bounds(&self) -> (usize, Option<usize>) {
        match (self.exactly, self.none) {
            (_, true) => (0, Some(0)),
            (Some(n), _) => (n, Some(n)),
            _ => (self.at_least.unwrap_or(0), self.at_most),
        }
    }
}

impl Must for Companion {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let Some(form) = world.rulebook.form_index(&self.form) else { return Outcome::of(State::NotApplicable) };
        let partners: Vec<usize> = world
            .of_form(context.dossier, form)
            .filter(|&at| Some(at) != context.own)
            .filter(|&at| self.filter.as_ref().is_none_or(|f| f.holds(&Context { own: Some(at), ..*context })))
            .collect();
        let (least, most) = self.bounds();
        let n = partners.len();
        if n >= least && most.is_none_or(|most| n <= most) {
            return Outcome::of(State::Met);
        }
        let (code, name) = (&self.form.value, &world.rulebook.forms[form].name);
        let own = context.entry().map(|entry| entry.place(Span::at(entry.record.front.start)));
        if n < least {
            return Outcome::broken(
                say!("应有《{name}》（{code}）{least} 份，现有 {n} 份", "{least} of {code} ({name}) are needed, there are {n}"),
                own,
            );
        }
        let extra = partners.get(most.unwrap_or(0)).map(|&at| world.entry((context.dossier, at)));
        let place = extra.map(|entry| entry.place(Span::at(entry.record.front.start))).or(own);
        match most {
            Some(0) => Outcome::broken(
                say!("这里不应有《{name}》（{code}），现有 {n} 份", "there must be no {code} ({name}) here, there are {n}"),
                place,
            ),
            _ => {
                let most = most.unwrap_or(0);
                Outcome::broken(
                    say!("《{name}》（{code}）至多 {most} 份，现有 {n} 份", "at most {most} of {code} ({name}), there are {n}"),
                    place,
                )
            }
        }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.form(&self.form);
        if let Some(filter) = &self.filter {
            checker.within(&self.form).condition(filter);
        }
        if self.bounds() == (0, None) {
            checker.wrong(say!("要写 exactly、at-least、at-most 或 none", "write exactly, at-least, at-most or none"));
        }
    }

    fn says(&self) -> Vec<Text> {
        let form = &self.form.value;
        let filter = self.filter.as_ref().map_or_else(String::new, |f| format!("({f})"));
        vec![match self.bounds() {
            (0, Some(0)) => say!("同一案卷内不得有 {form}{filter}", "no {form}{filter} in the same dossier"),
            (least, Some(most)) if least == most => {
                say!("同一案卷内恰有 {least} 份 {form}{filter}", "exactly {least} {form}{filter} in the same dossier")
            }
            (least, Some(most)) => {
                say!("同一案卷内有 {least} 至 {most} 份 {form}{filter}", "{least} to {most} {form}{filter} in the same dossier")
            }
            (least, None) => say!("同一案卷内至少有 {least} 份 {form}{filter}", "at least {least} {form}{filter} in the same dossier"),
        }]
    }
}
