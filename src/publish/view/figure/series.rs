//! Measurements over time: one chart for each row of `measures`, from the `points` that name it.

use super::{Drawn, Source};
use crate::publish::figure::baseline::{Measurement, Phase, Series, Words, draw, rows};
use crate::rulebook::measure::Better;

impl Source<'_, '_> {
    /// The charts, each with its title.
    pub(super) fn series(&self, title: &str) -> Vec<(String, Option<Drawn>)> {
        let words = Words::read(|key| self.viewer.figure_word(key));
        let points = self.rows.lines("points");
        let chart = |measure: String, unit: String, better: Better| {
            let mut own: Vec<Measurement> = points
                .iter()
                .filter(|line| line.text("measure") == measure)
                .map(|line| Measurement {
                    time: line.text("time"),
                    value: line.decimal("value"),
                    phase: match line.word("phase").as_str() {
                        "during" => Phase::During,
                        "after" => Phase::After,
                        _ => Phase::Before,
                    },
                })
                .collect();
            // Days are written so that their texts stand in the order of time.
            own.sort_by(|a, b| a.time.cmp(&b.time));
            let title = format!("{title}：{measure}");
            let series = Series { measure, unit, better, points: own };
            let drawn = draw(&series, &title, &series.measure, &words).map(|svg| (svg, rows(&series, &words)));
            (title, drawn)
        };
        let measures = self.rows.lines("measures");
        let better = |word: &str| if word == "lower" { Better::Lower } else { Better::Higher };
        measures.iter().map(|line| chart(line.text("measure"), line.text("unit"), better(&line.word("better")))).collect()
    }
}
