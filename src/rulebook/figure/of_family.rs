//! A family, from the tables that a form names.

use super::{Line, Rows};
use crate::rulebook::figure::family::{
    Bond, Family, Household, Kind, ParentKind, ParentLink, Parents, Person, Quality, Relation, Sex, Status, Toward, Union,
};

/// What may stand between the members of a list.
const BETWEEN: &[char] = &['、', ',', '\u{ff0c}', ' ', ';', '\u{ff1b}'];

impl Rows<'_, '_> {
    /// The family.
    pub fn family(&self) -> Family {
        let people: Vec<Person> = self.lines("people").iter().map(person).collect();
        let family_case = people.iter().filter(|person| person.index).count() > 1;
        Family {
            people,
            unions: self.lines("unions").iter().map(union).collect(),
            parents: self.lines("parents").iter().filter_map(parents).collect(),
            relations: self.lines("relations").iter().filter_map(relation).collect(),
            households: self.lines("households").iter().map(household).collect(),
            family_case,
        }
    }
}

fn person(line: &Line<'_, '_>) -> Person {
    Person {
        id: line.text("id"),
        label: line.text("label"),
        sex: match line.word("sex").as_str() {
            "male" => Sex::Male,
            "female" => Sex::Female,
            _ => Sex::Unknown,
        },
        born: line.number("born"),
        died: line.number("died"),
        deceased: line.yes("deceased"),
        kind: match line.word("kind").as_str() {
            "pregnancy" => Kind::Pregnancy,
            "miscarriage" => Kind::Miscarriage,
            "abortion" => Kind::Abortion,
            "stillbirth" => Kind::Stillbirth,
            _ => Kind::Person,
        },
        index: line.yes("index"),
        generation: line.number("generation"),
        order: line.number("order"),
    }
}

fn union(line: &Line<'_, '_>) -> Union {
    Union {
        id: line.text("id"),
        a: line.text("a"),
        b: line.text("b"),
        bond: if line.word("bond") == "cohabitation" { Bond::Cohabitation } else { Bond::Marriage },
        status: match line.word("status").as_str() {
            "separated" => Status::Separated,
            "divorced" => Status::Divorced,
            "widowed" => Status::Widowed,
            _ => Status::Current,
        },
        from: line.number("from"),
        to: line.number("to"),
    }
}

fn parents(line: &Line<'_, '_>) -> Option<ParentLink> {
    let of = line.some("union").map(Parents::Union).or_else(|| line.some("parent").map(Parents::One))?;
    Some(ParentLink {
        child: line.text("child"),
        parents: of,
        kind: match line.word("link").as_str() {
            "adopted" => ParentKind::Adopted,
            "fostered" => ParentKind::Fostered,
            "step" => ParentKind::Step,
            _ => ParentKind::Birth,
        },
        twin: line.some("twin"),
        identical: line.yes("identical"),
    })
}

fn relation(line: &Line<'_, '_>) -> Option<Relation> {
    Some(Relation {
        a: line.text("a"),
        b: line.text("b"),
        quality: match line.word("tie").as_str() {
            "close" => Quality::Close,
            "very-close" => Quality::VeryClose,
            "distant" => Quality::Distant,
            "conflict" => Quality::Conflict,
            "enmeshed" => Quality::Enmeshed,
            "cut-off" => Quality::CutOff,
            "focused" => Quality::Focused,
            "abuse" => Quality::Abuse,
            _ => return None,
        },
        toward: match line.word("direction").as_str() {
            "to-a" => Toward::A,
            "both" => Toward::Both,
            _ => Toward::B,
        },
        note: line.text("note"),
    })
}

fn household(line: &Line<'_, '_>) -> Household {
    let members = line.text("members");
    Household {
        name: line.text("name"),
        members: members.split(BETWEEN).map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect(),
    }
}
