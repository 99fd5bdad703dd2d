//! The social network in numbers (after the network grid of Tracy and Whittaker).

use super::decimal::{count, mean, percent};
use super::{Measured, Why};
use rust_decimal::Decimal;

/// Where somebody belongs in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sector {
    /// Lives in the same household.
    Household,
    /// Other relatives.
    Relatives,
    /// Work or school.
    WorkOrSchool,
    /// Clubs and associations.
    Clubs,
    /// Friends.
    Friends,
    /// Neighbours.
    Neighbours,
    /// Formal services.
    Services,
}

impl Sector {
    /// All sectors, in the order in which they are drawn.
    pub const ALL: [Sector; 7] =
        [Sector::Household, Sector::Relatives, Sector::WorkOrSchool, Sector::Clubs, Sector::Friends, Sector::Neighbours, Sector::Services];
}

/// Which way help goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    Both,
    /// From the client to the other.
    Given,
    /// From the other to the client.
    Received,
}

/// What the indicators need to know of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The sector.
    pub sector: Sector,
    /// Emotional support, 1 to 3.
    pub emotional: Option<i64>,
    /// Criticism, 1 to 3.
    pub criticism: Option<i64>,
    /// Closeness, 1 to 3.
    pub closeness: Option<i64>,
    /// The direction of help.
    pub direction: Option<Direction>,
}

/// The network in numbers; shares in percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicators {
    /// The number of members.
    pub size: usize,
    /// Each sector with its number of members and share.
    pub sectors: Vec<(Sector, usize, Measured<Decimal>)>,
    /// The mean closeness of those rated.
    pub closeness: Measured<Decimal>,
    /// The members who give emotional support at least sometimes.
    pub emotional_sources: usize,
    /// The formal members per other member.
    pub formal_ratio: Measured<Decimal>,
    /// The share of members with whom help goes both ways.
    pub reciprocity: Measured<Decimal>,
    /// The share of members who often criticise.
    pub criticism: Measured<Decimal>,
}

/// Computes the indicators.
pub fn indicators(members: &[Contact]) -> Indicators {
    let size = members.len();
    let number = |test: &dyn Fn(&Contact) -> bool| members.iter().filter(|m| test(m)).count();
    let share = |part: usize| percent(count(part), count(size)).map_err(|_| Why::Empty);
    let sectors = Sector::ALL.map(|sector| (sector, number(&|m| m.sector == sector)));
    let formal = number(&|m| m.sector == Sector::Services);
    let rated: Vec<Decimal> = members.iter().filter_map(|m| m.closeness).filter(|c| (1..=3).contains(c)).map(Decimal::from).collect();
    Indicators {
        size,
        sectors: sectors.iter().map(|(sector, n)| (*sector, *n, share(*n))).collect(),
        closeness: mean(&rated),
        emotional_sources: number(&|m| m.emotional.is_some_and(|e| e >= 2)),
        formal_ratio: match size {
            0 => Err(Why::Empty),
            _ => count(formal).checked_div(count(size - formal)).ok_or(Why::ZeroBase),
        },
        reciprocity: share(number(&|m| m.direction == Some(Direction::Both))),
        criticism: share(number(&|m| m.criticism == Some(3))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(sector: Sector, emotional: i64, criticism: i64, closeness: i64, direction: Direction) -> Contact {
        Contact { sector, emotional: Some(emotional), criticism: Some(criticism), closeness: Some(closeness), direction: Some(direction) }
    }

    #[test]
    fn a_small_network() {
        let i = indicators(&[
            contact(Sector::Household, 3, 3, 3, Direction::Both),
            contact(Sector::Friends, 2, 1, 2, Direction::Both),
            contact(Sector::Services, 1, 1, 1, Direction::Received),
            Contact { emotional: None, criticism: None, closeness: None, direction: None, sector: Sector::Friends },
        ]);
        assert_eq!(i.size, 4);
        assert_eq!(i.sectors[0], (Sector::Household, 1, Ok(Decimal::from(25))));
        assert_eq!(i.sectors[4], (Sector::Friends, 2, Ok(Decimal::from(50))));
        assert_eq!(i.sectors[3], (Sector::Clubs, 0, Ok(Decimal::ZERO)));
        assert_eq!(i.closeness, Ok(Decimal::from(2)));
        assert_eq!(i.emotional_sources, 2);
        assert_eq!(i.formal_ratio.map(|r| super::super::rounded(r, 2)), Ok(Decimal::new(33, 2)));
        assert_eq!(i.reciprocity, Ok(Decimal::from(50)));
        assert_eq!(i.criticism, Ok(Decimal::from(25)));
    }

    #[test]
    fn nobody_and_only_professionals() {
        let none = indicators(&[]);
        assert_eq!(
            (none.size, none.closeness, none.reciprocity, none.formal_ratio),
            (0, Err(Why::Empty), Err(Why::Empty), Err(Why::Empty))
        );
        let formal = indicators(&[contact(Sector::Services, 1, 1, 9, Direction::Given)]);
        assert_eq!(formal.formal_ratio, Err(Why::ZeroBase));
        assert_eq!(formal.closeness, Err(Why::Empty));
    }
}
