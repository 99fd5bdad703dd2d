//! The faces that papers are printed with, found among the files of the archive and the system.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use typst::foundations::Bytes;
use typst::text::{Font, FontFlags, FontInfo};

use crate::diagnostic::Diagnostic;
use crate::say;

/// What a face must have to be a Chinese one, and what the layout itself prints.
const PROBE: &str = "案卷社工服务督导签名监护，。、；：？！“”（）《》□√①";

/// The faces that papers are printed with: a serif one for text, a heavy sans one for headings. Strong
/// text is set in the second, as Chinese printing does, so no third face is loaded.
#[derive(Default)]
pub(super) struct Faces {
    pub(super) fonts: Vec<Font>,
    serif: Option<String>,
    sans: Option<String>,
    /// Files that were passed over because their faces are variable.
    pub(super) variable: BTreeSet<String>,
}

/// Serif faces by the beginning of their file name (small letters, no separators), best first.
const SERIF: [&str; 12] = [
    "notoserifcjksc",
    "notoserifcjk",
    "notoserifsc",
    "sourcehanserifsc",
    "sourcehanserifcn",
    "sourcehanserif",
    "songti",
    "stsong",
    "simsun",
    "fandolsong",
    "simfang",
    "uming",
];

/// Sans faces, best first.
const SANS: [&str; 14] = [
    "notosanscjksc",
    "notosanscjk",
    "notosanssc",
    "sourcehansanssc",
    "sourcehansanscn",
    "sourcehansans",
    "simhei",
    "stheitimedium",
    "hiraginosansgb",
    "msyhbd",
    "msyh",
    "fandolhei",
    "wqyzenhei",
    "wqymicrohei",
];

/// Chinese fonts are large; where none is known by name, smaller files are not opened.
const LARGE: u64 = 1 << 20;

impl Faces {
    pub(super) fn find(own: &[PathBuf], system: &[PathBuf]) -> Self {
        let mut faces = Self::default();
        let own = font_files(own);
        faces.take_any(&own, 0);
        if faces.serif.is_some() && faces.sans.is_some() {
            return faces;
        }
        let files = font_files(system);
        if faces.serif.is_none() {
            let font = faces.by_name(&files, &SERIF, "regular", 400);
            faces.serif = faces.keep(font);
        }
        if faces.sans.is_none() {
            let font = faces.by_name(&files, &SANS, "bold", 700).or_else(|| faces.by_name(&files, &SERIF, "bold", 700));
            faces.sans = faces.keep(font);
        }
        if faces.fonts.is_empty() {
            faces.take_any(&files, LARGE);
        }
        faces
    }

    /// Families for text, the wanted one first.
    pub(super) fn text(&self) -> Vec<&str> {
        self.serif.iter().chain(&self.sans).map(String::as_str).collect()
    }

    /// Families for headings.
    pub(super) fn heading(&self) -> Vec<&str> {
        self.sans.iter().chain(&self.serif).map(String::as_str).collect()
    }

    /// The best face of the first known file there is.
    fn by_name(&mut self, files: &[PathBuf], names: &[&str], weight_word: &str, weight: u16) -> Option<Font> {
        for name in names {
            for file in files {
                let stem = plain_stem(file);
                let rest = stem.strip_prefix(name);
                if rest.is_some_and(|rest| rest.is_empty() || rest == weight_word)
                    && let Some(font) = self.load(file).into_iter().min_by_key(|font| preference(font.info(), weight))
                {
                    return Some(font);
                }
            }
        }
        None
    }

    /// Takes whatever Chinese faces the files hold, one for text and one for headings.
    fn take_any(&mut self, files: &[PathBuf], least: u64) {
        let large = |file: &&PathBuf| least == 0 || std::fs::metadata(file).is_ok_and(|meta| meta.len() >= least);
        let all: Vec<Font> = files.iter().filter(large).flat_map(|file| self.load(file)).collect();
        let (serif, sans): (Vec<Font>, Vec<Font>) = all.into_iter().partition(|font| is_serif(font.info()));
        let best = |fonts: &[Font], weight| fonts.iter().min_by_key(|font| preference(font.info(), weight)).cloned();
        self.serif = self.keep(best(&serif, 400));
        self.sans = self.keep(best(&sans, 700));
    }

