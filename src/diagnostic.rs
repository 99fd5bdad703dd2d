//! Findings: the one way in which anything says that the archive is wrong.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::source::{Place, Span};

/// The languages that messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// The language of a tag such as `zh`, `zh-CN`, `zh_CN.UTF-8`, `en` or `C`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("zh") => Some(Self::Zh),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// What stands between a name and what is said of it.
    pub fn colon(self) -> &'static str {
        if self == Self::Zh { "：" } else { ": " }
    }

    /// What stands between parts of a sentence.
    pub fn comma(self) -> &'static str {
        if self == Self::Zh { "，" } else { ", " }
    }

    /// What stands between sentences on one line.
    pub fn semicolon(self) -> &'static str {
        if self == Self::Zh { "；" } else { "; " }
    }

    /// The tag `zh` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// A sentence in both languages, written side by side where it arises.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both versions.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The same words in both languages: names and titles that the rulebook gives.
    pub fn same(words: impl Into<String>) -> Self {
        let zh = words.into();
        Self { en: zh.clone(), zh }
    }

    /// The version in `language`.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// Writes a [`Text`] with the captures of `format!`: `say!("中文 {x}", "English {x}")`. Names after a
/// semicolon are texts themselves and stand for their version in each language:
/// `say!("{term}内", "within {term}"; term)`.
#[macro_export]
macro_rules! say {
    ($zh:literal, $en:literal $(; $($text:ident),+)?) => {
        $crate::diagnostic::Text {
            zh: {
                $($(let $text = &$text.zh;)+)?
                format!($zh)
            },
            en: {
                $($(let $text = &$text.en;)+)?
                format!($en)
            },
        }
    };
}

/// How bad it is. Ordered: advice, warning, error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A reminder; never fails a check.
    Advice,
    /// May stand, but somebody should say why.
    Warning,
    /// Must be mended.
    Error,
}

impl Severity {
    /// The word used in reports and in the JSON form.
    pub fn word(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A second place that belongs to a finding, in the same file.
#[derive(Debug, Clone)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: Text,
}

/// A safe change of the text: these bytes become that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The bytes that are replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
    /// What the change does.
    pub title: Text,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// A code of [`CODES`] or the id of a rule.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The fact, one sentence.
    pub message: Text,
    /// Where; nowhere for findings about the archive as a whole.
    pub place: Option<Place>,
    /// What stands at the place, shown beside the caret.
    pub label: Option<Text>,
    /// Further places in the same file.
    pub labels: Vec<Label>,
    /// Facts behind the finding: the article, the days counted.
    pub facts: Vec<Text>,
    /// What to do.
    pub help: Option<Text>,
    /// The article of the procedure that demands it.
    pub article: Option<String>,
    /// Safe changes that mend it.
    pub fixes: Vec<Fix>,
    /// What tells this finding from others of its code in its file: a field or rule, no value.
    pub key: String,
    /// Whether the line holds a number that identifies somebody; reports then give the place without it.
    pub private: bool,
}

impl Diagnostic {
    /// A finding of `code` at `place`.
    pub fn new(code: impl Into<String>, severity: Severity, place: impl Into<Option<Place>>, message: Text) -> Self {
        Self {
            code: code.into(),
            severity,
            message,
            place: place.into(),
            label: None,
            labels: Vec::new(),
            facts: Vec::new(),
            help: None,
            article: None,
            fixes: Vec::new(),
            key: String::new(),
            private: false,
        }
    }

    /// An error of `code` at `place`.
    pub fn error(code: impl Into<String>, place: impl Into<Option<Place>>, message: Text) -> Self {
        Self::new(code, Severity::Error, place, message)
    }

    /// A warning of `code` at `place`.
    pub fn warning(code: impl Into<String>, place: impl Into<Option<Place>>, message: Text) -> Self {
        Self::new(code, Severity::Warning, place, message)
    }

    /// Adds the remedy.
    pub fn help(mut self, help: Text) -> Self {
        self.help = Some(help);
        self
    }

    /// What is wrong and, on a line of its own, what to do.
    pub fn told(&self, language: Language) -> String {
        let help = self.help.iter().map(|help| help.in_language(language));
        std::iter::once(self.message.in_language(language)).chain(help).collect::<Vec<_>>().join("\n")
    }

