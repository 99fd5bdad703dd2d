//! The course of a dossier, drawn from what its page says anyway: records, approvals, last days.

use std::collections::BTreeMap;

use super::FigureView;
use super::viewer::Viewer;
use crate::publish::address::encoded;
use crate::publish::figure::Table;
use crate::publish::figure::course::{self, Kind, Lane, Mark, Words};
use crate::rulebook::{Obligation, State};
use crate::say;

/// Most rows of the table beside the drawing; of more the last ones. Lists of the dossier have all.
const ROWS: usize = 200;

/// The course of a dossier; none where nothing has a day.
pub(super) fn of(viewer: &Viewer<'_>, dossier: usize) -> Option<FigureView> {
    let world = &viewer.judgement.world;
    let facts = &world.dossiers[dossier];
    // The dossier as a whole comes first, then the forms in the rulebook's order.
    let mut lanes: BTreeMap<Option<usize>, Vec<Mark>> = BTreeMap::new();
    for (e, entry) in facts.entries.iter().enumerate() {
        let day = world.dated(entry).or_else(|| entry.evidence.submitted.map(|moment| moment.claimed));
        if let Some(day) = day {
            // Pages of dossiers lie one folder deep.
            let href = Some(format!("../{}", encoded(&viewer.record_url((dossier, e)))));
            lanes.entry(Some(entry.form)).or_default().push(Mark { day, kind: Kind::Record, title: entry.id.clone(), href });
        }
    }
    for duty in viewer.duties_of(dossier) {
        let form = duty.entry.map(|e| facts.entries[e].form);
        lanes.entry(form).or_default().extend(approval(viewer, duty).into_iter().chain(last_day(viewer, duty)));
    }
    let lanes: Vec<Lane> = lanes
        .into_iter()
        .filter(|(_, marks)| !marks.is_empty())
        .map(|(form, marks)| Lane {
            label: form.map_or_else(
                || viewer.say(&say!("全卷", "whole dossier")),
                |form| format!("{} {}", world.rulebook.forms[form].code.value, world.rulebook.forms[form].name),
            ),
            marks: together(marks),
        })
        .collect();
    let words = Words::read(|key| viewer.figure_word(key));
    let number = &facts.number;
    let title = viewer.say(&say!("{number} 的进程", "The course of {number}"));
    let svg = course::draw(&lanes, &title, "", &words)?;
    let Table { head, mut rows } = course::rows(&lanes, &words);
    rows.drain(..rows.len().saturating_sub(ROWS));
    Some(FigureView { title, svg, head, rows })
}

fn approval(viewer: &Viewer<'_>, duty: &Obligation) -> Option<Mark> {
    let given = duty.outcome.approval.as_ref()?.given.first()?;
    let kind = match duty.outcome.state {
        State::Met => Kind::Approved,
        State::Void => Kind::Void,
        _ => return None,
    };
    let rule = &viewer.judgement.world.rulebook.rules[duty.rule];
    Some(Mark { day: given.at.date(), kind, title: rule.title.clone(), href: None })
}

fn last_day(viewer: &Viewer<'_>, duty: &Obligation) -> Option<Mark> {
    let kind = match duty.outcome.state {
        State::Met | State::MetClaimed => Kind::Met,
        State::Open | State::DueSoon => Kind::Open,
        State::Overdue | State::MetLate => Kind::Late,
        _ => return None,
    };
    let rule = &viewer.judgement.world.rulebook.rules[duty.rule];
    Some(Mark { day: duty.outcome.due?, kind, title: rule.title.clone(), href: None })
}

/// Last days and approvals of the same kind on the same day are one mark that names them all.
fn together(marks: Vec<Mark>) -> Vec<Mark> {
    let mut out: Vec<Mark> = Vec::new();
    for mark in marks {
        match out.iter_mut().find(|own| own.kind != Kind::Record && (own.kind, own.day) == (mark.kind, mark.day)) {
            Some(own) if own.title.contains(&mark.title) => {}
            Some(own) => own.title = format!("{}；{}", own.title, mark.title),
            None => out.push(mark),
        }
    }
    out
}
