//! The people around one person, from the grid of `members`.

use super::network::Member;
use super::{Line, Rows};
use crate::rulebook::measure::{Contact, Direction, Sector};

impl Rows<'_, '_> {
    /// The members.
    pub fn members(&self) -> Vec<Member> {
        self.lines("members").iter().map(member).collect()
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
