//! Pieces of pages that many pages show: the fields of a form, the rows of a list.
//!
//! Most of what a form holds is said alike in many records, and a row of a list stands in each of its orders and in each part
//! that it belongs to. So a piece is made once for all pages that show the same, by a component of the theme, which gets it as
//! `it`. Beside `page`, which is without them, the template of a record gets `groups`, each with a `name` and its `cells` as
//! HTML, and the template of such a list gets its `rows` as HTML.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memchr::memmem;
use serde::Serialize;
use tera::{Context, Tera, TeraResult, Value};

use super::View;
use crate::publish::view::{CatalogueView, FieldView, RecordView};
use crate::publish::write::Digest;

/// The component that makes a field.
pub const CELL: &str = "cell";
/// The one that makes a row of a list of dossiers.
pub const DOSSIER: &str = "dossier_row";
/// Of duties.
pub const DUTY: &str = "duty_row";
/// Of findings.
pub const FINDING: &str = "finding_row";

/// So many bytes of pieces are remembered, and as many of those that were asked for before them. The rows of the longest lists
/// of ten thousand records fit.
const MANY: usize = 8 << 20;

/// Stands in a piece where the way from its page to the root of the site belongs. No text has it: it is no character.
const ROOT: &str = "\u{fdd0}";

/// What a piece was made of: the component, and what it got.
type Key = (&'static str, Digest);

/// Pieces that were made.
#[derive(Debug, Default)]
pub struct Pieces(Mutex<Made>);

#[derive(Debug, Default)]
struct Made {
    now: HashMap<Key, Arc<str>>,
    before: HashMap<Key, Arc<str>>,
    /// Bytes of those of now.
    bytes: usize,
}

impl Made {
    fn get(&mut self, key: Key) -> Option<Arc<str>> {
        if let Some(made) = self.now.get(&key) {
            return Some(Arc::clone(made));
        }
        let made = self.before.remove(&key)?;
        self.keep(key, Arc::clone(&made));
        Some(made)
    }

    fn keep(&mut self, key: Key, made: Arc<str>) {
        if self.bytes >= MANY {
            self.before = mem::take(&mut self.now);
            self.bytes = 0;
        }
        self.bytes += made.len();
        self.now.insert(key, made);
    }
}

/// What a component of the theme makes of something, which it gets as `it`.
pub(super) fn by_component(tera: &Tera, component: &str, it: &impl Serialize, around: &Context) -> TeraResult<String> {
    let mut given = Context::new();
    given.insert_value("it", Value::try_from_serializable(it)?);
    tera.render_component_with_implicits(component, &given, around, None, true)
}

/// Makes the pieces of one page.
#[derive(Clone, Copy)]
pub struct Maker<'s> {
    tera: &'s Tera,
    pieces: &'s Pieces,
    /// The way from the page to the root of the site.
    root: &'s str,
}

impl<'s> Maker<'s> {
    /// Makes pieces with the components of a theme.
    pub fn new(tera: &'s Tera, pieces: &'s Pieces, root: &'s str) -> Self {
        Self { tera, pieces, root }
    }

    fn made(&self) -> MutexGuard<'s, Made> {
        self.pieces.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn piece(self, component: &'static str, piece: &impl Serialize, digest: Option<Digest>) -> TeraResult<Arc<str>> {
        if let Some(made) = digest.and_then(|digest| self.made().get((component, digest))) {
            return Ok(made);
        }
        let mut around = Context::new();
        around.insert_value("root", Value::normal_string(ROOT));
        let made: Arc<str> = by_component(self.tera, component, piece, &around)?.into();
        if let Some(digest) = digest {
            self.made().keep((component, digest), Arc::clone(&made));
        }
        Ok(made)
    }

    /// All of them as they stand on the page.
    fn html<T: Serialize>(self, component: &'static str, pieces: &[Piece<T>]) -> TeraResult<Value> {
        let mut html = String::new();
        for Piece { of, digest } in pieces {
            let made = self.piece(component, of, *digest)?;
            let mut from = 0;
            for at in memmem::find_iter(made.as_bytes(), ROOT) {
                html.push_str(&made[from..at]);
                html.push_str(self.root);
                from = at + ROOT.len();
            }
            html.push_str(&made[from..]);
            html.push('\n');
        }
        Ok(Value::safe_string(&html))
    }
}

