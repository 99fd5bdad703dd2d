//! Fields and sections that are kept encrypted: what the rulebook marks, who holds keys, and what is wrong with how it was done.
//!
//! ```yaml
//! # rulebook.yaml
//! encryption: { holders: [社工, 督导], in-clear: error }
//! # a form
//! fields:   [ { name: 身份证号, type: id-card, encrypted: true } ]
//! sections: [ { name: 评估, encrypted: true } ]
//! ```
//!
//! What is encrypted counts as filled, and nothing that needs its content says anything about it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Rulebook;
use super::check::Checker;
use super::context::{DossierFacts, Entry, World};
use super::form::{Field, Form};
use super::identities::identifies;
use super::reference::{Ref, Target};
use super::value::Data;
use crate::archive::encryption::armour::{self, Fault};
use crate::archive::encryption::cipher::{Holder, PublicKey};
use crate::archive::encryption::parts;
use crate::archive::encryption::{KeyFile, PUBLIC, sealed_in};
use crate::archive::{Archive, People, Person, Record, home};
use crate::diagnostic::{Diagnostic, Severity, Text};
use crate::say;
use crate::source::{Place, Source, Span};
use crate::yaml::Node;
use crate::yaml::de::Spanned;

/// Whether a section of a record is encrypted.
pub fn is_encrypted(record: &Record, section: &str) -> bool {
    record.section(section).is_some_and(|section| armour::find(record.source.slice(section.body)).is_some())
}

/// Whether the form wants a field, or a section, of that name encrypted.
pub fn is_marked(form: &Form, name: &str, section: bool) -> bool {
    if section {
        form.sections.iter().any(|section| section.encrypted && section.name.value == name)
    } else {
        form.field(name).is_some_and(|(_, field)| field.encrypted)
    }
}

/// The names of the fields and sections that the form wants encrypted.
pub fn marked(form: &Form) -> impl Iterator<Item = &Spanned<String>> {
    let fields = form.fields.iter().filter(|field| field.encrypted).map(|field| &field.name);
    fields.chain(form.sections.iter().filter(|section| section.encrypted).map(|section| &section.name))
}

/// Somebody who is to hold the key of a dossier.
pub struct Reader<'a> {
    /// Who.
    pub person: &'a Person,
    /// Their keys that can decrypt, as lines.
    pub keys: Vec<&'a str>,
}

/// Who is to hold the key of a dossier of `project` on a day, in the order of the register.
pub fn readers<'a>(book: &Rulebook, people: &'a People, project: Option<&str>, day: NaiveDate) -> Vec<Reader<'a>> {
    let roles = &book.settings.encryption.holders;
    let reads = |person: &&Person| {
        person.roles.iter().any(|grant| grant.holds(day, project) && roles.iter().any(|role| role.value == grant.role.value))
    };
    let keys = |person: &'a Person| {
        let counts = person.keys.iter().filter(|own| own.from.is_none_or(|from| from <= day) && own.until.is_none_or(|until| day <= until));
        counts.map(|own| own.key.as_str()).filter(|line| line.parse::<Holder>().is_ok()).collect()
    };
    people.iter().filter(reads).map(|person| Reader { person, keys: keys(person) }).collect()
}

/// Who of the register is told by the mark of a key, whether or not the key still counts.
pub fn owner<'p>(people: &'p People, tag: &str) -> Option<&'p Person> {
    people.iter().find(|person| person.keys.iter().any(|own| armour::ssh_tag(&own.key).as_deref() == Some(tag)))
}

