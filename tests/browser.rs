//! The demo's site in headless Chromium, and its papers through poppler.

mod driver;
mod visit;

use std::path::Path;
use std::process::Command;

use anjuan::publish::search::{Class, class, fold, hash, pieces};

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
    visit(&format!("file://{}", page.display()))
}

/// The same of an address.
fn visit(address: &str) -> String {
    let profile = tempfile::tempdir().unwrap();
    let out = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--virtual-time-budget=3000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(address)
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
        search(&site);
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

/// An address with everything escaped that may be.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The addresses of the hits, and what is said of their number.
fn hits(page: &str) -> (Vec<String>, String) {
    let list = page.split("<ol class=\"hits\">").nth(1).and_then(|rest| rest.split("</ol>").next()).unwrap_or_default();
    let links = list.split("<p class=\"head\"><a href=\"../").skip(1).map(|part| part.split('"').next().unwrap().to_owned()).collect();
    let said = page.split("<output aria-live=\"polite\">").nth(1).and_then(|rest| rest.split("</output>").next()).unwrap_or_default();
    (links, said.to_owned())
}

/// Finds parts of texts, of numbers, phrases; narrows down; from every page; says when there is nothing to find.
fn search(site: &Path) {
    let page = format!("file://{}/search/index.html", site.display());
    let asked = |question: &str| visit(&format!("{page}{question}"));
    let opening = "records/NS-C2026-001/C03.html".to_owned();
    let text = std::fs::read_to_string(site.join(&opening)).unwrap();
    let prose = text.split("求助背景与过程</h2>").nth(1).and_then(|rest| rest.split("<p>").nth(1)).unwrap();
    let sentence: String = prose.chars().take_while(|c| *c != '<').collect();
    let part = |from: usize, long: usize| sentence.chars().skip(from).take(long).collect::<String>();

    // Every two neighbours of a sentence are found, wherever words begin and end, a comma too; all of it is, in quotes or not.
    for wanted in [part(1, 2), part(6, 2), part(3, 9), part(0, 60), format!("“{}”", part(2, 20))] {
        let (links, said) = hits(&asked(&format!("?q={}", escaped(&wanted))));
        assert!(links.contains(&opening), "{wanted}: {said} {links:?}");
    }
    let found = asked(&format!("?q={}", escaped(&part(3, 9))));
    assert!(found.contains(&format!("<mark>{}</mark>", part(3, 9))), "the hit is marked");

    // A number, part of it, in full width; the dossier itself comes first, the question may stand behind #.
    for question in ["?q=NS-C2026-001", "?q=s-c2026-001", "#q=NS-C2026-001", &format!("?q={}", escaped("ＮＳ－Ｃ２０２６－００１"))]
    {
        let (links, _) = hits(&asked(question));
        assert_eq!(links.first().map(String::as_str), Some("dossiers/NS-C2026-001.html"), "{question}");
    }

    // Narrowed down to one form, one project, one year.
    let form = escaped("C03 个案开案记录表");
    let (links, said) = hits(&asked(&format!("?q={}&form={form}&project=NS&period=2026", escaped("案主"))));
    assert!(links.len() > 2 && links.iter().all(|link| link.starts_with("records/NS-C") && link.ends_with("/C03.html")), "{links:?}");
    assert_eq!(said, format!("{} 条", links.len()));
    // Without a word: everything of a kind.
    let (links, _) = hits(&asked(&format!("?form={form}&project=NS")));
    assert!(links.contains(&opening) && links.iter().all(|link| link.ends_with("/C03.html")), "{links:?}");
    // Words apart need not be neighbours, words together must.
    let (apart, together) = (format!("{} {}", part(0, 2), part(9, 2)), format!("\"{} {}\"", part(0, 2), part(9, 2)));
    assert!(hits(&asked(&format!("?q={}", escaped(&apart)))).0.contains(&opening));
    assert_eq!(hits(&asked(&format!("?q={}", escaped(&together)))), (Vec::new(), "没有找到。".to_owned()));
    assert_eq!(hits(&asked(&format!("?q={}", escaped("案")))).1, "请至少输入两个字。");
    assert_eq!(hits(&asked("?q=zqxjk")).1, "没有找到。");

    // The box in the head of another page leads there, which the pages' policy must allow.
    let own = std::fs::read_to_string(site.join("rules/index.html")).unwrap();
    let script = "document.querySelector('.seek input').value = 'NS-C2026-001'; document.querySelector('.seek').requestSubmit();";
    std::fs::write(site.join("assets/press.js"), script).unwrap();
    std::fs::write(site.join("rules/pressed.html"), own.replace("</head>", "<script src=\"../assets/press.js\" defer></script></head>"))
        .unwrap();
    let (links, _) = hits(&dom(&site.join("rules/pressed.html")));
    assert_eq!(links.first().map(String::as_str), Some("dossiers/NS-C2026-001.html"));
}

/// Rust makes the index, a script asks it: both cut the same texts into the same pieces.
#[test]
fn both_halves_of_the_search_read_a_text_alike() {
    const TEXTS: &[&str] = &[
        "危机个案",
        "NS-C2026-003/C07-01 个案会谈记录表",
        "3月，A区第（三）次；７天。",
        "ＮＳ－Ｃ２０２６　①㈠㎡½ⅣﬁŒ",
        "Cafe\u{301} CAFÉ İstanbul ΟΔΟΣ straße",
        "一\n二\t三\u{a0}四\u{3000}五\u{200b}六",
        "⼈⾄ 豈 〇々〆〱 𠮷野家 𰻞",
        "カタカナ ｶﾞ ひらがな 한국어 ㄅㄆㄇ",
        "a1b22c333_d4444-e55555.f",
        "😀笑😀ok😀12 ±×÷°",
        "“引”‘号’…—《书》【注】\"\\",
        "",
        "x",
    ];
    // Characters of which old and new versions of Unicode think alike.
    const RANGES: &[(u32, u32)] = &[
        (0, 0x52f),
        (0x1e00, 0x1eff),
        (0x2000, 0x2090),
        (0x20a0, 0x2bff),
        (0x2e80, 0xa4cf),
        (0xac00, 0xd7a3),
        (0xe000, 0xffff),
        (0x1f000, 0x1ffff),
        (0x20000, 0x2fa1f),
    ];
    if !has("chromium") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default");
    std::fs::copy(theme.join("search-terms.js"), dir.path().join("terms.js")).unwrap();
    let cases = format!(
        "const texts = {}; const ranges = {};
        const one = (text) => {{ const plain = Terms.fold(text); return [plain, Terms.pieces(plain), Terms.pieces(plain).map(Terms.hash)]; }};
        const sweep = ranges.map(([from, to]) => {{
          let sum = 0;
          for (let c = from; c <= to; c += 1) for (const d of Terms.fold(String.fromCodePoint(c))) sum = (Math.imul(sum, 31) + d.codePointAt(0) * 3 + Terms.kind(d)) >>> 0;
          return sum;
        }});
        // What is asked for is among what is kept, and part of a text folds as the text does.
        const probed = texts.every((text) => Terms.probes(Terms.fold(text)).every((piece) => Terms.pieces(Terms.fold(text)).includes(piece)));
        const placed = texts.every((text) => Terms.foldWithPlaces(text.normalize('NFC')).text === Terms.fold(text));
        document.body.textContent = `>>>${{btoa(unescape(encodeURIComponent(JSON.stringify([texts.map(one), sweep, probed, placed]))))}}<<<`;",
        serde_json::to_string(TEXTS).unwrap(),
        serde_json::to_string(RANGES).unwrap()
    );
    std::fs::write(dir.path().join("cases.js"), cases).unwrap();
    let page = "<!doctype html><meta charset=utf-8><body><script src=terms.js></script><script src=cases.js></script>";
    std::fs::write(dir.path().join("index.html"), page).unwrap();
    let seen = dom(&dir.path().join("index.html"));
    let coded = seen.split("&gt;&gt;&gt;").nth(1).and_then(|rest| rest.split("&lt;&lt;&lt;").next()).unwrap_or_else(|| panic!("{seen}"));
    let theirs: serde_json::Value = serde_json::from_slice(&base64(coded)).unwrap();

    let one = |text: &&str| {
        let plain = fold(text);
        let (mut parts, mut hashes) = (Vec::new(), Vec::new());
        pieces(&plain, |piece| {
            parts.push(piece.iter().collect::<String>());
            hashes.push(hash(piece));
        });
        serde_json::json!([plain, parts, hashes])
    };
    for (text, theirs) in TEXTS.iter().zip(theirs[0].as_array().unwrap()) {
        assert_eq!(*theirs, one(text), "{text:?}");
    }
    for ((from, to), theirs) in RANGES.iter().zip(theirs[1].as_array().unwrap()) {
        let all = (*from..=*to).filter_map(char::from_u32).flat_map(|c| fold(&c.to_string()).chars().collect::<Vec<_>>());
        let kind = |c| match class(c) {
            Class::Between => 0,
            Class::Narrow => 1,
            Class::Wide => 2,
        };
        let sum = all.fold(0_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(u32::from(c) * 3 + kind(c)));
        assert_eq!(theirs.as_u64(), Some(u64::from(sum)), "{from:x} to {to:x}");
    }
    assert_eq!((&theirs[2], &theirs[3]), (&true.into(), &true.into()));
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut held, mut filled) = (Vec::new(), 0_u32, 0);
    for six in text.bytes().map_while(|byte| alphabet.find(char::from(byte))) {
        (held, filled) = (held << 6 | six as u32, filled + 6);
        if filled >= 8 {
            filled -= 8;
            out.push((held >> filled) as u8);
        }
    }
    out
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
