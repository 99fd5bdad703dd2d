//! An article's page: what it demands, how it is read, and how its duties were met.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::catalogue::{Catalogue, Facet};
use super::viewer::Viewer;
use super::{Link, RuleRow};
use crate::publish::site::Sheet;
use crate::rulebook::article::Enforced;
use crate::rulebook::statistic::By;
use crate::rulebook::{Article, Obligation, State};
use crate::say;

/// An article's page.
#[derive(Debug, Clone, Serialize)]
pub struct ArticleView {
    /// Number such as `31.3`, linked.
    pub link: Link,
    /// Number in words.
    pub number: String,
    /// Chapter.
    pub chapter: String,
    /// Gist.
    pub gist: String,
    /// How it is enforced, in words.
    pub enforced: String,
    /// The reading chosen where the source is ambiguous.
    pub reading: Option<String>,
    /// The questions that the source leaves open here, with the answers.
    pub readings: Vec<ReadingView>,
    /// How the duties of its rules were met, by project and quarter; by quarter only where there are very many.
    pub compliance: Vec<ComplianceRow>,
    /// The list by project, where they are by quarter only.
    pub all: Option<String>,
    /// Rules.
    pub rules: Vec<RuleRow>,
    /// Forms.
    pub forms: Vec<Link>,
}

/// A question that the source leaves open.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingView {
    /// Its id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answers with what each means; the one in force is marked.
    pub options: Vec<ReadingOption>,
}

/// One answer.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingOption {
    /// Its name.
    pub name: String,
    /// What it means.
    pub means: String,
    /// Whether it is in force.
    pub chosen: bool,
}

/// How duties of one project in one quarter stand.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ComplianceRow {
    /// Project code; empty where there is none.
    pub project: String,
    /// Quarter such as `2026-Q1`; empty where no day is known.
    pub quarter: String,
    /// Met (in time).
    pub met: usize,
    /// Met late.
    pub late: usize,
    /// Running.
    pub open: usize,
    /// Overdue, void or broken.
    pub bad: usize,
    /// Waived.
    pub waived: usize,
}

/// The duties of every rule, by its index.
pub(super) fn by_rule<'a>(viewer: &Viewer<'a>) -> Vec<Vec<&'a Obligation>> {
    let mut all = vec![Vec::new(); viewer.judgement.world.rulebook.rules.len()];
    for duty in viewer.judgement.obligations.iter().filter(|o| o.outcome.state != State::NotApplicable) {
        all[duty.rule].push(duty);
    }
    all
}

/// The page of an article. `row` makes the line of a rule.
pub(super) fn page(viewer: &Viewer<'_>, article: &Article, by_rule: &[Vec<&Obligation>], row: &dyn Fn(usize) -> RuleRow) -> ArticleView {
    let book = viewer.judgement.world.rulebook;
    let enforced = match article.enforced {
        _ if article.pending => say!("规则尚待编写", "rules still to be written"),
        Enforced::Rules => say!("由规则检查", "by rules"),
        Enforced::Fields => say!("有记录栏目，内容由人判断", "by fields that people judge"),
        Enforced::Checklist => say!("由项目条件清单落实", "by the project's checklist"),
        Enforced::Informative => say!("只作说明", "informative"),
    };
    let rules: Vec<usize> = article.rules.iter().filter_map(|id| book.rule(id)).map(|(at, _)| at).collect();
    let forms = article.forms.iter().filter_map(|code| book.form_index(code));
    let readings = book.readings.iter().filter(|reading| reading.articles.iter().any(|own| own.value == article.article.value));
    ArticleView {
        link: viewer.article_link(&article.article),
        number: article.number.clone(),
        chapter: article.chapter.clone(),
        gist: article.gist.clone(),
        enforced: viewer.say(&enforced),
        reading: article.reading.clone(),
        readings: readings
            .map(|reading| ReadingView {
                id: reading.id.value.clone(),
                question: reading.question.clone(),
                options: reading
                    .options
                    .iter()
                    .map(|(name, means)| ReadingOption { name: name.clone(), means: means.clone(), chosen: *name == reading.chosen.value })
                    .collect(),
            })
            .collect(),
        compliance: compliance(viewer, rules.iter().flat_map(|&at| by_rule[at].iter().copied())),
        all: None,
        rules: rules.iter().map(|&at| row(at)).collect(),
        forms: forms.map(|at| viewer.form_link(&book.forms[at])).collect(),
    }
}

