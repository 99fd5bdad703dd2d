//! The pages that people spend their day on, as they come out of a build: deadlines, queue, lists.

use std::collections::BTreeMap;

use crate::support::{Place, anjuan};

const ARTICLES: &str = "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n";
const RULES: &str = "
- { id: T1, article: '1', title: 借书单须经组长审批, applies: { form: L1 }, severity: error, owner: 组长,
    must: { approval: { by: [组长], not: [author], covers: all } } }
- { id: T2, article: '1', title: 组长三日内答复, applies: { form: L1 }, when: { '@submitted': present }, severity: error, owner: 组长,
    must: { deadline: { from: '@submitted', within: 3 working days, until: '@reviewed' } } }
- { id: T3, article: '1', title: 十个工作日内还书, applies: { form: L1 }, severity: error,
    must: { deadline: { from: 借出日期, within: 10 working days, until: L2.还书日期 } } }
- { id: T4, article: '1', title: 馆长盘点, applies: { form: L1 }, severity: warning, owner: 馆长,
    must: { deadline: { from: 借出日期, within: 1 working days, until: L2.还书日期 } } }
";

/// Pages by address.
type Site = BTreeMap<String, String>;

/// An archive with loans on a branch that wait: number, day of the loan, who wrote it and when.
fn place(loans: &[(&str, &str, &str, &str, &str)]) -> Place {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", ARTICLES).write("rulebook/rules/t.yaml", RULES);
    place.write(
        "rulebook/calendar/closures.yaml",
        "closures:\n  - { date: 2026-05-21, reason: 台风停工 }\n  - { date: 2026-05-20, reason: 消杀, projects: [A] }\n",
    );
    place.commit("main", "li", "2026-01-01");
    for (number, day, name, who, when) in loans {
        place.write(&format!("loans/{number}/L1.md"), &format!("---\n表单: L1\n借出日期: {day}\n经手人: {name}\n读者: 欧阳小测\n---\n"));
        place.commit("open", who, when);
    }
    place.stand("open");
    place
}

fn build(place: &Place, today: &str, audience: &str) -> Site {
    let out = tempfile::tempdir().unwrap();
    let (root, to) = (place.root.to_str().unwrap(), out.path().join("site"));
    let words = ["-C", root, "--today", today, "build", "--audience", audience, "--no-papers", "--out", to.to_str().unwrap()];
    let said = anjuan(&words);
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.code() == Some(0) && !text.contains("T101"), "{text}");
    crate::support::pages(&to)
}

