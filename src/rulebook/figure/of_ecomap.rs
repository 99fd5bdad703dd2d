//! The systems around a household. A row of `ties` is one line; rows with the same id are lines to one system.

use super::ecomap::{Domain, Ecomap, Flow, Quality, System, Tie};
use super::{Line, Rows};

impl Rows<'_, '_> {
    /// The ecomap.
    pub fn ecomap(&self) -> Ecomap {
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
        Ecomap { centre: centre.unwrap_or_default(), family, systems, ties: lines.iter().map(tie).collect() }
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
