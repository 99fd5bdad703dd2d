//! Duties and findings as JUnit XML: a suite for each dossier, a case for each duty; what no duty says is a case of its own.

use std::collections::BTreeMap;

use crate::archive::home;
use crate::diagnostic::{Diagnostic, Language, Severity};
use crate::publish::xml::escaped;
use crate::rulebook::{Judgement, State};

/// One case: class, name, and what is wrong.
struct Case {
    class: String,
    name: String,
    failure: Option<(String, String)>,
    skipped: bool,
}

/// The whole report, ending with a newline.
pub fn render(judgement: &Judgement<'_>, language: Language) -> String {
    let world = &judgement.world;
    let mut suites: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for o in judgement.obligations.iter().filter(|o| o.outcome.state != State::NotApplicable) {
        let (dossier, rule) = (&world.dossiers[o.dossier], &world.rulebook.rules[o.rule]);
        let subject = o.entry.map_or(dossier.number.as_str(), |entry| dossier.entries[entry].id.as_str());
        let bad = o.outcome.state.is_bad() && rule.severity == Severity::Error;
        suites.entry(dossier.number.clone()).or_default().push(Case {
            class: rule.id.value.clone(),
            name: format!("{subject} {}", rule.title),
            failure: bad.then(|| (o.outcome.state.word().to_owned(), o.outcome.said().in_language(language).to_owned())),
            skipped: !bad && !matches!(o.outcome.state, State::Met | State::MetClaimed | State::Waived),
        });
    }
    let of_rule = |finding: &Diagnostic| world.rulebook.rule(&finding.code).is_some();
    for finding in judgement.findings.iter().filter(|finding| !of_rule(finding) && finding.severity == Severity::Error) {
        let suite = home(finding.path()).map_or("anjuan", |(_, number)| number);
        suites.entry(suite.to_owned()).or_default().push(Case {
            class: finding.code.clone(),
            name: format!("{} {}", finding.path(), finding.key),
            failure: Some((finding.severity.word().to_owned(), finding.message.in_language(language).to_owned())),
            skipped: false,
        });
    }
    let failures = |cases: &[Case]| cases.iter().filter(|case| case.failure.is_some()).count();
    let skipped = |cases: &[Case]| cases.iter().filter(|case| case.skipped).count();
    let (all, failed): (usize, usize) = suites.values().fold((0, 0), |(all, failed), cases| (all + cases.len(), failed + failures(cases)));
    let mut out =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"anjuan\" tests=\"{all}\" failures=\"{failed}\">\n");
    for (name, cases) in &suites {
        let (tests, failures, skipped, name) = (cases.len(), failures(cases), skipped(cases), escaped(name));
        out.push_str(&format!(
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n"
        ));
        for case in cases {
            let (class, name) = (escaped(&case.class), escaped(&case.name));
            out.push_str(&format!("    <testcase classname=\"{class}\" name=\"{name}\""));
            match &case.failure {
                Some((kind, message)) => {
                    let message = message.lines().map(escaped).collect::<Vec<_>>().join("&#10;");
                    out.push_str(&format!("><failure type=\"{kind}\" message=\"{message}\"/></testcase>\n"));
                }
                None if case.skipped => out.push_str("><skipped/></testcase>\n"),
                None => out.push_str("/>\n"),
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}
