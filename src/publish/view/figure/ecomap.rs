//! The systems around a household.

use super::{Drawn, Source};
use crate::publish::figure::ecomap::{Words, draw, rows};
use crate::publish::figure::genogram;

impl Source<'_, '_> {
    /// The ecomap; none where there is no system.
    pub(super) fn ecomap(&self, title: &str) -> Option<Drawn> {
        let ecomap = self.rows.ecomap();
        let words = Words::read(|key| self.viewer.figure_word(key));
        let family_words = genogram::Words::read(|key| self.viewer.figure_word(key));
        let said = ecomap.systems.iter().map(|system| system.label.as_str()).collect::<Vec<_>>().join(" ");
        Some((draw(&ecomap, &self.caption(title, said), &words, &family_words)?, rows(&ecomap, &words)))
    }
}
