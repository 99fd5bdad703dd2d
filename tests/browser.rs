//! The demo's site in headless Chromium, and its papers through poppler.

use std::path::Path;
use std::process::Command;

use crate::support::anjuan;

/// Whether a tool is there. CI must have it; elsewhere a missing one is said and passed over.
fn has(tool: &str) -> bool {
    let there = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().is_ok_and(|o| o.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "{tool} is missing: sh .ci/setup tests");
    if !there {
        eprintln!("{tool} is missing (sh .ci/setup tests): not looked at");
    }
    there
}

/// What Chromium makes of a page, scripts run.
fn dom(page: &Path) -> String {
    let profile = tempfile::tempdir().unwrap();
    let out = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--virtual-time-budget=3000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn the_site_opens_from_a_folder_and_the_papers_print() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let out = anjuan(&["demo", demo.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(!said.contains("T101") && !said.contains("T102"), "{said}");
    let site = demo.join("site");
    links_resolve(&site);
    if has("chromium") {
        let start = dom(&site.join("index.html"));
        assert!(start.contains("今日事项") && start.contains("NS-C2026-004"), "{start}");
        let record = dom(&site.join("records/NS-C2026-001/C03.html"));
        for words in ["个案开案记录表", "案主-001", "王芳", "合并说明中署名", "求助背景与过程"] {
            assert!(record.contains(words), "{words}");
        }
    }
    if has("pdftotext") {
        papers(&site.join("papers"));
    }
}

/// Every link of every page leads to a file of the site.
fn links_resolve(site: &Path) {
    let mut pages = vec![site.to_path_buf()];
    let mut wrong = Vec::new();
    while let Some(path) = pages.pop() {
        if path.is_dir() {
            pages.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "html") {
            let text = std::fs::read_to_string(&path).unwrap();
            for part in text.split(" href=\"").skip(1).chain(text.split(" src=\"").skip(1)) {
                let link = part.split('"').next().unwrap().split('#').next().unwrap();
                if !link.is_empty() && !link.contains(':') && !path.parent().unwrap().join(link).exists() {
                    wrong.push(format!("{}: {link}", path.strip_prefix(site).unwrap().display()));
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} dead links, such as {:?}", wrong.len(), &wrong[..wrong.len().min(8)]);
}

fn papers(papers: &Path) {
    let text = |name: &str| {
        let out = Command::new("pdftotext").arg(papers.join(name)).arg("-").output().unwrap();
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let opening = text("NS-C2026-001/C03.pdf");
    for words in ["个案开案记录表", "NS-C2026-001/C03", "SLFWGL-009", "王芳", "共3页"] {
        assert!(opening.contains(words), "{words}");
    }
    // A part of it under a name of its own, which a command makes too: with the words of the figures, without the name.
    let out = papers.join("made");
    let demo = papers.parent().and_then(Path::parent).unwrap();
    let (home, made) = (demo.to_str().unwrap(), out.to_str().unwrap());
    let said = anjuan(&["-C", home, "--today", "2026-06-18", "paper", "NS-C2026-001/C03", "--extract", "assessment", "--out", made]);
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    for name in ["NS-C2026-001/C03-assessment.pdf", "made/NS-C2026-001-C03-assessment.pdf"] {
        let assessment = text(name);
        for words in ["预估报告", "家庭结构图", "正式服务", "互惠率", "求助背景与过程"] {
            assert!(assessment.contains(words), "{name}: {words}");
        }
        assert!(!assessment.contains("案主姓名") && !assessment.contains("sector-"), "{name}");
    }
    // Every form has its blank paper, and every paper is an archivable, tagged PDF.
    let blanks = std::fs::read_dir(papers.join("blank")).unwrap().count();
    assert!(blanks >= 15, "{blanks}");
    for name in ["NS-C2026-001/C03.pdf", "blank/C04.pdf", "NS-C2026-001.pdf"] {
        let out = Command::new("pdfinfo").arg(papers.join(name)).output().unwrap();
        let info = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(info.contains("Tagged:") && info.contains("yes"), "{name}: {info}");
        let bytes = std::fs::read(papers.join(name)).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
        assert!(holds(b"pdfaid:part"), "{name}");
    }
    // The paper for the highest audience carries its own record.
    let out = Command::new("pdfdetach").arg("-list").arg(papers.join("NS-C2026-001/C03.pdf")).output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("C03.md"));
}
