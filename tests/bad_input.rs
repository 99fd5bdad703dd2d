//! Bad input is the normal case: each way in which files, repositories and disks go wrong, with what is said.

use std::path::Path;

use crate::support::{Place, anjuan, check, git};

const GOOD: &str = "---\n表单: L1\n借出日期: 2026-03-06\n---\n";

/// An archive with one good record beside the bad one: a bad file never hides another.
fn with(path: &str, bytes: Vec<u8>) -> Vec<String> {
    let mut place = Place::new();
    place.write("loans/A-09/L1.md", "---\n表单: L1\n读着: 甲\n---\n");
    place.bytes(path, bytes).commit("main", "li", "2026-01-01").checkout();
    let found = place.check("2026-06-30");
    let other = "loans/A-09/L1.md:3:1 error F201 借书单里没有「读着」这一栏";
    assert!(found.iter().any(|line| line == other), "{found:#?}");
    found.into_iter().filter(|line| line != other).collect()
}

fn text(text: &str) -> Vec<String> {
    with("loans/A-01/L1.md", text.as_bytes().to_vec())
}

#[test]
fn encodings() {
    let (gbk, ..) = encoding("---\n表单: L1\n读者: 某人\n---\n");
    assert_eq!(
        with("loans/A-01/L1.md", gbk),
        ["loans/A-01/L1.md:1:1 error A101 loans/A-01/L1.md 是 GBK / GB18030 编码（记事本的“ANSI”），不是 UTF-8"]
    );
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("---\n表单: L1\n---\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(
        with("loans/A-01/L1.md", utf16),
        ["loans/A-01/L1.md:1:1 error A101 loans/A-01/L1.md 是 UTF-16LE 编码（记事本的“ANSI”），不是 UTF-8"]
    );
    let noise: Vec<u8> = (0..400u32).map(|n| (n * 37 % 251 + 5) as u8).collect();
    assert!(with("loans/A-01/L1.md", noise).iter().any(|l| l.contains("A101")));
    assert_eq!(text(&format!("\u{feff}{GOOD}")), ["loans/A-01/L1.md:1:1 advice A108 文件以 UTF-8 签名（BOM）开头"]);
    assert!(text(&GOOD.replace('\n', "\r\n")).is_empty());
}