/// A piece that is to be made.
struct Piece<T> {
    of: T,
    digest: Option<Digest>,
}

fn pieces<T: Serialize>(of: Vec<T>) -> Vec<Piece<T>> {
    of.into_iter().map(|of| Piece { digest: Digest::of(&of), of }).collect()
}

/// The digest of a page and of the pieces on it.
fn whole<T>(page: Option<Digest>, pieces: &[Piece<T>]) -> Option<Digest> {
    pieces.iter().try_fold(page?, |whole, piece| Some(whole.and(piece.digest?)))
}

/// A record on its page.
pub struct RecordPage {
    record: RecordView,
    fields: Vec<Piece<FieldView>>,
}

/// Fields under one heading.
#[derive(Serialize)]
struct Group<'v> {
    /// The heading; none where the form has none.
    name: Option<&'v str>,
    cells: Value,
}

impl RecordPage {
    /// The page of that record.
    pub fn of(mut record: RecordView) -> Self {
        let fields = pieces(mem::take(&mut record.fields));
        Self { record, fields }
    }
}

impl View for RecordPage {
    fn digest(&self) -> Option<Digest> {
        whole(Digest::of(&self.record), &self.fields)
    }

    fn show(&self, maker: Maker<'_>, context: &mut Context) -> TeraResult<()> {
        let runs = self.fields.chunk_by(|a, b| a.of.group == b.of.group);
        let groups = runs.map(|run| Ok(Group { name: run[0].of.group.as_deref(), cells: maker.html(CELL, run)? }));
        context.insert_value("groups", Value::try_from_serializable(&groups.collect::<TeraResult<Vec<_>>>()?)?);
        context.insert_value("page", Value::try_from_serializable(&self.record)?);
        Ok(())
    }
}

/// A page of a list whose rows are made by a component.
pub struct ListPage<T> {
    list: CatalogueView<T>,
    component: &'static str,
    rows: Vec<Piece<T>>,
}

impl<T: Serialize> ListPage<T> {
    /// The page of that list.
    pub fn of(mut list: CatalogueView<T>, component: &'static str) -> Self {
        let rows = pieces(mem::take(&mut list.rows));
        Self { list, component, rows }
    }
}

impl<T: Serialize> View for ListPage<T> {
    fn digest(&self) -> Option<Digest> {
        whole(Digest::of(&self.list), &self.rows)
    }

    fn show(&self, maker: Maker<'_>, context: &mut Context) -> TeraResult<()> {
        context.insert_value("rows", maker.html(self.component, &self.rows)?);
        context.insert_value("page", Value::try_from_serializable(&self.list)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_lately_is_remembered_and_no_more_than_twice_as_much() {
        let key = |n: usize| (CELL, Digest::of_bytes(&n.to_le_bytes()));
        let piece: Arc<str> = "x".repeat(MANY / 1000).into();
        let mut made = Made::default();
        for n in 0..5000 {
            made.keep(key(n), Arc::clone(&piece));
            assert!(made.get(key(0)).is_some(), "{n}: always asked for again");
        }
        assert!(made.now.len() + made.before.len() <= 2 * 1002);
        assert!(made.get(key(1)).is_none() && made.get(key(4999)).is_some());
        assert!(made.get(("other", key(0).1)).is_none());
    }

    #[test]
    fn a_piece_is_made_once_and_leads_to_the_root_from_wherever_it_stands() {
        let mut tera = super::super::engine();
        let component = "{% component row(it, @root) %}<a href=\"{{ it.to | href }}\">{{ it.say }}</a>{% endcomponent row %}";
        tera.add_raw_template("parts.html", component).unwrap();
        #[derive(Serialize)]
        struct Row {
            to: &'static str,
            say: &'static str,
        }
        let rows = || pieces(vec![Row { to: "a/b.html#甲", say: "<一>" }, Row { to: "c.html", say: "二" }]);
        let made = Pieces::default();
        let of = |root: &str| Maker::new(&tera, &made, root).html("row", &rows()).unwrap().as_str().unwrap().to_owned();
        assert_eq!(of("../"), "<a href=\"../a/b.html#%E7%94%B2\">&lt;一&gt;</a>\n<a href=\"../c.html\">二</a>\n");
        assert_eq!(of("../../"), of("../").replace("../", "../../"));
        assert_eq!(of(""), of("../").replace("../", ""));
        assert_eq!(made.0.lock().unwrap().now.len(), 2);
    }
}
