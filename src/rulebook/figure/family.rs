//! What a genogram is drawn from.

/// A family as data. Ids are the only references; whatever refers to nobody is reported and left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// The people.
    pub people: Vec<Person>,
    /// The marriages and partnerships.
    pub unions: Vec<Union>,
    /// Who is whose child.
    pub parents: Vec<ParentLink>,
    /// The quality of ties.
    pub relations: Vec<Relation>,
    /// Who lives together.
    pub households: Vec<Household>,
    /// Whether the whole family is the client, so that several people may be the index person.
    pub family_case: bool,
}

/// A person, or a pregnancy and its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The id, unique in the family.
    pub id: String,
    /// The word printed below the symbol: a role, never a name.
    pub label: String,
    /// The sex.
    pub sex: Sex,
    /// The year of birth.
    pub born: Option<i32>,
    /// The year of death.
    pub died: Option<i32>,
    /// Whether the person is dead although the year is unknown.
    pub deceased: bool,
    /// What the symbol stands for.
    pub kind: Kind,
    /// Whether this is the index person.
    pub index: bool,
    /// The generation, where it is to be set by hand: the index person's is 0, the parents' −1.
    pub generation: Option<i32>,
    /// The place among siblings, where years are missing.
    pub order: Option<i32>,
}

impl Person {
    /// Whether the person is dead.
    pub fn is_dead(&self) -> bool {
        self.deceased || self.died.is_some()
    }
}

/// The sex of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sex {
    /// A square.
    Male,
    /// A circle.
    Female,
    /// A diamond.
    #[default]
    Unknown,
}

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A person who was born alive.
    #[default]
    Person,
    /// A pregnancy.
    Pregnancy,
    /// A miscarriage.
    Miscarriage,
    /// An abortion.
    Abortion,
    /// A stillbirth.
    Stillbirth,
}

/// Two people as partners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Union {
    /// The id, unique among the unions.
    pub id: String,
    /// One partner.
    pub a: String,
    /// The other.
    pub b: String,
    /// The bond.
    pub bond: Bond,
    /// How it stands.
    pub status: Status,
    /// The year it began.
    pub from: Option<i32>,
    /// The year it ended.
    pub to: Option<i32>,
}

/// Married or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bond {
    /// A marriage.
    #[default]
    Marriage,
    /// Living together unmarried.
    Cohabitation,
}

/// How a union stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It lasts.
    #[default]
    Current,
    /// They live apart.
    Separated,
    /// They are divorced.
    Divorced,
    /// One has died.
    Widowed,
}

/// A child and its parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentLink {
    /// The child.
    pub child: String,
    /// The parents.
    pub parents: Parents,
    /// How it came to them.
    pub kind: ParentKind,
    /// The same mark for all children of one birth.
    pub twin: Option<String>,
    /// Whether these twins are identical.
    pub identical: bool,
}

/// A union, or one parent where the other is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parents {
    /// The id of a union.
    Union(String),
    /// The id of a person.
    One(String),
}

/// How a child came to its parents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParentKind {
    /// Born to them.
    #[default]
    Birth,
    /// Adopted.
    Adopted,
    /// In foster care.
    Fostered,
    /// A stepchild: not drawn, the union and the household say it.
    Step,
}

/// The quality of the tie between two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// One of them.
    pub a: String,
    /// The other.
    pub b: String,
    /// The quality.
    pub quality: Quality,
    /// The direction, which only [`Quality::Focused`] and [`Quality::Abuse`] show.
    pub toward: Toward,
    /// A word beside the line, such as the kind of abuse.
    pub note: String,
}

/// The quality of a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Close: two parallels.
    Close,
    /// Very close or fused: three parallels.
    VeryClose,
    /// Distant: dots.
    Distant,
    /// In conflict: a zigzag.
    Conflict,
    /// Fused and in conflict: three parallels and a zigzag.
    Enmeshed,
    /// Cut off: a line broken between two bars.
    CutOff,
    /// One cares about the other: an arrow.
    Focused,
    /// One hurts the other: a zigzag arrow.
    Abuse,
}

impl Quality {
    /// All qualities.
    pub const ALL: [Quality; 8] = [
        Quality::Close,
        Quality::VeryClose,
        Quality::Distant,
        Quality::Conflict,
        Quality::Enmeshed,
        Quality::CutOff,
        Quality::Focused,
        Quality::Abuse,
    ];
}

/// Which way a tie points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Toward {
    /// From the first to the second.
    #[default]
    B,
    /// From the second to the first.
    A,
    /// Both ways.
    Both,
}

/// People who live together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Household {
    /// The name at its border.
    pub name: String,
    /// The ids of its members.
    pub members: Vec<String>,
}
