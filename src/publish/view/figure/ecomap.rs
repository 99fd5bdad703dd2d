//! The systems around a household. A row of `ties` is one line; rows with the same id are lines to one system.

use super::{Drawn, Line, Source};
use crate::publish::figure::ecomap::{Domain, Ecomap, Flow, Quality, System, Tie, Words, draw, rows};
use crate::publish::figure::genogram;

impl Source<'_, '_> {
    /// The ecomap; none where there is no system.
    pub(super) fn ecomap(&self, title: &str) -> Option<Drawn> {
        let lines = self.lines("ties");
        let mut systems: Vec<System> = Vec::new();
        for line in &lines {
            let id = line.text("id");
            match systems.iter_mut().find(|system| system.id == id) {
                Some(system) => system.importance = system.importance.max(line.score("importance")),
                None => systems.push(System { id, label: line.text("label"), domain: domain(line), importance: line.score("importance") }),
            }
        }
        let family = Some(self.family()).filter(|family| !family.people.is_empty());
        let centre = family.iter().flat_map(|family| &family.people).find(|person| person.index).map(|person| person.label.clone());
        let ecomap = Ecomap { centre: centre.unwrap_or_default(), family, systems, ties: lines.iter().map(tie).collect() };
        let words = Words::read(|key| self.viewer.figure_word(key));
        let family_words = genogram::Words::read(|key| self.viewer.figure_word(key));
        let said = ecomap.systems.iter().map(|system| system.label.as_str()).collect::<Vec<_>>().join(" ");
        Some((draw(&ecomap, &self.caption(title, said), &words, &family_words)?, rows(&ecomap, &words)))
    }
}

fn domain(line: &Line<'_, '_>) -> Domain {
    match line.word("domain").as_str() {
        "family" => Domain::Family,
        "education" => Domain::Education,
        "work" => Domain::Work,
        "health" => Domain::Health,
        "services" => Domain::Services,
        "leisure" => Domain::Leisure,
        "economy" => Domain::Economy,
        _ => Domain::Community,
    }
}

fn tie(line: &Line<'_, '_>) -> Tie {
    Tie {
        system: line.text("id"),
        who: line.some("who"),
        quality: match line.word("tie").as_str() {
            "strong" => Quality::Strong,
            "weak" => Quality::Weak,
            "stress" => Quality::Stress,
            "broken" => Quality::Broken,
            _ => Quality::Normal,
        },
        flow: match line.word("flow").as_str() {
            "in" => Flow::In,
            "out" => Flow::Out,
            "both" => Flow::Both,
            _ => Flow::None,
        },
        note: line.text("note"),
    }
}
