//! Measures over time: one series for each row of `measures`, from the `points` that name it.

use super::Rows;
use super::series::{Measurement, Phase, Series};
use crate::rulebook::measure::Better;

impl Rows<'_, '_> {
    /// The series, in the order of their measures.
    pub fn series(&self) -> Vec<Series> {
        let points = self.lines("points");
        let one = |measure: String, unit: String, better: Better| {
            let own = points.iter().filter(|line| line.text("measure") == measure);
            let point = |line: &super::Line<'_, '_>| Measurement {
                time: line.text("time"),
                value: line.decimal("value"),
                phase: match line.word("phase").as_str() {
                    "during" => Phase::During,
                    "after" => Phase::After,
                    _ => Phase::Before,
                },
            };
            let mut points: Vec<Measurement> = own.map(point).collect();
            // Days are written so that their texts stand in the order of time.
            points.sort_by(|a, b| a.time.cmp(&b.time));
            Series { measure, unit, better, points }
        };
        let better = |word: &str| if word == "lower" { Better::Lower } else { Better::Higher };
        self.lines("measures").iter().map(|line| one(line.text("measure"), line.text("unit"), better(&line.word("better")))).collect()
    }
}