/// GBK bytes, made by iconv so that the test does not use the code it tests.
fn encoding(text: &str) -> (Vec<u8>,) {
    use std::io::Write;
    let mut child = std::process::Command::new("iconv")
        .args(["-f", "UTF-8", "-t", "GBK"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    (child.wait_with_output().unwrap().stdout,)
}

#[test]
fn fences_and_yaml() {
    assert_eq!(text("没有栏目区\n"), ["loans/A-01/L1.md:1:1 error A106 没有以“---”围起的栏目区"]);
    assert_eq!(
        text(&format!("{GOOD}\n---\n读者: 乙\n---\n")),
        ["loans/A-01/L1.md:6:1 error A107 栏目区之后又有一个栏目区，其中的内容不会被读取"]
    );
    assert_eq!(
        text("---\n表单: L1\n读者: @某人\n册数: 20\n---\n"),
        [
            "loans/A-01/L1.md:3:5 error Y001 这一行不符合 YAML 格式（这个符号不能放在开头，整项用引号括起来）",
            "loans/A-01/L1.md:4:5 error F204 「册数」20 超出范围（1 至 10）",
        ]
    );
    assert_eq!(text("---\n表单: L1\n读者: 甲\n读者: 乙\n---\n"), ["loans/A-01/L1.md:4:1 error Y004 「读者」写了两次（第一次在第 3 行）"]);
    assert_eq!(text("---\n表单: L1\n读者：甲\n---\n"), ["loans/A-01/L1.md:3:3 error Y005 「读者」后面用了全角冒号“：”"]);
    let bomb: String = (1..40).map(|n| format!("甲{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect();
    let found = text(&format!("---\n表单: L1\n甲0: &a0 [一]\n{bomb}---\n"));
    assert!(found.iter().any(|l| l.contains("Y002")) && found.len() < 200, "{}", found.len());
    let deep = format!("---\n表单: L1\n读者: {}\n---\n", "[".repeat(20_000));
    assert!(text(&deep).iter().any(|l| l.contains(" Y0")));
}

#[test]
fn sizes_and_conflicts() {
    let big = format!("---\n表单: L1\n---\n## 说明\n\n{}\n", "很长的话。".repeat(700_000));
    assert!(big.len() > 10_000_000);
    assert_eq!(
        with("loans/A-01/L1.md", big.into_bytes()),
        ["loans/A-01/L1.md:1:1 error A102 文件有 10500031 字节，超过上限 1048576，未读入"]
    );
    let conflict = "---\n表单: L1\n<<<<<<< HEAD\n读者: 甲\n=======\n读者: 乙\n>>>>>>> open\n---\n";
    assert_eq!(text(conflict), ["loans/A-01/L1.md:3:1 error A105 文件里有未解决的合并冲突"]);
}

#[test]
fn forms_people_and_dates() {
    assert_eq!(text("---\n表单: L8\n---\n"), ["loans/A-01/L1.md:2:5 error F100 没有表单“L8”"]);
    assert_eq!(text("---\n读者: 甲\n---\n"), ["loans/A-01/L1.md:2:1 error F100 没有写明「表单」"]);
    assert_eq!(with("branches/A/L1.md", GOOD.into()), ["branches/A/L1.md:2:5 error F120 《借书单》属于 借阅 案卷，不该放在这里"]);
    assert_eq!(text("---\n表单: L1\n经手人: 李某\n---\n"), ["loans/A-01/L1.md:3:6 error F207 「经手人」里的“李某”不在人员登记中"]);
    assert_eq!(
        text("---\n表单: L1\n借出日期: 2026-02-29\n---\n"),
        ["loans/A-01/L1.md:3:7 error F204 「借出日期」：日历上没有 2026-02-29 这一天"]
    );
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", GOOD).remove("people.yaml").write("x.txt", "");
    place.commit_without("people.yaml");
    assert_eq!(place.check("2026-06-30"), ["- error A201 缺少 people.yaml，无法知道谁是谁、谁可以审批"]);
}

#[test]
fn repositories() {
    // Facts without history, said once.
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", GOOD).lay_out();
    std::fs::remove_dir_all(place.root.join(".git")).unwrap();
    let found = place.check("2026-06-30");
    assert!(found.len() == 1 && found[0].contains("H101"), "{found:?}");
    // Unborn branch.
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", GOOD).lay_out();
    let found = place.check("2026-06-30");
    assert!(found.len() == 1 && found[0].contains("H103"), "{found:?}");
    // Detached head: the main branch is still there and everything is known.
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", GOOD).commit("main", "li", "2026-01-01").checkout();
    place.git(&["checkout", "-q", "--detach"]);
    assert!(place.check("2026-06-30").is_empty());
    // A branch of another name.
    place.git(&["branch", "-m", "main", "trunk"]);
    let found = place.check("2026-06-30");
    assert!(found.len() == 1 && found[0].contains("H104"), "{found:?}");
}

#[test]
fn a_shallow_clone_says_which_approvals_cannot_be_known() {
    let mut place = Place::new();
    let rule = "- { id: T1, article: '1', title: 须审批, applies: { form: L1 }, must: { approval: { by: [组长] } }, severity: error }\n";
    place.write("rulebook/rules/t.yaml", rule);
    place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
    place.commit("main", "li", "2026-01-01");
    place.write("loans/A-01/L1.md", GOOD).commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
    place.write("loans/A-02/L1.md", GOOD).commit("main", "li", "2026-03-10").checkout();
    let clone = place.root.with_file_name("clone");
    git(Path::new("/"), &["clone", "-q", "--depth", "1", &format!("file://{}", place.root.display()), clone.to_str().unwrap()]);
    let found = check(&clone, "2026-06-30");
    assert!(found.iter().any(|l| l.contains("H102")), "{found:?}");
    // Nothing is claimed about what cannot be seen: no approval is shown as missing or as given.
    assert!(!found.iter().any(|l| l.contains(" T1 ")), "{found:?}");
}

#[test]
fn links_and_unreadable_files() {
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", GOOD).commit("main", "li", "2026-01-01").checkout();
    std::os::unix::fs::symlink("/etc/passwd", place.root.join("loans/A-01/L3-01.md")).unwrap();
    std::os::unix::fs::symlink("/", place.root.join("loans/A-02")).unwrap();
    assert_eq!(
        place.check("2026-06-30"),
        [
            "loans/A-01/L3-01.md:1:1 error A104 loans/A-01/L3-01.md 是符号链接，不会被跟随",
            "loans/A-02:1:1 error A104 loans/A-02 是符号链接，不会被跟随",
        ]
    );
    // A file that cannot be read. Root reads everything, so a user without rights looks at it where there is one.
    let closed = place.root.join("loans/A-01/L3-02.md");
    std::fs::remove_file(place.root.join("loans/A-01/L3-01.md")).unwrap();
    std::fs::remove_file(place.root.join("loans/A-02")).unwrap();
    std::fs::write(&closed, GOOD).unwrap();
    std::fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::read(&closed).is_err() {
        let found = place.check("2026-06-30");
        assert!(found.iter().any(|l| l.contains("A103")), "{found:?}");
    }
}

#[test]
fn hostile_prose_is_shown_as_text() {
    let mut place = Place::new();
    let prose = "## 说明\n\n<script>alert('x')</script> <img src=x onerror=alert(1)> \n\n[一](javascript:alert(2)) {{ frame.head }} {% include \"x\" %}\n";
    place.write("loans/A-01/L1.md", &format!("---\n表单: L1\n读者: '<script>alert(3)</script>{{{{ words }}}}'\n---\n{prose}"));
    place.commit("main", "li", "2026-01-01").checkout();
    let at = place.root.to_str().unwrap();
    let out = anjuan(&["-C", at, "--today", "2026-06-30", "build", "--no-papers", "--audience", "保密"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let page = std::fs::read_to_string(place.root.join("site/records/A-01/L1.html")).unwrap();
    for bad in ["<script>alert", "<img src=x", "href=\"javascript"] {
        let at = page.find(bad).map(|at| page[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect::<String>());
        assert_eq!(at, None, "{bad}");
    }
    assert!(page.contains("&lt;script&gt;alert(3)") && page.contains("{{ frame.head }}") && page.contains("{{ words }}"), "{page}");
}

#[test]
fn outputs_are_never_lost() {
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", GOOD).commit("main", "li", "2026-01-01").checkout();
    let at = place.root.to_str().unwrap().to_owned();
    // A folder that is not ours is refused and nothing in it is touched.
    let other = place.root.with_file_name("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("letter.txt"), "dear").unwrap();
    let out = anjuan(&["-C", &at, "build", "--no-papers", "--out", other.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(other.join("letter.txt")).unwrap(), "dear");
    assert_eq!(std::fs::read_dir(&other).unwrap().count(), 1);
    // An audience that does not exist is no reason to build for another.
    let out = anjuan(&["-C", &at, "build", "--no-papers", "--audience", "众人"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(!place.root.join("site").exists());
}

#[test]
fn uncommitted_work_is_read_and_marked() {
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", GOOD).commit("main", "li", "2026-01-01");
    place.checkout();
    place.write("loans/A-01/L1.md", &GOOD.replace("06", "07")).write("loans/A-02/L1.md", GOOD).lay_out();
    let at = place.root.to_str().unwrap();
    let out = anjuan(&["-C", at, "--today", "2026-06-30", "build", "--no-papers", "--audience", "保密"]);
    assert_eq!(out.status.code(), Some(0));
    for (number, marked) in [("A-01", true), ("A-02", true)] {
        let page = std::fs::read_to_string(place.root.join(format!("site/records/{number}/L1.html"))).unwrap();
        assert_eq!(page.contains("未提交"), marked, "{number}");
    }
}
