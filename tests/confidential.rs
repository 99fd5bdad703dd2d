//! The proof that an output holds nobody's name can fail: names are planted where views cannot keep them out.

use crate::support::{Place, anjuan};

mod planted;

const NAME: &str = "欧阳小测";

/// An archive in which a reader is named, and a form with a field that everybody sees.
fn place() -> Place {
    let mut place = Place::new();
    place
        .write("rulebook/forms/L4.yaml", "form: L4\nname: 活动\ndossier: 借阅\nfields:\n  - { name: 名称, type: text, audience: 公开 }\n")
        .write("loans/A-01/L1.md", &format!("---\n表单: L1\n读者: {NAME}\n电话: '13800000009'\n---\n"))
        .write("loans/A-01/L4.md", "---\n表单: L4\n名称: 读书会\n---\n");
    place.commit("main", "li", "2026-01-01").checkout();
    place
}

/// Builds for an audience; the exit code and everything said.
fn build(place: &Place, audience: &str, papers: bool) -> (Option<i32>, String) {
    let root = place.root.to_str().unwrap();
    let mut words = vec!["-C", root, "--today", "2026-06-30", "build", "--audience", audience];
    if !papers {
        words.push("--no-papers");
    }
    let out = anjuan(&words);
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

/// The build is refused, the finding names output, record and field but not the value, and what was there before stays.
fn refused(place: &Place, papers: bool, output: &str) {
    let before = std::fs::read(place.root.join("site/index.html")).ok();
    let (code, said) = build(place, "内部", papers);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("E101") && said.contains(output) && said.contains("A-01/L1") && said.contains("读者"), "{said}");
    assert!(!said.contains(NAME), "{said}");
    assert_eq!(std::fs::read(place.root.join("site/index.html")).ok(), before, "the output before is untouched");
}

#[test]
fn a_clean_output_is_published_with_the_number_of_names_searched_for() {
    let place = place();
    let (code, said) = build(&place, "内部", true);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("已用 2 个身份信息反查"), "{said}");
    // Who may see them all has nothing to be proved to.
    let (code, said) = build(&place, "保密", false);
    assert!(code == Some(0) && !said.contains("反查"), "{said}");
}

#[test]
fn a_name_in_a_field_that_everybody_sees_is_published_as_a_pseudonym() {
    let mut place = place();
    place.write("loans/A-01/L4.md", &format!("---\n表单: L4\n名称: {NAME}读书会\n---\n")).lay_out();
    let (code, said) = build(&place, "内部", true);
    assert_eq!(code, Some(0), "{said}");
    let page = std::fs::read_to_string(place.root.join("site/records/A-01/L4.html")).unwrap();
    assert!(page.contains("读者-1读书会") && !page.contains(NAME));
    // Whoever may know them reads the name, and the finding tells the writer.
    assert_eq!(build(&place, "保密", false).0, Some(0));
    assert!(std::fs::read_to_string(place.root.join("site/records/A-01/L4.html")).unwrap().contains(NAME));
    let found = place.check("2026-06-30");
    assert!(found.iter().any(|line| line.contains("E102") && line.contains("名称")) && !found.iter().any(|line| line.contains(NAME)));
}

#[test]
fn a_name_in_a_theme_or_a_guide_is_refused() {
    let mut place = place();
    place.write("guide/01.md", &format!("# 指引\n\n照{NAME}的样子填。\n")).lay_out();
    refused(&place, false, "guide/");
    let mut place = self::place();
    place.write("theme/script.js", "// 13800000009\n").lay_out();
    let (code, said) = build(&place, "内部", false);
    assert!(code == Some(2) && said.contains("assets/") && said.contains("电话"), "{said}");
}

