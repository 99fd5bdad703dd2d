//! What forms demand of records: the right folder and name, everything required, nothing impossible.
//!
//! A record's types are read in [`super::entry`]; here is what only the archive as a whole can judge.

mod compared;

use super::context::{Blind, Context, World};
use super::entry::Filled;
use super::form::{Field, Form, Kind, Per, Requirement};
use super::value::{Data, Row, Value};
use crate::archive::Archive;
use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::de::nearest;

/// The findings that forms make in one dossier.
pub(super) fn of_dossier(world: &World<'_>, archive: &Archive, at: usize) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let dossier = &world.dossiers[at];
    if let Some(kind) = dossier.kind {
        let kind = &world.rulebook.settings.dossiers[kind];
        if let (Some(pattern), Some(first)) = (&kind.number, dossier.entries.first())
            && !pattern.is_match(&dossier.number)
        {
            let (number, rule) = (&dossier.number, pattern.as_str());
            found.push(
                Diagnostic::error(
                    "F121",
                    first.place(Span::at(0)),
                    say!("案卷编号 {number} 不合编号规则", "the dossier's number {number} does not follow the rule"),
                )
                .help(say!("规则：{rule}", "rule: {rule}"))
                .key(number),
            );
        }
    }
    for own in 0..dossier.entries.len() {
        of_entry(world, archive, (at, own), &mut found);
    }
    found
}

fn of_entry(world: &World<'_>, archive: &Archive, at: (usize, usize), found: &mut Vec<Diagnostic>) {
    let entry = world.entry(at);
    let form = world.form(entry);
    placed(world, at, form, found);
    let context = world.context(at.0, Some(at.1));
    let judged = world.is_judged(entry);
    let needed = |requirement: &Requirement| match requirement {
        Requirement::Never => false,
        Requirement::Always => true,
        Requirement::When(condition) => {
            // Whether it is needed may rest on what is encrypted.
            let blind = Blind::new(false);
            condition.holds(&Context { blind: Some(&blind), ..context }) && !blind.get()
        }
    };
    let head = entry.place(Span::new(entry.record.front.start, entry.record.front.start));
    for (index, field) in form.fields.iter().enumerate() {
        let name = &field.name.value;
        let written = entry.record.fields.get(name).is_some_and(|node| !node.is_empty());
        if !written && !entry.record.unreadable && judged && field.computed.is_none() && needed(&field.required) {
            let mut d = Diagnostic::error("F101", head.clone(), say!("缺「{name}」", "`{name}` is missing")).key(name);
            d.help = Some(match &field.note {
                Some(note) => say!("在栏目区写 {name}: …({note})", "write {name}: … ({note})"),
                None => say!("在栏目区写 {name}: …", "write {name}: …"),
            });
            if let Requirement::When(condition) = &field.required {
                d.facts.push(say!("因为 {condition}", "because {condition}"));
            }
            found.push(d);
        }
        if let Some(filled) = entry.value(index) {
            checked(world, archive, at, field, filled, found);
        }
        compared::of_field(world, at, index, field, found);
        if judged && let Some(Data::Rows(rows)) = entry.value(index).map(|filled| &filled.data) {
            for row in rows {
                lacking(&context, field, row, found);
            }
        }
    }
    for section in &form.sections {
        let name = &section.name.value;
        if entry.record.says(name) || entry.record.unreadable || !judged || !needed(&section.required) {
            continue;
        }
        let place = entry.record.section(name).map_or_else(|| head.clone(), |s| entry.place(s.heading));
        let mut d = Diagnostic::error("F102", place, say!("段落「{name}」没有写", "the section `{name}` is not written")).key(name);
        d.help = Some(match &section.guide {
            Some(guide) => say!("写 ## {name}：{guide}", "write ## {name}: {guide}"),
            None => say!("写 ## {name}", "write ## {name}"),
        });
        found.push(d);
    }
    if judged && !entry.record.unreadable {
        found.extend(super::figure::of_record(world, at));
    }
}

