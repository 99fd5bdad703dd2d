//! A form as a workbook to be filled in: which sheets it has, what stands in their cells, what may be put there.
//!
//! It is for whoever writes the record and holds all of it, as the record itself does; no audience is asked.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::archive::encryption::armour;
use crate::diagnostic::{Language, Text};
use crate::rulebook::context::World;
use crate::rulebook::form::{Field, Form, Kind, Per, Requirement, SectionSpec};
use crate::rulebook::value::{Data, Row};
use crate::rulebook::workbook::{ENCRYPTED, Slot, key, sheet_name, slots};
use crate::say;

/// A workbook.
#[derive(Debug)]
pub struct WorkbookView {
    /// What stands at the top of every sheet.
    pub title: String,
    /// What stands over the three columns of a sheet with one record: name, value, note.
    pub heads: [String; 3],
    /// Its sheets.
    pub sheets: Vec<SheetView>,
}

/// A sheet.
#[derive(Debug)]
pub struct SheetView {
    /// Its name, which no other has.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// How it is to be filled in.
    pub guide: String,
    /// Whether nothing of it is written by people.
    pub computed: bool,
    /// Whether it holds one record, a value in each row; otherwise names stand in a row and values below them.
    pub beside: bool,
    /// Its cells.
    pub cells: Vec<CellView>,
    /// What they hold: rows of a table, records, or one record.
    pub rows: Vec<Vec<String>>,
    /// Rows that are left to be filled in.
    pub blank: usize,
}

/// A cell, or a column of cells.
#[derive(Debug, Clone, Default)]
pub struct CellView {
    /// Its name.
    pub name: String,
    /// The heading that it comes under.
    pub group: Option<String>,
    /// Whether it must be filled.
    pub required: bool,
    /// Whether people fill it; otherwise it is computed, or says which record the row is.
    pub written: bool,
    /// What it holds; a section has no kind.
    pub kind: Option<Kind>,
    /// What can be chosen.
    pub options: Vec<String>,
    /// Whether something else than what can be chosen may be written.
    pub open: bool,
    /// Lowest number.
    pub min: Option<Decimal>,
    /// Highest number.
    pub max: Option<Decimal>,
    /// Longest text, in characters.
    pub length: usize,
    /// What there is to say about it.
    pub note: String,
}

/// A record that a workbook is for.
pub struct Subject<'s> {
    /// What it is called in its dossier.
    pub stem: &'s str,
    /// Where it is, (dossier, entry), if it is there.
    pub at: Option<(usize, usize)>,
}

/// Rows of a table that are left to be filled in.
const BLANK: usize = 200;
/// The same in a workbook on a site: its last cells have names such as `AH63`, which are too short to be taken for somebody's code.
const ROOM: usize = 60;

/// What a workbook is for.
pub struct Wanted<'w> {
    /// The form, as an index.
    pub form: usize,
    /// The folder of the dossier.
    pub folder: Option<&'w str>,
    /// The records.
    pub subjects: &'w [Subject<'w>],
    /// Whether each has a row, or the only one has a sheet.
    pub many: bool,
    /// Values of records that are not there yet, by field.
    pub known: &'w [(&'w str, String)],
}

/// Where the workbook of a form lies that is for no dossier, among the files of a site.
pub fn blank_url(code: &str) -> String {
    format!("papers/blank/{code}.xlsx")
}

/// Makes the workbook of a form that is for no dossier. It names nobody: whoever reads the site may have it.
pub fn blank(world: &World<'_>, form: usize, language: Language) -> WorkbookView {
    let many = world.rulebook.forms[form].per == Per::Participant;
    let one = [Subject { stem: "", at: None }];
    let wanted = Wanted { form, folder: None, subjects: if many { &[] } else { &one }, many, known: &[] };
    let mut view = of(world, &wanted, language);
    view.sheets[0].blank = if many { ROOM } else { 0 };
    view.sheets.iter_mut().for_each(|sheet| sheet.blank = sheet.blank.min(ROOM));
    let guide = say!(
        "红字必填，灰字由程序计算、不用填。填好存盘，再运行：anjuan import 本文件 --dossier 案卷编号",
        "red must be filled in, grey is computed; save it, then run: anjuan import FILE --dossier NUMBER"
    );
    for sheet in view.sheets.iter_mut().filter(|sheet| !sheet.computed) {
        guide.in_language(language).clone_into(&mut sheet.guide);
    }
    for cell in view.sheets.iter_mut().flat_map(|sheet| &mut sheet.cells).filter(|cell| cell.kind == Some(Kind::Person)) {
        cell.options.clear();
    }
    view
}

