//! The people around one person, from the grid of `members`. `people` says who stands in the centre.

use super::{Drawn, Line, Source};
use crate::publish::figure::network::{Member, Words, draw, rows};
use crate::rulebook::measure::{Contact, Direction, Sector};

impl Source<'_, '_> {
    /// The network map; none where there is nobody.
    pub(super) fn network(&self, title: &str) -> Option<Drawn> {
        let members: Vec<Member> = self.lines("members").iter().map(member).collect();
        let centre = self.family().people.into_iter().find(|person| person.index).map(|person| person.label).unwrap_or_default();
        let words = Words::read(|key| self.viewer.figure_word(key));
        let said = members.iter().map(|member| member.label.as_str()).collect::<Vec<_>>().join(" ");
        Some((draw(&members, &centre, title, &said, &words)?, rows(&members, &words)))
    }
}

fn member(line: &Line<'_, '_>) -> Member {
    Member {
        id: line.text("id"),
        label: line.text("label"),
        contact: Contact {
            sector: match line.word("sector").as_str() {
                "household" => Sector::Household,
                "relatives" => Sector::Relatives,
                "work-or-school" => Sector::WorkOrSchool,
                "clubs" => Sector::Clubs,
                "friends" => Sector::Friends,
                "services" => Sector::Services,
                _ => Sector::Neighbours,
            },
            emotional: line.score("emotional"),
            criticism: line.score("criticism"),
            closeness: line.score("closeness"),
            direction: match line.word("direction").as_str() {
                "both" => Some(Direction::Both),
                "given" => Some(Direction::Given),
                "received" => Some(Direction::Received),
                _ => None,
            },
        },
        practical: line.score("practical"),
        advice: line.score("advice"),
        frequency: line.score("frequency"),
        known: line.score("known"),
    }
}
