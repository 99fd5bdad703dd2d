//! What a site is made of: pages by their addresses, each with its view or with what makes it.

use serde::Serialize;

use super::Show;
use super::pieces::ListPage;
use crate::publish::view::{
    ArticleView, Basis, CatalogueView, DossierRow, DossierView, Feeds, FormView, Later, Listed, PersonView, ProjectView, RecordView,
    RuleView, StartView,
};

/// Everything that is shown. Each `url` is the page's path in the output and what links lead to.
#[derive(Debug)]
pub struct Pages<'v> {
    /// What the build rests on.
    pub basis: Basis,
    /// The start page.
    pub start: StartView,
    /// Projects.
    pub projects: Vec<(String, ProjectView)>,
    /// Dossiers with their records.
    pub dossiers: Vec<DossierPages<'v>>,
    /// Records that lie in no dossier.
    pub alone: Listed<'v, RecordView>,
    /// Forms.
    pub forms: Vec<(String, FormView)>,
    /// Rules.
    pub rules: Vec<(String, RuleView)>,
    /// Articles.
    pub articles: Vec<(String, ArticleView)>,
    /// People.
    pub people: Vec<(String, PersonView)>,
    /// Pages of the guide: address, title, and prose as [`markdown::html`](super::markdown::html) makes it.
    pub guide: Vec<(String, String, String)>,
    /// Lists in pages, months of the calendar. The first of each menu entry is where the entry leads.
    pub sheets: Vec<Sheet<'v>>,
    /// What can be subscribed to.
    pub feeds: Feeds<'v>,
    /// Pages of other makers (search, statistics). One whose template is `X.html` stands in the
    /// menu when the words know `nav_X`.
    pub more: Vec<Page>,
}

impl<'v> Pages<'v> {
    /// All records: those of the dossiers, one dossier after another, then those that lie in none.
    pub fn records(&self) -> impl Iterator<Item = &(String, Later<'v, RecordView>)> {
        self.dossiers.iter().flat_map(|dossier| &dossier.records).chain(&self.alone)
    }
}

/// The page of a dossier and those of its records.
#[derive(Debug)]
pub struct DossierPages<'v> {
    /// The dossier's page.
    pub url: String,
    /// One line about it.
    pub row: DossierRow,
    /// What is on its page.
    pub view: Later<'v, DossierView>,
    /// Its records.
    pub records: Listed<'v, RecordView>,
    /// Which of them comes first where they stand in the order of the forms, and so on.
    pub order: Vec<usize>,
    /// The paper of all of them, if it is typeset.
    pub paper: Option<String>,
}

/// A page that brings its own template and data.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its path in the output.
    pub url: String,
    /// A file of the theme.
    pub template: &'static str,
    /// What the template gets as `page`.
    pub context: serde_json::Value,
}

/// One page of many alike: of a list, of the calendar. Its view is made when its turn comes.
pub struct Sheet<'v> {
    /// Its path in the output.
    pub url: String,
    pub(super) template: &'static str,
    pub(super) here: &'static str,
    pub(super) show: Show<'v>,
}

impl<'v> Sheet<'v> {
    /// A page at `url` by a template, under an entry of the menu, with the view that `make` makes.
    pub fn new<T: Serialize>(url: String, template: &'static str, here: &'static str, make: impl Fn() -> T + Send + Sync + 'v) -> Self {
        Self { url, template, here, show: Box::new(move |seer| seer(&make())) }
    }

    /// The same of a list, each of whose rows is made by a component of the theme.
    pub fn list<T: Serialize + 'v>(
        url: String,
        (template, component): (&'static str, &'static str),
        here: &'static str,
        make: impl Fn() -> CatalogueView<T> + Send + Sync + 'v,
    ) -> Self {
        Self { url, template, here, show: Box::new(move |seer| seer(&ListPage::of(make(), component))) }
    }
}

impl std::fmt::Debug for Sheet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url)
    }
}