/// The proof knows names in every spelling that the search at writing knows.
#[test]
fn a_name_spelled_otherwise_is_refused() {
    for spelled in [
        "歐陽小測",
        "欧 阳 小 测",
        "欧·阳·小·测",
        "欧，阳小测",
        "**欧阳**小测",
        "欧阳[小测](https://example.org/)",
        "歐　陽　小　測",
        "打１３８０００００００９",
        "打138 0000 0009",
        "打 138-0000-0009",
    ] {
        let mut place = place();
        place.write("guide/01.md", &format!("# 指引\n\n照{spelled}的样子填。\n")).lay_out();
        let (code, said) = build(&place, "内部", false);
        assert!(code == Some(2) && said.contains("E101") && said.contains("guide/"), "{spelled}: {said}");
    }
    // In a script, in an attribute, in characters written as numbers, on a paper.
    for (file, content) in [
        ("theme/script.js", "// 歐陽小測\n".to_owned()),
        ("theme/print.css", "/* 歐-陽-小-測 */\n".to_owned()),
        ("theme/a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><title>歐<tspan>&#38525;</tspan>小測</title></svg>".to_owned()),
        ("theme/b.svg", "<svg xmlns='http://www.w3.org/2000/svg' aria-label='歐 陽 小 測'/>".to_owned()),
    ] {
        let mut place = place();
        place.write(file, &content).lay_out();
        let (code, said) = build(&place, "内部", false);
        assert!(code == Some(2) && said.contains("E101"), "{file}: {said}");
    }
    let mut place = place();
    let form =
        "form: L4\nname: 活动\ndossier: 借阅\npaper: { template: L4.typ }\nfields:\n  - { name: 名称, type: text, audience: 公开 }\n";
    let template = "#import \"/paper/general.typ\": *\n#let form(frame, record, place) = sheet(frame, record, place, [赠歐 陽 小 測])\n";
    place.write("rulebook/forms/L4.yaml", form).write("rulebook/forms/L4.typ", template).lay_out();
    refused(&place, true, "papers/A-01/L4.pdf");
    // Numbers of a table, of a list or of a drawing are no telephone, and half a name is nobody.
    for innocent in ["138,0000,0009", "1 3 8 0 0 0 0 0 0 0 9", "| 138 | 0000 | 0009 |", "欧阳家小测验", "欧阳。……………小测"]
    {
        let mut place = self::place();
        place.write("guide/01.md", &format!("# 指引\n\n{innocent}\n")).lay_out();
        assert_eq!(build(&place, "内部", false).0, Some(0), "{innocent}");
    }
}

#[test]
fn a_name_on_a_paper_only_is_refused() {
    let mut place = place();
    let form =
        "form: L4\nname: 活动\ndossier: 借阅\npaper: { template: L4.typ }\nfields:\n  - { name: 名称, type: text, audience: 公开 }\n";
    let template =
        format!("#import \"/paper/general.typ\": *\n#let form(frame, record, place) = sheet(frame, record, place, [赠{NAME}])\n");
    place.write("rulebook/forms/L4.yaml", form).write("rulebook/forms/L4.typ", &template).lay_out();
    assert_eq!(build(&place, "内部", false).0, Some(0), "no page says it");
    refused(&place, true, "papers/A-01/L4.pdf");
}

#[test]
fn a_word_that_the_rulebook_calls_common_is_passed_over() {
    let mut place = place();
    let book = std::fs::read_to_string(place.root.join("rulebook/rulebook.yaml")).unwrap();
    place.write("loans/A-01/L4.md", &format!("---\n表单: L4\n名称: {NAME}读书会\n---\n"));
    place.write("guide/01.md", &format!("# 指引\n\n照{NAME}的样子填。\n"));
    place.write("rulebook/rulebook.yaml", &format!("{book}common-words: [{NAME}]\n")).lay_out();
    let (code, said) = build(&place, "内部", false);
    assert!(code == Some(0) && said.contains("已用 1 个身份信息反查"), "{said}");
}

