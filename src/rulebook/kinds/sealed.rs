//! `sealed`: what was closed is not changed any more, unless somebody with the right agrees to that change.
//!
//! ```yaml
//! sealed: { after: C13@approved, forms: [C02, C03, C04, C06, C07], by: [督导, 项目主管] }
//! ```
//!
//! It looks at the records of these forms in the dossier: a version that entered the main branch after that day counts as
//! a change, and one that was taken away too. Later versions that a merge by one of the roles approved reopen what they change.

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::grant::Grant;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Ref, Refs};
use crate::say;
use crate::source::Span;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    after: Ref,
    forms: Vec<Spanned<String>>,
    by: Vec<Spanned<String>>,
}

impl Must for Sealed {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let Some(closed) = context.resolve(&self.after).first().and_then(|cell| cell.value.day()) else {
            return Outcome::of(State::NotYetDue);
        };
        let dossier = &world.dossiers[context.dossier];
        let forms: Vec<usize> = self.forms.iter().filter_map(|form| world.rulebook.form_index(form)).collect();
        let project = dossier.project.as_deref();
        for entry in dossier.entries.iter().filter(|entry| forms.contains(&entry.form)) {
            if !entry.evidence.known {
                return Outcome::of(State::Unknown);
            }
            let reopens = |version: &&crate::rulebook::evidence::Version| {
                version.at.date() > closed && !version.baseline && !Grant::of(project, version, &[self.by.as_slice()]).approved
            };
            if let Some(version) = entry.evidence.versions.iter().find(reopens) {
                let (id, day, commit) = (&entry.id, version.at.date(), &version.commit);
                let message = say!(
                    "{id} 应在 {closed} 之后不再改动，{day} 又改了（提交 {commit}），没有审批",
                    "{id} was changed on {day} (commit {commit}), after it was closed on {closed}, without approval"
                );
                return Outcome::broken(message, Some(entry.place(Span::at(entry.record.front.start))));
            }
        }
        Outcome { done: Some(closed), ..Outcome::of(State::Met) }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.days(&Refs(vec![self.after.clone()]));
        self.forms.iter().for_each(|form| checker.form(form));
        self.by.iter().for_each(|role| checker.role(role));
    }

    fn says(&self) -> Vec<Text> {
        let (after, forms) = (&self.after, self.forms.iter().map(|form| form.value.as_str()).collect::<Vec<_>>().join("、"));
        let by = self.by.iter().map(|role| role.value.as_str()).collect::<Vec<_>>().join("或");
        vec![say!(
            "{after} 之后，{forms} 不再改动；要改的，经 {by} 审批",
            "after {after} no change of {forms} without the approval of {by}"
        )]
    }
}
