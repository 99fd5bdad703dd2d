//! `values`: every value occurs among others: goals that the plan defines, categories of the contract.
//!
//! ```yaml
//! values: { of: C07.对应目标, among: C06.目标.编号, unless: [关系建立/预估] }
//! values: { of: 服务类别, among: { list: 服务类别 } }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Ref;
use crate::say;
use crate::yaml::Node;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Values {
    of: Ref,
    among: Among,
    #[serde(default)]
    unless: Vec<String>,
}

#[derive(Deserialize)]
#[serde(try_from = "Node")]
enum Among {
    Ref(Ref),
    Literals(Vec<String>),
    List(String),
}

impl TryFrom<Node> for Among {
    type Error = String;

    fn try_from(node: Node) -> Result<Self, String> {
        if let Some(text) = node.as_str() {
            return Ref::parse(text, node.span).map(Self::Ref);
        }
        if let Some(items) = node.as_list() {
            return Ok(Self::Literals(items.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect()));
        }
        node.get("list")
            .and_then(Node::as_str)
            .map(|name| Self::List(name.to_owned()))
            .ok_or_else(|| "`among` is a reference, a list or { list: … }".to_owned())
    }
}

impl Must for Values {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let known: Vec<String> = match &self.among {
            Among::Ref(r) => {
                let cells = context.resolve_all(r);
                if cells.is_empty() {
                    return Outcome::of(State::NotApplicable);
                }
                cells.iter().map(|c| c.value.to_string()).collect()
            }
            Among::Literals(list) => list.clone(),
            Among::List(name) => context.world.rulebook.settings.lists.get(name).cloned().unwrap_or_default(),
        };
        let strange = context.resolve(&self.of).into_iter().find(|cell| {
            let word = cell.value.to_string();
            !known.contains(&word) && !self.unless.contains(&word)
        });
        let Some(cell) = strange else { return Outcome::of(State::Met) };
        let (word, of) = (&cell.value, &self.of);
        let list = known.join("、");
        Outcome::broken(say!("{of} 里的“{word}”不在应有的范围内", "`{word}` in {of} is not among the known values"), cell.place)
            .fact(say!("应为其中之一：{list}", "known: {list}"))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.reference(&self.of);
        match &self.among {
            Among::Ref(r) => checker.reference(r),
            Among::List(name) => checker.list(name),
            Among::Literals(_) => {}
        }
    }

    fn says(&self) -> Vec<Text> {
        let of = &self.of;
        let among = match &self.among {
            Among::Ref(r) => r.to_string(),
            Among::Literals(list) => list.join("、"),
            Among::List(name) => format!("《{name}》"),
        };
        vec![say!("{of} 的每个值都在 {among} 之中", "every value of {of} is among {among}")]
    }
}