    /// Adds a fact behind the finding.
    pub fn fact(mut self, fact: Text) -> Self {
        self.facts.push(fact);
        self
    }

    /// Adds what to print beside the caret.
    pub fn label(mut self, label: Text) -> Self {
        self.label = Some(label);
        self
    }

    /// Adds a second place.
    pub fn also(mut self, span: Span, text: Text) -> Self {
        self.labels.push(Label { span, text });
        self
    }

    /// Names the article.
    pub fn article(mut self, article: impl Into<String>) -> Self {
        self.article = Some(article.into());
        self
    }

    /// Adds a safe change.
    pub fn fix(mut self, span: Span, replacement: impl Into<String>, title: Text) -> Self {
        self.fixes.push(Fix { span, replacement: replacement.into(), title });
        self
    }

    /// Sets what tells it from other findings of its code in its file.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// The path it speaks of; empty for the archive as a whole.
    pub fn path(&self) -> &str {
        self.place.as_ref().map_or("", Place::path)
    }
}

/// All findings of a run, in the order in which they are reported.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Sorts by file, place and code, and drops exact repetitions.
    pub fn sorted(mut list: Vec<Diagnostic>) -> Self {
        list.sort_by(|a, b| {
            let at = |d: &Diagnostic| d.place.as_ref().map_or(0, |p| p.span.start);
            (a.path(), at(a), &a.code, &a.key, &a.message.zh).cmp(&(b.path(), at(b), &b.code, &b.key, &b.message.zh))
        });
        list.dedup_by(|a, b| {
            a.code == b.code
                && a.path() == b.path()
                && a.message == b.message
                && a.place.as_ref().map(|p| p.span) == b.place.as_ref().map(|p| p.span)
        });
        Self { list }
    }

    /// The findings in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many of `severity`.
    pub fn count(&self, severity: Severity) -> usize {
        self.iter().filter(|d| d.severity == severity).count()
    }

    /// Whether any finding is at or above `threshold`: the one place that decides exit code 1.
    pub fn reach(&self, threshold: Severity) -> bool {
        self.iter().any(|d| d.severity >= threshold)
    }

    /// A stable identity of every finding: it survives moved lines, holds no value of a record,
    /// and is unique within the run (repetitions are numbered).
    pub fn fingerprints(&self) -> Vec<String> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        self.iter()
            .map(|d| {
                let base = format!("{}\n{}\n{}", d.code, d.path(), d.key);
                let nth = seen.entry(base.clone()).and_modify(|n| *n += 1).or_insert(0);
                let digest = Sha256::digest(format!("{base}\n{nth}").as_bytes());
                digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
            })
            .collect()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What a code means, for `explain`.
pub struct Code {
    /// The code.
    pub code: &'static str,
    /// What it finds.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
}

