//! The kinds of rule. One kind is one file here, one row in [`KINDS`], one suite in the tests.

mod approval;
mod arithmetic;
mod cadence;
mod checklist;
mod companion;
mod consent;
mod copies;
mod deadline;
mod filled;
mod identity;
mod matches;
mod overlap;
mod reason;
mod retention;
mod role;
mod rows;
mod sealed;
mod sequence;
mod unique;
mod values;

use super::check::Checker;
use super::context::Context;
use super::obligation::Outcome;
use crate::diagnostic::{Diagnostic, Text};
use crate::source::SharedSource;
use crate::yaml::de::Spanned;
use crate::yaml::{Node, de};

/// What a rule demands: one kind with its settings.
pub trait Must: Send + Sync {
    /// Judges one subject.
    fn judge(&self, context: &Context<'_, '_>) -> Outcome;

    /// Checks every name it uses against the forms.
    fn check(&self, checker: &mut Checker<'_>);

    /// What it says, sentence by sentence.
    fn says(&self) -> Vec<Text>;

    /// The choices of roles that have to agree, where it asks for an approval.
    fn slots(&self) -> Vec<&[Spanned<String>]> {
        Vec::new()
    }

    /// Whether it ends with the opinion of somebody other than the worker.
    fn asks_for_opinion(&self) -> bool {
        false
    }

    /// When it is judged, because others ask for its result or it for theirs.
    fn turn(&self) -> Turn {
        Turn::Between
    }
}

/// When rules of a kind are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Before the others: they ask on which day something was approved.
    First,
    /// Neither first nor last.
    Between,
    /// After the others: it asks how their deadlines stand.
    Last,
}

/// Reads the settings of a kind.
type Read = fn(&Node, &SharedSource) -> Result<Box<dyn Must>, Diagnostic>;

/// A kind of rule.
pub struct KindOfRule {
    /// Its key under `must`.
    pub name: &'static str,
    /// Its name for people.
    pub zh: &'static str,
    /// Reads its settings.
    pub read: Read,
}

/// All kinds.
pub const KINDS: &[KindOfRule] = &[
    KindOfRule { name: "approval", zh: "审批", read: read::<approval::Approval> },
    KindOfRule { name: "arithmetic", zh: "数量与合计", read: read::<arithmetic::Arithmetic> },
    KindOfRule { name: "cadence", zh: "连续与间隔", read: read::<cadence::Cadence> },
    KindOfRule { name: "checklist", zh: "清单核对", read: read::<checklist::Checklist> },
    KindOfRule { name: "companion", zh: "相伴表单", read: read::<companion::Companion> },
    KindOfRule { name: "consent", zh: "同意在先", read: read::<consent::Consent> },
    KindOfRule { name: "copies", zh: "照抄", read: read::<copies::Copies> },
    KindOfRule { name: "deadline", zh: "期限", read: read::<deadline::Deadline> },
    KindOfRule { name: "filled", zh: "须填内容", read: read::<filled::Filled> },
    KindOfRule { name: "identity", zh: "证件相符", read: read::<identity::Identity> },
    KindOfRule { name: "matches", zh: "对照", read: read::<matches::Matches> },
    KindOfRule { name: "overlap", zh: "时间冲突", read: read::<overlap::Overlap> },
    KindOfRule { name: "reason", zh: "逾期原因", read: read::<reason::Reason> },
    KindOfRule { name: "retention", zh: "原件保存", read: read::<retention::Retention> },
    KindOfRule { name: "role", zh: "人员角色", read: read::<role::Role> },
    KindOfRule { name: "rows", zh: "表格各行", read: read::<rows::Rows> },
    KindOfRule { name: "sealed", zh: "封存", read: read::<sealed::Sealed> },
    KindOfRule { name: "sequence", zh: "先后次序", read: read::<sequence::Sequence> },
    KindOfRule { name: "unique", zh: "不得重复", read: read::<unique::Unique> },
    KindOfRule { name: "values", zh: "取值范围", read: read::<values::Values> },
];

fn read<T: Must + serde::de::DeserializeOwned + 'static>(node: &Node, source: &SharedSource) -> Result<Box<dyn Must>, Diagnostic> {
    de::read::<T>(node, source, "R101").map(|kind| Box::new(kind) as Box<dyn Must>)
}

#[cfg(test)]
mod tests {
    use super::KINDS;

    #[test]
    fn the_table_is_sorted() {
        assert!(KINDS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
