//! `anjuan log`: who did what to which field, when, approved by whom.

use clap::Args;

use super::{Ended, Shell};
use crate::failure::Failure;
use crate::publish::view::{ChangeView, EventView, Part, Viewer};
use crate::say;

/// Show who changed what, and what was approved 留痕
#[derive(Debug, Args)]
pub struct Log {
    /// A record (NS-C2026-001/C03 or its path) or a dossier's number; everything when none is named
    subject: Option<String>,
}

/// A change on one line: what was taken out in `[-…-]`, what was put in `{+…+}`, as `git diff --word-diff` has it.
fn changed(change: &ChangeView) -> String {
    if change.parts.is_empty() {
        let side = |text: &Option<String>| text.as_deref().unwrap_or("…").replace('\n', " ");
        return format!("{} → {}", side(&change.from), side(&change.to));
    }
    let one = |part: &Part| match part.kind {
        "old" => format!("[-{}-]", part.text),
        "new" => format!("{{+{}+}}", part.text),
        _ => part.text.clone(),
    };
    change.parts.iter().map(one).collect::<String>().replace('\n', " ")
}

impl Log {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let language = shell.language(&archive);
        let highest = rulebook.settings.audiences.len().saturating_sub(1);
        let viewer = Viewer::new(&archive, &judgement, highest, language, false);
        let mut events: Vec<EventView> = Vec::new();
        let mut approvals = String::new();
        let mut known = self.subject.is_none();
        for (d, dossier) in judgement.world.dossiers.iter().enumerate() {
            for (e, entry) in dossier.entries.iter().enumerate() {
                let named = |name: &String| entry.is_called(name) || dossier.is_called(name);
                if !self.subject.as_ref().is_none_or(named) {
                    continue;
                }
                known = true;
                events.extend(viewer.timeline((d, e)));
                if self.subject.is_some() {
                    for approval in viewer.record((d, e)).approvals {
                        let who = approval.who.map(|w| w.text).unwrap_or_default();
                        let role = approval.role.unwrap_or_default();
                        let (id, state, when, commit) = (&entry.id, &approval.state, &approval.when, &approval.commit);
                        approvals.push_str(&format!("{id}  {state}  {who} {role}  {when}  {commit}  {}\n", approval.strength));
                        for reason in approval.reasons.iter().chain(&approval.changed) {
                            approvals.push_str(&format!("    {reason}\n"));
                        }
                    }
                }
            }
        }
        if !known {
            let what = self.subject.clone().unwrap_or_default();
            return Err(Failure::plain(say!("没有叫“{what}”的记录或案卷", "there is no record or dossier `{what}`")));
        }
        events.sort_by(|a, b| a.when.cmp(&b.when).then_with(|| a.subject.text.cmp(&b.subject.text)));
        let mut out = String::new();
        for event in &events {
            let role = event.role.as_ref().map_or_else(String::new, |r| format!("({r})"));
            out.push_str(&format!(
                "{}  {}  {}{role}  {}  {}  {}\n",
                event.when, event.commit, event.who, event.subject.text, event.what, event.summary
            ));
            for change in &event.changes {
                out.push_str(&format!("    {}: {}\n", change.name, changed(change)));
            }
        }
        if !approvals.is_empty() {
            out.push_str(say!("\n审批\n", "\napprovals\n").in_language(language));
            out.push_str(&approvals);
        }
        shell.print(&out)?;
        Ok(Ended::Clean)
    }
}
