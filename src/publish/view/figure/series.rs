//! Measurements over time: one chart for each measure.

use super::{Drawn, Source};
use crate::publish::figure::baseline::{Words, draw, rows};

impl Source<'_, '_> {
    /// The charts, each with its title.
    pub(super) fn series(&self, title: &str) -> Vec<(String, Option<Drawn>)> {
        let words = Words::read(|key| self.viewer.figure_word(key));
        let chart = |series: &crate::rulebook::figure::series::Series| {
            let title = format!("{title}：{}", series.measure);
            let drawn = draw(series, &title, &series.measure, &words).map(|svg| (svg, rows(series, &words)));
            (title, drawn)
        };
        self.rows.series().iter().map(chart).collect()
    }
}
