//! `anjuan verify`: what a paper shows, by the code at its foot.

use std::collections::BTreeSet;

use clap::Args;

use super::{Ended, Shell};
use crate::archive::Archive;
use crate::diagnostic::{Language, Text};
use crate::failure::Failure;
use crate::publish::output;
use crate::publish::pdf;
use crate::publish::view::{self, Viewer};
use crate::rulebook::verification::{self, Printed, Standing, Superseded};
use crate::rulebook::{Judgement, Rulebook};
use crate::say;

/// Say which text a paper shows, and how it stands now 验证
#[derive(Debug, Args)]
pub struct Verify {
    /// A PDF, or the code at the foot of a paper (7F3K-9QXM)
    paper: String,
}

impl Verify {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let language = shell.language(&archive);
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let (codes, pdf) = match verification::read(&self.paper) {
            Some(code) => (BTreeSet::from([code]), None),
            None => {
                let file = shell.directory.join(&self.paper);
                let bytes = std::fs::read(&file).map_err(|error| Failure::io("读不到", "cannot read", &file, error))?;
                (printed_codes(&bytes), Some(bytes))
            }
        };
        if codes.is_empty() {
            return Err(Failure::plain(say!(
                "这份文件里没有验证码：不是本程序排的，或是空白表、未提交的记录",
                "there is no code in this file: it was not typeset here, or is a blank, or was not committed"
            ))
            .help(say!("页脚写着 验证码 XXXX-XXXX；扫描件请直接输入验证码", "the foot says 验证码 XXXX-XXXX; of a scan type the code")));
        }
        let mut good = true;
        for code in &codes {
            let found = verification::find(&archive, &judgement, code);
            if found.is_empty() {
                good = false;
                let said = say!(
                    "{code}：这里的历史中没有这份内容。可能来自另一个档案库，或历史被改写过",
                    "{code}: no such text in this history. It comes from another archive, or history was rewritten"
                );
                shell.print(&format!("{}\n", said.in_language(language)))?;
            }
            for printed in &found {
                good &= matches!(printed.standing, Standing::Entered | Standing::Approved(_)) && printed.superseded.is_none();
                shell.print(&told(&archive, printed, code, language))?;
                if let (Some(bytes), true) = (&pdf, codes.len() == 1) {
                    let same = same_paper(&archive, &rulebook, &judgement, printed, bytes, language);
                    shell.print(&format!("  {}\n", same.in_language(language)))?;
                }
            }
        }
        Ok(if good { Ended::Clean } else { Ended::Findings })
    }
}

/// The codes in the text of a PDF, in which spaces are not to be relied on.
fn printed_codes(pdf: &[u8]) -> BTreeSet<String> {
    let texts = pdf::texts(pdf);
    let after = |text: &String| -> Vec<String> {
        let parts = text.split("验证码").skip(1);
        parts.filter_map(|rest| verification::read(&rest.chars().filter(|c| *c != ' ').take(9).collect::<String>())).collect()
    };
    texts.iter().flat_map(after).collect()
}

fn told(archive: &Archive, printed: &Printed, code: &str, language: Language) -> String {
    let history = &archive.history;
    let commit = &history.commits[printed.commit as usize];
    let (id, day, hex) = (&printed.id, commit.committer.at.date(archive.config.zone()), commit.id);
    let mut lines = vec![say!("{code}：{id}，提交 {hex}（{day}）", "{code}: {id}, commit {hex} ({day})")];
    if let Some(text) = printed.blob.and_then(|blob| archive.blobs.text(blob)) {
        let digest = view::digest(&text);
        let (path, short) = (&printed.path, commit.id.short());
        lines.push(say!("  原文：git show {short}:{path}", "  its text: git show {short}:{path}"));
        lines.push(say!("  原文的 SHA-256：{digest}", "  SHA-256 of the text: {digest}"));
    }
    let indent = |text: Text| Text { zh: format!("  {}", text.zh), en: format!("  {}", text.en) };
    lines.push(indent(match &printed.standing {
        Standing::Unknown => say!("历史不全，审批无从得知", "history is incomplete: approvals are unknown"),
        Standing::Proposed => say!("这份内容没有进入过主分支", "this text never entered the main branch"),
        Standing::Entered => say!("已归入档案；这张表无须审批", "filed; this form needs no approval"),
        Standing::Approved(given) => {
            let names = given.iter().map(|(name, role)| format!("{name}（{role}）")).collect::<Vec<_>>().join("、");
            if names.is_empty() {
                say!("建库时已有", "there when the archive began")
            } else {
                say!("已获批准：{names}", "approved: {names}")
            }
        }
        Standing::Unapproved => say!("已归入档案，没有成立的审批", "filed without an approval that holds"),
    }));
    lines.push(indent(match printed.superseded {
        None => say!("这是现行的内容", "this is how the record reads now"),
        Some(Superseded::Approved) => {
            say!("之后另有新的、有效的内容；这份已不是现行的", "a later text holds; this is not how the record reads now")
        }
        Some(Superseded::Unapproved) => {
            say!(
                "之后又有改动，改动没有审批；这份已不是现行的",
                "it was changed later without approval; this is not how the record reads now"
            )
        }
        Some(Superseded::Removed) => say!("记录之后被删除或移走", "the record was removed or moved later"),
    }));
    lines.iter().map(|line| format!("{}\n", line.in_language(language))).collect()
}

/// Whether the file is, byte for byte, what would be typeset now for one of the audiences.
fn same_paper(
    archive: &Archive,
    rulebook: &Rulebook,
    judgement: &Judgement<'_>,
    printed: &Printed,
    pdf: &[u8],
    language: Language,
) -> Text {
    let theme = output::theme(archive);
    let (press, _) = output::press(archive, rulebook, &theme);
    let at = judgement.world.record_named(&printed.path);
    let same = at.is_some_and(|at| {
        (0..rulebook.settings.audiences.len().max(1)).rev().any(|level| {
            let viewer = Viewer::new(archive, judgement, level, language, true).with_words(theme.words(language));
            let (frame, record) = (view::frame(&viewer), viewer.record(at));
            press.typeset(&output::record_job(&viewer, &frame, &record)).0.as_deref() == Some(pdf)
        })
    });
    if same {
        say!("文件与此刻重新排出的逐字节相同", "the file is, byte for byte, what is typeset now")
    } else {
        say!(
            "文件与此刻重新排出的不相同（内容、审批或版式已变，或文件被改过）：以原文为准",
            "the file is not what is typeset now (the text, an approval or the layout changed, or the file did): go by the text"
        )
    }
}
