//! Armour: an encrypted file as lines of letters, as a mailer, an editor or a formatter may have left it.
//!
//! What only moves white space (lines wrapped elsewhere, another indentation, CRLF, a folded scalar) changes nothing. Everything
//! else that was done to it is found with its place, as far as that can be known without the key: a piece cut out of the middle
//! shows only when somebody decrypts.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use crate::diagnostic::Text;
use crate::say;
use crate::source::Span;

/// The first line.
const BEGIN: &str = "BEGIN AGE ENCRYPTED FILE";
/// The last line.
const END: &str = "END AGE ENCRYPTED FILE";
/// Columns of a line.
const COLUMNS: usize = 64;
/// First line of the file inside.
const VERSION: &str = "age-encryption.org/v1";
/// The kind of stanza that names the dossier's key.
pub(super) const STANZA: &str = "anjuan";
/// Bytes of the shortest content: nonce, and the tag of an empty chunk.
const SHORTEST: usize = 32;

/// An encrypted file, taken out of its armour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The file.
    pub bytes: Vec<u8>,
    /// Where the armour stands in the text, dashes included.
    pub span: Span,
    /// To whom it is encrypted: for each, the words of one line of the header.
    stanzas: Vec<Vec<String>>,
}

/// What was done to an encrypted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The byte at which it shows.
    pub at: usize,
    /// What it is.
    pub kind: FaultKind,
}

/// Ways in which armour breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The last line is missing.
    Unended,
    /// A marker of a merge conflict stands inside.
    Conflict,
    /// Something stands inside that is no armour.
    Stray,
    /// It is too short, or not a whole number of bytes.
    Truncated,
    /// What is inside is no file of age.
    Foreign,
}

impl FaultKind {
    /// What it is, in words.
    pub fn text(self) -> Text {
        match self {
            Self::Unended => say!("密文没有结尾行，后面被截去了", "the ciphertext has no last line: its end is cut off"),
            Self::Conflict => say!("密文里有合并冲突标记", "a marker of a merge conflict stands in the ciphertext"),
            Self::Stray => say!("密文里夹了别的字", "something else stands in the ciphertext"),
            Self::Truncated => say!("密文缺了一截", "a piece of the ciphertext is missing"),
            Self::Foreign => say!("这不是 age 的密文", "this is no ciphertext of age"),
        }
    }

    /// What to do about it.
    pub fn help(self) -> Text {
        match self {
            Self::Conflict => say!(
                "密文不能拼合：整块取一边的（git checkout --ours 或 --theirs），解密后再补另一边的改动",
                "ciphertext cannot be merged: take one side whole (git checkout --ours or --theirs), decrypt, then redo what the other changed"
            ),
            _ => say!(
                "从历史取回上一版的这一块（git log -p 本文件），整块替换；密文不要手改",
                "take this block from the version before (git log -p of this file) and replace it whole; never edit ciphertext"
            ),
        }
    }
}

/// Where the armour begins in a text: at its dashes.
pub fn find(text: &str) -> Option<usize> {
    // Looking for one letter takes no preparation, and most texts have not even that.
    let first = text.find('B')?;
    let at = first + text[first..].find(BEGIN)?;
    Some(text[..at].trim_end_matches(is_dash).len())
}

/// Editors make one long dash of several short ones.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2013}' | '\u{2014}')
}

/// Takes the first encrypted file out of a text.
///
/// # Errors
/// What was done to it.
pub fn read(text: &str) -> Result<Sealed, Fault> {
    let fault = |at: usize, kind| Fault { at, kind };
    let start = find(text).ok_or(fault(0, FaultKind::Foreign))?;
    let mark = start + text[start..].find(BEGIN).unwrap_or_default() + BEGIN.len();
    let body = mark + (text[mark..].len() - text[mark..].trim_start_matches(is_dash).len());
    let last = text[body..].find(END).map(|at| body + at);
    let stop = last.map_or(text.len(), |last| body + text[body..last].trim_end_matches(is_dash).len());
    let mut letters = String::new();
    let mut line_start = body;
    for line in text[body..stop].split_inclusive('\n') {
        let bare = line.trim();
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| bare.starts_with(mark)) {
            return Err(fault(line_start + (line.len() - line.trim_start().len()), FaultKind::Conflict));
        }
        for (at, letter) in line.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
            let fits = letter.is_ascii_alphanumeric() && !letters.ends_with('=') || matches!(letter, '+' | '/') || letter == '=';
            if !fits {
                // Without an end the text behind it was read too: that it has no end is what is wrong.
                return Err(fault(line_start + at, if last.is_some() { FaultKind::Stray } else { FaultKind::Unended }));
            }
            letters.push(letter);
        }
        line_start += line.len();
    }
    let Some(last) = last else { return Err(fault(text.trim_end().len(), FaultKind::Unended)) };
    let bytes = BASE64_STANDARD.decode(&letters).map_err(|_| fault(stop, FaultKind::Truncated))?;
    let stanzas = header(&bytes).map_err(|kind| fault(if kind == FaultKind::Foreign { start } else { stop }, kind))?;
    let behind = last + END.len();
    let end = behind + (text[behind..].len() - text[behind..].trim_start_matches(is_dash).len());
    Ok(Sealed { bytes, span: Span::new(start, end), stanzas })
}

/// The lines of the header that say to whom the file is encrypted.
fn header(bytes: &[u8]) -> Result<Vec<Vec<String>>, FaultKind> {
    let mut stanzas = Vec::new();
    let mut rest = bytes;
    let mut nth = 0;
    loop {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            return Err(if nth == 0 { FaultKind::Foreign } else { FaultKind::Truncated });
        };
        let line = std::str::from_utf8(&rest[..end]).map_err(|_| FaultKind::Foreign)?;
        rest = &rest[end + 1..];
        if nth == 0 && line != VERSION {
            return Err(FaultKind::Foreign);
        }
        if line.starts_with("---") {
            return if rest.len() < SHORTEST { Err(FaultKind::Truncated) } else { Ok(stanzas) };
        }
        if let Some(words) = line.strip_prefix("-> ") {
            stanzas.push(words.split(' ').map(str::to_owned).collect());
        }
        nth += 1;
    }
}

impl Sealed {
    /// The tag of the dossier's key; none where another program encrypted it.
    pub fn tag(&self) -> Option<&str> {
        self.stanzas.iter().find(|words| words[0] == STANZA).and_then(|words| words.get(1)).map(String::as_str)
    }

    /// What tells the SSH keys that open it.
    pub fn ssh_tags(&self) -> BTreeSet<String> {
        let ssh = self.stanzas.iter().filter(|words| words[0].starts_with("ssh-"));
        ssh.filter_map(|words| words.get(1).cloned()).collect()
    }

    /// Some letters that change whenever the content does.
    pub fn digest(&self) -> String {
        Sha256::digest(&self.bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What tells an SSH key in the header of a file, from a line such as `ssh-ed25519 AAAA…`.
pub fn ssh_tag(line: &str) -> Option<String> {
    let blob = BASE64_STANDARD.decode(line.split_whitespace().nth(1)?).ok()?;
    Some(BASE64_STANDARD_NO_PAD.encode(&Sha256::digest(blob)[..4]))
}

/// The armour of a file, one line each.
pub fn lines(bytes: &[u8]) -> Vec<String> {
    let letters = BASE64_STANDARD.encode(bytes);
    let body = (0..letters.len()).step_by(COLUMNS).map(|at| letters[at..letters.len().min(at + COLUMNS)].to_owned());
    std::iter::once(format!("-----{BEGIN}-----")).chain(body).chain([format!("-----{END}-----")]).collect()
}
