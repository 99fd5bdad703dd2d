//! What the suites do not show of computed values: the facts beside a finding.

use crate::support::{Place, day, open};

#[test]
fn a_finding_names_the_records_that_the_right_value_came_from() {
    let mut place = Place::new();
    place.write(
        "rulebook/forms/L8.yaml",
        "form: L8\nname: 核算单\ndossier: 借阅\nfields:\n  - { name: 次数, type: integer, computed: { sum: L3.次 } }\n  \
         - { name: 两倍, type: integer, computed: { product: [次数, 2] } }\n  - { name: 总价, type: money, computed: { copy: L1.总价 } }\n",
    );
    place.write("loans/A-01/L1.md", "---\n表单: L1\n书目:\n  - { 书名: 甲, 价: 10 }\n---\n");
    for nth in 1..=9 {
        place.write(&format!("loans/A-01/L3-0{nth}.md"), "---\n表单: L3\n次: 1\n---\n");
    }
    place.write("loans/A-01/L8.md", "---\n表单: L8\n两倍: 1\n总价: 1\n---\n");
    place.commit("main", "li", "2026-01-01").checkout();
    let (archive, rulebook) = open(&place.root);
    let judgement = rulebook.judge(&archive, day("2026-06-30"));
    let facts: Vec<&str> =
        judgement.findings.iter().filter(|d| d.code == "F110").flat_map(|d| d.facts.iter().map(|f| f.zh.as_str())).collect();
    let eight = (1..=8).map(|nth| format!("A-01/L3-0{nth}")).collect::<Vec<_>>().join("、");
    assert_eq!(facts, [format!("算自 {eight} 等 9 份记录"), "算自 A-01/L1".to_owned()]);
}