/// Names of those who can open a key file and should not, and of those who should and cannot.
pub fn drift(people: &People, readers: &[Reader<'_>], opened_by: &BTreeSet<String>) -> (Vec<String>, Vec<String>) {
    let tags = |reader: &Reader<'_>| reader.keys.iter().filter_map(|line| armour::ssh_tag(line)).collect::<Vec<_>>();
    let wanted: BTreeSet<String> = readers.iter().flat_map(tags).collect();
    let name = |tag: &String| owner(people, tag).map_or_else(|| format!("? {tag}"), |person| person.name.value.clone());
    let mut extra: Vec<String> = opened_by.difference(&wanted).map(name).collect();
    extra.dedup();
    let lacks = |reader: &&Reader<'_>| tags(reader).iter().any(|tag| !opened_by.contains(tag));
    (extra, readers.iter().filter(lacks).map(|reader| reader.person.name.value.clone()).collect())
}

/// The finding about ciphertext that cannot be read; `start` is where it begins in the record.
pub fn damaged(record: &Record, fault: Fault, start: usize, name: &str) -> Diagnostic {
    let what = fault.kind.text();
    let message = say!("「{name}」：{what}", "`{name}`: {what}"; what);
    Diagnostic::error("E201", Place::new(&record.source, Span::at(start + fault.at)), message).help(fault.kind.help()).key(name)
}

fn unmarked(record: &Record, span: Span, name: &str) -> Diagnostic {
    let message = say!("「{name}」加了密，但表单没有要求", "`{name}` is encrypted, which its form does not ask for");
    Diagnostic::warning("E202", Place::new(&record.source, span), message)
        .help(say!(
            "用 anjuan decrypt --in-place 解开；确实要加密的，由制度在表单里写 encrypted: true",
            "open it with anjuan decrypt --in-place; where it should be encrypted, the rulebook marks it `encrypted: true`"
        ))
        .key(name)
}

/// What is wrong with an encrypted value of a field or column.
pub(super) fn of_value(record: &Record, field: &Field, node: &Node, name: &str) -> Vec<Diagnostic> {
    let raw = record.source.slice(node.span);
    let mut found = Vec::new();
    // A quoted text holds the lines as escapes: then only its value can be read.
    if let Err(fault) = armour::read(raw)
        && armour::read(node.as_str().unwrap_or_default()).is_err()
    {
        found.push(damaged(record, fault, node.span.start, name));
    }
    if !field.encrypted {
        found.push(unmarked(record, node.span, name));
    }
    found
}

/// What is wrong with what is encrypted, and what should be and is not.
pub(super) fn of(world: &World<'_>, archive: &Archive) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for dossier in &world.dossiers {
        let key = archive.keys.public.get(&dossier.path);
        for entry in &dossier.entries {
            of_entry(world, archive, dossier, entry, key, &mut found);
        }
        if let Some(key) = key {
            of_key(world, archive, dossier, key, &mut found);
        }
    }
    let below = format!("{}/", archive.config.keys.trim_end_matches('/'));
    for path in archive.history.paths().filter(|path| path.starts_with(&below) && path.ends_with(".age")) {
        found.push(
            Diagnostic::warning(
                "E206",
                Place::file(&Source::new(path, "")),
                say!(
                    "{path} 提交进了 git：销毁这把钥匙就不等于销毁内容",
                    "{path} was committed: destroying this key no longer destroys what it opens"
                ),
            )
            .help(say!(
                "用 git rm --cached 移出；历史和各处副本里仍有，要销毁时先用 anjuan encrypt --new-key 换钥匙",
                "take it out with git rm --cached; history and every clone keep it, so change the key with anjuan encrypt --new-key"
            ))
            .key(path),
        );
    }
    found
}

fn of_entry(
    world: &World<'_>,
    archive: &Archive,
    dossier: &DossierFacts<'_>,
    entry: &Entry<'_>,
    key: Option<&PublicKey>,
    found: &mut Vec<Diagnostic>,
) {
    let (record, form) = (entry.record, world.form(entry));
    let text = record.source.text();
    if key.is_none() && armour::find(text).is_none() {
        return;
    }
    let is_broken = key.is_none() && archive.files.contains_key(&format!("{}/{PUBLIC}", dossier.path));
    found.extend(in_clear(world.rulebook, record, form, key));
    for part in parts::of(record).iter().filter(|part| part.encrypted) {
        let raw = record.source.slice(part.span);
        if part.section {
            if let Err(fault) = armour::read(raw) {
                found.push(damaged(record, fault, part.span.start, &part.name));
            }
            if !is_marked(form, &part.name, part.section) {
                found.push(unmarked(record, part.span, &part.name));
            }
        }
        // A public key that cannot be read has its own finding.
        let Some(Ok(sealed)) = sealed_in(raw).filter(|_| !is_broken) else { continue };
        let Some(tag) = sealed.tag().filter(|tag| key.map(PublicKey::tag) != Some(tag)) else { continue };
        let (name, number) = (&part.name, &dossier.number);
        let former = archive.keys.of_dossier(number).any(|file| file.tag == tag);
        let (message, help) = if former {
            (
                say!("「{name}」用的是 {number} 以前的钥匙 {tag}", "`{name}` is encrypted to a former key of {number}, {tag}"),
                say!(
                    "用 anjuan encrypt --new-key {number} 全部换成新钥匙",
                    "anjuan encrypt --new-key {number} encrypts everything to a new one"
                ),
            )
        } else {
            (
                say!("「{name}」不是用 {number} 现在的钥匙加密的（{tag}）", "`{name}` is not encrypted to the key of {number} ({tag})"),
                say!(
                    "从别的案卷抄来的，先在那边解密；有以前的钥匙文件的，放回钥匙文件夹",
                    "where it was copied from another dossier, decrypt it there; where a former key file exists, put it back into the folder of keys"
                ),
            )
        };
        found.push(
            Diagnostic::warning("E205", Place::new(&record.source, Span::at(part.span.start + sealed.span.start)), message)
                .help(help)
                .key(name),
        );
    }
}

