//! Names planted inside files of other formats: each must keep the output from being published.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::{NAME, Place, build, place, refused};

/// A chunk of a PNG; nobody here checks its sum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &[0; 4]].concat()
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&[0x89, b'P', b'N', b'G', 13, 10, 26, 10][..], &chunks.concat(), &chunk(b"IEND", b"")].concat()
}

/// A JPEG without a picture, with one segment.
fn jpeg(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, 0xD8, 0xFF, 0xE1][..], &length, b"", data, &[0xFF, 0xDA, 0, 2, 0xFF, 0xD9]].concat()
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        out.start_file(*name, SimpleFileOptions::default()).unwrap();
        out.write_all(content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A workbook that says who wrote it.
fn workbook(cell: &str, author: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.set_properties(&rust_xlsxwriter::DocProperties::new().set_author(author));
    book.add_worksheet().write(0, 0, cell).unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn pictures_and_documents_of_a_theme_are_looked_into() {
    let text = |text: &str| format!("{text} 照片说明").into_bytes();
    let gbk = encoding_rs::GBK.encode(NAME).0.into_owned();
    let innocent = text("某人");
    let xml = format!("<a>{NAME}</a>");
    for (file, clean, planted) in [
        ("a.png", png(&[chunk(b"tEXt", b"Author\0x")]), png(&[chunk(b"iTXt", &[&b"Author\0\0\0\0\0"[..], &text(NAME)].concat())])),
        (
            "b.png",
            png(&[chunk(b"zTXt", &[&b"C\0\0"[..], &packed(&innocent)].concat())]),
            png(&[chunk(b"zTXt", &[&b"C\0\0"[..], &packed(&text(NAME))].concat())]),
        ),
        ("c.jpg", jpeg(b"Exif\0\0II*\0"), jpeg(&[&b"Exif\0\0II*\0"[..], &utf16(NAME)].concat())),
        ("d.jpg", jpeg(b"Exif\0\0II*\0"), jpeg(&[&b"Exif\0\0II*\0"[..], &gbk].concat())),
        ("e.xlsx", workbook("某人", "某人"), workbook(NAME, "某人")),
        ("f.xlsx", workbook("某人", "某人"), workbook("某人", NAME)),
        ("g.docx", zipped(&[("a.xml", b"<a/>")]), zipped(&[("a.xml", xml.as_bytes())])),
        ("h.zip", zipped(&[("a.txt", b"")]), zipped(&[(&format!("{NAME}.txt"), b"")])),
        ("i.zip", zipped(&[("a.zip", &zipped(&[("b.jpg", &jpeg(b""))]))]), zipped(&[("a.zip", &zipped(&[("b.jpg", &jpeg(&gbk))]))])),
        ("j.svgz", gzip(&innocent), gzip(&text(NAME))),
        ("k.jpg", jpeg(b""), jpeg(&[&b"Exif\0\0"[..], b"138", b"00000009"].concat())),
    ] {
        let mut place = place();
        place.bytes(&format!("theme/{file}"), clean).lay_out();
        assert_eq!(build(&place, "内部", false).0, Some(0), "{file}");
        place.bytes(&format!("theme/{file}"), planted).lay_out();
        let (code, said) = build(&place, "内部", false);
        assert!(code == Some(2) && said.contains("E101") && said.contains(&format!("assets/{file}")), "{file}: {said}");
        assert!(!said.contains(NAME), "{said}");
    }
}

#[test]
fn the_name_of_a_file_in_a_theme_is_refused() {
    let mut place = place();
    place.bytes("theme/d13800000009.png", png(&[])).lay_out();
    assert_eq!(build(&place, "内部", false).0, Some(2));
}

#[test]
fn what_a_paper_holds_beside_its_text_is_looked_into() {
    let form =
        "form: L4\nname: 活动\ndossier: 借阅\npaper: { template: L4.typ }\nfields:\n  - { name: 名称, type: text, audience: 公开 }\n";
    for planted in [
        format!("#pdf.attach(\"a.txt\", bytes(\"{NAME}\"), relationship: \"data\", mime-type: \"text/plain\", description: \"x\")"),
        format!("#pdf.attach(\"a.txt\", bytes(\"x\"), relationship: \"data\", mime-type: \"text/plain\", description: \"{NAME}\")"),
        format!("#set document(keywords: (\"{NAME}\",))"),
        format!("#figure(alt: \"{NAME}\", rect())"),
        format!("#link(\"https://example.org/{NAME}\")[x]"),
    ] {
        let template = |body: &str| {
            let top = "#import \"/paper/general.typ\": *\n#let form(frame, record, place) = ";
            format!("{top}{{\n  [{body}]\n  sheet(frame, record, place, [页])\n}}\n")
        };
        let mut place = place();
        place.write("rulebook/forms/L4.yaml", form).write("rulebook/forms/L4.typ", &template("")).lay_out();
        let (code, said) = build(&place, "内部", true);
        assert_eq!(code, Some(0), "{planted}: {said}");
        place.write("rulebook/forms/L4.typ", &template(&planted)).lay_out();
        refused(&place, true, "papers/A-01/L4.pdf");
    }
}

#[test]
fn originals_are_never_written() {
    let mut place = place();
    let scan = jpeg(b"Exif\0\0 a scan of the consent");
    place.bytes("loans/A-01/originals/scan.jpg", scan.clone());
    place.write("loans/A-01/L1.md", &format!("---\n表单: L1\n读者: {NAME}\n扫描件: {{ 名称: 同意书, 路径: originals/scan.jpg }}\n---\n"));
    place.commit("main", "li", "2026-01-02").checkout();
    for audience in ["内部", "保密"] {
        assert_eq!(build(&place, audience, true).0, Some(0));
        let mut files = Vec::new();
        walk(&place.root.join("site"), &mut files);
        assert!(files.len() > 20);
        for file in files {
            let content = std::fs::read(&file).unwrap();
            let holds = content.windows(scan.len()).any(|window| window == scan);
            assert!(!holds && !file.ends_with("scan.jpg"), "{}", file.display());
        }
    }
}

fn walk(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// Runs a command in a place; the exit code and everything said.
fn run(place: &Place, words: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["-C", place.root.to_str().unwrap(), "--today", "2026-06-30"];
    all.extend(words);
    let out = crate::support::anjuan(&all);
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn a_single_paper_is_searched_like_a_site() {
    let form =
        "form: L4\nname: 活动\ndossier: 借阅\npaper: { template: L4.typ }\nfields:\n  - { name: 名称, type: text, audience: 公开 }\n";
    let template =
        format!("#import \"/paper/general.typ\": *\n#let form(frame, record, place) = sheet(frame, record, place, [赠{NAME}])\n");
    let mut place = place();
    place.write("rulebook/forms/L4.yaml", form).write("rulebook/forms/L4.typ", &template).lay_out();
    let (code, said) = run(&place, &["paper", "A-01/L4", "--audience", "内部", "--out", "out"]);
    assert!(code == Some(2) && said.contains("E101") && said.contains("A-01-L4.pdf") && !said.contains(NAME), "{said}");
    assert!(!place.root.join("out/A-01-L4.pdf").exists());
    // What the audience may know is not searched for.
    let (code, said) = run(&place, &["paper", "A-01/L4", "--out", "out"]);
    assert!(code == Some(0) && place.root.join("out/A-01-L4.pdf").exists(), "{said}");
}

/// A client who was written where a worker belongs stands in the numbers by worker.
#[test]
fn a_table_of_numbers_is_searched_in_every_format() {
    let mut place = place();
    let numbers = "audience: 内部\nstatistics:\n  - { id: loans, name: 借阅, count: L4, at: 填表日期 }\n";
    place.write("rulebook/statistics.yaml", numbers);
    let table = |place: &Place, format: &str| {
        run(place, &["stats", "--by", "worker", "--audience", "内部", "--format", format, "--out", &format!("out.{format}")])
    };
    for (worker, wanted) in [("李娜", Some(0)), (NAME, Some(2))] {
        place.write("loans/A-01/L4.md", &format!("---\n表单: L4\n填表日期: 2026-03-01\n经手人: {worker}\n名称: 读书会\n---\n"));
        place.commit("main", "li", "2026-03-02").checkout();
        for format in ["xlsx", "csv", "json", "table"] {
            let (code, said) = table(&place, format);
            assert_eq!(code, wanted, "{format}: {said}");
            assert!(!said.contains(NAME), "{format}: {said}");
            let file = std::fs::read(place.root.join(format!("out.{format}"))).unwrap();
            let holds = file.windows(NAME.len()).any(|window| window == NAME.as_bytes());
            assert!(!holds, "{format}");
        }
    }
}
