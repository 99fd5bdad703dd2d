//! The proof that an output holds nobody's name can fail: names are planted where views cannot keep them out.

use crate::support::{Place, anjuan};

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
fn a_name_in_a_field_that_everybody_sees_is_refused() {
    let mut place = place();
    assert_eq!(build(&place, "内部", false).0, Some(0));
    place.write("loans/A-01/L4.md", &format!("---\n表单: L4\n名称: {NAME}读书会\n---\n")).lay_out();
    refused(&place, false, "records/A-01/L4.html");
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
    place.write("loans/A-01/L4.md", &format!("---\n表单: L4\n名称: {NAME}读书会\n---\n")).lay_out();
    refused(&place, false, "search/texts-000.js");
}
