//! The people around one person; `people` says who stands in the centre.

use super::{Drawn, Source};
use crate::publish::figure::network::{Words, draw, rows};

impl Source<'_, '_> {
    /// The network map; none where there is nobody.
    pub(super) fn network(&self, title: &str) -> Option<Drawn> {
        let members = self.rows.members();
        let centre = self.rows.family().people.into_iter().find(|person| person.index).map(|person| person.label).unwrap_or_default();
        let words = Words::read(|key| self.viewer.figure_word(key));
        let said = members.iter().map(|member| member.label.as_str()).collect::<Vec<_>>().join(" ");
        Some((draw(&members, &centre, title, &said, &words)?, rows(&members, &words)))
    }
}
