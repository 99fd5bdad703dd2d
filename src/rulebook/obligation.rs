//! Obligations: one value drives everything that is shown about a duty.

use chrono::NaiveDate;

use super::calendar::{Calendar, Count};
use crate::archive::config::Strength;
use crate::diagnostic::Text;
use crate::say;
use crate::source::Place;

/// A duty and how it stands.
#[derive(Debug, Clone)]
pub struct Obligation {
    /// The rule, as an index into the rulebook.
    pub rule: usize,
    /// The dossier, as an index into the world.
    pub dossier: usize,
    /// The record, as an index into the dossier; none when it is about the dossier as a whole.
    pub entry: Option<usize>,
    /// How it stands and why.
    pub outcome: Outcome,
}

/// How a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Broken: it can no longer, or does not, hold.
    Broken,
    /// An approval that a later change made void.
    Void,
    /// The last day has passed and nothing was done.
    Overdue,
    /// Done after the last day.
    MetLate,
    /// The last day is today or close.
    DueSoon,
    /// Running.
    Open,
    /// What it starts from has not happened yet.
    NotYetDue,
    /// Done in time if the commit's own date is believed; it arrived later.
    MetClaimed,
    /// Done in time.
    Met,
    /// Waived under the procedure.
    Waived,
    /// History could not be read, or what it rests on is encrypted, so nobody can say.
    Unknown,
    /// It does not apply here.
    NotApplicable,
}

impl State {
    /// All states with their words in rule examples.
    pub const WORDS: &[(&'static str, Self)] = &[
        ("broken", Self::Broken),
        ("void", Self::Void),
        ("overdue", Self::Overdue),
        ("met-late", Self::MetLate),
        ("due-soon", Self::DueSoon),
        ("open", Self::Open),
        ("not-yet-due", Self::NotYetDue),
        ("met-claimed", Self::MetClaimed),
        ("met", Self::Met),
        ("waived", Self::Waived),
        ("unknown", Self::Unknown),
        ("not-applicable", Self::NotApplicable),
    ];

    /// The word in examples and in the JSON form.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    /// The words for people.
    pub fn text(self) -> Text {
        match self {
            Self::Broken => say!("不符", "broken"),
            Self::Void => say!("审批失效", "approval void"),
            Self::Overdue => say!("逾期未完成", "overdue"),
            Self::MetLate => say!("逾期完成", "met late"),
            Self::DueSoon => say!("临期", "due soon"),
            Self::Open => say!("进行中", "open"),
            Self::NotYetDue => say!("未触发", "not yet due"),
            Self::MetClaimed => say!("按时（据提交者所称）", "met (claimed)"),
            Self::Met => say!("按时完成", "met"),
            Self::Waived => say!("已豁免", "waived"),
            Self::Unknown => say!("无从得知", "unknown"),
            Self::NotApplicable => say!("不适用", "not applicable"),
        }
    }

    /// Whether it is a finding.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Broken | Self::Void | Self::Overdue | Self::MetLate)
    }

    /// Whether something is still to be done in time.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Open | Self::DueSoon | Self::NotYetDue)
    }

    /// The class of its badge.
    pub fn class(self) -> &'static str {
        match self {
            Self::Broken | Self::Void | Self::Overdue | Self::MetLate => "bad",
            Self::DueSoon => "soon",
            Self::Open => "wait",
            Self::Met | Self::MetClaimed => "good",
            Self::NotYetDue | Self::Waived | Self::Unknown | Self::NotApplicable => "none",
        }
    }
}

/// What a rule says of one subject.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The state.
    pub state: State,
    /// What is wrong, one sentence; used when the state is a finding.
    pub message: Option<Box<Text>>,
    /// Where in the record.
    pub place: Option<Box<Place>>,
    /// What stands there.
    pub label: Option<Box<Text>>,
    /// How the days of a deadline were counted.
    pub count: Option<Box<Count>>,
    /// What it rests on besides: values, commits.
    pub facts: Vec<Text>,
    /// The last day.
    pub due: Option<NaiveDate>,
    /// The day on which it was done.
    pub done: Option<NaiveDate>,
    /// For deadlines, the record with which it ended, (dossier, entry).
    pub ended: Option<(usize, usize)>,
    /// Working days from today to the last day; negative when it has passed.
    pub left: Option<i64>,
    /// Whether the last day rests on a year without calendar data.
    pub provisional: bool,
    /// Names of fields or sections that are missing, for rules about content.
    pub missing: Box<[String]>,
    /// For approvals, what came of them.
    pub approval: Option<Box<Approval>>,
}

/// What came of an approval.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// Whether it is a decision or only a report.
    pub report: bool,
    /// Approver (id), role, commit, time, by slot.
    pub given: Vec<Given>,
    /// Why the newest version is not approved.
    pub reasons: Vec<Text>,
    /// Who contributed to the judged version, in words.
    pub contributors: Vec<String>,
    /// Fields and sections changed since the last approved version: name, old, new.
    pub changed: Vec<(String, Option<String>, Option<String>)>,
}

/// One agreement that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Person's name.
    pub name: String,
    /// Role in which it counts.
    pub role: String,
    /// Short commit.
    pub commit: String,
    /// When.
    pub at: chrono::NaiveDateTime,
    /// How strong the evidence is.
    pub proof: Strength,
    /// How it is known and how strong that is, in words.
    pub strength: Text,
}

impl Obligation {
    /// A duty of which nobody knows yet how it stands.
    pub fn unjudged(rule: usize, dossier: usize, entry: Option<usize>) -> Self {
        Self { rule, dossier, entry, outcome: Outcome::of(State::Unknown) }
    }
}

impl Outcome {
    /// A state and nothing else.
    pub fn of(state: State) -> Self {
        Self {
            state,
            message: None,
            place: None,
            label: None,
            count: None,
            facts: Vec::new(),
            due: None,
            done: None,
            ended: None,
            left: None,
            provisional: false,
            missing: Box::default(),
            approval: None,
        }
    }

    /// Broken, with the sentence and the place.
    pub fn broken(message: Text, place: Option<Place>) -> Self {
        Self { message: Some(Box::new(message)), place: place.map(Box::new), ..Self::of(State::Broken) }
    }

    /// What is wrong, or how it stands.
    pub fn said(&self) -> Text {
        self.message.as_deref().cloned().unwrap_or_else(|| self.state.text())
    }

    /// Everything that it rests on, in words; holidays by the names of that calendar.
    pub fn told(&self, calendar: &Calendar) -> Vec<Text> {
        let counted = self.count.iter().flat_map(|count| count.told(calendar));
        counted.chain(self.facts.iter().cloned()).collect()
    }

    /// Says what stands at the place.
    pub fn labelled(mut self, label: Text) -> Self {
        self.label = Some(Box::new(label));
        self
    }

    /// Adds a fact.
    pub fn fact(mut self, fact: Text) -> Self {
        self.facts.push(fact);
        self
    }
}
