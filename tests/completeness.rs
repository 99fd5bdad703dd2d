//! The rulebook that comes with the program is whole: every form, article, rule and check of the procedure.

use std::collections::BTreeSet;
use std::path::Path;

use anjuan::rulebook::Rulebook;

fn shipped() -> Rulebook {
    Rulebook::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("archive-template"), "rulebook").unwrap()
}

/// Rules of the procedure's matrix, and those that enforce one under another id: an approval, a kind of field,
/// exceptions that count only when granted. The search of outputs for names (34-1a) is not written.
const MATRIX: &str = "
    3-1a 4-1a 4-1b 5-1a 5-1b 6-1a 8-1a 9-1a 9-2a 9-3a 9-4a 10-1a 12-1a 12-2a 12-3a 12-4a 12-5a 12-6a 13-1a 13-3a 13-4a
    13-5a 14-1a 14-2a 15-1a 17-1a 18-1a 19-1a 20-1a 21-1a 22-1a 22-2a 22-3a 22-4a 23-1a 24-1a 25-1a 25-3a 25-4a 25-5a
    26-1a 26-3a 27-1a 28-1a 29-1a 30-1a 31-1a 31-2a 31-2b 31-2c 31-3a 31-3b 31-3c 31-3d 31-3e 31-4a 31-4b 32-1a 32-1b
    32-1c=A32-1 32-2a 32-3a 32-3b 32-3c 32-3d 33-1a 33-2a 33-3a 33-4a 34-1b 35-1a 35-1b 35-1c 36-1a 37-1a 38-1a 39-1a
    40-1a 41-1a 42-1a 43-1a 43-1b 43-1c 44-1a 45-1a";

#[test]
fn every_form_of_the_three_appendices_is_there() {
    let book = shipped();
    let wanted = [("C", 15), ("G", 13), ("A", 11)];
    for code in wanted.iter().flat_map(|(letter, last)| (1..=*last).map(move |n| format!("{letter}{n:02}"))) {
        assert!(book.form_index(&code).is_some(), "form {code}");
    }
    for code in ["S1", "S3"] {
        assert!(book.form_index(code).is_some(), "supporting record {code}");
    }
}

#[test]
fn every_article_is_there_and_none_is_pending() {
    let book = shipped();
    for number in 1..=48 {
        let article = book.article(&number.to_string()).unwrap_or_else(|| panic!("article {number}"));
        assert!(!article.gist.is_empty() && !article.pending, "article {number}");
    }
    let questions: BTreeSet<&str> = book.readings.iter().map(|reading| reading.id.as_str()).collect();
    for number in 1..=28 {
        assert!(questions.contains(format!("Q{number}").as_str()), "reading Q{number}");
    }
}

#[test]
fn every_rule_of_the_matrix_is_there_and_named_by_an_article() {
    let book = shipped();
    let ids: BTreeSet<&str> = book.rules.iter().map(|rule| rule.id.as_str()).collect();
    for entry in MATRIX.split_whitespace() {
        let (own, other) = entry.split_once('=').map_or((format!("R{entry}"), None), |(own, other)| (format!("R{own}"), Some(other)));
        assert!(ids.contains(own.as_str()) || other.is_some_and(|other| ids.contains(other)), "rule {own}");
    }
    let named: BTreeSet<&str> = book.articles.iter().flat_map(|article| article.rules.iter().map(|id| id.as_str())).collect();
    let orphans: Vec<&&str> = ids.iter().filter(|id| !named.contains(**id)).collect();
    assert!(orphans.is_empty(), "no article names {orphans:?}");
}

#[test]
fn every_rule_has_an_example_that_holds_and_one_that_does_not() {
    let book = shipped();
    let expects = |rule: &anjuan::rulebook::Rule| -> BTreeSet<String> {
        rule.examples.iter().filter_map(|example| example.get("expect")?.as_str().map(str::to_owned)).collect()
    };
    let bad = ["broken", "void", "overdue", "met-late"];
    let poor = book.rules.iter().filter(|rule| {
        let expects = expects(rule);
        !bad.iter().any(|state| expects.contains(*state)) || !expects.iter().any(|state| !bad.contains(&state.as_str()))
    });
    let poor: Vec<&str> = poor.map(|rule| rule.id.as_str()).collect();
    assert!(poor.is_empty(), "rules with half the examples: {poor:?}");
}

#[test]
fn the_rulebook_finds_nothing_wrong_with_itself() {
    let book = shipped();
    let (count, found) = anjuan::rulebook::examples::run(&book);
    let said: Vec<String> = book.findings.iter().chain(&found).map(|d| format!("{} {} {}", d.path(), d.code, d.message.zh)).collect();
    assert!(said.is_empty(), "{said:#?}");
    assert!(count > 800, "{count} examples");
}