    /// Keeps a face, and says its family.
    fn keep(&mut self, font: Option<Font>) -> Option<String> {
        let family = font.as_ref().map(|font| font.info().family.clone());
        self.fonts.extend(font);
        family
    }

    /// The static Chinese faces of a file.
    fn load(&mut self, file: &Path) -> Vec<Font> {
        let Ok(data) = std::fs::read(file) else { return Vec::new() };
        let mut usable = Vec::new();
        for font in Font::iter(Bytes::new(data)) {
            let info = font.info();
            if info.flags.contains(FontFlags::VARIABLE) {
                self.variable.extend(file.file_name().map(|name| name.to_string_lossy().into_owned()));
            } else if PROBE.chars().all(|c| info.coverage.contains(u32::from(c))) {
                usable.push(font);
            }
        }
        usable
    }
}

/// How far a face is from what is wanted: mainland forms first, upright, weight near `weight`.
fn preference(info: &FontInfo, weight: u16) -> (u8, bool, u16, String) {
    let family = &info.family;
    let has = |words: &[&str]| family.split([' ', '-']).any(|word| words.contains(&word));
    let region = match () {
        () if has(&["Mono", "HW"]) => 3,
        () if has(&["TC", "HK", "JP", "KR", "TW", "K"]) => 2,
        () if has(&["SC", "CN", "GB"]) => 0,
        () => 1,
    };
    let slanted = info.variant.style != typst::text::FontStyle::Normal;
    (region, slanted, info.variant.weight.to_number().abs_diff(weight), family.clone())
}

/// Whether a face is of the Song kind rather than the Hei kind; by its name, else by what it says of itself.
fn is_serif(info: &FontInfo) -> bool {
    let name = info.family.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if any(&["serif", "song", "ming", "宋", "明", "fang", "仿", "kai", "楷"]) {
        return true;
    }
    !any(&["sans", "hei", "黑", "gothic", "pingfang"]) && info.flags.contains(FontFlags::SERIF)
}

/// A file name without separators, small, without extension.
fn plain_stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    stem.replace(['-', '_', ' '], "").replace(".otf", "")
}

/// All font files below the folders, sorted; links are followed, but not deeper than fonts lie.
fn font_files(dirs: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = BTreeSet::new();
    let mut stack: Vec<(PathBuf, usize)> = dirs.iter().map(|dir| (dir.clone(), 0)).collect();
    while let Some((dir, depth)) = stack.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
            if path.is_dir() {
                if depth < 6 {
                    stack.push((path, depth + 1));
                }
            } else if matches!(extension.as_deref(), Some("ttf" | "ttc" | "otf" | "otc")) {
                files.insert(path);
            }
        }
    }
    files.into_iter().collect()
}

/// Where the system and the user keep fonts.
pub(super) fn system_font_dirs() -> Vec<PathBuf> {
    let under = |variable: &str, rest: &str| std::env::var_os(variable).map(|base| PathBuf::from(base).join(rest));
    let mut dirs: Vec<PathBuf> =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"].map(PathBuf::from).into();
    dirs.extend(under("HOME", ".local/share/fonts"));
    dirs.extend(under("HOME", ".fonts"));
    dirs.extend(under("HOME", "Library/Fonts"));
    dirs.extend(under("WINDIR", "Fonts"));
    dirs.extend(under("LOCALAPPDATA", "Microsoft/Windows/Fonts"));
    dirs
}

/// The finding that there is no font to print with.
pub(super) fn no_font(variable: &BTreeSet<String>) -> Diagnostic {
    let mut finding = Diagnostic::error(
        "T102",
        None,
        say!("没有找到可用的中文字体（静态字形），不能排版", "No usable (static) Chinese font was found; papers cannot be typeset"),
    )
    .help(say!(
        "Debian/Ubuntu：apt-get install fonts-noto-cjk；其他系统：把 NotoSerifCJKsc-Regular.otf 和 NotoSansCJKsc-Bold.otf 放进档案的 theme/fonts",
        "Debian/Ubuntu: apt-get install fonts-noto-cjk; elsewhere put NotoSerifCJKsc-Regular.otf and NotoSansCJKsc-Bold.otf into the archive's theme/fonts"
    ))
    .key("font");
    for name in variable {
        finding =
            finding.fact(say!("可变字体印出来是空框，没有采用：{name}", "A variable font prints empty boxes and was not used: {name}"));
    }
    finding
}
