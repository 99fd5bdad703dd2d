//! In whose hands a duty is: the people who have to act on it.
//!
//! A duty that a rule lays on nobody in particular is the worker's, and so is a text that was not approved after all. One
//! that it lays on a role, or that asks for somebody's approval, is in the hands of those who hold that role today in the
//! project: of the worker's own supervisor where theirs fits, else of everybody with that very role, else of those who may
//! stand in. Nobody is asked to approve what they wrote.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::World;
use super::kinds::Turn;
use super::obligation::{Obligation, State};
use crate::archive::people::Person;

/// Looks up who has to act; remembers what it found, since many duties are alike.
pub struct Charges<'w, 'a> {
    world: &'w World<'a>,
    known: BTreeMap<(usize, Option<&'w str>, Option<String>), Hands>,
}

/// People by their names, sorted.
pub type Hands = Arc<[String]>;

impl<'w, 'a> Charges<'w, 'a> {
    /// Nothing is looked up yet.
    pub fn new(world: &'w World<'a>) -> Self {
        Self { world, known: BTreeMap::new() }
    }

    /// The people who have to act on a duty.
    pub fn of(&mut self, duty: &Obligation) -> Hands {
        let rule = &self.world.rulebook.rules[duty.rule];
        let approval = rule.must.turn() == Turn::First;
        let worker = self.world.worker_for(duty);
        if rule.owner.is_none() && !approval {
            return worker.into_iter().collect();
        }
        let refused = approval && matches!(duty.outcome.state, State::Void | State::Broken);
        let project = self.world.dossiers[duty.dossier].project.as_deref();
        let key = (duty.rule, project, worker.clone());
        let hands = match self.known.get(&key) {
            Some(hands) => Arc::clone(hands),
            None => {
                let hands = self.look_up(duty.rule, project, worker.as_deref());
                self.known.insert(key, Arc::clone(&hands));
                hands
            }
        };
        match worker {
            Some(worker) if refused && !hands.contains(&worker) => {
                let mut all: Vec<String> = hands.iter().cloned().chain([worker]).collect();
                all.sort();
                all.into()
            }
            _ => hands,
        }
    }

    /// The people whose approval a rule asks for, for what `author` wrote in a project.
    pub fn for_approval(&self, rule: usize, project: Option<&str>, author: &str) -> Hands {
        self.look_up(rule, project, Some(author))
    }

    fn look_up(&self, rule: usize, project: Option<&str>, worker: Option<&str>) -> Hands {
        let world = self.world;
        let rule = &world.rulebook.rules[rule];
        let settings = &world.rulebook.settings;
        let own = rule.owner.as_ref().map(|role| role.value.as_str());
        let slots = rule.must.slots();
        let asked: Vec<Vec<&str>> = if slots.is_empty() {
            own.iter().map(|role| vec![*role]).collect()
        } else {
            slots.iter().map(|slot| slot.iter().map(|role| role.value.as_str()).collect()).collect()
        };
        let others = || world.people.iter().filter(|person| Some(person.name.as_str()) != worker);
        let holds = |person: &Person, fits: &dyn Fn(&str) -> bool| person.roles_on(world.today, project).any(fits);
        let boss = worker.and_then(|name| world.people.named(name)).and_then(|person| world.people.by_id(person.supervisor.as_ref()?));
        let mut hands: Vec<String> = Vec::new();
        for roles in &asked {
            let stands_in = |held: &str| roles.iter().any(|wanted| settings.stands_in(held, wanted));
            // Of several roles in one slot the one that owes it comes before the others.
            let first = |held: &str| own.filter(|own| roles.contains(own)).map_or_else(|| roles.contains(&held), |own| own == held);
            let of = |fits: &dyn Fn(&str) -> bool| -> Vec<String> {
                others().filter(|person| holds(person, fits)).map(|person| person.name.value.clone()).collect()
            };
            let supervisor = boss.filter(|boss| Some(boss.name.as_str()) != worker && holds(boss, &stands_in));
            let mut found: Vec<String> = supervisor.iter().map(|boss| boss.name.value.clone()).collect();
            if found.is_empty() {
                found = of(&first);
            }
            if found.is_empty() {
                found = of(&stands_in);
            }
            hands.append(&mut found);
        }
        hands.sort();
        hands.dedup();
        hands.into()
    }
}