/// Makes the workbook of a form: of one record, or with a row for each of several.
pub fn of(world: &World<'_>, wanted: &Wanted<'_>, language: Language) -> WorkbookView {
    let form = &world.rulebook.forms[wanted.form];
    let maker = Maker { world, form, wanted, language };
    let tables = form.fields.iter().enumerate().filter(|(_, field)| field.kind == Kind::Table);
    let (afterwards, tables): (Vec<_>, Vec<_>) = tables.partition(|(_, field)| field.remark);
    let mut sheets = vec![maker.records()];
    sheets.extend(tables.into_iter().chain(afterwards).filter_map(|(at, field)| maker.table(at, field)));
    for nth in 1..sheets.len() {
        let (before, own) = sheets.split_at_mut(nth);
        distinguish(&mut own[0].name, before);
    }
    let heads = [say!("栏目", "field"), say!("内容", "content"), say!("说明", "note")].map(|head| maker.say(head));
    WorkbookView { title: maker.title(), heads, sheets }
}

/// Makes the name of a sheet one that none before it has; spreadsheets take capitals and small letters for the same.
fn distinguish(name: &mut String, before: &[SheetView]) {
    let own = name.clone();
    for nth in 2.. {
        if !name.is_empty() && !before.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
            return;
        }
        *name = format!("{} {nth}", own.chars().take(27).collect::<String>()).trim_start().to_owned();
    }
}

struct Maker<'m, 'a> {
    world: &'m World<'a>,
    form: &'m Form,
    wanted: &'m Wanted<'m>,
    language: Language,
}

