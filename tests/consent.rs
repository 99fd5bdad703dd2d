//! What goes to somebody outside needs a consent: without one no paper, no sheet, no site.

use crate::support::{Place, anjuan};

const CONSENTS: &str = "consents:
  - { name: 外借, form: Y1, where: { 同意: 是 }, signed: 签名.日期, withdrawn: 撤回 }
outside:
  - { name: 友馆, sees: 内部, needs: { 借阅: 外借 }, open: [分馆] }
  - { name: 公开, sees: 公开, needs: { 借阅: 外借 } }
";

const FORM: &str = "form: Y1\nname: 同意书\ndossier: 借阅\nfields:\n  - { name: 同意, type: bool }\n  - { name: 签名, type: signature }\n  - { name: 撤回, type: date }\n";

/// Four loans: with a consent, without one, with one that was withdrawn today, with one that nobody signed; and a branch.
fn place() -> Place {
    let mut place = Place::new();
    place.write("rulebook/consents.yaml", CONSENTS).write("rulebook/forms/Y1.yaml", FORM);
    for number in ["A-01", "A-02", "A-03", "A-04"] {
        place.write(&format!("loans/{number}/L1.md"), "---\n表单: L1\n填表日期: 2026-01-05\n读者: 欧阳小测\n---\n");
    }
    let consent = |rest: &str| format!("---\n表单: Y1\n同意: 是\n{rest}---\n");
    let signed = "签名: { 签名人: 欧阳小测, 日期: 2026-01-04 }\n";
    place.write("loans/A-01/Y1.md", &consent(signed));
    place.write("loans/A-03/Y1.md", &consent(&format!("{signed}撤回: 2026-06-30\n")));
    place.write("loans/A-04/Y1.md", &consent(""));
    place.write("branches/A/B1.md", "---\n表单: B1\n填表日期: 2026-01-05\n---\n");
    place.commit("main", "li", "2026-01-05").checkout();
    place
}

/// The exit code and everything said.
fn run(place: &Place, args: &[&str]) -> (Option<i32>, String) {
    let root = place.root.to_str().unwrap();
    let out = anjuan(&[&["-C", root, "--today", "2026-06-30", "--lang", "zh"], args].concat());
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

fn files(place: &Place, folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(place.root.join(folder)) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_dossier_with_a_consent_goes_out_under_the_readers_name() {
    let place = place();
    let out = place.root.join("out");
    let out = out.to_str().unwrap();
    let (code, said) = run(&place, &["paper", "A-01", "--audience", "友馆", "--out", out]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&place, &["paper", "A", "--audience", "友馆", "--out", out]);
    assert_eq!(code, Some(0), "dossiers that are about nobody: {said}");
    assert_eq!(files(&place, "out"), ["A-01.pdf", "A.pdf"]);
    if std::process::Command::new("pdftotext").arg("-v").output().is_ok() {
        let text = std::process::Command::new("pdftotext").arg(place.root.join("out/A-01.pdf")).arg("-").output().unwrap();
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        assert!(text.contains("友馆") && !text.contains("欧阳小测"), "{text}");
    }
}

#[test]
fn a_dossier_without_one_is_refused_and_the_remedy_told() {
    let place = place();
    for (number, why) in [
        ("A-02", "没有对「外借」的同意：缺《同意书》（Y1）"),
        ("A-03", "对「外借」的同意（A-03/Y1）已于 2026-06-30 撤回"),
        ("A-04", "对「外借」的同意无效：A-04/Y1 没有签署日期"),
    ] {
        for command in [&["paper", number][..], &["paper", &format!("{number}/L1")], &["evidence", number]] {
            let out = place.root.join("out");
            let (code, said) = run(&place, &[command, &["--audience", "友馆", "--out", out.to_str().unwrap()]].concat());
            assert_eq!(code, Some(2), "{command:?}: {said}");
            assert!(said.contains("E104") && said.contains(&format!("{number} 不能给「友馆」：{why}")) && said.contains("另签"), "{said}");
            assert!(files(&place, "out").is_empty());
        }
        // Inside the house nobody asks.
        assert_eq!(run(&place, &["paper", &format!("{number}/L1"), "--audience", "内部", "--out", "own"]).0, Some(0));
    }
}

#[test]
fn a_site_for_outside_is_refused_with_every_dossier_that_must_stay() {
    let mut place = place();
    for audience in ["友馆", "公开"] {
        let (code, said) = run(&place, &["build", "--no-papers", "--audience", audience]);
        assert_eq!(code, Some(2), "{said}");
        assert!(["A-02", "A-03", "A-04"].iter().all(|number| said.contains(&format!("{number} 不能给「{audience}」"))), "{said}");
        assert!(!said.contains("A-01 不能") && said.contains("没有对外提供的同意"), "{said}");
        assert!(!place.root.join("site").exists());
    }
    // Where nothing is said of a kind of dossier, it stays.
    assert!(run(&place, &["build", "--no-papers", "--audience", "公开"]).1.contains("A 不能给「公开」：制度没有规定分馆案卷"));
    let (code, said) = run(&place, &["paper", "--all", "--audience", "友馆", "--out", "out"]);
    assert!(code == Some(2) && said.contains("A-02 不能"), "{said}");
    assert_eq!(run(&place, &["build", "--no-papers", "--audience", "内部"]).0, Some(0));
    for number in ["A-02", "A-03", "A-04"] {
        place.write(&format!("loans/{number}/Y1.md"), "---\n表单: Y1\n同意: 是\n签名: { 签名人: 某人, 日期: 2026-06-01 }\n---\n");
    }
    place.lay_out();
    let (code, said) = run(&place, &["build", "--no-papers", "--audience", "友馆"]);
    assert_eq!(code, Some(0), "{said}");
    // Blank forms are about nobody.
    assert_eq!(run(&place, &["paper", "--blank", "L1", "--audience", "友馆"]).0, Some(0));
}

#[test]
fn what_cannot_be_read_lets_nobody_out() {
    let mut place = place();
    let known = run(&place, &["paper", "A-01", "--audience", "路人"]);
    assert!(known.0 == Some(2) && known.1.contains("公开、内部、保密、友馆"), "{}", known.1);
    for consents in [
        CONSENTS.replace("sees: 内部", "sees: 保密"),
        CONSENTS.replace("sees: 内部", "sees: 内布"),
        CONSENTS.replace("sees: 内部, ", ""),
        format!("{CONSENTS}other: 1\n"),
        CONSENTS.replace("借阅: 外借", "借阅: 外界"),
        CONSENTS.replace("form: Y1", "form: Y9"),
    ] {
        place.write("rulebook/consents.yaml", &consents).lay_out();
        let (code, said) = run(&place, &["paper", "A-01", "--audience", "友馆", "--out", "out"]);
        assert!(code == Some(2) && files(&place, "out").is_empty(), "{consents}: {said}");
        assert_eq!(run(&place, &["check"]).0, Some(1), "{consents}");
    }
    // An audience of the ladder that was outside does not come in because of a slip.
    place.write("rulebook/consents.yaml", &CONSENTS.replace("sees: 公开", "sees: 公幵")).lay_out();
    assert_eq!(run(&place, &["build", "--no-papers", "--audience", "公开"]).0, Some(2));
    place.write("rulebook/consents.yaml", "outside: [ { name: 公开 } ]").lay_out();
    assert_eq!(run(&place, &["build", "--no-papers", "--audience", "公开"]).0, Some(2));
    assert_eq!(run(&place, &["paper", "A-01", "--out", "own"]).0, Some(0), "the highest audience is inside");
}