/// Every file of the search, by name.
fn search_files(place: &Place) -> Vec<(String, String)> {
    let files = std::fs::read_dir(place.root.join("site/search")).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_search_holds_what_its_audience_sees_and_a_name_in_it_is_refused() {
    let mut place = place();
    assert_eq!(build(&place, "保密", false).0, Some(0));
    let holds =
        |files: &[(String, String)], text: &str| files.iter().any(|(name, content)| name.starts_with("texts-") && content.contains(text));
    let highest = search_files(&place);
    assert!(holds(&highest, NAME) && holds(&highest, "13800000009") && holds(&highest, "读书会"));
    assert_eq!(build(&place, "内部", false).0, Some(0));
    let lower = search_files(&place);
    assert!(holds(&lower, "读书会"));
    assert!(lower.iter().all(|(_, content)| !content.contains(NAME) && !content.contains("13800000009")));
    // Nor do the lists know a piece of it: without the name they are those of an archive in which nobody has one.
    let lists = |files: Vec<(String, String)>| files.into_iter().filter(|(name, _)| name.starts_with("lists-")).collect::<Vec<_>>();
    place.write("loans/A-01/L1.md", "---\n表单: L1\n读者: 某人\n电话: '13900000000'\n---\n").lay_out();
    assert_eq!(build(&place, "内部", false).0, Some(0));
    assert_eq!(lists(search_files(&place)), lists(lower));

    place.write("loans/A-01/L1.md", &format!("---\n表单: L1\n读者: {NAME}\n---\n"));
    place.write("loans/A-01/L4.md", "---\n表单: L4\n名称: 读书会\n---\n");
    place.write("guide/01.md", &format!("# 指引\n\n照{NAME}的样子填。\n")).lay_out();
    refused(&place, false, "search/");
}

/// A form with everything that may be open: prose with headings, lists, tables and links, cells, and a table some of whose
/// columns are not.
const OPEN: &str = "form: L4
name: 活动
dossier: 借阅
fields:
  - { name: 名称, type: text, audience: 内部 }
  - { name: 网址, type: url, audience: 内部 }
  - name: 家人
    type: table
    audience: 内部
    columns:
      - { name: 姓名, type: text, identifies: 家属 }
      - { name: 手机, type: phone }
      - { name: 编号, type: text, audience: 内部, stands-for: 家属 }
      - { name: 备注, type: text, audience: 内部 }
sections:
  - { name: 经过, audience: 内部 }
";

/// A dossier with three people in it, of whom one has a code, and prose that names them in every way.
fn open_place() -> Place {
    let mut place = Place::new();
    place.replace("rulebook/rulebook.yaml", "common:", "messages: 内部\ncommon:").write("rulebook/forms/L4.yaml", OPEN);
    place.write("loans/A-01/L1.md", &format!("---\n表单: L1\n读者: {NAME}\n电话: '13800000009'\n---\n"));
    place.write("loans/A-02/L1.md", "---\n表单: L1\n读者: 司马别处\n---\n");
    place.commit("main", "li", "2026-01-01");
    place.write(
        "loans/A-01/L4.md",
        "---
表单: L4
名称: 欧 阳·小测和司马别处的读书会
网址: https://example.org/%E6%AC%A7%E9%98%B3%E5%B0%8F%E6%B5%8B
家人:
  - { 姓名: 王大测, 手机: '13800000011', 备注: 王大測 }
  - { 姓名: 王二测, 手机: '13800000012', 编号: 甲, 备注: 打１３８-０００-０００１２ }
---

## 经过

### 歐陽小測的家

欧阳**小测**和`王大测`来了，[王二测](https://example.org/?n=王二测)没来。

- 王大
  测说好

| 谁 | 怎样 |
|---|---|
| 王&#22823;测 | 打13800000009 |

    王大测的代码
",
    );
    place.say("登记欧阳小测").commit("main", "li", "2026-01-02").checkout();
    place
}

/// The words of a page, without marks.
fn words(place: &Place, page: &str) -> String {
    let at = place.root.join("site").join(page);
    let text = std::fs::read_to_string(&at).unwrap_or_else(|error| panic!("{}: {error} {:?}", at.display(), place.check("2026-06-30")));
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn everything_that_is_open_is_read_with_pseudonyms() {
    let place = open_place();
    let (code, said) = build(&place, "内部", true);
    assert_eq!(code, Some(0), "{said}");
    let page = words(&place, "records/A-01/L4.html");
    for wanted in [
        "读者-1和［略］的读书会", // who belongs to another dossier has no pseudonym here
        "https://example.org/读者-1",
        "家属-1",
        "打甲", // the telephone of somebody with a code
        "读者-1的家",
        "读者-1和家属-1来了，甲没来",
        "家属-1说好",
        "家属-1的代码",
        "登记读者-1",
    ] {
        assert!(page.contains(wanted), "`{wanted}` is not in {page}");
    }
    for name in ["小测", "小測", "王大", "王二", "司马", "138"] {
        assert!(!page.contains(name), "`{name}` is in {page}");
    }
    let html = std::fs::read_to_string(place.root.join("site/records/A-01/L4.html")).unwrap();
    assert!(!html.contains("?n=") && !html.contains("%E6%AC%A7"), "no link leads to a name");
    // Below the audience of the code nobody has one; nor does anybody read messages there.
    let hold = std::fs::read_to_string(place.root.join("rulebook/forms/L4.yaml")).unwrap();
    let open = hold.replace("name: 经过, audience: 内部", "name: 经过, audience: 公开");
    std::fs::write(place.root.join("rulebook/forms/L4.yaml"), open).unwrap();
    assert_eq!(build(&place, "公开", false).0, Some(0));
    let page = words(&place, "records/A-01/L4.html");
    assert!(page.contains("家属-1来了，家属-2没来") && !page.contains("登记"), "{page}");
}

#[test]
fn a_day_of_birth_is_read_as_the_ten_years_in_which_it_lies() {
    let mut place = open_place();
    place.replace("rulebook/forms/L4.yaml", "  - { name: 名称,", "  - { name: 出生日期, type: date, identifies: 读者 }\n  - { name: 名称,");
    place.replace("loans/A-01/L4.md", "名称: ", "出生日期: 1951-04-02\n名称: ");
    place.replace("loans/A-01/L4.md", "    王大测的代码\n", "生于1951年4月2日（1951.4.2，1951-04-02）。\n");
    place.commit("main", "li", "2026-01-03").checkout();
    assert_eq!(build(&place, "内部", true).0, Some(0));
    let page = words(&place, "records/A-01/L4.html");
    assert!(page.contains("生于1950年代（1950年代，1950年代）。"), "{page}");
    // Wherever else somebody writes it, nothing is published.
    place.write("guide/01.md", "# 指引\n\n如1951/4/2。\n").commit("main", "li", "2026-01-04").checkout();
    let (code, said) = build(&place, "内部", false);
    assert!(code == Some(2) && said.contains("E101") && !said.contains("1951"), "{said}");
}

#[test]
fn pseudonyms_stay_when_names_are_corrected_and_records_moved_about() {
    let mut place = open_place();
    let read = |place: &Place| {
        assert_eq!(build(place, "内部", false).0, Some(0));
        words(place, "records/A-01/L4.html")
    };
    assert!(read(&place).contains("读者-1和家属-1来了，甲没来"));
    // The first of the family is taken away, somebody comes before the others, and a name is corrected.
    place.replace(
        "loans/A-01/L4.md",
        "  - { 姓名: 王大测, 手机: '13800000011', 备注: 王大測 }\n",
        "  - { 姓名: 王三测 }\n  - { 姓名: 王四测 }\n",
    );
    place.replace("loans/A-01/L4.md", "和`王大测`来了", "和`王三测`、王四测来了");
    place.replace("loans/A-01/L4.md", "编号: 甲, ", "");
    place.replace("loans/A-01/L4.md", "王大\n  测说好", "");
    place.replace("loans/A-01/L4.md", "王&#22823;测", "某");
    place.replace("loans/A-01/L4.md", "    王大测的代码\n", "");
    place.replace("loans/A-01/L1.md", NAME, "欧阳小册");
    place.replace("loans/A-01/L4.md", "欧阳**小测**", "欧阳小册");
    place.replace("loans/A-01/L4.md", "欧 阳·小测", "欧阳小册");
    place.replace("loans/A-01/L4.md", "歐陽小測", "欧阳小册");
    place.replace("loans/A-01/L4.md", "网址: https://example.org/%E6%AC%A7%E9%98%B3%E5%B0%8F%E6%B5%8B\n", "");
    place.commit("main", "li", "2026-01-03").checkout();
    let page = read(&place);
    assert!(page.contains("读者-1和家属-3、家属-4来了，甲没来"), "{page}");
}

#[test]
fn nobody_takes_the_number_of_a_record_that_is_gone() {
    let mut place = Place::new();
    place.write("rulebook/forms/L4.yaml", &OPEN.replace("dossier: 借阅", "dossier: 借阅\nper: many"));
    place.write("loans/A-01/L4-01.md", "---\n表单: L4\n家人:\n  - { 姓名: 王一测 }\n  - { 姓名: 王二测 }\n---\n");
    place.commit("main", "li", "2026-01-01");
    place.write("loans/A-01/L4-02.md", "---\n表单: L4\n名称: 王三测的会\n家人:\n  - { 姓名: 王三测 }\n---\n");
    place.commit("main", "li", "2026-01-02").remove("loans/A-01/L4-01.md").commit("main", "li", "2026-01-03").checkout();
    assert_eq!(build(&place, "内部", false).0, Some(0));
    assert!(words(&place, "records/A-01/L4-02.html").contains("家属-3的会"));
}

#[test]
fn what_changed_in_a_table_is_not_told_to_those_who_see_only_some_of_its_columns() {
    let mut place = open_place();
    place.replace("loans/A-01/L4.md", "备注: 王大測", "备注: 好");
    place.commit("main", "li", "2026-01-03").checkout();
    assert_eq!(build(&place, "内部", false).0, Some(0));
    let page = words(&place, "records/A-01/L4.html");
    assert!(page.contains("家人") && !page.contains("13800000011") && !page.contains("手机: "), "{page}");
}

/// Values of one character, of common words, empty ones, and ten thousand relatives whose names overlap; each is named in
/// prose that everybody reads.
#[test]
fn odd_names_and_very_many_neither_stop_the_work_nor_get_out() {
    let mut place = Place::new();
    let han = |n: usize| char::from_u32(0x4E00 + u32::try_from(n).unwrap()).unwrap();
    let mut names = Vec::new();
    let mut rows = String::new();
    let mut prose = String::new();
    for n in 0..10_000 {
        let name: String = [han(n % 100), han(200 + n / 100), han(n % 100)].iter().collect();
        rows.push_str(&format!("  - {{ 姓名: {name} }}\n"));
        names.push(name.clone());
        prose.push_str(&format!("{name}{name}，"));
    }
    for odd in ["''", "' '", "报", "小明", "小明明", "明明", "无", "'。'"] {
        rows.push_str(&format!("  - {{ 姓名: {odd} }}\n"));
    }
    place.write("rulebook/forms/L4.yaml", OPEN);
    place.write("loans/A-01/L4.md", &format!("---\n表单: L4\n名称: 上报的小明明明\n家人:\n{rows}---\n\n## 经过\n\n{prose}\n"));
    place.commit("main", "li", "2026-01-01").checkout();
    let (code, said) = build(&place, "内部", false);
    assert_eq!(code, Some(0), "{said}");
    let page = words(&place, "records/A-01/L4.html");
    // Of names that overlap the one of whom more is said stands for all; one character stays.
    assert!(page.contains("上报的家属-") && !page.contains("小明"));
    // A hundred of them are others' names in traditional characters.
    assert!(page.contains("家属-1") && page.contains("家属-9900"));
    assert!(names.iter().step_by(97).all(|name| !page.contains(name)));
    assert_eq!(place.check("2026-06-30").iter().filter(|line| line.contains("E102")).count(), 2);
}

/// Values that tell nobody from others are not looked for, and it is said how many they are; what overlaps is found.
#[test]
fn odd_values_are_proved_as_far_as_they_can_be() {
    for (value, searched, planted) in [
        ("报", false, "上报"),
        ("' '", false, " "),
        ("'。'", false, "。"),
        ("V12", false, "V12"),
        ("借书", false, "借书单"), // a word of the rulebook
        ("小明", true, "小明天来"),
    ] {
        let mut place = Place::new();
        place.write("loans/A-01/L1.md", &format!("---\n表单: L1\n读者: {value}\n---\n"));
        place.write("guide/01.md", &format!("# 指引\n\n{planted}\n"));
        place.commit("main", "li", "2026-01-01").checkout();
        let (code, said) = build(&place, "内部", false);
        assert_eq!(code, Some(if searched { 2 } else { 0 }), "{value}: {said}");
        let found = place.check("2026-06-30");
        assert!(found.iter().all(|line| !line.contains("E10")), "{value}: {found:?}");
    }
    // Each of three names that overlap is told.
    let mut place = Place::new();
    let rows: String = ["王小明", "小明明", "王小明明"].iter().map(|name| format!("  - {{ 姓名: {name} }}\n")).collect();
    place.write("rulebook/forms/L4.yaml", OPEN).write("loans/A-01/L4.md", &format!("---\n表单: L4\n家人:\n{rows}---\n"));
    place.write("guide/01.md", "# 指引\n\n王小明明\n");
    place.commit("main", "li", "2026-01-01").checkout();
    let (code, said) = build(&place, "内部", false);
    assert!(code == Some(2) && said.contains("有 3 处") || said.matches("guide/").count() >= 3, "{said}");
}

#[test]
fn the_highest_audience_is_served_on_this_machine_only() {
    let place = place();
    let root = place.root.to_str().unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080", "[2001:db8::1]:8080"] {
        let out = anjuan(&["-C", root, "--lang", "zh", "serve", "--audience", "保密", "--addr", address]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.code() == Some(2) && said.contains("只在本机提供"), "{address}: {said}");
    }
}