/// The columns that a written row must have and has not.
fn lacking(context: &Context<'_, '_>, field: &Field, row: &Row, found: &mut Vec<Diagnostic>) {
    let Some(entry) = context.entry() else { return };
    let name = &field.name.value;
    let table = entry.record.fields.get(name);
    let rows = table.into_iter().flat_map(|node| node.as_list().unwrap_or_else(|| std::slice::from_ref(node)));
    let rows: Vec<&Node> = rows.filter(|node| node.span == row.span).collect();
    // What is written and cannot be read has its own finding.
    let written = |column: &str| rows.iter().any(|node| node.get(column).is_some_and(|cell| !cell.is_empty()));
    let on_row = context.on_row(&field.columns, row);
    for (column, cell) in field.columns.iter().zip(&row.cells) {
        let blind = Blind::new(false);
        let needed = match &column.required {
            Requirement::Never => false,
            Requirement::Always => true,
            Requirement::When(condition) => condition.holds(&Context { blind: Some(&blind), ..on_row }) && !blind.get(),
        };
        if cell.is_some() || !needed || column.computed.is_some() || written(&column.name.value) {
            continue;
        }
        let column_name = &column.name.value;
        let mut d = Diagnostic::error(
            "F101",
            entry.place(row.span),
            say!("「{name}」的这一行缺「{column_name}」", "this row of `{name}` lacks `{column_name}`"),
        )
        .help(say!("补上「{column_name}」", "fill `{column_name}`"))
        .key(format!("{name}.{column_name}"));
        if let Requirement::When(condition) = &column.required {
            d.facts.push(say!("因为 {condition}", "because {condition}"));
        }
        found.push(d);
    }
}

