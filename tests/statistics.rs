//! Statistics: numbers recomputed by hand, groups that add up, small numbers that must not come out, bad input, formats.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use anjuan::diagnostic::Language;
use anjuan::publish::spreadsheet;
use anjuan::publish::view::{Viewer, statistics};
use anjuan::rulebook::derived::Rounding;
use anjuan::rulebook::statistic::{Axis, By, Cell, Cube, Group, Line, Measure, Question, Statistic, Statistics, veil};
use anjuan::yaml::de::Spanned;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::support::{Place, anjuan, day, demo, open};

const TODAY: &str = "2026-06-18";

fn stats(at: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let all: Vec<&str> = ["-C", at, "--today", TODAY, "--lang", "zh", "stats"].iter().chain(args).copied().collect();
    let out = anjuan(&all);
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

fn report(at: &str, args: &[&str]) -> Value {
    let (code, text, said) = stats(at, &[args, &["--format", "json"]].concat());
    assert_eq!(code, Some(0), "{said}");
    serde_json::from_str(&text).unwrap()
}

/// The numbers of a statistic in one table, by column; the total under `all`.
fn numbers(report: &Value, table: usize, id: &str) -> BTreeMap<String, Value> {
    let table = &report["tables"][table];
    let row = table["rows"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id}"));
    let key = |column: &Value| if column["total"] == true { "all".to_owned() } else { column["key"].as_str().unwrap_or("none").to_owned() };
    let columns = table["columns"].as_array().unwrap().iter().map(key);
    columns.zip(row["numbers"].as_array().unwrap().iter().cloned()).collect()
}

fn records(number: &Value) -> Vec<&str> {
    number["records"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect()
}

/// Every number here was counted in the files of the example, without the program.
#[test]
fn numbers_of_the_example_counted_by_hand() {
    let report = report(demo(), &["--audience", "保密", "--by", "quarter"]);
    let check = |id: &str, expected: [&str; 3]| {
        let own = numbers(&report, 0, id);
        let values = ["2026-Q1", "2026-Q2", "all"].map(|key| own[key]["value"].as_str().unwrap_or("none").to_owned());
        assert_eq!(values, expected, "{id}");
        own
    };
    // C02 by 咨询时间. Q1: LG-C-001, NS-C-001, NS-C-002, and of consultations LG-Z-002 (不属服务范围), NS-Z-002 (提供资讯).
    // Q2: LG-C-002 to -005, NS-C-003 to -008, and NS-Z-004, -006, -010.
    check("consultations-all", ["5", "13", "18"]);
    let own = check("consultations", ["2", "3", "5"]);
    assert_eq!(records(&own["2026-Q1"]), ["LG-Z2026-002/C02", "NS-Z2026-002/C02"]);
    check("consultations-opened", ["3", "10", "13"]);
    // 3 of 5, 10 of 13, 13 of 18.
    check("opened-share", ["60.0", "76.9", "72.2"]);
    // 开案日期 in Q1: LG-001 01-15, NS-001 01-12, NS-002 03-19. In Q2 ten more, of which three are not approved: NS-006 (by
    // a role that may not), NS-007 (by its contributor), NS-008 (void by a later change).
    let own = check("cases-opened", ["3", "7", "10"]);
    assert_eq!(records(&own["2026-Q1"]), ["LG-C2026-001/C03", "NS-C2026-001/C03", "NS-C2026-002/C03"]);
    // 结案日期: NS-001 05-22, LG-001 05-28, NS-002 05-29; two of them 目标达成.
    check("cases-closed", ["0", "3", "3"]);
    check("cases-achieved", ["0", "2", "2"]);
    // Nothing stood before the year; the three of Q1 stood when Q2 began, and 3 + 7 - 3 when it ended.
    check("cases-at-start", ["0", "3", "0"]);
    check("cases-at-end", ["3", "7", "7"]);
    check("cases-served", ["3", "10", "10"]);
    check("closed-share", ["0.0", "30.0", "30.0"]);
    // C07 by 开始. Q1: LG-001 three, NS-001 four, NS-002 one. Q2: LG-002 four, LG-003 two, NS-001 three, NS-002 three,
    // NS-003 three, NS-004 one, NS-005 three.
    check("sessions", ["8", "19", "27"]);
    // Rows of 参加者: one each in Q1. In Q2 LG-002 1+2+1+2, LG-003 1+1, NS-001 1+2+1, NS-002 1+1+1, NS-003 1+2+1, NS-004 3,
    // NS-005 2+3+2.
    check("session-attendances", ["8", "29", "37"]);
    // 5 and 13 consultations besides, and by 出席人数 and 参加人数: in Q1 the first group session 8 and an activity 15; in Q2
    // NS-G-001 7+7+7+8+7, LG-G-001 7+7+5 (the second is the planted 7 where six signed), the outing 6.
    check("attendances", ["36", "103", "139"]);
    // G06 and A06: on 03-25 and 03-28, then five of NS-G-001 and three of LG-G-001, and the outing.
    check("group-sessions", ["1", "8", "9"]);
    check("activity-sessions", ["1", "1", "2"]);
    // Volunteers: Q1 one session 2.5 and the activity 3+3+3; Q2 five sessions of 2.5, two of 2, the outing 3.5+3.5.
    check("volunteer-hours", ["11.5", "23.5", "35.0"]);
    // Of seven questionnaires six say 4 or 5.
    check("group-satisfaction", ["none", "85.7", "85.7"]);
    // The closed ones had 7 (NS-001), 4 (NS-002) and 3 (LG-001) sessions: 14 in 3 cases.
    let own = check("sessions-per-case", ["none", "4.67", "4.67"]);
    assert!(records(&own["all"]).contains(&"NS-C2026-001/C07-07") && !records(&own["all"]).contains(&"LG-C2026-002/C07-01"));
    // Rows of 接触行 and their minutes. Q1: LG-001 10+10+5+5+30, NS-001 15+15+20+90+30+30, NS-002 10: 270.
    // Q2: LG-001 5+5+20+5, LG-002 10+20+20+20+15, LG-003, -004, -005 and NS-004, -006, -007, -008 10 each, NS-001 15,
    // NS-002 15+20, NS-003 10+20, NS-005 70+15+80+15: 450.
    check("contacts", ["12", "25", "37"]);
    check("contact-hours", ["4.5", "7.5", "12.0"]);
    // 等级 高 in NS-005 only: its C02, C03 and two C07 are one case.
    let own = check("cases-in-crisis", ["0", "1", "1"]);
    assert_eq!(records(&own["all"]), ["NS-C2026-005/C02", "NS-C2026-005/C03", "NS-C2026-005/C07-01", "NS-C2026-005/C07-02"]);
    // C10 received 03-16 (不接收) and 04-07 (开案); C09 on 04-17.
    check("referred-in", ["1", "1", "2"]);
    check("accepted-share", ["0.0", "100.0", "50.0"]);
    check("referred-out", ["0", "1", "1"]);
    // Goals of the closed: LG-001 none of 2, NS-001 3 of 3, NS-002 3 of 3.
    check("case-goals", ["0", "8", "8"]);
    check("case-goals-share", ["none", "75.0", "75.0"]);
    // NS-002 has no C12, though its goals are reached.
    check("archives-complete", ["0", "2", "2"]);
    // One opening of ten in Q2 was handed in late (NS-004), of three in Q1 none.
    check("in-time.R31-3a", ["100.0", "90.0", "92.3"]);
    // 年度指标: 20 cases in LG and 24 in NS; five opened in each.
    let targets: Vec<String> = report["targets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|t| t["id"] == "cases-opened")
        .map(|t| format!("{} {} {} {}", t["project"], t["target"], t["actual"], t["percent"]).replace('"', ""))
        .collect();
    assert_eq!(targets, ["LG 20 5 25.0", "NS 24 5 20.8"]);
}

#[test]
fn groups_add_up_to_all_together() {
    let additive = ["consultations", "cases-opened", "cases-closed", "sessions", "session-attendances", "contacts", "duties-due"];
    for by in ["project", "month", "quarter", "year", "category", "worker"] {
        let report = report(demo(), &["--audience", "保密", "--by", by]);
        assert_eq!(report["by"], serde_json::json!([by]));
        for id in additive {
            let own = numbers(&report, 0, id);
            let of = |value: &Value| value["value"].as_str().unwrap().parse::<i64>().unwrap();
            let sum: i64 = own.iter().filter(|(key, _)| *key != "all").map(|(_, value)| of(value)).sum();
            assert_eq!(sum, of(&own["all"]), "{by} {id}");
            for value in own.values() {
                assert_eq!(records(value).is_empty(), of(value) == 0, "{by} {id}");
            }
        }
    }
    // The first item of 服务类别 is the category; the choices keep their order.
    let report = report(demo(), &["--audience", "保密", "--by", "category"]);
    let own = numbers(&report, 0, "cases-opened");
    // 老人 NS-001, NS-003; 社区女性 NS-002, NS-004, NS-005, LG-005; 外来务工 LG-001, LG-003.
    assert_eq!(
        (&own["老人(60岁以上)"]["value"], &own["社区女性"]["value"], &own["外来务工人员"]["value"]),
        (&"2".into(), &"4".into(), &"2".into())
    );
    assert_eq!(report["tables"][0]["columns"][0]["key"], "老人(60岁以上)");
    let report = self::report(demo(), &["--audience", "保密", "--by", "worker"]);
    // 何青 has LG-001 to -005, 李娜 NS-001, -003, -005 (NS-008 is not approved), 周小满 NS-002, -004.
    let own = numbers(&report, 0, "cases-opened");
    assert_eq!(["何青", "李娜", "周小满"].map(|who| own[who]["value"].as_str().unwrap().to_owned()), ["5", "3", "2"]);
    // Two groupings: a table for all, one for each project, and the period still cuts.
    let report = self::report(demo(), &["--audience", "保密", "--by", "project,month", "--from", "2026-02-10", "--to", "2026-03-20"]);
    let tables: Vec<&Value> = report["tables"].as_array().unwrap().iter().map(|table| &table["key"]).collect();
    assert_eq!(tables, [&Value::Null, &"LG".into(), &"NS".into()]);
    // C07 of LG-001 on 02-26; of NS-001 on 02-12 and 03-12.
    let of = |table: usize| {
        numbers(&report, table, "sessions").into_iter().map(|(k, v)| format!("{k}={}", v["value"])).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        [of(0), of(1), of(2)].join("; ").replace('"', ""),
        "2026-02=2 2026-03=1 all=3; 2026-02=1 2026-03=0 all=1; 2026-02=1 2026-03=1 all=2"
    );
    // Cases that stood when the period began: LG-001 and NS-001; when March began, the same.
    let own = numbers(&report, 0, "cases-at-start");
    assert_eq!((&own["2026-02"]["value"], &own["2026-03"]["value"], &own["all"]["value"]), (&"2".into(), &"2".into(), &"2".into()));
}

#[test]
fn lower_audiences_see_no_small_numbers_and_no_records() {
    for by in ["project", "project,quarter", "category,month", "worker"] {
        let (low, high) = (report(demo(), &["--audience", "内部", "--by", by]), report(demo(), &["--audience", "保密", "--by", by]));
        let people: Vec<&str> = vec![
            "consultations",
            "consultations-opened",
            "consultations-all",
            "cases-opened",
            "cases-closed",
            "cases-at-start",
            "cases-at-end",
            "cases-served",
            "cases-achieved",
            "cases-in-crisis",
            "session-attendances",
            "referred-in",
            "referred-out",
            "attendances",
        ];
        assert_eq!(low["suppress_below"], 3);
        for table in 0..low["tables"].as_array().unwrap().len() {
            for id in &people {
                for (key, number) in numbers(&low, table, id) {
                    let real: i64 = numbers(&high, table, id)[&key]["value"].as_str().unwrap().parse().unwrap();
                    assert!(number["veiled"] == true || number["value"] == real.to_string().as_str());
                    assert!(number["veiled"] == true || !(1..3).contains(&real), "{by} {id} {key}");
                }
            }
            for row in low["tables"][table]["rows"].as_array().unwrap() {
                for number in row["numbers"].as_array().unwrap() {
                    assert!(records(number).is_empty());
                    assert!(number["veiled"] == false || number["value"].is_null());
                }
            }
            // What a reader may compute: the total less the other groups, a share of something shown.
            let own = |id: &str| numbers(&low, table, id);
            let additive = ["consultations", "consultations-all", "cases-opened", "cases-closed", "session-attendances", "attendances"];
            for id in additive {
                let hidden = own(id).values().filter(|number| number["veiled"] == true).count();
                assert_ne!(hidden, 1, "{by} {id}");
            }
            for (share, of) in
                [("opened-share", "consultations-opened"), ("achieved-share", "cases-achieved"), ("closed-share", "cases-closed")]
            {
                for (key, number) in own(share) {
                    assert!(
                        own(of)[&key]["veiled"] == false || number["veiled"] == true || number["value"].is_null(),
                        "{by} {share} {key}"
                    );
                }
            }
            for (key, number) in own("consultations-all") {
                let parts = [number, own("consultations")[&key].clone(), own("consultations-opened")[&key].clone()];
                assert_ne!(parts.iter().filter(|number| number["veiled"] == true).count(), 1, "{by} {key}");
            }
        }
    }
    // The archive's own audience is the default, and the lowest gets nothing.
    assert_eq!(report(demo(), &[])["audience"], "内部");
    let (code, _, said) = stats(demo(), &["--audience", "公开"]);
    assert!(code == Some(2) && said.contains("内部"), "{said}");
    let (code, _, said) = stats(demo(), &["--audience", "路人"]);
    assert!(code == Some(2) && said.contains("路人"), "{said}");
}

/// A cube of numbers of persons for the groups of two groupings.
fn cube(grid: &[Vec<u32>], people: bool) -> (Cube, Statistics) {
    let group = |nth: usize| Group { name: Some(nth.to_string()), days: None };
    let axes = vec![
        Axis { by: By::Project, groups: (0..grid.len()).map(group).collect() },
        Axis { by: By::Worker, groups: (0..grid[0].len()).map(group).collect() },
    ];
    let (rows, columns) = (grid.len(), grid[0].len());
    let value = |row: usize, column: usize| -> u32 {
        let rows = if row == rows { 0..rows } else { row..row + 1 };
        rows.flat_map(|row| if column == columns { grid[row].clone() } else { vec![grid[row][column]] }).sum()
    };
    let cells = (0..=rows).flat_map(|row| (0..=columns).map(move |column| (row, column)));
    let cell = |(row, column)| Cell { value: Some(Decimal::from(value(row, column))), ..Cell::default() };
    let question = Question { from: day("2026-01-01"), to: day("2026-12-31"), by: vec![By::Project, By::Worker] };
    let statistic = Statistic {
        id: Spanned::default(),
        name: String::new(),
        heading: None,
        article: None,
        unit: String::new(),
        note: None,
        measure: Measure::Nothing,
        rounding: Rounding::default(),
        people,
        shown: true,
        by: vec![],
        target: None,
    };
    let list = Statistics { suppress_below: 3, list: vec![statistic], ..Statistics::default() };
    (Cube { question, axes, lines: vec![Line { cells: cells.map(cell).collect(), encrypted: 0 }] }, list)
}

/// All that a reader knows: the sums, the visible numbers, and that a veiled one is at least 1. Whether a veiled number
/// may also be another than it is, by trying everything.
fn may_differ(cube: &Cube, hidden: &[usize], wanted: usize) -> bool {
    let values: Vec<i64> = cube.lines[0].cells.iter().map(|cell| cell.value.unwrap().mantissa() as i64).collect();
    let mut sums: Vec<(Vec<usize>, usize)> = Vec::new();
    for cell in 0..cube.cells() {
        let groups = cube.groups(cell);
        for (axis, own) in cube.axes.iter().enumerate().filter(|(axis, _)| groups[*axis].is_none()) {
            let part = |group: usize| {
                let mut place = groups.clone();
                place[axis] = Some(group);
                cube.cell(&place)
            };
            sums.push(((0..own.groups.len()).map(part).collect(), cell));
        }
    }
    fn search(sums: &[(Vec<usize>, usize)], known: &mut Vec<Option<i64>>, open: &[usize], wanted: usize, real: i64) -> bool {
        let fits = sums.iter().all(|(parts, total)| {
            let sum: i64 = parts.iter().map(|&part| known[part].unwrap_or(1)).sum();
            let all = parts.iter().all(|&part| known[part].is_some());
            known[*total].is_none_or(|total| if all { sum == total } else { sum <= total })
        });
        let Some((&first, rest)) = open.split_first() else { return fits && known[wanted] != Some(real) };
        if !fits {
            return false;
        }
        (1..=24).any(|guess| {
            known[first] = Some(guess);
            let found = search(sums, known, rest, wanted, real);
            known[first] = None;
            found
        })
    }
    let mut known: Vec<Option<i64>> = values.iter().enumerate().map(|(at, value)| (!hidden.contains(&at)).then_some(*value)).collect();
    // The number itself first, and totals last.
    let mut open: Vec<usize> = hidden.iter().copied().filter(|&at| at != wanted).collect();
    open.insert(0, wanted);
    search(&sums, &mut known, &open, wanted, values[wanted])
}

fn hidden_in(cube: &Cube, list: &Statistics) -> Vec<usize> {
    let veil = veil(cube, list);
    (0..cube.cells()).filter(|&cell| veil.hides(0, cell)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn no_small_number_can_be_recomputed(grid in proptest::collection::vec(proptest::collection::vec(0u32..6, 2), 2)) {
        let (cube, list) = cube(&grid, true);
        let hidden = hidden_in(&cube, &list);
        for (at, cell) in cube.lines[0].cells.iter().enumerate() {
            let value = cell.value.unwrap();
            if value > Decimal::ZERO && value < Decimal::from(3) {
                prop_assert!(hidden.contains(&at));
                // Where nothing else is left to veil, all that is not nought is veiled.
                let nothing_left = cube.lines[0].cells.iter().enumerate().all(|(at, c)| c.value == Some(Decimal::ZERO) || hidden.contains(&at));
                prop_assert!(nothing_left || may_differ(&cube, &hidden, at), "{grid:?} {hidden:?} {at}");
            }
        }
    }
}

#[test]
fn one_veiled_number_is_never_alone() {
    // 2 of 9: the next smallest goes with it, in its row and in its column.
    let (small, list) = cube(&[vec![2, 4, 7], vec![5, 9, 8]], true);
    let hidden = hidden_in(&small, &list);
    assert!(hidden.contains(&0) && hidden.len() >= 4, "{hidden:?}");
    // Two ones beside a visible rest and total are both 1, so more must go.
    let (ones, list) = cube(&[vec![1, 1, 5], vec![9, 9, 9]], true);
    assert!(may_differ(&ones, &hidden_in(&ones, &list), 0));
    // Noughts stay, and where persons are not counted nothing is veiled.
    let (noughts, list) = cube(&[vec![0, 0, 0], vec![0, 5, 6]], true);
    assert!(hidden_in(&noughts, &list).is_empty());
    let (things, list) = cube(&[vec![1, 1, 1], vec![2, 2, 2]], false);
    assert!(hidden_in(&things, &list).is_empty());
}

/// A lending library with statistics of its own: three loans, two of them returned.
fn library(statistics: &str) -> Place {
    let mut place = Place::new();
    place.write("rulebook/statistics.yaml", statistics);
    for (number, lent, category) in [("A-01", "2026-01-05", "文学"), ("A-02", "2026-02-05", "其他"), ("B-01", "2026-04-05", "文学")] {
        place.write(
            &format!("loans/{number}/L1.md"),
            &format!("---\n表单: L1\n填表日期: {lent}\n经手人: 李娜\n借出日期: {lent}\n类别: [{category}, 其他]\n押金: 20.10\n书目:\n  - {{ 书名: 甲, 价: 10 }}\n---\n"),
        );
    }
    place.write("loans/A-01/L2.md", "---\n表单: L2\n填表日期: 2026-01-20\n经手人: 王芳\n还书日期: 2026-01-20\n结果: 完好\n---\n");
    place.write("loans/A-02/L2.md", "---\n表单: L2\n填表日期: 2026-05-01\n经手人: 李娜\n还书日期: 2026-05-01\n结果: 破损\n---\n");
    place
}

const LENT: &str = "category: L1.类别\nstatistics:\n  - { id: lent, name: 借出, count: L1, at: 借出日期 }\n";

/// The findings in `statistics.yaml`, as `line code key`.
fn said(statistics: &str) -> Vec<String> {
    let mut place = library(statistics);
    place.commit("main", "li", "2026-06-01").checkout();
    let (_, book) = open(&place.root);
    let found = book.findings.iter().filter(|d| d.path() == "rulebook/statistics.yaml");
    found.map(|d| format!("{} {} {}", d.place.as_ref().unwrap().start().line, d.code, d.key)).collect()
}

/// The value of a statistic over all.
fn value(place: &mut Place, id: &str) -> Option<String> {
    let (archive, book) = open(&place.root);
    let judgement = book.judge(&archive, day("2026-06-30"));
    let cube = Cube::of(&judgement, &Question { from: day("2026-01-01"), to: day("2026-06-30"), by: vec![] });
    let at = book.statistics.list.iter().position(|statistic| statistic.id.value == id).unwrap_or_else(|| panic!("{id}"));
    cube.lines[at].cells[0].value.map(|value| value.to_string())
}

#[test]
fn unknown_names_are_found_at_their_lines() {
    let one = |line: &str| said(&format!("{LENT}  - {{ id: x, name: 甲, {line} }}\n"));
    assert!(said(LENT).is_empty());
    for (line, expected) in [
        ("count: L9, at: 借出日期", "4 R102 L9"),
        ("count: L1, at: 借出日", "4 R102 借出日"),
        ("count: L1.书目, at: 借出日期, where: { 价格: present }", "4 R102 价格"),
        ("count: L1.书, at: 借出日期", "4 R102 书"),
        ("count: L1, at: 借出日期, where: { 类别: 小说 }", "4 R102 小说"),
        ("over: L1, sum: 书目.价钱, at: 借出日期", "4 R102 价钱"),
        ("count: L1, at: 借出日期, article: '99'", "4 R102 99"),
        ("duties: [R-1], states: [met]", "4 R102 R-1"),
        ("duties: dedline, states: [met]", "4 R102 dedline"),
        ("duties: deadline, states: [mett]", "4 R102 mett"),
        ("share: [lent, lend]", "4 R102 lend"),
        ("share: [lent]", "4 R101 x"),
        ("total: [lent], count: L1", "4 R101 x"),
        ("name2: 乙", "4 R101 name2"),
        ("count: L1", "4 R101 x"),
        ("total: [lent], at: 借出日期", "4 R101 x"),
        ("over: L1, sum: { rows: { from: L1, columns: { a: b } } }, at: 借出日期", "4 R101 "),
        ("count: L1, at: 借出日期, target: 个", "4 R101 x"),
        ("count: L1, at: 借出日期, divide: '0'", "4 R101 x"),
        ("count: L1, at: 借出日期, digits: 99", "4 R101 x"),
        ("total: [x]", "4 R106 x"),
    ] {
        assert!(one(line).contains(&expected.to_owned()), "{line}: {:?}", one(line));
    }
    assert_eq!(said(&format!("{LENT}  - {{ id: lent, name: 甲, count: L1, at: 借出日期 }}\n")), ["4 R104 lent"]);
    assert_eq!(said("audience: 路人\n"), ["1 R102 路人"]);
    assert_eq!(said("category: L1.类\n"), ["1 R102 类"]);
    assert_eq!(said("targets: { from: L1.书目, year: 年 }\n"), ["1 R102 年"]);
    assert_eq!(said("statistics: 三\n"), ["1 R101 "]);
    assert!(said("").is_empty());
    assert_eq!(said("- 一\n").len(), 1);
    // Two that rest on each other, one beyond them: the rest still counts.
    let ring = format!(
        "{LENT}  - {{ id: a, name: 甲, total: [b] }}\n  - {{ id: b, name: 乙, total: [a] }}\n  - {{ id: c, name: 丙, total: [lent] }}\n"
    );
    assert!(said(&ring).contains(&"4 R106 a".to_owned()));
    let mut place = library(&ring);
    place.commit("main", "li", "2026-06-01").checkout();
    assert_eq!((value(&mut place, "a"), value(&mut place, "b"), value(&mut place, "c")), (None, None, Some("3".to_owned())));
}

#[test]
fn measures_of_every_kind() {
    let mut place = library(
        "statistics:\n  - { id: lent, name: 借出, count: L1, at: 借出日期 }\n  - { id: back, name: 归还, count: L2, at: 还书日期, where: { 结果: 完好 } }\n  \
         - { id: deposits, name: 押金, over: L1, sum: 押金, at: 借出日期 }\n  - { id: thirds, name: 三分, over: L1, sum: 押金, at: 借出日期, divide: '3', digits: 2 }\n  \
         - { id: books, name: 册, count: L1.书目, at: 借出日期 }\n  - { id: titles, name: 种, over: L1.书目, different: 书名, at: 借出日期 }\n  \
         - { id: out, name: 在外, standing: L1, from: 借出日期, until: L2.还书日期, on: end }\n  \
         - { id: before, name: 期初, standing: L1, from: 借出日期, until: L2.还书日期, on: start }\n  \
         - { id: share, name: 完好率, share: [back, lent] }\n  - { id: never, name: 无, count: L1, at: 借出日期, where: { 押金: { greater: 100 } } }\n  \
         - { id: nought, name: 零除, share: [lent, never] }\n  - { id: of-nought, name: 零, ratio: [never, lent] }\n  \
         - { id: rest, name: 余, total: [lent], less: [back] }\n  - { id: late, name: 期限, duties: deadline, states: [overdue] }\n",
    );
    place.commit("main", "li", "2026-06-01").checkout();
    let mut of = |id: &str| value(&mut place, id).unwrap_or_else(|| "none".to_owned());
    assert_eq!(["lent", "back", "deposits", "thirds", "books", "titles"].map(&mut of), ["3", "1", "60.3", "20.10", "3", "1"]);
    // came back, B-01 is out.
    assert_eq!(
        ["out", "before", "share", "nought", "of-nought", "rest", "late"].map(&mut of),
        ["1", "0", "33.3", "none", "0.00", "2", "0"]
    );
}

#[test]
fn drafts_undated_and_unreadable_records_are_not_counted() {
    let mut place = library(LENT);
    place.commit("main", "li", "2026-06-01");
    place.write("loans/A-03/L1.md", "---\n表单: L1\n借出日期: 2026-03-01\n---\n");
    place.checkout();
    // Not committed: a draft.
    assert_eq!(value(&mut place, "lent").as_deref(), Some("3"));
    place.write("loans/A-03/L1.md", "---\n表单: L1\n借出日期: 2026-03-01\n---\n").write("loans/A-04/L1.md", "---\n表单: L1\n---\n");
    place.write("loans/A-05/L1.md", "---\n表单: L1\n借出日期: 昨天\n---\n").write("loans/A-06/L1.md", "借出日期: 2026-03-01\n");
    place.commit("main", "li", "2026-06-02").checkout();
    assert_eq!(value(&mut place, "lent").as_deref(), Some("4"));
    // Without history nobody can tell, and what is there counts.
    place.lose_git();
    assert_eq!(value(&mut place, "lent").as_deref(), Some("4"));
}

#[test]
fn numbers_that_are_too_large_are_none() {
    let mut place = library(
        "statistics:\n  - { id: sum, name: 和, over: L1, sum: { product: [总价, 79228162514264337593543950] }, at: 借出日期 }\n  - { id: both, name: 两, total: [sum, sum] }\n  - { id: lent, name: 借出, count: L1, at: 借出日期 }\n",
    );
    place.commit("main", "li", "2026-06-01").checkout();
    // Each is 10 × 7.9e25, three of them fit; a hundred times more do not.
    assert_eq!(value(&mut place, "sum").as_deref(), Some("2376844875427930127806318500"));
    let big = "---\n表单: L1\n借出日期: 2026-03-01\n总价: 999\n---\n";
    place.write("loans/A-07/L1.md", big).commit("main", "li", "2026-06-02").checkout();
    assert_eq!((value(&mut place, "sum"), value(&mut place, "both"), value(&mut place, "lent")), (None, None, Some("4".to_owned())));
}

#[test]
fn an_archive_without_records_or_statistics() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().to_str().unwrap();
    assert_eq!(anjuan(&["-C", at, "init", "mine"]).status.code(), Some(0));
    let mine = dir.path().join("mine");
    let mine = mine.to_str().unwrap();
    for by in ["project", "month", "category,year"] {
        let report = report(mine, &["--audience", "保密", "--by", by]);
        let own = numbers(&report, 0, "cases-opened");
        assert_eq!(own["all"]["value"], "0");
        assert!(report["targets"].as_array().unwrap().is_empty());
    }
    std::fs::remove_file(dir.path().join("mine/rulebook/statistics.yaml")).unwrap();
    let (code, _, said) = stats(mine, &[]);
    assert!(code == Some(2) && said.contains("statistics.yaml"), "{said}");
    assert_eq!(anjuan(&["-C", mine, "check"]).status.code(), Some(0));
}

#[test]
fn wrong_questions_are_refused() {
    for (args, word) in [
        (&["--by", "month,quarter"][..], "--by"),
        (&["--by", "project,project"], "--by"),
        (&["--by", "project,month,worker"], "--by"),
        (&["--by", "weather"], "weather"),
        (&["--from", "2026-07-01"], "2026-06-18"),
        (&["--from", "yesterday"], "yesterday"),
        (&["--format", "xlsx"], "--out"),
        (&["--format", "csv", "--out", "nowhere/x.csv"], "x.csv"),
    ] {
        let (code, _, said) = stats(demo(), args);
        assert!(code == Some(2) && said.contains(word), "{args:?}: {said}");
    }
    // Far away, but a period all the same.
    let report = report(demo(), &["--audience", "保密", "--from", "0001-01-01", "--to", "9999-12-31", "--by", "month"]);
    assert_eq!(numbers(&report, 0, "cases-opened")["all"]["value"], "10");
}

#[test]
fn a_table_lines_up_and_lists_its_records_when_asked() {
    let (_, text, _) = stats(demo(), &["--audience", "保密", "--by", "quarter"]);
    let end = |line: &str| unicode_width::UnicodeWidthStr::width(line);
    let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("   ") || l.contains("咨询人次 (") || l.contains("会谈节数 (")).collect();
    assert!(lines.len() == 3 && lines.iter().all(|line| end(line) == end(lines[0])), "{text}");
    assert!(!text.contains("NS-C2026-001/C13"));
    let (_, text, _) = stats(demo(), &["--audience", "保密", "--records"]);
    assert!(text.contains("    合计: LG-C2026-001/C13 NS-C2026-001/C13 NS-C2026-002/C13"), "{text}");
    let (_, text, _) = stats(demo(), &["--audience", "内部", "--records"]);
    assert!(!text.contains("/C13") && text.contains("* 不足 3 人"), "{text}");
}

#[test]
fn spreadsheets_hold_text_as_text() {
    let mut place = library(
        "statistics:\n  - { id: lent, name: '=SUM(A1)', unit: '@x', heading: '+86', count: L1, at: 借出日期 }\n  - { id: a, name: '甲,\"乙\"', over: L1, sum: 押金, at: 借出日期 }\n",
    );
    place.commit("main", "li", "2026-06-01").checkout();
    let (archive, book) = open(&place.root);
    let judgement = book.judge(&archive, day("2026-06-30"));
    let viewer = Viewer::new(&archive, &judgement, 2, Language::Zh, false);
    let question = Question { from: day("2026-01-01"), to: day("2026-06-30"), by: vec![By::Project] };
    let view = statistics::statistics(&viewer, &question).unwrap();
    let csv = String::from_utf8(spreadsheet::csv(&view, Language::Zh).unwrap()).unwrap();
    assert!(csv.starts_with("\u{feff}项目,指标编号,类,指标,单位,数值,记录\r\n"), "{csv}");
    assert!(csv.contains("A,lent,'+86,'=SUM(A1),'@x,2,A-01/L1 A-02/L1\r\n"), "{csv}");
    assert!(csv.contains("合计,a,,\"甲,\"\"乙\"\"\",,60.3,A-01/L1 A-02/L1 B-01/L1\r\n"), "{csv}");
    let xlsx = spreadsheet::xlsx(&view, day("2026-06-30"), Language::Zh).unwrap();
    assert_eq!(xlsx, spreadsheet::xlsx(&view, day("2026-06-30"), Language::Zh).unwrap());
    let mut zip = zip::ZipArchive::new(Cursor::new(xlsx)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let (numbers, records, strings) = (part("xl/worksheets/sheet1.xml"), part("xl/worksheets/sheet2.xml"), part("xl/sharedStrings.xml"));
    assert!(strings.contains("=SUM(A1)") && strings.contains("A-02/L1") && !numbers.contains("<f>") && !records.contains("<f>"));
    // A heading, two statistics; A, B and all together: 2, 1, 3 and 40.2, 20.1, 60.3 as numbers.
    for value in ["<v>2</v>", "<v>1</v>", "<v>3</v>", "<v>40.2</v>", "<v>20.1</v>", "<v>60.3</v>"] {
        assert!(numbers.contains(value), "{value}: {numbers}");
    }
    // One row for the head, and 2 + 1 + 3 records behind each of the two statistics.
    assert_eq!(records.matches("<row ").count(), 1 + 2 * (2 + 1 + 3));
    // A workbook by the command opens too.
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("x.xlsx");
    let (code, text, _) =
        stats(demo(), &["--format", "xlsx", "--out", out.to_str().unwrap(), "--by", "project,quarter", "--audience", "保密"]);
    assert!(code == Some(0) && text.is_empty());
    let mut zip = zip::ZipArchive::new(std::fs::File::open(out).unwrap()).unwrap();
    let mut sheets = String::new();
    zip.by_name("xl/workbook.xml").unwrap().read_to_string(&mut sheets).unwrap();
    assert!(["统计", "记录", "指标完成"].iter().all(|name| sheets.contains(name)), "{sheets}");
}

#[test]
fn the_site_has_a_page_for_each_audience() {
    let page = |site: &str| std::fs::read_to_string(format!("{}/{site}/statistics/index.html", demo())).unwrap();
    let (own, shared) = (page("site"), page("site-shared"));
    assert!(own.contains("2026-Q2") && own.contains("href=\"../dossiers/NS.html\""));
    // A number of one project and quarter leads to where its records begin in the list.
    let list = own.split("href=\"../statistics/records/cases-closed.html").nth(1).unwrap();
    assert!(list.starts_with('#') || list.starts_with('"'), "{}", &list[..20]);
    let list = std::fs::read_to_string(format!("{}/site/statistics/records/cases-closed.html", demo())).unwrap();
    assert!(list.contains("href=\"../../records/NS-C2026-001/C13.html\"") && list.contains("id=\"r1\""));
    assert!(!std::path::Path::new(&format!("{}/site-shared/statistics/records", demo())).exists());
    assert!(!shared.contains("../records/") && shared.contains("<td class=\"end\">*</td>"));
    let start = std::fs::read_to_string(format!("{}/site/index.html", demo())).unwrap();
    assert!(start.contains("href=\"statistics/index.html\""));
}

/// One group of two sessions and one event of two, nothing else.
#[test]
fn groups_and_events_counted_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("mine");
    let mine = root.to_str().unwrap();
    assert_eq!(anjuan(&["init", mine]).status.code(), Some(0));
    // Without history nothing is a draft.
    std::fs::remove_dir_all(root.join(".git")).unwrap();
    let write = |path: &str, fields: &str| {
        let (folder, form) = path.rsplit_once('/').unwrap();
        let form = form.split('-').next().unwrap();
        std::fs::create_dir_all(root.join(folder)).unwrap();
        let text = format!("---\n表单: {form}\n填表日期: 2026-03-01\n负责社工: 李娜\n{fields}\n---\n");
        std::fs::write(root.join(format!("{path}.md")), text).unwrap();
    };
    write("groups/NS-G2026-001/G02", "服务类别: [家长, 家庭]\n开放性: 半开放\n计划节数: 2\n首节日期: 2026-03-10");
    write("groups/NS-G2026-001/G04-01", "组员编号: M01\n录取结果: 录取\n报名日期: 2026-03-01");
    write("groups/NS-G2026-001/G04-02", "组员编号: M02\n录取结果: 录取\n报名日期: 2026-03-12");
    write("groups/NS-G2026-001/G04-03", "组员编号: M03\n录取结果: 候补\n报名日期: 2026-03-01");
    write(
        "groups/NS-G2026-001/G06-01",
        "节次: 1\n日期: 2026-03-10\n签到行:\n  - { 组员编号: M01, 签名: 是 }\n临时参加:\n  - { 姓名: 某, 身份: 家属, 签名: 是 }",
    );
    write(
        "groups/NS-G2026-001/G06-02",
        "节次: 2\n日期: 2026-04-17\n签到行:\n  - { 组员编号: M01, 签名: 是 }\n  - { 组员编号: M02, 签名: 否 }",
    );
    write(
        "groups/NS-G2026-001/G08-01",
        "节次: 1\n主持与协助:\n  - { 人: 李娜, 角色: 主持, 时数: 2 }\n  - { 人: V01, 角色: 志愿者, 时数: 1.5 }",
    );
    write("groups/NS-G2026-001/G03-01", "版本: 原始\n预算明细:\n  - { 行号: 1, 科目: 交通, 单价: 10, 数量: 4 }");
    write("groups/NS-G2026-001/G11", "支出流水:\n  - { 日期: 2026-04-18, 科目: 交通, 金额: 30.5 }\n决算日期: 2026-04-20");
    write("groups/NS-G2026-001/G12", "评估日期: 2026-04-20\n目标达成:\n  - { O 编号: O1, 达成: 达成 }\n  - { O 编号: O2, 达成: 部分 }");
    write(
        "activities/NS-A2026-001/A02",
        "服务类别: [家庭]\n场次安排:\n  - { 场次: 1, 开始: 2026-05-01T10:00, 结束: 2026-05-01T11:00 }\n  - { 场次: 2, 开始: 2026-05-02T10:00, 结束: 2026-05-02T11:00 }",
    );
    write("activities/NS-A2026-001/A06-01", "场次: 1\n日期: 2026-05-01\n计数方式: 点算\n参加人数: 40\n志愿者:\n  - { 姓名: 某, 时数: 2 }");
    write(
        "activities/NS-A2026-001/A06-02",
        "场次: 2\n日期: 2026-05-02\n计数方式: 逐人签到\n签到行:\n  - { 参加者编号或姓名: 某, 签名: 是 }",
    );
    let report = report(mine, &["--audience", "保密", "--by", "quarter"]);
    let check = |id: &str, expected: [&str; 3]| {
        let own = numbers(&report, 0, id);
        let values = ["2026-Q1", "2026-Q2", "all"].map(|key| own[key]["value"].as_str().unwrap_or("none").to_owned());
        assert_eq!(values, expected, "{id}");
    };
    // The last of two planned sessions was on 04-17, one session in each quarter.
    check("groups-completed", ["0", "1", "1"]);
    check("groups-running", ["1", "1", "1"]);
    check("group-sessions", ["1", "1", "2"]);
    // M01 and M02 were admitted. M01 came twice; M02 did not sign, and enrolled after the first session: 1 of 1, 1 of 2.
    check("group-members", ["0", "2", "2"]);
    check("group-attendances", ["1", "1", "2"]);
    check("group-expected", ["1", "2", "3"]);
    check("group-attendance-share", ["100.0", "50.0", "66.7"]);
    check("group-guests", ["1", "0", "1"]);
    // Both events of the series were held: 40 counted and one signature.
    check("activities-completed", ["0", "1", "1"]);
    check("activity-sessions", ["0", "2", "2"]);
    check("activity-attendances", ["0", "41", "41"]);
    // A volunteer of the first session with 1.5 hours, one of the first event with 2.
    check("volunteers", ["1", "1", "2"]);
    check("volunteer-hours", ["1.5", "2.0", "3.5"]);
    check("group-goals-share", ["none", "50.0", "50.0"]);
    // 30.50 of 40.00; two attendances.
    check("spent-share", ["none", "76.3", "76.3"]);
    check("spent-per-attendance", ["none", "15.25", "15.25"]);
    check("attendances", ["1", "42", "43"]);
}
