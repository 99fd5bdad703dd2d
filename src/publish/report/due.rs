//! What is owed, for a terminal, and as JSON, version 1.
//!
//! `{version, archive, head, today, audience, person, project, duties: [{urgency, rule, title, article, dossier, record, project,
//! state, due, left, provisional, hands, facts, help}]}`. Days are ISO; `left` are working days, negative when the last day has
//! passed. `urgency` is `today`, `due-soon`, `overdue`, `waiting` (for an approval) or `open`. `record` is null where the duty
//! is about the dossier as a whole. Whoever is named in `hands` can see to it.

use serde_json::{Value, json};

use super::columns::{GAP, left, width};
use crate::diagnostic::{Language, Text};
use crate::publish::view::{Basis, Frame, Owed, Urgency, Whose};
use crate::say;

/// The duties under a heading for each degree of urgency, aligned for wide characters.
pub fn table(owed: &[Owed], language: Language) -> String {
    if owed.is_empty() {
        return say!("没有待办事项。\n", "Nothing is owed.\n").in_language(language).to_owned();
    }
    let rows: Vec<[String; 4]> = owed.iter().map(|one| cells(one, language)).collect();
    let widths: [usize; 3] = std::array::from_fn(|nth| rows.iter().map(|row| width(&row[nth])).max().unwrap_or(0));
    let mut out = String::new();
    let mut nth = 0;
    for part in owed.chunk_by(|a, b| a.urgency == b.urgency) {
        let (count, gap) = (part.len(), if nth == 0 { "" } else { "\n" });
        out.push_str(&format!("{gap}{} {count}\n", heading(part[0].urgency).in_language(language)));
        for row in &rows[nth..nth + count] {
            let [day, who, subject, what] = row;
            let line = [left(day, widths[0]), left(who, widths[1]), left(subject, widths[2]), what.clone()].join(GAP);
            out.push_str(&format!("  {line}\n"));
        }
        nth += count;
    }
    out
}

fn cells(owed: &Owed, language: Language) -> [String; 4] {
    let duty = &owed.duty;
    let left = duty.left.map(|left| match left {
        0 => say!("今天", "today"),
        late if late < 0 => {
            let days = -late;
            say!("逾期 {days} 日", "{days} late")
        }
        days => say!("还有 {days} 日", "{days} left"),
    });
    let day = duty.due.iter().cloned().chain(left.map(|left| left.in_language(language).to_owned())).collect::<Vec<_>>().join(" ");
    [
        if day.is_empty() { "—".to_owned() } else { day },
        owed.hands.join("、"),
        duty.subject.text.clone(),
        format!("{} [{}]", duty.title, duty.rule.text),
    ]
}

fn heading(urgency: Urgency) -> Text {
    match urgency {
        Urgency::Today => say!("今天到期", "Due today"),
        Urgency::DueSoon => say!("即将到期", "Due soon"),
        Urgency::Overdue => say!("逾期或不符", "Overdue or broken"),
        Urgency::Waiting => say!("待审批", "Waiting for approval"),
        Urgency::Open => say!("进行中", "Running"),
        Urgency::Late => say!("已逾期完成", "Done late"),
    }
}

/// For programs.
pub fn json(owed: &[Owed], whose: Whose<'_>, frame: &Frame, basis: &Basis, archive: &str) -> String {
    let one = |owed: &Owed| -> Value {
        let duty = &owed.duty;
        let dossier = duty.dossier.as_ref().map(|dossier| &dossier.text);
        json!({
            "urgency": owed.urgency.word().replace('_', "-"),
            "rule": duty.rule.text,
            "title": duty.title,
            "article": duty.article.as_ref().map(|article| &article.text),
            "dossier": dossier,
            "record": Some(&duty.subject.text).filter(|subject| Some(*subject) != dossier),
            "project": duty.project,
            "state": owed.state,
            "due": duty.due,
            "left": duty.left,
            "provisional": duty.provisional,
            "hands": &owed.hands[..],
            "facts": duty.facts,
            "help": duty.help,
        })
    };
    let report = json!({
        "version": 1,
        "archive": archive,
        "head": basis.head,
        "today": basis.today,
        "audience": frame.audience,
        "person": whose.person,
        "project": whose.project,
        "duties": owed.iter().map(one).collect::<Vec<_>>(),
    });
    format!("{}\n", serde_json::to_string_pretty(&report).unwrap_or_default())
}