/// Every code that is not the id of a rule.
pub const CODES: &[Code] = &[
    Code {
        code: "A101",
        zh: "文件不是 UTF-8；通常是记事本的“ANSI”（GBK）。请另存为 UTF-8。",
        en: "The file is not UTF-8, mostly GBK from an old editor. Save it as UTF-8.",
    },
    Code { code: "A102", zh: "文件超过大小上限，未读入。", en: "The file is larger than the limit and was not read." },
    Code { code: "A103", zh: "文件或文件夹读不到（权限或损坏）。", en: "The file or folder cannot be read." },
    Code {
        code: "A104",
        zh: "符号链接不被跟随；档案里只放真实文件。",
        en: "Symbolic links are not followed; an archive holds real files.",
    },
    Code { code: "A105", zh: "文件里有未解决的合并冲突标记。", en: "The file holds unresolved merge-conflict markers." },
    Code { code: "A106", zh: "没有以“---”开头和结尾的栏目区。", en: "There is no front matter fenced by `---`." },
    Code { code: "A107", zh: "栏目区之后又有一个“---”围起的栏目区。", en: "A second front matter follows the first." },
    Code {
        code: "A108",
        zh: "文件以 UTF-8 签名（BOM）开头；可以读，建议去掉。",
        en: "The file starts with a byte order mark; readable, better without.",
    },
    Code { code: "A109", zh: "同一段落标题写了两次。", en: "A section heading occurs twice." },
    Code { code: "A201", zh: "缺少 people.yaml，无法知道谁是谁。", en: "people.yaml is missing: nobody is known." },
    Code {
        code: "A202",
        zh: "人员登记有误（重复的编号或邮箱、未知角色）。",
        en: "The register of people is wrong (repeated id or address, unknown role).",
    },
    Code { code: "C101", zh: "配置文件有误。", en: "The configuration file is wrong." },
    Code {
        code: "E101",
        zh: "输出里有这一级受众不得看到的身份信息，没有发布。",
        en: "An output holds an identity that its audience must not see; nothing is published.",
    },
    Code {
        code: "E102",
        zh: "级别较低的栏目或段落里写了级别较高的姓名、电话之类。",
        en: "A field or section of a lower audience names somebody whom only a higher one may know.",
    },
    Code {
        code: "E103",
        zh: "提交说明、分支名或文件名里写了姓名、电话之类。",
        en: "A commit message, a branch or a file is named after somebody.",
    },
    Code {
        code: "E104",
        zh: "案卷没有对外提供的有效同意，不能给机构以外的人。",
        en: "A dossier holds no valid consent to be given to somebody outside.",
    },
    Code {
        code: "E201",
        zh: "密文损坏：被截断、夹了别的字或合并冲突标记。",
        en: "Ciphertext is damaged: cut off, or with something else or a conflict marker in it.",
    },
    Code { code: "E202", zh: "表单没有要求加密的地方加了密。", en: "Something is encrypted that its form does not mark." },
    Code {
        code: "E203",
        zh: "案卷已有钥匙，应当加密的栏目或段落还是明文。",
        en: "The dossier has a key, and a field or section that must be encrypted stands in clear.",
    },
    Code { code: "E204", zh: "案卷的公钥文件 key.pub 有误。", en: "The public key of a dossier, key.pub, is wrong." },
    Code {
        code: "E205", zh: "不是用本案卷现在的钥匙加密的。", en: "Something is not encrypted to the dossier's present key."
    },
    Code { code: "E206", zh: "钥匙文件提交进了 git。", en: "A key file was committed." },
    Code {
        code: "E207", zh: "打得开密文的人与规定的不一致。", en: "Those who can open what is encrypted are not those who should."
    },
    Code { code: "F100", zh: "没有写明表单，或表单不认识。", en: "No form is named, or an unknown one." },
    Code { code: "F101", zh: "必填栏目没有填。", en: "A required field is missing." },
    Code {
        code: "F102", zh: "必写段落没有写，或只有“略”“无”之类。", en: "A required section is missing or only a placeholder."
    },
    Code { code: "F103", zh: "表单里没有这个段落。", en: "The form has no such section." },
    Code {
        code: "F110", zh: "自动计算的栏目与手填的值不一致。", en: "A computed field was typed and differs from the computed value."
    },
    Code {
        code: "F120",
        zh: "记录放错了文件夹，或文件名与表单不符。",
        en: "The record is in the wrong folder or its name does not fit its form.",
    },
    Code { code: "F121", zh: "案卷编号不合编号规则。", en: "The dossier's number does not follow the numbering rule." },
    Code { code: "F130", zh: "画图所据的资料自相矛盾。", en: "What a figure is drawn from contradicts itself." },
    Code {
        code: "F140",
        zh: "表格输出以后记录又改过，两边不同。",
        en: "A record was changed after the workbook had been made that is to be put into it.",
    },
    Code { code: "F201", zh: "表单里没有这一栏。", en: "The form has no such field." },
    Code { code: "F203", zh: "取值不在选项表内。", en: "The value is not one of the choices." },
    Code {
        code: "F204",
        zh: "不可能的值（不存在的日期、校验不过的证件号、超出范围）。",
        en: "An impossible value: no such date, a wrong check digit, out of range.",
    },
    Code { code: "F205", zh: "值对了，写法不对。", en: "The right value in the wrong notation." },
    Code { code: "F206", zh: "值的类型不对（该是一项却写了列表等）。", en: "The value has the wrong shape." },
    Code { code: "F207", zh: "不认识这个人，或此人当日不在职。", en: "No such person, or not in service on that day." },
    Code { code: "F208", zh: "指向的记录不存在。", en: "The record referred to does not exist." },
    Code { code: "F209", zh: "日期晚于今天。", en: "The date lies after today." },
    Code {
        code: "F211",
        zh: "号码没有加引号；别的软件会丢掉开头的 0 或改动末几位。",
        en: "A number that is a name stands without quotes; other programs drop its first zeros or change its last digits.",
    },
    Code {
        code: "H101",
        zh: "这不是 git 仓库，不知道提交与审批。",
        en: "There is no git repository: submissions and approvals are unknown.",
    },
    Code { code: "H102", zh: "浅克隆：较早的审批无从得知。", en: "A shallow clone: earlier approvals cannot be known." },
    Code { code: "H103", zh: "仓库还没有任何提交。", en: "The repository has no commit yet." },
    Code {
        code: "H104", zh: "找不到主分支，以当前提交为准。", en: "The main branch was not found; the current commit is taken."
    },
    Code {
        code: "H105",
        zh: "仓库的状况使历史不可信（嫁接、替换引用、部分克隆等）。",
        en: "The state of the repository makes history untrustworthy (grafts, replace refs, partial clone).",
    },
    Code { code: "R101", zh: "规则、表单或条文的写法有误。", en: "A rule, form or article is written wrongly." },
    Code {
        code: "R102",
        zh: "规则提到了不存在的表单、栏目、选项、角色或条文。",
        en: "A rule names an unknown form, field, choice, role or article.",
    },
    Code { code: "R103", zh: "规则的例子与规则的判断不符。", en: "A rule's example is judged otherwise than it expects." },
    Code { code: "R104", zh: "编号重复。", en: "An id is used twice." },
    Code { code: "R105", zh: "日历文件有误。", en: "The calendar is wrong." },
    Code {
        code: "R106", zh: "由程序计算的栏目互相推算，没有结果。", en: "Computed fields rest on each other and have no value."
    },
    Code {
        code: "R107", zh: "规则用到加密的栏目，加密以后不作判断。", en: "A rule rests on an encrypted field and is then not judged."
    },
    Code { code: "T101", zh: "模板出错。", en: "A template failed." },
    Code { code: "T102", zh: "没有找到中文字体，或字体缺字。", en: "No Chinese font was found, or a glyph is missing." },
    Code { code: "W101", zh: "豁免登记有误或已过期。", en: "A waiver is wrong or expired." },
    Code {
        code: "W102", zh: "豁免没有经有权的人批准，不生效。", en: "A waiver is not approved by those who may and has no effect."
    },
    Code { code: "Y001", zh: "这一行不符合 YAML 格式。", en: "The line is not YAML." },
    Code {
        code: "Y002", zh: "不使用 YAML 的引用（& 和 *）与标签（!）。", en: "YAML anchors, aliases and tags are not used."
    },
    Code { code: "Y004", zh: "同一栏目写了两次。", en: "A field is written twice." },
    Code {
        code: "Y005", zh: "栏目名后面要用半角冒号加空格。", en: "A field name is followed by a half-width colon and a space."
    },
    Code { code: "Y006", zh: "缩进里有制表符或全角空格。", en: "A tab or full-width space is used for indentation." },
    Code { code: "Y007", zh: "内容过大或嵌套过深。", en: "The content is too large or nested too deeply." },
    Code {
        code: "Y008", zh: "列表每一项以半角“-”加一个空格开头。", en: "An item of a list begins with `-` and a space."
    },
    Code { code: "Y009", zh: "值的后一段被当作注释，没有读进来。", en: "The end of a value was taken for a comment." },
    Code {
        code: "Y010",
        zh: "表格里逐行写的一行，没有和这一行的其他栏目对齐。",
        en: "A line of a row that is written line by line does not stand under the others.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn fingerprints_survive_moved_lines_and_stay_unique() {
        let find = |text: &str| {
            let source = Source::new("a.md", text);
            let at = text.find('甲').expect("present");
            let one = || Diagnostic::error("F101", Place::new(&source, Span::at(at)), say!("缺", "missing")).key("甲");
            let two = Diagnostic { message: say!("另", "other"), ..one() };
            Diagnostics::sorted(vec![one(), two]).fingerprints()
        };
        let before = find("甲");
        assert_eq!(before, find("\n\n甲"));
        assert_ne!(before[0], before[1]);
    }

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