/// Whether the record lies where its form says, under a name that fits.
fn placed(world: &World<'_>, at: (usize, usize), form: &Form, found: &mut Vec<Diagnostic>) {
    let entry = world.entry(at);
    let dossier = &world.dossiers[at.0];
    let kind = dossier.kind.map(|kind| world.rulebook.settings.dossiers[kind].kind.as_str());
    let node = entry.record.fields.get(&world.rulebook.settings.form_key);
    let place = entry.place(node.map_or(Span::at(entry.record.front.start), |n| n.span));
    let (code, name) = (&form.code.value, &form.name);
    if !form.dossiers.is_empty() && !form.dossiers.iter().any(|own| Some(own.as_str()) == kind) {
        let homes = form.dossiers.iter().map(|d| d.value.as_str()).collect::<Vec<_>>().join("、");
        let folders: Vec<String> = form
            .dossiers
            .iter()
            .filter_map(|d| world.rulebook.settings.kind(d))
            .map(|k| format!("{}/", world.rulebook.settings.dossiers[k].folder))
            .collect();
        let folders = folders.join("、");
        found.push(
            Diagnostic::error(
                "F120",
                place,
                say!("《{name}》属于 {homes} 案卷，不该放在这里", "{code} belongs into a dossier of kind {homes}, not here"),
            )
            .help(say!("移到 {folders} 之下的案卷文件夹", "move it into a dossier folder below {folders}"))
            .key(code),
        );
        return;
    }
    if form.claims.is_some() || dossier.kind.is_none() {
        return;
    }
    let stem = entry.record.stem();
    let serial = stem.strip_prefix(code.as_str());
    let fits = match serial {
        Some("") => true,
        Some(rest) => rest.strip_prefix('-').is_some_and(|n| n.len() >= 2 && n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')),
        None => false,
    };
    if !fits {
        found.push(
            Diagnostic::warning(
                "F120",
                place,
                say!("文件名 {stem} 与表单 {code} 不符", "the file name {stem} does not fit the form {code}"),
            )
            .help(say!("改名为 {code}.md 或 {code}-01.md", "rename it to {code}.md or {code}-01.md"))
            .key(code),
        );
    } else if form.per == Per::Dossier && world.of_form(at.0, entry.form).next() != Some(at.1) {
        found.push(
            Diagnostic::error("F120", place, say!("每个案卷只应有一份《{name}》", "a dossier has one {code} only"))
                .help(say!("合并成一份，或核对表单代码", "merge them or check the form's code"))
                .key(code),
        );
    }
}

/// Values that only the archive as a whole can judge: people, references, days after today, files.
fn checked(world: &World<'_>, archive: &Archive, at: (usize, usize), field: &Field, filled: &Filled, found: &mut Vec<Diagnostic>) {
    let entry = world.entry(at);
    let name = &field.name.value;
    if let Data::Rows(rows) = &filled.data {
        for row in rows {
            for (column, cell) in field.columns.iter().zip(&row.cells) {
                if let Some(data) = cell {
                    let filled = Filled { span: row.span, data: data.clone() };
                    checked(world, archive, at, column, &filled, found);
                }
            }
        }
        return;
    }
    for datum in filled.data.values() {
        let place = entry.place(datum.span);
        if let Some(day) = datum.value.day()
            && !field.future
            && day > world.today
        {
            let today = world.today;
            found.push(
                Diagnostic::error(
                    "F209",
                    place.clone(),
                    say!("「{name}」{day} 晚于今天（{today}）", "`{name}` {day} lies after today ({today})"),
                )
                .help(say!("只写已经发生的日期", "write what has happened"))
                .key(name),
            );
        }
        match (field.kind, &datum.value) {
            (Kind::Person, Value::Text(who)) if !archive.people.is_empty() => match world.people.named(who) {
                None => {
                    let near = nearest(who, world.people.iter().map(|p| p.name.value.as_str()));
                    let help = match near {
                        Some(near) => say!("是不是“{near}”?", "did you mean `{near}`?"),
                        None => say!("先在 people.yaml 登记", "register the person in people.yaml"),
                    };
                    found.push(
                        Diagnostic::error(
                            "F207",
                            place,
                            say!("「{name}」里的“{who}”不在人员登记中", "`{who}` in `{name}` is not registered"),
                        )
                        .help(help)
                        .key(name),
                    );
                }
                Some(person) => {
                    if let Some(day) = world.dated(entry).filter(|day| !person.in_service(*day)) {
                        found.push(
                            Diagnostic::error("F207", place, say!("{who} 在 {day} 不在职", "{who} was not in service on {day}"))
                                .help(say!("核对日期，或补登记角色的起止", "check the day or the terms of the roles"))
                                .key(name),
                        );
                    }
                }
            },
            (Kind::Ref, Value::Text(target)) if !refers(world, at, field, target) => {
                let forms = field.refers.iter().map(|f| f.value.as_str()).collect::<Vec<_>>().join("、");
                found.push(
                    Diagnostic::error(
                        "F208",
                        place,
                        say!("「{name}」指向的 {target} 不存在", "`{name}` refers to {target}, which does not exist"),
                    )
                    .help(say!(
                        "写同一案卷内的记录（如 {forms}）或“案卷编号/记录”",
                        "name a record of this dossier (such as {forms}) or NUMBER/RECORD"
                    ))
                    .key(name),
                );
            }
            _ => {}
        }
    }
    let path_key = &world.rulebook.settings.value_keys.attachment.path;
    if let (Kind::Attachment, Data::Parts(parts)) = (field.kind, &filled.data)
        && let Some((_, datum)) = parts.iter().find(|(key, _)| key == path_key)
    {
        let path = datum.value.to_string();
        let full = format!("{}/{path}", world.dossiers[at.0].path);
        if path.starts_with('/') || path.split('/').any(|part| part == "..") || !archive.files.contains_key(&full) {
            found.push(
                Diagnostic::error(
                    "F208",
                    entry.place(datum.span),
                    say!("「{name}」的文件 {path} 不在案卷里", "the file {path} of `{name}` is not in the dossier"),
                )
                .help(say!(
                    "把扫描件放进 originals/，路径从案卷文件夹写起",
                    "put the scan into originals/; paths start at the dossier's folder"
                ))
                .key(name),
            );
        }
    }
}

/// Whether the record that a reference names exists and is of an allowed form.
fn refers(world: &World<'_>, at: (usize, usize), field: &Field, target: &str) -> bool {
    let (number, name) = target.rsplit_once('/').map_or((None, target), |(number, name)| (Some(number), name));
    let dossier = match number {
        Some(number) => world.by_number.get(number).copied(),
        None => Some(at.0),
    };
    let allowed = |form: usize| field.refers.is_empty() || field.refers.iter().any(|own| world.rulebook.form_index(own) == Some(form));
    let by_name = dossier.is_some_and(|d| world.dossiers[d].entries.iter().any(|e| e.record.stem() == name && allowed(e.form)));
    // A dossier's number alone means its record of the wanted form.
    let by_number =
        number.is_none() && world.by_number.get(target).is_some_and(|&d| world.dossiers[d].entries.iter().any(|e| allowed(e.form)));
    by_name || by_number
}
