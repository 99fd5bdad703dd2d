//! Workbooks: what goes out comes back, what people type is read as they mean it, and whatever else stands in a record stays.

use std::path::{Path, PathBuf};

use anjuan::archive::Record;
use anjuan::archive::workbook::Workbook as Filled;
use anjuan::diagnostic::Language;
use anjuan::publish::view::workbook::{Subject, Wanted, WorkbookView, of};
use anjuan::publish::workbook::xlsx;
use anjuan::rulebook::form::Per;
use anjuan::rulebook::workbook::{Grid, Origin};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use crate::support::{self, Place, anjuan, day};

const LOAN: &str = "loans/A-01/L1.md";

fn run(root: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let words: Vec<&str> = ["-C", root.to_str().unwrap(), "--lang", "zh", "--today", "2026-04-01"].iter().chain(args).copied().collect();
    let out = anjuan(&words);
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

fn place() -> Place {
    let mut place = Place::new();
    place.commit("main", "li", "2026-01-01").stand("main");
    place
}

/// A workbook that somebody made.
fn book(root: &Path, name: &str, sheets: &mut dyn FnMut(&mut Workbook)) -> PathBuf {
    let mut book = Workbook::new();
    sheets(&mut book);
    let file = root.parent().unwrap().join(name);
    book.save(&file).unwrap();
    file
}

fn import(root: &Path, file: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let args: Vec<&str> = ["import", file.to_str().unwrap()].iter().chain(more).copied().collect();
    run(root, &args)
}

const MORE: &[&str] = &["--form", "L1", "--dossier", "A-01"];

/// A workbook as it is read again from its file.
fn through_a_file(view: &WorkbookView) -> Filled {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.xlsx");
    std::fs::write(&file, xlsx(view, &Origin::default(), day("2026-06-18"), Language::Zh).unwrap()).unwrap();
    Filled::read(&file).unwrap()
}

#[test]
fn every_record_of_the_example_comes_back_as_it_went_out() {
    let (archive, book) = support::open(Path::new(support::demo()));
    let judgement = book.judge(&archive, day("2026-06-18"));
    let world = &judgement.world;
    let mut records = 0;
    for (d, dossier) in world.dossiers.iter().enumerate() {
        for (e, entry) in dossier.entries.iter().enumerate() {
            let subject = Subject { stem: entry.record.stem(), at: Some((d, e)) };
            let view = of(world, &Wanted { form: entry.form, folder: None, subjects: &[subject], many: false, known: &[] }, Language::Zh);
            let filled = through_a_file(&view);
            let grid = Grid::of(&filled);
            let (fillings, found) = grid.fillings(&book, &book.forms[entry.form]);
            let (path, filling) = (entry.record.path(), &fillings[0]);
            assert!(fillings.len() == 1 && found.is_empty(), "{path}: {found:?}");
            let again = book.entered(entry.form, &grid, filling, path, Some(entry.record), true);
            assert!(again.wrong.is_empty() && again.changed.is_empty(), "{path}: {:?} {:?}", again.changed, again.wrong);
            assert_eq!(again.source.text(), entry.record.source.text(), "{path}");
            // Written anew, it says the same.
            let new = book.entered(entry.form, &grid, filling, path, None, false);
            let (record, said) = Record::parse(&new.source);
            assert!(said.is_empty(), "{path}: {said:?}");
            let same = book.entered(entry.form, &grid, filling, path, Some(&record), true);
            assert!(same.changed.is_empty(), "{path}: {:?}\n{}", same.changed, new.source.text());
            records += 1;
        }
    }
    assert!(records > 200, "{records}");
}

#[test]
fn a_form_that_each_participant_fills_has_a_row_for_every_record() {
    let (archive, book) = support::open(Path::new(support::demo()));
    let judgement = book.judge(&archive, day("2026-06-18"));
    let world = &judgement.world;
    let mut tried = 0;
    for (d, dossier) in world.dossiers.iter().enumerate() {
        for form in (0..book.forms.len()).filter(|form| book.forms[*form].per == Per::Participant) {
            let entries: Vec<usize> = world.of_form(d, form).collect();
            let subjects: Vec<Subject<'_>> =
                entries.iter().map(|e| Subject { stem: dossier.entries[*e].record.stem(), at: Some((d, *e)) }).collect();
            if subjects.is_empty() {
                continue;
            }
            let view = of(world, &Wanted { form, folder: None, subjects: &subjects, many: true, known: &[] }, Language::Zh);
            let filled = through_a_file(&view);
            let grid = Grid::of(&filled);
            let (fillings, found) = grid.fillings(&book, &book.forms[form]);
            assert!(found.is_empty() && fillings.len() == entries.len(), "{found:?}");
            for (filling, e) in fillings.iter().zip(entries) {
                let record = dossier.entries[e].record;
                assert_eq!(filling.key.as_deref(), Some(record.stem()));
                let again = book.entered(form, &grid, filling, record.path(), Some(record), true);
                assert!(again.changed.is_empty() && again.wrong.is_empty(), "{}: {:?}", record.path(), again.changed);
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

/// A sheet as people make one: names in a column, values beside them.
fn loan(sheet: &mut Worksheet) {
    let date = Format::new().set_num_format("yyyy/m/d");
    sheet.set_name("借书单").unwrap();
    sheet.write(0, 0, "示例图书馆借书单").unwrap();
    for (row, name) in
        (2..).zip(["借出日期", "借出时间*", " 经手人 ", "读者", "出生日期", "类别", "证件.种类", "证件.号码", "电话", "押金"])
    {
        sheet.write(row, 1, name).unwrap();
    }
    for (row, name) in (12..).zip(["册数", "评分", "已验", "书号", "签名.签名人", "签名.日期", "说明"]) {
        sheet.write(row, 1, name).unwrap();
    }
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write_datetime_with_format(2, 2, ExcelDateTime::from_ymd(2026, 3, 5).unwrap(), &date).unwrap();
    let time = ExcelDateTime::from_ymd(2026, 3, 5).unwrap().and_hms(15, 30, 0).unwrap();
    sheet.write_datetime_with_format(3, 2, time, &moment).unwrap();
    sheet.write(4, 2, " 李娜\u{3000}").unwrap();
    sheet.write(5, 2, "欧阳小测\n（代）").unwrap();
    sheet.write(6, 2, "1950.3.5").unwrap();
    sheet.write(7, 2, "历史（近代）、文学").unwrap();
    sheet.write(8, 2, "护照").unwrap();
    sheet.write(9, 2, "Ｅ12345678").unwrap();
    sheet.write(10, 2, 13_800_000_001_f64).unwrap();
    sheet.write(11, 2, 0.1 + 0.2).unwrap();
    sheet.write(12, 2, "３").unwrap();
    sheet.write(13, 2, 4).unwrap();
    sheet.write_boolean(14, 2, true).unwrap();
    sheet.write(15, 2, "B007").unwrap();
    sheet.write(16, 2, "欧阳小测").unwrap();
    sheet.write(17, 2, 46086).unwrap();
    sheet.write(18, 2, "第一段：好。\n第二段。\n## 不是小标题\n最后").unwrap();
}

/// A table as people make one: a title, names in the third row, a gap, a sum.
fn titles(sheet: &mut Worksheet) {
    sheet.set_name("书目").unwrap();
    sheet.write(0, 0, "书目").unwrap();
    for (row, cells) in [(2, ["书名", "价", "类"]), (3, ["一 #1", "", "文学"]), (6, ["007", "", "其他"]), (7, ["合 计", "", ""])]
    {
        for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write(row, column, text).unwrap();
        }
    }
    for (row, price) in [(3, 12.5), (6, 3.0), (7, 15.5)] {
        sheet.write(row, 1, price).unwrap();
    }
    sheet.write(4, 0, "小计").unwrap();
    sheet.write(4, 1, 12.5).unwrap();
    sheet.write(9, 0, "制表：李娜").unwrap();
}

const WRITTEN: &str = "---
表单: L1
填表日期: 2026-04-01
经手人: 李娜
借出日期: 2026-03-05
借出时间: 2026-03-05T15:30
读者: 欧阳小测 （代）
出生日期: 1950-03-05
类别: [历史(近代), 文学]
证件: { 种类: 护照, 号码: E12345678 }
电话: '13800000001'
押金: 0.3
册数: 3
评分: 4
已验: 是
书号: B007
签名: { 签名人: 欧阳小测, 日期: 2026-03-05 }
书目:
  - { 书名: '一 #1', 价: 12.5, 类: 文学 }
  - { 书名: '007', 价: 3, 类: 其他 }
---

## 说明

第一段：好。

第二段。
### 不是小标题
最后
";

#[test]
fn what_people_type_into_a_sheet_of_their_own_is_read_as_they_mean_it() {
    let place = place();
    let file = book(&place.root, "自制.xlsx", &mut |book| {
        loan(book.add_worksheet());
        titles(book.add_worksheet());
        book.add_worksheet().set_name("草稿").unwrap().write(0, 0, "随手记的").unwrap();
    });
    let (code, said, note) = import(&place.root, &file, &["--form", "L1", "--dossier", "A-01", "--dry-run"]);
    assert_eq!((code, place.root.join(LOAN).exists()), (Some(0), false), "{said}{note}");
    assert!(said.starts_with("--- /dev/null\n+++ b/loans/A-01/L1.md\n"), "{said}");
    let (code, said, note) = import(&place.root, &file, MORE);
    assert_eq!((code, said.as_str()), (Some(0), "loans/A-01/L1.md  新\n"), "{note}");
    assert_eq!(std::fs::read_to_string(place.root.join(LOAN)).unwrap(), WRITTEN);
    // The same workbook again changes nothing.
    let (code, said, note) = import(&place.root, &file, MORE);
    assert_eq!((code, said.as_str(), note.trim()), (Some(0), "", "写入 0 份记录，1 份不变"));
}

#[test]
fn only_what_differs_changes_and_notes_line_ends_and_strange_fields_stay() {
    let mut place = place();
    let before = "---\r\n表单: L1   # 借书单\r\n册数: 3   # 点过\r\n我的栏: 留着\r\n借出日期: 2026-03-05\r\n书目:   # 照单\r\n  - { 书名: 甲, 价: 1 }\r\n  # 到此\r\n押金:\r\n---\r\n\r\n## 说明\r\n\r\n旧\r\n";
    let file = place.root.join(LOAN);
    place.write(LOAN, before).commit("main", "li", "2026-03-06").stand("main");
    let sheet = book(&place.root, "改.xlsx", &mut |book| {
        let sheet = book.add_worksheet();
        for (row, (name, value)) in (0..).zip([
            ("借出日期", "2026-03-05"),
            ("借出时间", ""),
            ("读者", "乙"),
            ("出生日期", ""),
            ("类别", ""),
            ("电话", ""),
            ("押金", "9"),
            ("册数", "4"),
            ("评分", ""),
            ("已验", ""),
            ("邮箱", ""),
            ("说明", "新"),
        ]) {
            sheet.write(row, 0, name).unwrap();
            sheet.write(row, 1, value).unwrap();
        }
        let sheet = book.add_worksheet().set_name("书目").unwrap();
        for (row, cells) in (0..).zip([["书名", "价"], ["甲", "1"], ["丙", "2"]]) {
            sheet.write(row, 0, cells[0]).unwrap();
            sheet.write(row, 1, cells[1]).unwrap();
        }
    });
    let (code, said, note) = import(&place.root, &sheet, &["--record", "A-01/L1"]);
    assert_eq!((code, said.as_str()), (Some(0), "loans/A-01/L1.md  改了：读者、押金、册数、书目、说明\n"), "{note}");
    let after = "---\r\n表单: L1   # 借书单\r\n册数: 4   # 点过\r\n我的栏: 留着\r\n借出日期: 2026-03-05\r\n读者: 乙\r\n书目:   # 照单\r\n  - { 书名: 甲, 价: 1 }\r\n  - { 书名: 丙, 价: 2 }\r\n  # 到此\r\n押金: 9\r\n---\r\n\r\n## 说明\r\n\r\n新\r\n";
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    assert!(note.contains("1 份已进入主分支：改动会使审批失效"), "{note}");
}

#[test]
fn whatever_is_wrong_is_told_by_row_and_column_and_nothing_is_written() {
    let place = place();
    let file = book(&place.root, "错.xlsx", &mut |book| {
        let sheet = book.add_worksheet();
        loan(sheet);
        sheet.write(9, 2, 440_301_199_901_011_234_f64).unwrap();
        sheet.write(7, 2, "诗歌").unwrap();
        sheet.write(19, 1, "评份").unwrap();
        sheet.write(19, 2, "5").unwrap();
        sheet.write_formula(11, 2, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        let sheet = book.add_worksheet();
        titles(sheet);
        sheet.write(2, 3, "备住").unwrap();
        sheet.write(3, 3, "好书").unwrap();
        sheet.write(6, 2, "文").unwrap();
        sheet.write(8, 0, "漏下的书").unwrap();
        sheet.write(8, 1, "5").unwrap();
    });
    let (code, said, note) = import(&place.root, &file, MORE);
    assert_eq!((code, place.root.join(LOAN).exists()), (Some(1), false), "{said}");
    assert!(note.contains("有 4 处不对，什么也没有写入"), "{note}");
    for told in [
        "第 8 行 C 列：「类别」没有“诗歌”这个选项",
        "第 10 行 C 列：「证件.号码」是作为数字输入的，末几位已经丢失",
        "第 12 行 C 列：「押金」的公式出错：#DIV/0!",
        "第 7 行 C 列：「书目.类」没有“文”这个选项",
        "warning[F201]: 第 3 行 D 列：没有「备住」这一栏，没有读入",
        "错.xlsx[书目]:7:",
        "第 9 行 A 列：合计以下的行没有读入",
        "warning[F201]: 第 20 行 B 列：没有「评份」这一栏，没有读入",
        "是不是「评分」?",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
}

#[test]
fn a_record_that_was_changed_meanwhile_is_not_written_over() {
    let mut place = place();
    place.write(LOAN, "---\n表单: L1\n册数: 3\n评分: 5\n---\n").commit("main", "li", "2026-03-06").stand("main");
    let file = place.root.parent().unwrap().join("A-01-L1.xlsx");
    let (code, said, _) = run(&place.root, &["excel", "A-01/L1", "--out", file.to_str().unwrap()]);
    assert_eq!((code, said.trim()), (Some(0), file.to_str().unwrap()));
    // An empty cell means nothing until the workbook is known to be of this very text.
    assert_eq!(import(&place.root, &file, &[]).2.trim(), "写入 0 份记录，1 份不变");
    std::fs::write(place.root.join(LOAN), "---\n表单: L1\n册数: 4\n---\n").unwrap();
    let (code, said, _) = import(&place.root, &file, &[]);
    assert_eq!(code, Some(1));
    assert!(said.contains("error[F140]") && said.contains("表格输出以后，loans/A-01/L1.md 又改过；两边不同的：册数、评分"), "{said}");
    let (code, said, note) = import(&place.root, &file, &["--replace"]);
    assert_eq!((code, said.as_str()), (Some(0), "loans/A-01/L1.md  改了：册数、评分\n"), "{note}");
    assert_eq!(std::fs::read_to_string(place.root.join(LOAN)).unwrap(), "---\n表单: L1\n册数: 3\n评分: 5\n---\n");
    let (code, _, note) = run(&place.root, &["excel", "A-01/L1", "--out", file.to_str().unwrap()]);
    assert!(code == Some(2) && note.contains("已经存在，没有覆盖"), "{note}");
}

#[test]
fn what_is_no_workbook_is_refused_and_says_what_to_do() {
    let place = place();
    let dir = place.root.parent().unwrap();
    for (name, bytes, told) in [
        ("a.xlsx", b"\xd0\xcf\x11\xe0 not a workbook".as_slice(), "a.xlsx 不是能读的表格"),
        ("b.xls", b"\xd0\xcf\x11\xe0", "“另存为” .xlsx"),
        ("c.csv", b"a,b\n", "“另存为” .xlsx"),
        ("d.xlsx", b"", "d.xlsx 不是能读的表格"),
    ] {
        let file = dir.join(name);
        std::fs::write(&file, bytes).unwrap();
        let (code, _, note) = import(&place.root, &file, MORE);
        assert!(code == Some(2) && note.contains(told), "{name}: {note}");
    }
    let empty = book(&place.root, "空.xlsx", &mut |book| {
        book.add_worksheet().write(0, 0, "没有栏目").unwrap();
    });
    let (code, _, note) = import(&place.root, &empty, MORE);
    assert!(code == Some(2) && note.contains("空.xlsx 里没有认出《L1》的栏目"), "{note}");
    let (code, _, note) = import(&place.root, &empty, &[]);
    assert!(code == Some(2) && note.contains("用 --form 写明表单"), "{note}");
    // What nobody filled in is no record.
    let file = dir.join("new.xlsx");
    assert_eq!(run(&place.root, &["excel", "L1", "--dossier", "A-02", "--out", file.to_str().unwrap()]).0, Some(0));
    let (code, said, note) = import(&place.root, &file, &[]);
    assert_eq!((code, said.as_str(), note.trim()), (Some(0), "", "写入 0 份记录，0 份不变"));
}

#[test]
fn sheets_have_names_of_their_own_whatever_tables_are_called() {
    let mut place = Place::new();
    let long = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二";
    let form = format!(
        "form: L5\nname: '?*'\ndossier: 借阅\nper: many\nfields:\n  - {{ name: {long}甲, type: table, columns: [ {{ name: 甲, type: text }} ] }}\n  - {{ name: {long}乙, type: table, columns: [ {{ name: 乙, type: text }} ] }}\n  - {{ name: l5, type: table, columns: [ {{ name: 丙, type: text }} ] }}\n"
    );
    place.write("rulebook/forms/L5.yaml", &form).write(
        "loans/A-01/L5-01.md",
        &format!("---\n表单: L5\n{long}甲:\n  - {{ 甲: 一 }}\n{long}乙:\n  - {{ 乙: 二 }}\nl5:\n  - {{ 丙: 三 }}\n---\n"),
    );
    place.commit("main", "li", "2026-01-01").stand("main");
    let file = place.root.parent().unwrap().join("a.xlsx");
    let (code, _, note) = run(&place.root, &["excel", "A-01/L5-01", "--out", file.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{note}");
    let names: Vec<String> = Filled::read(&file).unwrap().sheets.into_iter().map(|sheet| sheet.name).collect();
    assert_eq!(names[0], "L5");
    assert_eq!(names[3], "l5 2");
    assert!(names[1] != names[2] && names[1].chars().count() == 31, "{names:?}");
    assert_eq!(import(&place.root, &file, &[]).2.trim(), "写入 0 份记录，1 份不变");
}

#[test]
fn the_site_has_an_empty_workbook_of_every_form_that_people_fill() {
    let place = place();
    let out = place.root.parent().unwrap().join("site");
    let build = |more: &[&str]| run(&place.root, &[&["build", "--out", out.to_str().unwrap(), "--audience", "公开"], more].concat());
    assert_eq!(build(&[]).0, Some(0));
    let file = out.join("papers/blank/L1.xlsx");
    let page = std::fs::read_to_string(out.join("forms/L1.html")).unwrap();
    assert!(page.contains("papers/blank/L1.xlsx\">Excel</a>"), "{page}");
    let bytes = std::fs::read(&file).unwrap();
    let cells = support::cells(&file);
    assert!(cells.contains(&"文学".to_owned()) && !cells.contains(&"李娜".to_owned()), "it names nobody");
    assert_eq!(build(&[]).0, Some(0));
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "the same bytes");
    let (code, said, note) = import(&place.root, &file, &["--dossier", "A-01"]);
    assert_eq!((code, said.as_str(), note.trim()), (Some(0), "", "写入 0 份记录，0 份不变"));
    let (code, _, note) = import(&place.root, &file, &[]);
    assert!(code == Some(2) && note.contains("--dossier"), "{note}");
}

/// Names in a column, values beside them.
fn beside(sheet: &mut Worksheet, values: &[(&str, &str)]) {
    for (row, (name, value)) in (0..).zip(values) {
        sheet.write(row, 0, *name).unwrap();
        sheet.write(row, 1, *value).unwrap();
    }
}

#[test]
fn a_sheet_that_says_little_takes_nothing_away() {
    let mut place = place();
    let before = "---\n表单: L1\n读者: |\n  欧阳\n  小测\n签名: { 签名人: 甲, 日期: 2026-03-05, 存放: 柜 }\n书目:\n  - { 书名: 甲 }\n  - { 书名: 乙 }\n册数: 2\n---\n";
    place.write(LOAN, before).commit("main", "li", "2026-03-06").stand("main");
    let values = [
        ("借出日期", ""),
        ("借出时间", ""),
        ("读者", "欧阳小测"),
        ("出生日期", ""),
        ("类别", ""),
        ("电话", ""),
        ("押金", ""),
        ("册数", ""),
        ("评分", ""),
        ("已验", ""),
        ("邮箱", ""),
        ("签名.日期", "2026-03-07"),
        ("签名.存放", ""),
    ];
    let file = book(&place.root, "少.xlsx", &mut |book| beside(book.add_worksheet(), &values));
    let (code, said, note) = import(&place.root, &file, &["--record", "A-01/L1"]);
    assert_eq!((code, said.as_str()), (Some(0), "loans/A-01/L1.md  改了：读者、签名\n"), "{note}");
    let after = "---\n表单: L1\n读者: 欧阳小测\n签名: { 签名人: 甲, 日期: 2026-03-07, 存放: 柜 }\n书目:\n  - { 书名: 甲 }\n  - { 书名: 乙 }\n册数: 2\n---\n";
    assert_eq!(std::fs::read_to_string(place.root.join(LOAN)).unwrap(), after);
    // Fewer rows than are there are hardly meant.
    let file = book(&place.root, "行.xlsx", &mut |book| {
        beside(book.add_worksheet(), &values);
        beside(book.add_worksheet().set_name("书目").unwrap(), &[("书名", "价"), ("丙", "1")]);
    });
    let (code, said, _) = import(&place.root, &file, &["--record", "A-01/L1"]);
    assert!(code == Some(1) && said.contains("记录里「书目」有 2 行，表格里只有 1 行"), "{said}");
    assert_eq!(import(&place.root, &file, &["--record", "A-01/L1", "--replace"]).0, Some(0));
    let now = std::fs::read_to_string(place.root.join(LOAN)).unwrap();
    assert!(now.contains("书目:\n  - { 书名: 丙, 价: 1 }\n册数:\n---\n"), "{now}");
}

#[test]
fn rows_that_say_the_same_are_records_of_their_own_and_come_only_once() {
    let place = place();
    let file = book(&place.root, "催还.xlsx", &mut |book| {
        let sheet = book.add_worksheet();
        for (row, cells) in
            (0..).zip([["次", "日期", "书名"], ["1", "2026-03-05", "甲"], ["1", "2026-03-05", "甲"], ["2", "2026-03-06", "乙"]])
        {
            for (column, text) in (0..).zip(cells) {
                sheet.write(row, column, text).unwrap();
            }
        }
    });
    let more = ["--form", "L3", "--dossier", "A-01", "--worker", "李娜"];
    let (code, said, note) = import(&place.root, &file, &more);
    let new = ["loans/A-01/L3-01.md  新", "loans/A-01/L3-02.md  新", "loans/A-01/L3-03.md  新"];
    assert_eq!((code, said.lines().collect::<Vec<_>>()), (Some(0), new.to_vec()), "{note}");
    let text = std::fs::read_to_string(place.root.join("loans/A-01/L3-03.md")).unwrap();
    assert_eq!(text, "---\n表单: L3\n填表日期: 2026-04-01\n经手人: 李娜\n次: 2\n日期: 2026-03-06\n书名: 乙\n---\n");
    let (code, said, note) = import(&place.root, &file, &more);
    assert_eq!((code, said.as_str(), note.trim()), (Some(0), "", "写入 0 份记录，3 份不变"));
}

#[test]
fn a_record_that_its_form_claims_by_path_keeps_its_name() {
    let mut place = Place::new();
    place.write("rulebook/forms/N.yaml", "form: N\nname: 启事\nrecords: notes/n-*.md\nfields:\n  - { name: 标题, type: text }\n");
    place.write("notes/n-1.md", "---\n标题: 旧\n---\n").commit("main", "li", "2026-01-01").stand("main");
    let file = book(&place.root, "启事.xlsx", &mut |book| beside(book.add_worksheet(), &[("填表日期", ""), ("标题", "新")]));
    let (code, said, note) = import(&place.root, &file, &["--record", "notes/n-1.md"]);
    assert_eq!((code, said.as_str()), (Some(0), "notes/n-1.md  改了：标题\n"), "{note}");
    assert_eq!(std::fs::read_to_string(place.root.join("notes/n-1.md")).unwrap(), "---\n标题: 新\n---\n");
}
