//! What can be found: a page, its title, its texts under their labels, and by what it can be narrowed down.
//!
//! Made from the views that the pages are made from, so it holds what this audience sees there and nothing else. The labels
//! of a form are part of the form's page, not of each of its records: whoever looks for one would get them all.

use std::borrow::Cow;

use crate::publish::view::{ArticleView, DossierRow, FieldSpec, FieldView, FormView, PersonView, RecordView, RuleView, ValueView};

/// A page as the search knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its address in the output.
    pub url: String,
    /// What a hit is called.
    pub title: String,
    /// The day that stands beside the title; empty where there is none.
    pub day: String,
    /// Texts, each with the label under which it stands on the page.
    pub texts: Vec<(String, String)>,
    /// Values of the facets, in the order of [`FACETS`]; empty where there is none.
    pub facets: [String; FACETS.len()],
}

/// By what hits can be narrowed down. The words of the theme have a `search_` for each.
pub const FACETS: [&str; 6] = ["kind", "form", "project", "worker", "period", "state"];

const KIND: usize = 0;
const FORM: usize = 1;
const PROJECT: usize = 2;
const WORKER: usize = 3;
const PERIOD: usize = 4;
const STATE: usize = 5;

/// Words of the theme that documents are described with.
#[derive(Debug, Clone)]
pub struct Words(serde_json::Value);

impl Words {
    /// The words of a theme.
    pub fn new(words: serde_json::Value) -> Self {
        Self(words)
    }

    fn get(&self, key: &str) -> String {
        self.0[key].as_str().unwrap_or(key).to_owned()
    }
}

impl Document {
    fn new(url: &str, title: String, kind: String) -> Self {
        let mut document = Self { url: url.to_owned(), title, ..Self::default() };
        document.facets[KIND] = kind;
        document
    }

    fn text(&mut self, label: &str, text: &str) {
        let text = tidy(text);
        if !text.is_empty() {
            self.texts.push((label.to_owned(), text));
        }
    }

    fn prose(&mut self, label: &str, html: &str) {
        for block in blocks(html) {
            self.text(label, &block);
        }
    }

    /// How the dossier stands that it is, or lies in; empty where there is none.
    pub fn state(&self) -> &str {
        &self.facets[STATE]
    }

    /// A record; `state` is that of the dossier in which it lies.
    pub fn of_record(url: &str, view: &RecordView, state: &str, words: &Words) -> Self {
        let mut document = Self::new(url, format!("{} {}", view.row.link.text, view.name), words.get("record"));
        document.day = view.row.filled_on.clone().unwrap_or_default();
        document.facets[FORM] = view.row.form.text.clone();
        document.facets[PROJECT] = view.project.as_ref().map(|project| project.text.clone()).unwrap_or_default();
        document.facets[WORKER] = view.row.worker.clone().unwrap_or_default();
        document.facets[PERIOD] = quarter(&document.day);
        document.facets[STATE] = state.to_owned();
        for FieldView { name, value, .. } in &view.fields {
            match value {
                ValueView::Table { rows, .. } => {
                    for row in rows {
                        let cells: Vec<String> = row.iter().map(words_of).filter(|cell| !cell.is_empty()).collect();
                        document.text(name, &cells.join(" · "));
                    }
                }
                value => document.text(name, &words_of(value)),
            }
        }
        for section in &view.sections {
            document.prose(&section.name, &section.html);
        }
        document
    }

    /// A dossier.
    pub fn of_dossier(url: &str, row: &DossierRow, words: &Words) -> Self {
        let title = row.title.as_ref().map(|title| format!(" {title}")).unwrap_or_default();
        let mut document = Self::new(url, format!("{}{title}", row.link.text), words.get("dossier"));
        document.day = row.opened.clone().unwrap_or_default();
        document.facets[PROJECT] = row.project.clone();
        document.facets[WORKER] = row.worker.clone().unwrap_or_default();
        document.facets[PERIOD] = quarter(&document.day);
        document.facets[STATE] = state(row, words);
        for (label, value) in [("kind", Some(&row.kind)), ("worker", row.worker.as_ref()), ("stage", row.stage.as_ref())] {
            document.text(&words.get(label), value.map_or("", String::as_str));
        }
        document
    }

    /// A form.
    pub fn of_form(url: &str, view: &FormView, words: &Words) -> Self {
        let mut document = Self::new(url, view.link.text.clone(), words.get("form"));
        document.text(&words.get("aliases"), &view.aliases.join(" · "));
        document.text(&words.get("guide"), view.guide.as_deref().unwrap_or_default());
        document.text(&words.get("stage"), view.stage.as_deref().unwrap_or_default());
        for spec in &view.fields {
            document.spec(&words.get("field"), spec);
        }
        for spec in &view.sections {
            document.spec(&words.get("section"), spec);
        }
        document
    }

    fn spec(&mut self, label: &str, spec: &FieldSpec) {
        let FieldSpec { name, values, note, columns, .. } = spec;
        let parts = [name.as_str(), values.as_str(), note.as_deref().unwrap_or_default()];
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        self.text(label, &said.join(" · "));
        for column in columns {
            self.spec(label, column);
        }
    }

    /// A rule.
    pub fn of_rule(url: &str, view: &RuleView, words: &Words) -> Self {
        let mut document = Self::new(url, format!("{} {}", view.row.link.text, view.row.title), words.get("rule"));
        for sentence in &view.says {
            document.text(&words.get("rule_says"), sentence);
        }
        document.text(&words.get("help"), view.help.as_deref().unwrap_or_default());
        document
    }