/// Rows about how duties were met on the page of an article; where there are more, these are by quarter only.
const ROWS: usize = 120;
/// Rows on one page of the list.
const ON_PAGE: usize = 300;

/// The same without the projects.
fn by_quarter(rows: &[ComplianceRow]) -> Vec<ComplianceRow> {
    let mut all: BTreeMap<&str, ComplianceRow> = BTreeMap::new();
    for row in rows {
        let sum = all.entry(&row.quarter).or_insert_with(|| ComplianceRow { quarter: row.quarter.clone(), ..ComplianceRow::default() });
        sum.met += row.met;
        sum.late += row.late;
        sum.open += row.open;
        sum.bad += row.bad;
        sum.waived += row.waived;
    }
    all.into_values().collect()
}

/// Lists of how duties were met, for the articles that have more of it than fits on their page; these then lead there.
pub(super) fn lists<'v>(articles: &mut [(String, ArticleView)]) -> Vec<Sheet<'v>> {
    let mut rows: Vec<ComplianceRow> = Vec::new();
    let mut groups = Vec::new();
    for (_, view) in articles.iter_mut().filter(|(_, view)| view.compliance.len() > ROWS) {
        let own = std::mem::take(&mut view.compliance);
        view.compliance = by_quarter(&own);
        groups.push((view.number.clone(), (rows.len()..rows.len() + own.len()).collect()));
        rows.extend(own);
    }
    let facet = Facet::grouped("compliance", groups);
    for (_, view) in articles {
        view.all = facet.url("articles", &view.number);
    }
    let list = Catalogue {
        home: None,
        folder: "articles",
        template: "compliance.html",
        row_by: None,
        here: "articles",
        per: ON_PAGE,
        orders: Vec::new(),
        facets: vec![facet],
        row: Arc::new(move |at| rows[at].clone()),
    };
    list.sheets_alone()
}

/// Counts by project and quarter, the quarter being that of the last day, or of the record.
fn compliance<'o>(viewer: &Viewer<'_>, duties: impl Iterator<Item = &'o Obligation>) -> Vec<ComplianceRow> {
    let world = &viewer.judgement.world;
    let mut rows: BTreeMap<(String, String), ComplianceRow> = BTreeMap::new();
    for duty in duties {
        let dated = || duty.entry.and_then(|entry| world.dated(world.entry((duty.dossier, entry))));
        let quarter = duty.outcome.due.or(duty.outcome.done).or_else(dated).map(|day| By::Quarter.period(day)).unwrap_or_default();
        let project = world.dossiers[duty.dossier].project.clone().unwrap_or_default();
        let row = rows.entry((project.clone(), quarter.clone())).or_insert_with(|| ComplianceRow {
            project,
            quarter,
            ..ComplianceRow::default()
        });
        match duty.outcome.state {
            State::Met | State::MetClaimed => row.met += 1,
            State::MetLate => row.late += 1,
            State::Waived => row.waived += 1,
            state if state.is_bad() => row.bad += 1,
            state if state.is_running() => row.open += 1,
            _ => {}
        }
    }
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_summed_by_quarter_and_listed() {
        let row = |nth: usize| ComplianceRow {
            project: format!("P{nth}"),
            quarter: ["2026-Q1", "2026-Q2"][nth % 2].to_owned(),
            met: 2,
            bad: 1,
            ..ComplianceRow::default()
        };
        let view = |count: usize| {
            let view = ArticleView {
                link: super::super::Link::default(),
                number: format!("第{count}条"),
                chapter: String::new(),
                gist: String::new(),
                enforced: String::new(),
                reading: None,
                readings: Vec::new(),
                compliance: (0..count).map(row).collect(),
                all: None,
                rules: Vec::new(),
                forms: Vec::new(),
            };
            (String::new(), view)
        };
        let mut articles = [view(ROWS), view(700)];
        let sheets = lists(&mut articles);
        assert_eq!((articles[0].1.compliance.len(), articles[0].1.all.as_deref()), (ROWS, None));
        let sums: Vec<(usize, usize)> = articles[1].1.compliance.iter().map(|row| (row.met, row.bad)).collect();
        assert_eq!(sums, [(700, 350), (700, 350)]);
        assert_eq!(articles[1].1.all.as_deref(), Some("articles/compliance/n1.html"));
        assert_eq!(sheets.len(), 3);
    }
}
