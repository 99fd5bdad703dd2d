//! `role`: the person named in a field holds one of some roles on a day, and is not somebody else.
//!
//! ```yaml
//! role: { person: 报告对象, in: [项目主管, 督导助理], on: 报告日期 }
//! role: { person: 协助人, not: 负责社工 }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Ref;
use crate::say;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Role {
    person: Ref,
    #[serde(default, rename = "in")]
    roles: Vec<Spanned<String>>,
    #[serde(default)]
    on: Option<Ref>,
    #[serde(default)]
    not: Option<Ref>,
}

impl Must for Role {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let cells = context.resolve(&self.person);
        if cells.is_empty() {
            return Outcome::of(State::NotApplicable);
        }
        for cell in cells {
            let name = cell.value.to_string();
            if let Some(not) = &self.not
                && context.resolve(not).iter().any(|other| other.value == cell.value)
            {
                let person = &self.person;
                return Outcome::broken(say!("{person}（{name}）不得是 {not}", "{person} ({name}) must not be {not}"), cell.place);
            }
            if self.roles.is_empty() {
                continue;
            }
            let day = self.on.as_ref().and_then(|on| context.resolve(on).first().and_then(|c| c.value.day())).unwrap_or(world.today);
            let project = world.dossiers[context.dossier].project.as_deref();
            let holds = world.people.named(&name).is_some_and(|person| {
                person.roles_on(day, project).any(|held| self.roles.iter().any(|wanted| world.rulebook.settings.stands_in(held, wanted)))
            });
            if !holds {
                let roles = self.roles.iter().map(|r| r.value.as_str()).collect::<Vec<_>>().join("、");
                return Outcome::broken(say!("{name} 在 {day} 不是 {roles}", "{name} is none of {roles} on {day}"), cell.place);
            }
        }
        Outcome::of(State::Met)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for r in [Some(&self.person), self.on.as_ref(), self.not.as_ref()].into_iter().flatten() {
            checker.reference(r);
        }
        for role in &self.roles {
            checker.role(role);
        }
        if self.roles.is_empty() && self.not.is_none() {
            checker.wrong(say!("要写 in 或 not", "write in or not"));
        }
    }

    fn says(&self) -> Vec<Text> {
        let person = &self.person;
        let roles = self.roles.iter().map(|r| r.value.as_str()).collect::<Vec<_>>().join("、");
        let mut says = Vec::new();
        if !roles.is_empty() {
            says.push(say!(
                "{person} 当日担任 {roles}（同线更高级可代）",
                "{person} is {roles} on that day (a higher rank of the line may stand in)"
            ));
        }
        if let Some(not) = &self.not {
            says.push(say!("{person} 不是 {not}", "{person} is not {not}"));
        }
        says
    }
}