/// Parts that the form wants encrypted and that stand in clear though the dossier has a key, or beside what is encrypted.
pub(super) fn in_clear(book: &Rulebook, record: &Record, form: &Form, key: Option<&PublicKey>) -> Vec<Diagnostic> {
    let all = parts::of(record);
    let say = |name: &str, span: Span, message: Text, help: Text| {
        let mut d = Diagnostic::new("E203", book.settings.encryption.in_clear, Place::new(&record.source, span), message);
        d.private = true;
        d.help(help).key(name)
    };
    let must = |name: &str| say!("「{name}」应当加密，现在是明文", "`{name}` must be encrypted and stands in clear");
    let mut found = Vec::new();
    for part in &all {
        let name = &part.name;
        let field = record.fields.entry(name).filter(|_| !part.section).map(|(key, _)| key.span);
        let span = field.or_else(|| record.section(name).filter(|_| part.section).map(|section| section.heading)).unwrap_or(part.span);
        if part.mixed {
            let message = say!("「{name}」的密文旁边还有没加密的文字", "beside the ciphertext of `{name}` stands text in clear");
            let help = say!("先 anjuan decrypt --in-place，再 anjuan encrypt", "run anjuan decrypt --in-place, then anjuan encrypt");
            found.push(say(name, span, message, help));
        } else if key.is_some() && !part.encrypted && is_marked(form, &part.name, part.section) {
            let help = say!(
                "提交之前运行 anjuan encrypt；已经提交的，明文留在历史里，告诉项目管理部",
                "run anjuan encrypt before you commit; what is committed stays in history in clear: tell whoever owns the procedure"
            );
            found.push(say(name, span, must(name), help));
        }
    }
    for field in form.fields.iter().filter(|field| field.encrypted && key.is_some()) {
        let name = &field.name.value;
        let Some((key, node)) = record.fields.entry(name) else { continue };
        if !node.is_empty() && !all.iter().any(|part| !part.section && part.name == *name) {
            let help =
                say!("另起一行写「{name}: 内容」，再 anjuan encrypt", "begin a line of its own with `{name}: …`, then run anjuan encrypt");
            found.push(say(name, key.span, must(name), help));
        }
    }
    found
}

/// The same before anything else is known of a record: for hooks.
pub(super) fn of_staged(archive: &Archive, book: &Rulebook, record: &Record, form: usize) -> Vec<Diagnostic> {
    let dossier = home(record.path()).map(|(folder, number)| format!("{folder}/{number}"));
    let key = dossier.and_then(|dossier| archive.keys.public.get(&dossier));
    let damaged_sections = parts::of(record).into_iter().filter(|part| part.section && part.encrypted).filter_map(|part| {
        let fault = armour::read(record.source.slice(part.span)).err()?;
        Some(damaged(record, fault, part.span.start, &part.name))
    });
    in_clear(book, record, &book.forms[form], key).into_iter().chain(damaged_sections).collect()
}

/// Whether those who can open the key of a dossier are those who should.
fn of_key(world: &World<'_>, archive: &Archive, dossier: &DossierFacts<'_>, key: &PublicKey, found: &mut Vec<Diagnostic>) {
    let book = world.rulebook;
    let number = &dossier.number;
    let Some(file) = archive.keys.of_dossier(number).find(|file| file.tag == key.tag()) else { return };
    if book.settings.encryption.holders.is_empty() {
        return;
    }
    let place = Place::file(&Source::new(format!("{}/{PUBLIC}", dossier.path), ""));
    let readers = readers(book, world.people, dossier.project.as_deref().or(Some(number)), world.today);
    let Some(message) = drifted(world.people, &readers, file, number) else { return };
    let help = say!(
        "由打得开的人运行 anjuan keys --update {number}；离任的人若留有旧钥匙文件，再用 anjuan encrypt --new-key {number} 换钥匙",
        "let somebody who can open it run anjuan keys --update {number}; where those who left may have kept the old file, also anjuan encrypt --new-key {number}"
    );
    found.push(Diagnostic::warning("E207", place, message).help(help).key(number));
}

