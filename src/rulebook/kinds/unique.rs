//! `unique`: no two records share these values.
//!
//! ```yaml
//! unique: { fields: [个案编号], among: archive }
//! unique: { fields: [案主姓名, 出生日期], among: open dossiers }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Context, World};
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Ref;
use crate::say;
use crate::source::Span;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Unique {
    fields: Vec<Ref>,
    among: Among,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Among {
    #[serde(rename = "archive")]
    Archive,
    #[serde(rename = "open dossiers")]
    OpenDossiers,
    #[serde(rename = "dossier")]
    Dossier,
}

fn is_open(world: &World<'_>, dossier: usize) -> bool {
    let kind = world.dossiers[dossier].kind.map(|kind| &world.rulebook.settings.dossiers[kind]);
    kind.and_then(|kind| kind.closed.as_ref()).is_none_or(|closed| !world.context(dossier, None).present(closed))
}

impl Must for Unique {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let (Some(entry), Some(own)) = (context.entry(), context.own) else { return Outcome::of(State::NotApplicable) };
        let Some(key) = context.values(&self.fields) else { return Outcome::of(State::NotApplicable) };
        if self.among == Among::OpenDossiers && !is_open(world, context.dossier) {
            return Outcome::of(State::NotApplicable);
        }
        let index = world.sharing(entry.form, &self.fields);
        let twin = index.get(&key).into_iter().flatten().find(|&&(dossier, at)| {
            (dossier, at) != (context.dossier, own)
                && match self.among {
                    Among::Archive => true,
                    Among::Dossier => dossier == context.dossier,
                    Among::OpenDossiers => is_open(world, dossier),
                }
        });
        let Some(&twin) = twin else { return Outcome::of(State::Met) };
        let other = &world.entry(twin).id;
        let names = self.fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
        let place = self.fields.first().and_then(|r| context.resolve(r).into_iter().find_map(|c| c.place));
        Outcome::broken(
            say!("{names} 与 {other} 相同", "{names} is the same as in {other}"),
            place.or_else(|| Some(entry.place(Span::at(entry.record.front.start)))),
        )
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for r in &self.fields {
            checker.reference(r);
        }
    }

    fn says(&self) -> Vec<Text> {
        let names = self.fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
        let (zh, en) = match self.among {
            Among::Archive => ("全库", "the archive"),
            Among::OpenDossiers => ("未结的案卷", "open dossiers"),
            Among::Dossier => ("同一案卷", "the dossier"),
        };
        vec![say!("{names} 在{zh}中不重复", "{names} is unique in {en}")]
    }
}
