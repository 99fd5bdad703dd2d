//! anjuan 案卷: records live as Markdown files in git, the procedure lives as data beside them, and
//! this library says what is there, what should be, and shows both.
//!
//! # The journey
//!
//! Four rooms, each importing only from those before it:
//!
//! 1. **Facts** ([`archive`]): [`Archive::read`](archive::Archive::read) takes a folder to sorted
//!    paths, each text to a [`Source`](source::Source), each record's front matter through
//!    [`yaml`] to a tree in which every value knows its place, and the repository in one walk to a
//!    [`History`](archive::History) of commits, changes and arrivals.
//! 2. **Law** ([`rulebook`]): [`Rulebook::read`](rulebook::Rulebook::read) reads forms, rules,
//!    articles and the calendar, and checks that every name in them exists.
//!    [`Rulebook::judge`](rulebook::Rulebook::judge) reads each record by its form, fills in what
//!    history proves ([`rulebook::evidence`]), and turns every rule that applies into an
//!    [`Obligation`](rulebook::Obligation).
//! 3. **Publication** ([`publish`]): a [`Viewer`](publish::view::Viewer) looks at the judgement with
//!    the eyes of one audience; site, papers and reports print what it saw.
//! 4. **Shell** ([`commands`]): those three calls and one output each.
//!
//! Beneath them lie [`source`], [`diagnostic`] and [`failure`], which know nothing of archives.
//!
//! # Invariants
//!
//! 1. Reading never fails on content: a broken record yields what could be read *and* findings; one
//!    bad file never hides the rest. Only the environment fails.
//! 2. Two channels. A finding ([`Diagnostic`](diagnostic::Diagnostic)): the archive is wrong. A
//!    [`Failure`](failure::Failure): we could not work. Exit codes 0 clean, 1 findings at or above
//!    the threshold, 2 failure.
//! 3. A record is understood from its own text; the form is applied later.
//! 4. The archive holds no verdicts, the rulebook renders nothing, templates decide nothing. Who may
//!    see a value is decided in [`publish::view`] alone, and renderers accept only views.
//! 5. What a record claims is a claim; the commit is the evidence.
//! 6. Same commit, same rulebook, same `today`: byte-identical output. No hash-map order, no clock,
//!    no working directory, no absolute path.
//! 7. No Rust names a form, a role, a field or a rule of any organisation.
//! 8. One [`Obligation`](rulebook::Obligation) drives everything that is shown about a duty: the
//!    finding, the badge, the row of the queue, the signature block of the paper.

pub mod archive;
pub mod commands;
pub mod diagnostic;
pub mod failure;
pub mod publish;
pub mod rulebook;
pub mod source;
pub mod yaml;
