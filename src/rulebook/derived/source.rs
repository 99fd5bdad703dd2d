//! Sources: where a computation takes its values, and which records and rows those are.

use super::Computed;
use super::value;
use crate::rulebook::condition::Condition;
use crate::rulebook::context::{Context, Member};
use crate::rulebook::form::Kind;
use crate::rulebook::reference::{Pick, Ref, Refs, Target};
use crate::rulebook::value::Value;

/// The word for all records or rows that a row is made from.
pub const GROUP: &str = "group";

/// Where a value comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A reference, perhaps with a condition on the record or row: `栏目`, `{ of: 表.列, where: {…} }`.
    Of(Asked),
    /// A number as it stands.
    Literal(Value),
    /// Another computation.
    Made(Box<Computed>),
}

/// A reference and perhaps a condition on the record or row that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Where.
    pub of: Ref,
    /// Which records or rows.
    pub filter: Option<Condition>,
}

impl Source {
    /// The values: of one record where that is what the reference says, or of all records and rows.
    pub fn values(&self, context: &Context<'_, '_>, all: bool) -> Vec<Value> {
        match self {
            Self::Of(asked) => asked.values(context, all),
            Self::Literal(value) => vec![value.clone()],
            Self::Made(computed) => value::values(computed, context),
        }
    }

    /// The first value.
    pub fn first(&self, context: &Context<'_, '_>) -> Option<Value> {
        self.values(context, false).into_iter().next()
    }

    /// How many values, records or rows.
    pub fn count(&self, context: &Context<'_, '_>) -> usize {
        match self {
            Self::Of(asked) => asked.count(context),
            other => other.values(context, true).len(),
        }
    }

    /// The reference, where it is one that asks nothing more.
    pub fn plain(&self) -> Option<&Ref> {
        match self {
            Self::Of(Asked { of, filter: None }) => Some(of),
            _ => None,
        }
    }
}

/// The values of the first source that has any.
pub fn first_of(sources: &[Source], context: &Context<'_, '_>) -> Vec<Value> {
    sources.iter().map(|source| source.values(context, false)).find(|values| !values.is_empty()).unwrap_or_default()
}

/// Every value of every source.
pub fn all_of(sources: &[Source], context: &Context<'_, '_>) -> Vec<Value> {
    sources.iter().flat_map(|source| source.values(context, true)).collect()
}

impl Asked {
    /// The values.
    pub fn values(&self, context: &Context<'_, '_>, all: bool) -> Vec<Value> {
        let Some(filter) = &self.filter else {
            return context.bare(&self.of, all);
        };
        let (members, rest) = leads_to(&self.of, context);
        let Some(rest) = rest else { return Vec::new() };
        let mut values = Vec::new();
        for member in &members {
            let view = context.on_member(member);
            if filter.holds(&view) {
                values.append(&mut view.bare(&rest, true));
            }
        }
        let wanted = match self.of.pick {
            Pick::Own => return values,
            Pick::First => std::cmp::Ordering::Less,
            Pick::Last => std::cmp::Ordering::Greater,
        };
        extreme(values, wanted).into_iter().collect()
    }

    /// How many values, records or rows.
    pub fn count(&self, context: &Context<'_, '_>) -> usize {
        let of_group = is_group(&self.of, context);
        if self.filter.is_none() && !of_group {
            return context.count(&self.of);
        }
        let (members, rest) = leads_to(&self.of, context);
        let counted = members.iter().map(|member| {
            let view = context.on_member(member);
            match &rest {
                _ if !self.filter.as_ref().is_none_or(|filter| filter.holds(&view)) => 0,
                None => {
                    view.mark(member.at);
                    1
                }
                Some(rest) => view.resolve_all(rest).len(),
            }
        });
        counted.sum()
    }
}

/// The smallest or largest of some values.
pub fn extreme(values: Vec<Value>, wanted: std::cmp::Ordering) -> Option<Value> {
    values.into_iter().reduce(|best, v| if v.compare(&best) == Some(wanted) { v } else { best })
}

fn is_group(of: &Ref, context: &Context<'_, '_>) -> bool {
    context.group.is_some() && of.target == Target::Value && matches!(of.parts.as_slice(), [word] if word == GROUP)
}

/// The records or rows that a reference leads to, and what of each is meant: `表.列` leads to the rows
/// of the table, `FORM.栏目` to the records of the form; nothing more than the record or row if there is no rest.
pub fn leads_to<'w>(of: &Ref, context: &Context<'w, '_>) -> (Vec<Member<'w>>, Option<Ref>) {
    if is_group(of, context) {
        return (context.group.map(|group| group.members.to_vec()).unwrap_or_default(), None);
    }
    let (context, of) = context.turned(of);
    let context = &context;
    let (form, rest) = context.form_of(&of);
    let rest_of = |rest: &[String]| {
        let empty = rest.is_empty() && of.target == Target::Value;
        (!empty).then(|| Ref { pick: Pick::Own, parts: rest.to_vec(), ..of.as_ref().clone() })
    };
    if let [table, columns @ ..] = rest
        && of.target == Target::Value
        && is_table(form, table, context)
    {
        let path = Ref { pick: Pick::Own, parts: of.parts[..of.parts.len() - columns.len()].to_vec(), ..of.as_ref().clone() };
        let rows = context.rows(&path).into_iter();
        return (rows.map(|(columns, row, at)| Member { at, row: Some((columns, row)), pivot: None }).collect(), rest_of(columns));
    }
    let records = match (form, rest_of(rest)) {
        (None, rest) => return (context.members(), rest),
        // Records that are only counted are never those of the project.
        (Some(_), None) => context.records(&of),
        (Some(_), Some(_)) => context.entries_of(&of),
    };
    (records.into_iter().map(|at| Member { at, row: None, pivot: None }).collect(), rest_of(rest))
}

/// Whether a name is a table: of the form named, or of the records in view.
fn is_table(form: Option<usize>, name: &str, context: &Context<'_, '_>) -> bool {
    let forms = &context.world.rulebook.forms;
    let table = |form: usize| forms[form].field(name).is_some_and(|(_, field)| field.kind == Kind::Table);
    match form {
        Some(form) => table(form),
        None if context.has_column(name) => false,
        None => context.members().iter().any(|m| table(context.world.entry(m.at).form)),
    }
}

/// The references of some sources, as a list of which the first that has a value is meant.
pub fn plain(sources: &[Source]) -> Option<Refs> {
    let refs: Vec<Ref> = sources.iter().filter_map(|source| source.plain().cloned()).collect();
    (!refs.is_empty()).then_some(Refs(refs))
}
