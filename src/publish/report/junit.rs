//! Duties and findings as JUnit XML: a suite for each dossier, a case for each duty; what no duty says is a case of its own.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::archive::home;
use crate::diagnostic::{Diagnostic, Language, Severity, Text};
use crate::publish::xml::escaped;
use crate::rulebook::context::World;
use crate::rulebook::{Judgement, Obligation, State};

/// One case.
enum Case<'j> {
    /// What a rule asks.
    Duty(&'j Obligation),
    /// What is wrong beyond that.
    Finding(&'j Diagnostic),
}

/// How a case ended.
enum End<'c> {
    Passed,
    Skipped,
    /// By what kind of fault, in which words.
    Failed(&'c str, Text),
}

impl Case<'_> {
    fn end(&self, world: &World<'_>) -> End<'_> {
        match self {
            Self::Duty(o) => match o.outcome.state {
                state if state.is_bad() && world.rulebook.rules[o.rule].severity == Severity::Error => {
                    End::Failed(state.word(), o.outcome.said())
                }
                State::Met | State::MetClaimed | State::Waived => End::Passed,
                _ => End::Skipped,
            },
            Self::Finding(finding) => End::Failed(finding.severity.word(), finding.message.clone()),
        }
    }

    fn class<'c>(&'c self, world: &'c World<'_>) -> &'c str {
        match self {
            Self::Duty(o) => &world.rulebook.rules[o.rule].id.value,
            Self::Finding(finding) => &finding.code,
        }
    }

    fn name(&self, world: &World<'_>) -> String {
        match self {
            Self::Duty(o) => {
                let dossier = &world.dossiers[o.dossier];
                let subject = o.entry.map_or(dossier.number.as_str(), |entry| dossier.entries[entry].id.as_str());
                format!("{subject} {}", world.rulebook.rules[o.rule].title)
            }
            Self::Finding(finding) => format!("{} {}", finding.path(), finding.key),
        }
    }
}

/// Writes the whole report, ending with a newline.
///
/// # Errors
/// What `out` cannot take.
pub fn write(mut out: impl Write, judgement: &Judgement<'_>, language: Language) -> io::Result<()> {
    let world = &judgement.world;
    let mut suites: BTreeMap<&str, Vec<Case<'_>>> = BTreeMap::new();
    for o in judgement.obligations.iter().filter(|o| o.outcome.state != State::NotApplicable) {
        suites.entry(&world.dossiers[o.dossier].number).or_default().push(Case::Duty(o));
    }
    let of_rule = |finding: &Diagnostic| world.rulebook.rule(&finding.code).is_some();
    for finding in judgement.findings.iter().filter(|finding| !of_rule(finding) && finding.severity == Severity::Error) {
        let suite = home(finding.path()).map_or("anjuan", |(_, number)| number);
        suites.entry(suite).or_default().push(Case::Finding(finding));
    }
    let count = |cases: &[Case<'_>], wanted: fn(&End<'_>) -> bool| cases.iter().filter(|case| wanted(&case.end(world))).count();
    let failures = |cases: &[Case<'_>]| count(cases, |end| matches!(end, End::Failed(..)));
    let skipped = |cases: &[Case<'_>]| count(cases, |end| matches!(end, End::Skipped));
    let (all, failed): (usize, usize) = suites.values().fold((0, 0), |(all, failed), cases| (all + cases.len(), failed + failures(cases)));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"anjuan\" tests=\"{all}\" failures=\"{failed}\">")?;
    for (name, cases) in &suites {
        let (tests, failures, skipped, name) = (cases.len(), failures(cases), skipped(cases), escaped(name));
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">")?;
        for case in cases {
            let (class, name) = (escaped(case.class(world)), escaped(&case.name(world)));
            write!(out, "    <testcase classname=\"{class}\" name=\"{name}\"")?;
            match case.end(world) {
                End::Failed(kind, message) => {
                    let message = message.in_language(language).lines().map(escaped).collect::<Vec<_>>().join("&#10;");
                    writeln!(out, "><failure type=\"{kind}\" message=\"{message}\"/></testcase>")?;
                }
                End::Skipped => writeln!(out, "><skipped/></testcase>")?,
                End::Passed => writeln!(out, "/>")?,
            }
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}
