//! `anjuan evidence`: the evidence sheet of a dossier, as a paper and for programs.

use std::path::PathBuf;

use clap::Args;

use super::audit::fatal;
use super::guard::Guard;
use super::reader::Reader;
use super::{Ended, Shell, init};
use crate::archive::{Archive, Reading};
use crate::diagnostic::{Diagnostics, Severity};
use crate::failure::Failure;
use crate::publish::output;
use crate::publish::report::human;
use crate::publish::view::{self, Viewer};
use crate::rulebook::Rulebook;
use crate::rulebook::audit::Audit;
use crate::say;

/// Make the evidence sheet of a dossier, for inspectors 留痕凭证
#[derive(Debug, Args)]
pub struct Evidence {
    /// The dossier's number
    dossier: String,
    /// A commit of an earlier audit, which must still be on the main line
    #[arg(long, value_name = "COMMIT")]
    checkpoint: Vec<String>,
    /// For whom: an audience of the rulebook; the highest when none is named
    #[arg(long)]
    audience: Option<String>,
    /// Folder for NUMBER-evidence.pdf and NUMBER-evidence.json
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

impl Evidence {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        // Nothing that an earlier run kept is evidence.
        let archive = Archive::read(&root, Reading { cache: false, verify: true })?;
        let rulebook = Rulebook::read(&root, &archive.config.rulebook)?;
        let language = shell.language(&archive);
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let name = &self.dossier;
        let dossier = judgement.world.dossiers.iter().position(|dossier| dossier.kind.is_some() && dossier.is_called(name));
        let unknown = || Failure::plain(say!("没有案卷“{name}”", "there is no dossier `{name}`"));
        let dossier = dossier.ok_or_else(unknown)?;
        let audit = match Audit::of(&archive, &judgement, &self.checkpoint, shell.now_at(&archive.config)) {
            Ok(audit) => audit,
            Err(why) => return Err(fatal(shell, &archive, why)?),
        };
        let reader = Reader::named_or_highest(&archive, &rulebook, self.audience.as_deref())?;
        reader.admit(shell, language, &judgement, [dossier])?;
        let level = reader.level;
        let theme = output::theme(&archive);
        let viewer = Viewer::new(&archive, &judgement, level, language, true).with_words(theme.words(language));
        let (frame, sheet) = (reader.frame(view::frame(&viewer)), viewer.sheet(dossier, &audit));
        let json = format!("{}\n", serde_json::to_string_pretty(&sheet).unwrap_or_default());
        let (press, mut found) = output::press(&archive, &rulebook, &theme);
        let (pdf, said) = press.typeset(&output::sheet_job(&frame, &sheet, json.clone().into_bytes()));
        found.extend(said);
        let out = shell.directory.join(&self.out);
        let write = |end: &str, bytes: &[u8]| -> Result<(), Failure> {
            let file = format!("{}-evidence.{end}", sheet.number);
            init::write(&out, &file, bytes)?;
            shell.print(&format!("{}\n", self.out.join(&file).display()))
        };
        let guard = Guard::of(&archive, &rulebook, &judgement, level);
        let mut leaks = guard.leaks(&format!("{}-evidence.json", sheet.number), json.as_bytes());
        leaks.extend(pdf.iter().flat_map(|pdf| guard.leaks(&format!("{}-evidence.pdf", sheet.number), pdf)));
        guard.refuse(shell, language, leaks)?;
        write("json", json.as_bytes())?;
        if let Some(pdf) = pdf {
            write("pdf", &pdf)?;
        }
        let found = Diagnostics::sorted(found);
        if !found.is_empty() {
            shell.print(&human::render(&found, language, shell.color))?;
        }
        let bad = sheet.approved < sheet.needed || found.reach(Severity::Error);
        Ok(if bad { Ended::Findings } else { Ended::Clean })
    }
}