    /// An article.
    pub fn of_article(url: &str, view: &ArticleView, words: &Words) -> Self {
        let mut document = Self::new(url, view.number.clone(), words.get("article"));
        document.text("", &view.chapter);
        document.text(&words.get("gist"), &view.gist);
        document.text(&words.get("enforced"), &view.enforced);
        document.text(&words.get("reading"), view.reading.as_deref().unwrap_or_default());
        document
    }

    /// A person on the staff.
    pub fn of_person(url: &str, view: &PersonView, words: &Words) -> Self {
        let mut document = Self::new(url, view.link.text.clone(), words.get("person"));
        for role in &view.roles {
            document.text(&words.get("role"), &format!("{} {}", role.role, role.projects.join(" ")));
        }
        document
    }

    /// A page of the guide.
    pub fn of_guide(url: &str, title: &str, html: &str, words: &Words) -> Self {
        let mut document = Self::new(url, title.to_owned(), words.get("nav_guide"));
        document.prose("", html);
        document
    }
}

/// Running or closed, as the lists of projects count dossiers.
fn state(row: &DossierRow, words: &Words) -> String {
    words.get(if row.closed.is_some() { "closed_count" } else { "running" })
}

/// The quarter of a day, such as `2026-Q1`.
fn quarter(day: &str) -> String {
    let month = day.get(5..7).and_then(|month| month.parse::<u32>().ok()).filter(|month| (1..=12).contains(month));
    month.map(|month| format!("{}-Q{}", &day[..4], month.div_ceil(3))).unwrap_or_default()
}

/// A value as a page shows it, without what was not chosen.
fn words_of(value: &ValueView) -> String {
    match value {
        ValueView::Empty | ValueView::Hidden => String::new(),
        ValueView::Text { text } => text.clone(),
        ValueView::Choice { options } => {
            let chosen: Vec<&str> = options.iter().filter(|option| option.chosen).map(|option| option.name.as_str()).collect();
            chosen.join(" · ")
        }
        ValueView::Signature { name, role, date, form, place } => {
            let parts = [name, role, date, form, place].into_iter().filter(|part| !part.is_empty());
            parts.map(String::as_str).collect::<Vec<_>>().join(" ")
        }
        ValueView::Link { link } => link.text.clone(),
        ValueView::Table { rows, .. } => {
            rows.iter().flatten().map(words_of).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" · ")
        }
    }
}

/// Tags that stand inside a line; any other ends the text before it.
const INLINE: &[&str] = &["a", "code", "del", "em", "strong", "s"];

/// The texts of prose that [`markdown::html`](crate::publish::markdown::html) made, block by block.
fn blocks(html: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut pieces = html.split('<');
    let mut add = |text: &str, fresh: bool| {
        if fresh {
            out.push(String::new());
        }
        if let Some(last) = out.last_mut() {
            last.push_str(&unescaped(text));
        }
    };
    add(pieces.next().unwrap_or_default(), false);
    for piece in pieces {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        add(text, !INLINE.contains(&name));
    }
    out
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    Cow::Owned(text.replace("&amp;", "&"))
}

/// A text on one line. Where Chinese was broken into lines nothing stands between them; other white space becomes one space.
fn tidy(text: &str) -> String {
    let is_wide = |c: Option<char>| c.is_some_and(|c| ('\u{2e80}'..='\u{ffef}').contains(&c) || c >= '\u{20000}');
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(at) = rest.find(char::is_whitespace) {
        let (word, after) = rest.split_at(at);
        let next = after.trim_start();
        let broken = after[..after.len() - next.len()].contains('\n');
        out.push_str(word);
        if !(broken && is_wide(out.chars().last()) && is_wide(next.chars().next())) {
            out.push(' ');
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::markdown;

    #[test]
    fn prose_falls_into_blocks_and_marks_inside_a_line_go() {
        let html = markdown::html(&markdown::blocks("一**二**三\n四 & <b>\n\n- 甲\n- [乙](http://x/)丙\n\n> a\n> b"));
        let texts: Vec<String> = blocks(&html).iter().map(|block| tidy(block)).filter(|text| !text.is_empty()).collect();
        assert_eq!(texts, ["一二三四 & <b>", "甲", "乙丙", "a b"]);
    }

    #[test]
    fn lines_of_chinese_are_joined_and_spaces_made_one() {
        assert_eq!(tidy("  谈到\n  近来  睡得\tno\nway\u{3000}好 \n"), "谈到近来 睡得 no way 好");
        assert_eq!(tidy(" \n "), "");
    }

    #[test]
    fn days_fall_into_quarters() {
        assert_eq!(
            ["2026-03-31", "2026-04-01", "2026-12-01", "2026", "", "2026-00-01"].map(quarter),
            ["2026-Q1", "2026-Q2", "2026-Q4", "", "", ""]
        );
    }

    #[test]
    fn what_is_hidden_or_was_not_chosen_is_no_text() {
        use crate::publish::view::OptionView;
        let option = |name: &str, chosen| OptionView { name: name.to_owned(), chosen };
        let choice = ValueView::Choice { options: vec![option("高", true), option("中", false), option("低", true)] };
        let rows = vec![vec![ValueView::Hidden, ValueView::Text { text: "妻".into() }, choice, ValueView::Empty]];
        assert_eq!(words_of(&ValueView::Table { columns: Vec::new(), rows }), "妻 · 高 · 低");
        assert_eq!(words_of(&ValueView::Hidden), "");
    }
}
