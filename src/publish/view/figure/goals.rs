//! Goals on their scale from -2 to 2: where they began and where they ended. `names` gives the words of a goal by its
//! number.

use super::{Drawn, Source};
use crate::publish::figure::goals::{GoalLine, Words, draw, rows};
use crate::rulebook::measure::Goal;

impl Source<'_, '_> {
    /// The chart; none where there is no goal.
    pub(super) fn goals(&self, title: &str) -> Option<Drawn> {
        let names = self.rows.lines("names");
        let named = |id: &str| names.iter().rfind(|line| line.text("id") == id).map(|line| line.text("label"));
        let goals: Vec<GoalLine> = self
            .rows
            .lines("goals")
            .iter()
            .map(|line| {
                let id = line.text("id");
                GoalLine {
                    label: named(&id).map_or_else(|| id.clone(), |name| format!("{id} {name}")),
                    goal: Goal {
                        weight: line.score("weight").unwrap_or(1),
                        start: line.score("start"),
                        end: line.score("end"),
                        dropped: line.yes("dropped"),
                    },
                }
            })
            .collect();
        let words = Words::read(|key| self.viewer.figure_word(key));
        let said = goals.iter().map(|goal| goal.label.as_str()).collect::<Vec<_>>().join("；");
        Some((draw(&goals, title, &said, &words)?, rows(&goals, &words)))
    }
}
