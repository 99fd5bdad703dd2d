//! For whom something is made: an audience of the rulebook, or somebody outside who is given only what was consented to.

use super::Shell;
use crate::archive::Archive;
use crate::diagnostic::{Diagnostic, Diagnostics, Language};
use crate::failure::Failure;
use crate::publish::report::human;
use crate::publish::view::Frame;
use crate::rulebook::consent::{self, Outside};
use crate::rulebook::{Judgement, Rulebook};
use crate::say;
use crate::source::Span;

/// Who reads.
pub(super) struct Reader<'a> {
    /// As much as the audience with this index sees.
    pub level: usize,
    outside: Option<&'a Outside>,
}

impl<'a> Reader<'a> {
    /// Whoever was asked for, or the archive's own audience.
    ///
    /// # Errors
    /// If nobody is called so.
    pub(super) fn named(archive: &Archive, rulebook: &'a Rulebook, name: Option<&str>) -> Result<Self, Failure> {
        let settings = &rulebook.settings;
        let highest = settings.audiences.last().is_none_or(|highest| Some(highest.as_str()) == name);
        if rulebook.consents.broken && !highest {
            let file = consent::FILE;
            return Err(Failure::plain(say!("{file} 有误，不知道谁算机构以外的人", "{file} is wrong, so nobody knows who is outside"))
                .help(say!("运行 anjuan check，先改正它", "run anjuan check and mend it first")));
        }
        let name = name.unwrap_or(&archive.config.audience);
        if let Some((outside, level)) = rulebook.consents.outside(rulebook, name) {
            return Ok(Self { level, outside: Some(outside) });
        }
        // Nobody said for whom: the fewest see the least.
        let level = if settings.audiences.is_empty() || name.is_empty() { Some(0) } else { settings.audience(name) };
        // An entry that cannot be read as it stands must not open what it was written to close.
        let level = level.filter(|_| rulebook.consents.outside.iter().all(|outside| outside.name.value != name));
        level.map(|level| Self { level, outside: None }).ok_or_else(|| {
            let outside = rulebook.consents.outside.iter().map(|outside| outside.name.value.as_str());
            let known: Vec<&str> = settings.audiences.iter().map(String::as_str).chain(outside).collect();
            let known = known.join("、");
            Failure::plain(say!("没有叫“{name}”的受众", "there is no audience `{name}`")).help(say!("可用：{known}", "known: {known}"))
        })
    }

    /// The same, or the highest audience where nobody was asked for.
    ///
    /// # Errors
    /// If nobody is called so.
    pub(super) fn named_or_highest(archive: &Archive, rulebook: &'a Rulebook, name: Option<&str>) -> Result<Self, Failure> {
        Self::named(archive, rulebook, name.or(rulebook.settings.audiences.last().map(String::as_str)))
    }

    /// Whether everything may be read: the highest audience, and nobody outside.
    pub(super) fn sees_everything(&self, rulebook: &Rulebook) -> bool {
        self.outside.is_none() && self.level + 1 >= rulebook.settings.audiences.len()
    }

    /// The frame under the reader's own name.
    pub(super) fn frame(&self, frame: Frame) -> Frame {
        match self.outside {
            Some(outside) => Frame { audience: outside.name.value.clone(), ..frame },
            None => frame,
        }
    }

    /// Lets dossiers out to the reader, or says which must stay and why.
    ///
    /// # Errors
    /// If any of them holds no consent by which this reader may have it.
    pub(super) fn admit(
        &self,
        shell: &Shell,
        language: Language,
        judgement: &Judgement<'_>,
        dossiers: impl IntoIterator<Item = usize>,
    ) -> Result<(), Failure> {
        let Some(outside) = self.outside else { return Ok(()) };
        let world = &judgement.world;
        let name = &outside.name.value;
        let refused = dossiers.into_iter().filter_map(|dossier| {
            let (facts, why) = (&world.dossiers[dossier], world.refuses(dossier, outside)?);
            let (number, place) = (&facts.number, facts.entries.first().map(|entry| entry.place(Span::at(entry.record.front.start))));
            let message = say!("{number} 不能给「{name}」：{why}", "{number} is not for `{name}`: {why}"; why);
            let help = say!(
                "请当事人另签同意并录入；没有同意的，不输出这份案卷",
                "have them sign the consent and enter it; without it, leave this dossier out"
            );
            Some(Diagnostic::error("E104", place, message).key(number).help(help))
        });
        let refused: Vec<Diagnostic> = refused.collect();
        let n = refused.len();
        if n == 0 {
            return Ok(());
        }
        shell.print(&human::render(&Diagnostics::sorted(refused), language, shell.color))?;
        Err(Failure::plain(say!(
            "有 {n} 份案卷没有对外提供的同意，没有输出",
            "{n} dossiers lack the consent to be given away; nothing is made"
        ))
        .help(say!("逐份输出有同意的案卷", "make the dossiers that have it one by one")))
    }
}