/// The text of a page between two places, without tags.
fn text(html: &str, from: &str, to: &str) -> String {
    let start = html.find(from).unwrap_or_else(|| panic!("no {from}"));
    let end = html[start..].find(to).map_or(html.len(), |at| start + at);
    let mut out = String::new();
    let mut tag = false;
    for c in html[start..end].chars() {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            c if !tag => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

const LOANS: &[(&str, &str, &str, &str, &str)] = &[
    ("A-01", "2026-05-08", "李娜", "li", "2026-05-18"),
    ("A-02", "2026-05-15", "王芳", "wang", "2026-05-14"),
    ("B-01", "2026-05-18", "李娜", "li", "2026-05-19"),
];

#[test]
fn the_calendar_names_days_and_shows_what_falls_due() {
    let site = build(&place(LOANS), "2026-05-19", "保密");
    let may = &site["deadlines/index.html"];
    assert!(may.contains("2026 年 5 月") && may.contains("劳动节") | may.contains("放假"), "holidays are named");
    // 2026-05-09 is a Saturday that is worked, the 21st a closure of all, the 20th one of project A.
    assert!(text(may, "datetime=\"2026-05-09\"", "</td>").contains("调休上班"));
    assert!(text(may, "datetime=\"2026-05-21\"", "</td>").contains("台风停工"));
    assert!(text(may, "datetime=\"2026-05-20\"", "</td>").contains("A 消杀"));
    // Ten working days from 2026-05-08 for A: the 9th counts, the 20th and 21st do not.
    let day = text(may, "id=\"d2026-05-25\"", "</section>");
    assert!(day.contains("A-01") && day.contains("十个工作日内还书") && day.contains("李娜"), "{day}");
    assert!(may.contains("aria-current=\"date\""), "today is marked");
    // The months before and after are there and lead to each other.
    assert!(site.contains_key("deadlines/2026-04.html") && site.contains_key("deadlines/2026-06.html"));
    assert!(!site.contains_key("deadlines/2026-05.html") && !site.contains_key("deadlines/2026-03.html"));
    assert!(site["deadlines/2026-04.html"].contains("rel=\"next\" href=\"../deadlines/index.html\""));
    // Nothing is guessed of a year without holidays.
    let late = build(&place(&[("A-01", "2027-01-04", "李娜", "li", "2026-12-30")]), "2026-12-30", "保密");
    assert!(late["deadlines/2027-01.html"].contains("还没有这一年的节假日安排"));
    assert!(!late["deadlines/index.html"].contains("还没有这一年的节假日安排"));
}

#[test]
fn the_queue_begins_with_what_has_the_fewest_days_left() {
    let site = build(&place(LOANS), "2026-05-19", "保密");
    let queue = &site["queue/index.html"];
    let places: Vec<usize> = ["A-02/L1", "A-01/L1", "B-01/L1"].iter().map(|id| queue.find(&format!(">{id}<")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    // The approval and the answer to the same record are one row; who wrote it is not asked to approve it.
    let row = text(queue, ">A-02/L1<", "</tr>");
    assert!(row.contains("借书单须经组长审批") && row.contains("组长三日内答复") && row.contains("2026-05-19"), "{row}");
    assert!(row.contains("陈静"), "who is higher in the line stands in where nobody else holds the role: {row}");
    let row = text(queue, ">A-01/L1<", "</tr>");
    assert!(row.contains("王芳") && !row.contains("陈静"), "the writer's own supervisor: {row}");
    // A duty of another role, or of the worker, waits for nobody's opinion.
    assert!(!queue.contains("馆长盘点") && !queue.contains("十个工作日内还书"));
    let own = &site["queue/person/wang.html"];
    assert!(own.contains("A-01/L1") && own.contains("B-01/L1") && !own.contains(">A-02/L1<"));
}

#[test]
fn a_person_and_a_project_have_their_own_day() {
    let site = build(&place(LOANS), "2026-05-19", "保密");
    let li = &site["people/li.html"];
    let part = |page: &str, id: &str| text(page, &format!("<section id=\"{id}\""), "</section>");
    assert!(part(li, "open").contains("A-01") && part(li, "open").contains("B-01"), "{}", part(li, "open"));
    assert!(part(li, "submitted").contains("借书单须经组长审批"), "what others have to approve");
    assert!(!part(li, "waiting").contains("借书单"));
    let wang = &site["people/wang.html"];
    assert!(part(wang, "waiting").contains("A-01") && !part(wang, "waiting").contains("A-02"));
    assert!(part(wang, "open").contains("A-02"), "their own loans too");
    let chen = &site["people/chen.html"];
    assert!(part(chen, "today").contains("组长三日内答复") && part(chen, "overdue").contains("馆长盘点"));
    let (a, b) = (&site["projects/A.html"], &site["projects/B.html"]);
    assert!(a.contains("A-01") && !a.contains("B-01") && b.contains("B-01") && !b.contains("A-01"));
    let start = &site["index.html"];
    for link in ["people/chen.html", "people/wang.html", "projects/A.html"] {
        assert!(start.contains(&format!("href=\"{link}\"")), "{link}");
    }
}

#[test]
fn a_lower_audience_gets_the_same_pages_without_what_it_may_not_see() {
    let site = build(&place(LOANS), "2026-05-19", "公开");
    for url in ["deadlines/index.html", "queue/index.html", "people/wang.html", "projects/A.html", "dossiers/index.html"] {
        assert!(site[url].contains("A-01") && !site[url].contains("欧阳"), "{url}");
    }
    // When a loan began is above this audience, so no list is sorted into quarters by it.
    assert!(!site.keys().any(|url| url.starts_with("dossiers/opened/")), "{:?}", site.keys());
    assert!(build(&place(LOANS), "2026-05-19", "保密").contains_key("dossiers/opened/2026-Q2.html"));
}

#[test]
fn the_log_tells_everything_and_to_each_audience_only_what_it_may_see() {
    let mut place = Place::new();
    place.commit("main", "li", "2026-01-01");
    let loan = |who: &str, day: &str| format!("---\n表单: L1\n填表日期: {day}\n经手人: 李娜\n读者: {who}\n---\n");
    place.write("loans/A-01/L1.md", &loan("欧阳小测", "2026-05-11")).write("loans/A-02/L1.md", &loan("司徒小样", "2026-05-11"));
    place.commit("main", "li", "2026-05-11");
    place.write("loans/A-01/L1.md", &loan("上官小例", "2026-05-12")).commit("main", "he", "2026-05-12");
    place.remove("loans/A-02/L1.md").commit("main", "wang", "2026-05-13");
    place.checkout();
    let own = &build(&place, "2026-05-19", "保密")["log/index.html"];
    let places: Vec<usize> = ["2026-05-13", "2026-05-12", "2026-05-11"].iter().map(|day| own.find(&format!(">{day} ")).unwrap()).collect();
    assert!(places.is_sorted(), "newest first");
    assert!(own.contains("<del>欧阳小测</del>") && own.contains("<ins>上官小例</ins>") && own.contains("何青"));
    let removed = text(own, "<li class=\"removed\">", "</li>");
    assert!(removed.contains("2026-05-13") && removed.contains("王芳") && removed.contains("A-02/L1"), "{removed}");
    let shared = &build(&place, "2026-05-19", "内部")["log/index.html"];
    assert!(shared.contains("<del>2026-05-11</del>") && !shared.contains("欧阳") && !shared.contains("上官") && !shared.contains("读者"));
    let open = &build(&place, "2026-05-19", "公开")["log/index.html"];
    assert!(open.contains("A-01/L1") && !open.contains("<del>"));
}

#[test]
fn the_course_of_a_dossier_leads_to_its_records() {
    let site = build(&place(LOANS), "2026-05-19", "保密");
    let page = &site["dossiers/A-01.html"];
    let drawing = &page[page.find("class=\"drawing course\"").unwrap()..page.find("class=\"columns\"").unwrap()];
    assert!(drawing.contains("<a href=\"../records/A-01/L1.html\">") && drawing.contains("十个工作日内还书"), "{drawing}");
    assert!(drawing.contains("<td>2026-05-25</td>"), "the same as a table");
}

#[test]
fn what_waits_on_branches_is_listed_until_the_main_branch_has_it() {
    let mut place = place(&[("A-01", "2026-05-08", "李娜", "li", "2026-05-18")]);
    place.merge("open", "wang", "2026-05-19", &["wang"]);
    let loan = |name: &str| format!("---\n表单: L1\n借出日期: 2026-05-11\n经手人: {name}\n读者: 欧阳小测\n---\n");
    place.write("loans/A-01/L1.md", &loan("李娜")).write("loans/A-02/L1.md", &loan("李娜")).commit("欧阳小测的书", "li", "2026-05-20");
    place.write("loans/A-03/L1.md", &loan("王芳")).commit("third", "wang", "2026-05-21");
    // Done and undone again, taken in by squash, and a note that is no record: nothing of these waits.
    place.write("loans/A-04/L1.md", &loan("李娜")).commit("undone", "li", "2026-05-21");
    place.remove("loans/A-04/L1.md").commit("undone", "li", "2026-05-22");
    place.write("loans/A-05/L1.md", &loan("李娜")).commit("squashed", "li", "2026-05-21");
    place.write("loans/A-05/L1.md", &loan("李娜")).commit("main", "wang", "2026-05-22");
    place.write("notes.md", "# 便条\n").commit("note", "li", "2026-05-22");
    place.checkout();
    let site = build(&place, "2026-05-25", "保密");
    let page = &site["branches/index.html"];
    let rows = text(page, "<tbody>", "</tbody>");
    assert_eq!(page.matches("<tr>").count(), 4, "{rows}");
    assert!(rows.starts_with("2026-05-20 A-01 / L1 L1 借书单 改动 欧阳小测的书"), "{rows}");
    assert!(rows.contains("A-02/L1 L1 借书单 新增") && rows.contains("李娜 王芳") && rows.contains("2026-05-21 A-03/L1"), "{rows}");
    assert!(site["index.html"].contains("branches/index.html"));

    // What is new on a branch may name anybody, so others hear of its form only.
    let lower = build(&place, "2026-05-25", "公开");
    let rows = text(&lower["branches/index.html"], "<tbody>", "</tbody>");
    assert!(!rows.contains("欧阳小测") && !rows.contains("A-02") && rows.contains("A-01 / L1"), "{rows}");

    place.merge("欧阳小测的书", "wang", "2026-05-26", &["wang"]).merge("third", "chen", "2026-05-26", &["chen"]);
    place.checkout();
    assert!(!build(&place, "2026-05-27", "保密").contains_key("branches/index.html"));
}

#[test]
fn the_log_tells_who_changed_the_register_and_the_rules() {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", ARTICLES).write("rulebook/rules/t.yaml", RULES).commit("main", "li", "2026-01-01");
    // Through a merge that names who approved it, then past everybody.
    place.replace("rulebook/rules/t.yaml", "within: 10 working days", "within: 8 working days").commit("shorter", "li", "2026-05-11");
    place.merge("shorter", "wang", "2026-05-12", &["wang"]);
    place.replace("people.yaml", "emails: [he@example.org]", "emails: [he@example.org, qing@example.net]").commit(
        "main",
        "he",
        "2026-05-13",
    );
    place.checkout();
    let site = build(&place, "2026-05-19", "保密");
    let law = &site["log/law.html"];
    let rule = text(law, ">T3</a>", "</li>");
    assert!(rule.contains("must") && law.contains("<del>10</del><ins>8</ins>"), "{rule}");
    let step = text(law, "2026-05-12", ">T3</a>");
    for words in ["李娜", "王芳 批准", "合并说明中署名"] {
        assert!(step.contains(words), "{words}: {step}");
    }
    let register = text(law, "2026-05-13", "</li>");
    assert!(register.contains("何青") && register.contains("没有批准") && register.contains("qing@example.net"), "{register}");
    assert!(law.contains("href=\"../people/he.html\"") && law.contains("href=\"../rules/T3.html\""));
    // What was there from the beginning is told once for each file, and all of it stands in the whole log too.
    assert!(law.matches("people.yaml").count() == 1 && law.contains("建库时已有"), "{}", law.matches("people.yaml").count());
    let whole = &site["log/index.html"];
    assert!(
        whole.contains("href=\"../log/law.html\"")
            && whole.contains("href=\"../rules/T3.html\"")
            && whole.contains("href=\"../people/he.html\"")
    );
    // Others are told that it changed, and not what stood there.
    let shared = &build(&place, "2026-05-19", "公开")["log/law.html"];
    assert!(shared.contains("href=\"../rules/T3.html\"") && shared.contains("王芳 批准") && shared.contains("emails"));
    assert!(!shared.contains("example.net") && !shared.contains("working days"));
}

#[test]
fn hundreds_of_people_stand_on_several_pages() {
    let mut place = Place::new();
    let mut register = String::from("people:\n");
    for n in 0..320 {
        let until = if n % 4 == 0 { ", until: 2026-01-31" } else { "" };
        register += &format!(
            "  - {{ id: p{n}, name: 馆员{n:03}号, emails: [p{n}@example.org], roles: [ {{ role: {}, from: 2020-01-01{until} }} ] }}\n",
            if n % 10 == 1 { "组长" } else { "馆员" }
        );
    }
    place.write("people.yaml", &register).write("rulebook/articles.yaml", ARTICLES).write("rulebook/rules/t.yaml", RULES);
    place.write("loans/A-01/L1.md", "---\n表单: L1\n借出日期: 2026-01-05\n经手人: 馆员007号\n---\n");
    place.commit("main", "p7", "2026-01-05");
    place.checkout();
    let site = build(&place, "2026-05-19", "保密");
    let rows = |url: &str| site[url].matches("<tr>\n<td class=\"key\"").count();
    assert_eq!([rows("people/index.html"), rows("people/index/2.html"), rows("people/index/3.html")], [150, 150, 20]);
    assert!(site["people/index.html"].len() < 200_000);
    // Who has something to do stands first in the other order; the parts hold those who have the role now, and who left.
    let load = &site["people/by/load.html"];
    assert!(load.find("馆员007号").unwrap() < load.find("馆员000号").unwrap());
    let names = |url: &str| site[url].matches("馆员").count();
    assert!(names("people/service/left.html") >= 80 && !site["people/service/left.html"].contains("馆员007号"));
    assert!(site.keys().any(|url| url.starts_with("people/role/")), "{:?}", site.keys().filter(|url| url.starts_with("people/")).take(9));
}

#[test]
fn what_narrows_the_list_down_holds_what_the_audience_may_see() {
    let place = place(LOANS);
    let out = tempfile::tempdir().unwrap();
    for (audience, days) in [("保密", true), ("公开", false)] {
        let to = out.path().join(audience);
        let words = ["-C", place.root.to_str().unwrap(), "--today", "2026-05-19", "build", "--audience", audience, "--no-papers", "--out"];
        let said = anjuan(&[&words[..], &[to.to_str().unwrap()]].concat());
        assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
        let rows = std::fs::read_to_string(to.join("dossiers/rows-000.js")).unwrap();
        let manifest = std::fs::read_to_string(to.join("dossiers/rows.js")).unwrap();
        assert!(rows.contains("\"A-01\"") && rows.contains("\"dossiers/A-01.html\"") && !rows.contains("欧阳"), "{rows}");
        // When a loan began is above the lowest audience: nothing says it, and no period is offered.
        assert_eq!(rows.contains("\"2026-05-08\""), days, "{audience}");
        assert!(manifest.contains(&format!("\"days\":{days}")), "{manifest}");
    }
}
