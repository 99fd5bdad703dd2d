//! The figures of a record, drawn from its tables as its form says.

use super::FigureView;
use super::viewer::Viewer;
use crate::publish::figure::Table;
use crate::publish::figure::genogram::{
    self, Bond, Caption, Family, Household, Kind, ParentKind, ParentLink, Parents, Person, Quality, Relation, Sex, Status, Toward, Union,
    Words,
};
use crate::rulebook::form::{Field, FigureKind, FigureSpec};
use crate::rulebook::value::{Data, Row};

/// What may stand between the members of a list.
const BETWEEN: &[char] = &['、', ',', '\u{ff0c}', ' ', ';', '\u{ff1b}'];

/// The figures of a record, for those who may see all that they are drawn from.
pub(super) fn of(viewer: &Viewer<'_>, at: (usize, usize)) -> Vec<FigureView> {
    let form = viewer.form(viewer.judgement.world.entry(at));
    let seen = |figure: &&FigureSpec| {
        figure.parts.values().all(|part| form.field(&part.table).is_some_and(|(_, field)| viewer.sees(field.audience)))
    };
    form.figures.iter().filter(seen).filter_map(|figure| Source { viewer, at, figure }.draw()).collect()
}

/// A figure and the record it is drawn from.
struct Source<'s, 'v> {
    viewer: &'s Viewer<'v>,
    at: (usize, usize),
    figure: &'s FigureSpec,
}

/// A row of one of its tables.
struct Line<'s, 'v> {
    source: &'s Source<'s, 'v>,
    part: &'s str,
    columns: &'v [Field],
    row: Row,
}

impl Line<'_, '_> {
    /// What stands in the column that the figure calls so.
    fn text(&self, column: &str) -> String {
        let name = self.source.figure.parts.get(self.part).and_then(|part| part.columns.get(column));
        name.and_then(|name| self.row.cell(self.columns, name)).map(Data::words).unwrap_or_default()
    }

    /// What that means to the figure.
    fn word(&self, column: &str) -> String {
        let text = self.text(column);
        self.source.figure.values.get(&text).cloned().unwrap_or(text)
    }

    fn number(&self, column: &str) -> Option<i32> {
        self.text(column).parse().ok()
    }

    fn yes(&self, column: &str) -> bool {
        self.text(column) == "是"
    }

    fn some(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }
}

impl<'s, 'v> Source<'s, 'v> {
    fn lines(&'s self, part: &'s str) -> Vec<Line<'s, 'v>> {
        let world = &self.viewer.judgement.world;
        let form = self.viewer.form(world.entry(self.at));
        let field = self.figure.parts.get(part).and_then(|spec| form.field(&spec.table));
        let Some((index, field)) = field else { return Vec::new() };
        let data = world.context(self.at.0, Some(self.at.1)).data(self.at, index);
        let Some(Data::Rows(rows)) = data.map(std::borrow::Cow::into_owned) else { return Vec::new() };
        rows.into_iter().map(|row| Line { source: self, part, columns: &field.columns, row }).collect()
    }

    /// The day as of which it is drawn.
    fn day(&self) -> Option<String> {
        let world = &self.viewer.judgement.world;
        let (index, _) = self.viewer.form(world.entry(self.at)).field(&self.figure.drawn)?;
        Some(world.context(self.at.0, Some(self.at.1)).data(self.at, index)?.words())
    }

    fn draw(&self) -> Option<FigureView> {
        let drawn_on = self.day().unwrap_or_default();
        let year = drawn_on.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
        let title = self.figure.title.clone();
        let (svg, Table { head, rows }) = match self.figure.kind {
            FigureKind::Genogram => {
                let (family, words) = (self.family(), Words::read(|key| self.viewer.figure_word(key)));
                let people = family.people.iter().map(|person| person.label.as_str()).collect::<Vec<_>>().join(" ");
                let caption = Caption { title: title.clone(), description: people, drawn_on, year };
                (genogram::draw(&family, &caption, &words)?, genogram::rows(&family, &words))
            }
        };
        Some(FigureView { title, svg, head, rows })
    }

    fn family(&self) -> Family {
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
