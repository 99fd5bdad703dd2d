//! What stands on every page and changes with every commit or day: the as-of date, the head commit,
//! how many findings there are.
//!
//! Templates get each as HTML in `late`, to be printed with `safe`: the value between two comments.
//! So a page of an earlier build whose view is the same is brought up to date by replacing what
//! stands between the comments, and need not be made again. Values are not to be compared or cut in
//! a template; a kept page could not follow.

use memchr::memmem::find;
use serde_json::{Value, json};

use crate::publish::markdown::escape;
use crate::publish::view::Basis;

const OPEN: &[u8] = b"<!--late ";
const CLOSE: &[u8] = b"<!--/-->";

/// Late values by name.
#[derive(Debug, Default)]
pub struct Late(Vec<(&'static str, String)>);

impl Late {
    /// The values of a build.
    pub fn of(basis: &Basis, words: &Value) -> Self {
        let counts = &basis.counts;
        let none = || words["head_none"].as_str().unwrap_or_default().to_owned();
        Self(vec![
            ("today", basis.today.clone()),
            ("head", basis.head.clone().unwrap_or_else(none)),
            ("error", counts.error.to_string()),
            ("warning", counts.warning.to_string()),
            ("advice", counts.advice.to_string()),
            // For a mark that is not to be seen when there is nothing to say.
            ("errors", if counts.error > 0 { counts.error.to_string() } else { String::new() }),
        ])
    }

    /// What templates get.
    pub fn context(&self) -> Value {
        let marked = |(name, value): &(&str, String)| ((*name).to_owned(), json!(format!("<!--late {name}-->{}<!--/-->", escape(value))));
        Value::Object(self.0.iter().map(marked).collect())
    }

    /// The page with the values of today; nothing if it holds a mark that is not understood.
    pub fn renewed(&self, page: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(page.len() + 32);
        let mut rest = page;
        while let Some(at) = find(rest, OPEN) {
            let (before, marked) = rest.split_at(at);
            let name = &marked[OPEN.len()..marked.len().min(OPEN.len() + 16)];
            let name = &name[..find(name, b"-->")?];
            let (_, value) = self.0.iter().find(|(own, _)| own.as_bytes() == name)?;
            let start = OPEN.len() + name.len() + b"-->".len();
            out.extend_from_slice(before);
            out.extend_from_slice(&marked[..start]);
            out.extend_from_slice(escape(value).as_bytes());
            rest = &marked[start + find(&marked[start..], CLOSE)?..];
        }
        out.extend_from_slice(rest);
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::view::Counts;

    fn late(today: &str, error: usize) -> Late {
        let basis = Basis { today: today.into(), head: None, counts: Counts { error, ..Counts::default() }, demands: Vec::new() };
        Late::of(&basis, &json!({"head_none": "a<b"}))
    }

    #[test]
    fn a_page_of_yesterday_becomes_the_page_of_today() {
        let page = |late: &Late| {
            let part = |name: &str| late.context()[name].as_str().unwrap().to_owned();
            format!("<p>{}</p><b>{}</b>{}<i>{}</i>", part("today"), part("errors"), part("head"), part("today")).into_bytes()
        };
        let (old, new) = (late("2026-06-18", 0), late("2026-06-19", 12));
        assert_eq!(new.renewed(&page(&old)), Some(page(&new)));
        assert_eq!(old.renewed(&page(&new)), Some(page(&old)));
        assert!(
            String::from_utf8(page(&old)).unwrap().contains("<b><!--late errors--><!--/--></b>")
                && page(&old).windows(6).any(|w| w == b"a&lt;b")
        );
        assert_eq!(old.renewed("没有标记".as_bytes()), Some("没有标记".as_bytes().to_vec()));
        for wrong in ["<!--late nobody-->1<!--/-->", "<!--late today-->1", "<!--late ", "<!--late today"] {
            assert_eq!(old.renewed(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