impl<'m> Maker<'m, '_> {
    fn say(&self, text: Text) -> String {
        text.in_language(self.language).to_owned()
    }

    /// The form, and whose it is.
    fn title(&self) -> String {
        let Wanted { folder, subjects, many, .. } = self.wanted;
        let dossier = folder.and_then(|folder| folder.rsplit('/').next()).unwrap_or_default();
        let stem = if let ([only], false) = (subjects, many) { only.stem } else { "" };
        joined([&self.name(), &joined([dossier, stem], "/")], " · ")
    }

    fn name(&self) -> String {
        format!("{} {}", self.form.code.value, self.form.name)
    }

    fn guide(&self, computed: bool) -> String {
        self.say(match computed {
            true => say!("这一页由程序计算，改动不会读回记录", "this sheet is computed; changes of it are not read back"),
            false => say!(
                "红字必填，灰字由程序计算、不用填。填好存盘，再运行：anjuan import 本文件",
                "red must be filled in, grey is computed; save it, then run: anjuan import FILE"
            ),
        })
    }

    /// The sheet of the records themselves.
    fn records(&self) -> SheetView {
        let Wanted { subjects, many, .. } = *self.wanted;
        let section = |section: &SectionSpec| CellView {
            name: section.name.value.clone(),
            required: section.required == Requirement::Always,
            written: true,
            open: true,
            note: self.notes(&section.required, section.guide.clone(), None),
            ..CellView::default()
        };
        let mut cells: Vec<CellView> = slots(&self.form.fields, &self.world.rulebook.settings).iter().map(|slot| self.cell(slot)).collect();
        cells.extend(self.form.sections.iter().map(section));
        let mut rows: Vec<Vec<String>> = subjects.iter().map(|subject| self.record(subject.at)).collect();
        if many {
            cells.insert(0, self.key());
            rows.iter_mut().zip(subjects).for_each(|(row, subject)| row.insert(0, subject.stem.to_owned()));
        }
        SheetView {
            name: sheet_name(&self.name()),
            title: String::new(),
            guide: self.guide(false),
            computed: false,
            beside: !many,
            cells,
            rows,
            blank: 0,
        }
    }

    /// The sheet of a table; none where any of it is encrypted.
    fn table(&self, at: usize, table: &Field) -> Option<SheetView> {
        let Wanted { subjects, many, .. } = *self.wanted;
        let computed = table.computed.is_some();
        let columns = slots(&table.columns, &self.world.rulebook.settings);
        let mut rows: Vec<Vec<String>> = Vec::new();
        for subject in subjects {
            let mut own = match subject.at.and_then(|of| self.data(of, at)).as_deref() {
                Some(Data::Encrypted) => return None,
                Some(Data::Rows(own)) => own.iter().map(|row| cells_of(row, &table.columns, &columns)).collect(),
                _ => Vec::new(),
            };
            if many {
                own.iter_mut().for_each(|row| row.insert(0, subject.stem.to_owned()));
            }
            rows.append(&mut own);
        }
        let mut cells: Vec<CellView> = columns.iter().map(|slot| self.cell(slot)).collect();
        if computed {
            cells.iter_mut().for_each(|cell| (cell.written, cell.required) = (false, false));
        }
        if many {
            cells.insert(0, CellView { written: true, required: true, ..self.key() });
        }
        Some(SheetView {
            name: sheet_name(&table.name.value),
            title: joined([&table.name.value, &self.notes(&table.required, table.hint(), None)], " · "),
            guide: self.guide(computed),
            computed,
            beside: false,
            cells,
            rows,
            blank: if computed { 0 } else { BLANK },
        })
    }

    /// The column that says which record a row belongs to.
    fn key(&self) -> CellView {
        CellView { name: self.say(key()), kind: Some(Kind::Text), open: true, ..CellView::default() }
    }

    fn cell(&self, slot: &Slot<'_>) -> CellView {
        let field = slot.field;
        let computed = field.computed.is_some();
        let people = || self.world.people.iter().map(|person| person.name.value.clone()).collect();
        let options = match slot.kind {
            Kind::Bool => vec!["是".to_owned(), "否".to_owned()],
            Kind::Choice if slot.part.is_none() => field.options.clone(),
            Kind::Person => people(),
            _ => Vec::new(),
        };
        let whole = slot.part.is_none();
        // A field of several parts is filled where any of them is.
        let parts = self.world.rulebook.settings.value_keys.parts(field.kind);
        let is_first = whole || parts.first().map(|(part, _)| *part) == slot.part;
        let several = (slot.kind == Kind::Multichoice).then(|| field.options.join("、"));
        let several = several.map(|list| self.say(say!("可写几项，用“、”隔开：{list}", "one or several, with `、` between them: {list}")));
        let note = match (computed, slot.part) {
            (true, _) => self.say(say!("由程序计算，不用填", "computed")),
            (false, Some(_)) if !is_first => String::new(),
            (false, _) => self.notes(&field.required, field.hint(), several),
        };
        CellView {
            name: slot.name.clone(),
            group: field.group.clone(),
            required: field.required == Requirement::Always && !computed && is_first,
            written: !computed,
            kind: Some(slot.kind),
            options,
            open: slot.kind == Kind::Person,
            min: field.min.filter(|_| whole),
            max: field.max.filter(|_| whole),
            length: if whole { field.length } else { 0 },
            note,
        }
    }

    fn notes(&self, required: &Requirement, note: Option<String>, several: Option<String>) -> String {
        let required = required.condition().map(|when| self.say(when));
        [required, note, several].into_iter().flatten().collect::<Vec<_>>().join(self.language.semicolon())
    }

    fn data(&self, at: (usize, usize), field: usize) -> Option<Cow<'m, Data>> {
        self.world.context(at.0, Some(at.1)).data(at, field)
    }

    /// The cells of a record: fields, then sections.
    fn record(&self, at: Option<(usize, usize)>) -> Vec<String> {
        let settings = &self.world.rulebook.settings;
        let mut out: Vec<String> = Vec::new();
        for slot in slots(&self.form.fields, settings) {
            let name = slot.field.name.value.as_str();
            let Some(at) = at else {
                let known = self.wanted.known.iter().find(|(own, _)| *own == name && slot.part.is_none());
                out.push(known.map(|(_, value)| value.clone()).unwrap_or_default());
                continue;
            };
            let field = self.form.field(name).map_or(0, |(field, _)| field);
            let entry = self.world.entry(at);
            // What cannot be read as it should is shown as it is, to be put right.
            let written = entry.record.fields.get(name).filter(|_| slot.part.is_none()).and_then(|node| node.as_str());
            out.push(match self.data(at, field) {
                Some(data) => text(&data, slot.part),
                None => written.filter(|text| *text != "~").unwrap_or_default().to_owned(),
            });
        }
        let record = at.map(|at| self.world.entry(at).record);
        out.extend(self.form.sections.iter().map(|section| {
            let text = record.and_then(|record| record.section_text(&section.name.value)).unwrap_or_default();
            if armour::find(&text).is_some() { ENCRYPTED.to_owned() } else { text.into_owned() }
        }));
        out
    }
}

/// The cells of a row of a table.
fn cells_of(row: &Row, all: &[Field], columns: &[Slot<'_>]) -> Vec<String> {
    let cell = |slot: &Slot<'_>| row.cell(all, &slot.field.name.value).map(|data| text(data, slot.part)).unwrap_or_default();
    columns.iter().map(cell).collect()
}

/// Two texts with something between them, where there are two.
fn joined([one, other]: [&str; 2], between: &str) -> String {
    if one.is_empty() || other.is_empty() { format!("{one}{other}") } else { format!("{one}{between}{other}") }
}

/// What stands in a cell.
fn text(data: &Data, part: Option<&str>) -> String {
    match (data, part) {
        (Data::Encrypted, _) => ENCRYPTED.to_owned(),
        (Data::Parts(parts), Some(part)) => {
            parts.iter().find(|(own, _)| own == part).map(|(_, datum)| datum.value.to_string()).unwrap_or_default()
        }
        (_, Some(_)) => String::new(),
        (data, None) => data.values().map(|datum| datum.value.to_string()).collect::<Vec<_>>().join("、"),
    }
}