fn drifted(people: &People, readers: &[Reader<'_>], file: &KeyFile, number: &str) -> Option<Text> {
    let Some(opened_by) = &file.opened_by else {
        return Some(say!("{number} 的钥匙文件损坏，读不出来", "the key file of {number} is damaged"));
    };
    let (extra, missing) = drift(people, readers, opened_by);
    let (extra, missing) = (extra.join("、"), missing.join("、"));
    match (extra.is_empty(), missing.is_empty()) {
        (true, true) => None,
        (false, true) => {
            Some(say!("{extra} 打得开 {number} 的密文，但不该再打开", "{extra} can open what is encrypted in {number} and should not"))
        }
        (true, false) => Some(say!(
            "{missing} 该打得开 {number} 的密文，但打不开",
            "{missing} should be able to open what is encrypted in {number} and cannot"
        )),
        (false, false) => Some(say!(
            "{number} 的密文：{extra} 不该再打得开，{missing} 该打得开而打不开",
            "what is encrypted in {number}: {extra} should no longer open it, {missing} should and cannot"
        )),
    }
}

/// Checks what forms mark.
pub(super) fn check(book: &Rulebook, found: &mut Vec<Diagnostic>) {
    let nobody = book.settings.encryption.holders.is_empty();
    let fixed: BTreeMap<&str, Text> = [
        (book.settings.date_field.as_deref(), say!("决定适用哪一版制度", "decides which edition is in force")),
        (book.settings.worker_field.as_deref(), say!("说明是谁的记录", "says whose record it is")),
    ]
    .into_iter()
    .filter_map(|(name, why)| Some((name?, why)))
    .collect();
    for form in &book.forms {
        let mut wrong = |name: &Spanned<String>, message: Text, help: Text| {
            // Common fields and columns of structures stand with the settings.
            let own = form.source.slice(name.span) == name.value;
            let source = if own { Some(&form.source) } else { book.settings.source.as_ref() };
            let place = source.map(|source| Place::new(source, name.span));
            found.push(Diagnostic::error("R101", place, message).help(help).key(&name.value));
        };
        for field in &form.fields {
            let name = &field.name.value;
            for column in field.columns.iter().filter(|column| column.encrypted) {
                let column_name = &column.name.value;
                wrong(
                    &column.name,
                    say!("列「{column_name}」不能单独加密", "the column `{column_name}` cannot be encrypted by itself"),
                    say!("在整张表「{name}」上写 encrypted: true", "mark the whole table `{name}` with `encrypted: true`"),
                );
            }
            if field.encrypted && field.computed.is_some() {
                wrong(
                    &field.name,
                    say!("「{name}」由程序计算，没有可加密的原文", "`{name}` is computed: there is nothing written to encrypt"),
                    say!("在它所依据的栏目上写 encrypted: true", "mark the fields that it rests on"),
                );
            }
            if let Some(why) = fixed.get(name.as_str()).filter(|_| field.encrypted) {
                wrong(
                    &field.name,
                    say!("「{name}」{why}，不能加密", "`{name}` {why} and cannot be encrypted"; why),
                    say!("去掉 encrypted", "take `encrypted` away"),
                );
            }
        }
        for name in marked(form).filter(|_| nobody) {
            let word = &name.value;
            wrong(
                name,
                say!("「{word}」要加密，但没有写明谁持有钥匙", "`{word}` is to be encrypted, and nobody is named who holds keys"),
                say!("在 rulebook.yaml 写 encryption: {{ holders: [角色] }}", "write `encryption: {{ holders: [ROLE] }}` in rulebook.yaml"),
            );
        }
    }
}

/// Says of a name in the rulebook that it leads to something encrypted: what rests on it is then not judged.
pub(super) fn check_use(checker: &mut Checker<'_>, forms: &[&Form], r: &Ref, name: &str) {
    let Some(form) = forms.iter().find(|form| is_marked(form, name, r.target == Target::Section)) else { return };
    let code = &form.code.value;
    let message = say!(
        "这里用到加密的 {code}.{name}：加密以后，规则不作判断，统计不计入",
        "this rests on {code}.{name}, which is encrypted: rules are then not judged by it, and statistics do not count it"
    );
    let place = Place::new(&checker.source, r.span);
    checker.found.push(Diagnostic::new("R107", Severity::Advice, place, message).key(r.to_string()));
}

/// How many values that identify somebody are encrypted, so that nobody can search for them.
pub fn unknown_identities(world: &World<'_>) -> usize {
    let is = |field: &Field, data: &Data| match data {
        Data::Encrypted => usize::from(identifies(field) || field.columns.iter().any(identifies)),
        Data::Rows(rows) => {
            let cells = rows.iter().flat_map(|row| field.columns.iter().zip(&row.cells));
            cells.filter(|(column, cell)| identifies(column) && **cell == Some(Data::Encrypted)).count()
        }
        _ => 0,
    };
    let of_entry = |entry: &Entry<'_>| -> usize {
        world.form(entry).fields.iter().zip(&entry.filled).filter_map(|(field, filled)| Some(is(field, &filled.as_ref()?.data))).sum()
    };
    world.dossiers.iter().flat_map(|dossier| &dossier.entries).map(of_entry).sum()
}
