//! Keys of dossiers, and what is done with them. The only file that names the crate `age`.

use std::collections::HashSet;
use std::fmt;
use std::io::{Read as _, Write as _};
use std::str::FromStr;

use age::secrecy::{ExposeSecret as _, SecretString};
use age::{Callbacks, DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient, ssh, x25519};
use age_core::format::{FileKey, Stanza};

use super::armour::{STANZA, Sealed};
use crate::diagnostic::Text;
use crate::failure::Failure;
use crate::say;

/// Texts are filled up to a multiple of this many bytes, so that the length of a short one does not tell it.
const BLOCK: usize = 128;

/// The public half of a dossier's key pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(String);

/// The secret half.
pub struct DossierKey(x25519::Identity);

/// Somebody's SSH private key.
pub struct SshKey(ssh::Identity);

/// An SSH public key to which a file can be encrypted.
pub struct Holder(ssh::Recipient);

/// Why something is not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not encrypted to this key.
    WrongKey,
    /// It was changed after it was encrypted.
    Damaged,
    /// The passphrase is wrong or was not given.
    Passphrase,
    /// What is inside is no text.
    NoText,
}

impl Refusal {
    /// Why, in words.
    pub fn text(self) -> Text {
        match self {
            Self::WrongKey => say!("不是加密给这把钥匙的", "it is not encrypted to this key"),
            Self::Damaged => say!("密文被改动或缺了一截", "the ciphertext was changed or lacks a piece"),
            Self::Passphrase => say!("私钥的口令不对，或没有输入", "the passphrase of the private key is wrong or was not given"),
            Self::NoText => say!("里面不是文字", "what is inside is no text"),
        }
    }
}

impl PublicKey {
    /// The key in the text of a `key.pub`: lines that begin with `#` say nothing, and there is one other.
    pub fn of_file(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (only, more) = (lines.next()?, lines.next());
        more.is_none().then(|| only.parse().ok()).flatten()
    }

    /// The eight letters that name the key pair.
    pub fn tag(&self) -> &str {
        self.0.get(4..12).unwrap_or_default()
    }
}

impl FromStr for PublicKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<x25519::Recipient>().map(|key| Self(key.to_string()))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the dossier's key in the header, for whoever looks for it.
struct Named<'k>(&'k str);

impl Recipient for Named<'_> {
    fn wrap_file_key(&self, _: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        Ok((vec![Stanza { tag: STANZA.to_owned(), args: vec![self.0.to_owned()], body: Vec::new() }], HashSet::new()))
    }
}

fn encrypted(recipients: &[&dyn Recipient], text: &[u8]) -> Result<Vec<u8>, Failure> {
    let failed = |error: &dyn fmt::Display| Failure::new(say!("加密不成", "cannot encrypt"), error);
    let encryptor = Encryptor::with_recipients(recipients.iter().copied()).map_err(|error| failed(&error))?;
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).map_err(|error| failed(&error))?;
    writer.write_all(text).and_then(|()| writer.finish()).map_err(|error| failed(&error))?;
    Ok(out)
}

fn decrypted(bytes: &[u8], identity: &dyn Identity) -> Result<String, Refusal> {
    let refusal = |error: DecryptError| match error {
        DecryptError::NoMatchingKeys => Refusal::WrongKey,
        DecryptError::KeyDecryptionFailed => Refusal::Passphrase,
        _ => Refusal::Damaged,
    };
    let decryptor = Decryptor::new(bytes).map_err(refusal)?;
    let mut reader = decryptor.decrypt(std::iter::once(identity)).map_err(refusal)?;
    let mut text = Vec::new();
    reader.read_to_end(&mut text).map_err(|_| Refusal::Damaged)?;
    String::from_utf8(text).map_err(|_| Refusal::NoText)
}

/// Encrypts a text to a dossier's key. White space at its end is not kept.
///
/// # Errors
/// If the key cannot be used.
pub fn encrypt(key: &PublicKey, text: &str) -> Result<Vec<u8>, Failure> {
    let recipient = x25519::Recipient::from_str(&key.0).map_err(|error| Failure::new(say!("加密不成", "cannot encrypt"), error))?;
    let mut text = text.trim_end().to_owned();
    let filled = (text.len() + 1).next_multiple_of(BLOCK);
    text.extend(std::iter::repeat_n('\n', filled - text.len()));
    encrypted(&[&recipient, &Named(key.tag())], text.as_bytes())
}

impl DossierKey {
    /// A new one.
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.to_public().to_string())
    }

    /// Decrypts what was encrypted to it.
    ///
    /// # Errors
    /// Why not.
    pub fn decrypt(&self, sealed: &Sealed) -> Result<String, Refusal> {
        decrypted(&sealed.bytes, &self.0).map(|text| text.trim_end().to_owned())
    }

    /// The key itself, encrypted to those who may read.
    ///
    /// # Errors
    /// If there is nobody.
    pub fn wrap(&self, number: &str, holders: &[Holder]) -> Result<Vec<u8>, Failure> {
        let secret = self.0.to_string();
        let text = format!("# anjuan {number} {}\n{}\n", self.public(), secret.expose_secret());
        let recipients: Vec<&dyn Recipient> = holders.iter().map(|holder| &holder.0 as &dyn Recipient).collect();
        encrypted(&recipients, text.as_bytes())
    }

    /// Takes the key out of its file.
    ///
    /// # Errors
    /// Why not.
    pub fn unwrap(sealed: &Sealed, key: &SshKey, asked: &Asked) -> Result<Self, Refusal> {
        let text = match &key.0 {
            ssh::Identity::Encrypted(_) => decrypted(&sealed.bytes, &key.0.clone().with_callbacks(asked.clone())),
            _ => decrypted(&sealed.bytes, &key.0),
        }?;
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.next().and_then(|line| line.trim().parse().ok()).map(Self).ok_or(Refusal::NoText)
    }
}

impl SshKey {
    /// Reads the file of a private key.
    ///
    /// # Errors
    /// If it is none, or of a kind that cannot decrypt.
    pub fn read(text: &str, name: &str) -> Result<Self, Failure> {
        let no_key = || {
            Failure::plain(say!("{name} 不是 SSH 私钥", "{name} is no SSH private key")).help(say!(
                "用 --key 指明 ssh-ed25519 或 ssh-rsa 的私钥文件",
                "name the file of an ssh-ed25519 or ssh-rsa private key with --key"
            ))
        };
        match ssh::Identity::from_buffer(text.as_bytes(), Some(name.to_owned())).map_err(|_| no_key())? {
            ssh::Identity::Unsupported(_) => Err(Failure::plain(say!(
                "{name} 这种私钥不能解密：只支持 ssh-ed25519 与 ssh-rsa，硬件钥匙与旧式加口令的 PEM 不行",
                "{name} cannot decrypt: only ssh-ed25519 and ssh-rsa can, neither hardware keys nor old PEM files with a passphrase"
            ))
            .help(say!("旧式 PEM 用 ssh-keygen -p -f 文件 换成新格式", "ssh-keygen -p -f FILE turns an old PEM file into the new format"))),
            identity => Ok(Self(identity)),
        }
    }

    /// Whether a passphrase protects it.
    pub fn needs_passphrase(&self) -> bool {
        matches!(self.0, ssh::Identity::Encrypted(_))
    }
}

impl FromStr for Holder {
    type Err = ();

    /// Reads a line such as `ssh-ed25519 AAAA…`; nothing for kinds of keys that can only sign.
    fn from_str(line: &str) -> Result<Self, ()> {
        line.parse().map(Self).map_err(|_| ())
    }
}

/// The passphrase of a private key, once it was asked for.
#[derive(Clone, Default)]
pub struct Asked(pub Option<String>);

impl Callbacks for Asked {
    fn display_message(&self, _: &str) {}

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn request_public_string(&self, _: &str) -> Option<String> {
        None
    }

    fn request_passphrase(&self, _: &str) -> Option<SecretString> {
        self.0.clone().map(SecretString::from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::armour;
    use super::*;

    fn sealed(key: &DossierKey, text: &str) -> String {
        armour::lines(&encrypt(&key.public(), text).expect("encrypted")).join("\n")
    }

    #[test]
    fn what_was_encrypted_is_read_again_by_its_key_alone() {
        let (own, other) = (DossierKey::generate(), DossierKey::generate());
        for text in ["", "是", " 陈某某  # 化名", "一\n\n二", &"长".repeat(70_000)] {
            let file = armour::read(&sealed(&own, text)).expect("armour");
            assert_eq!(own.decrypt(&file).as_deref(), Ok(text));
            assert_eq!(other.decrypt(&file), Err(Refusal::WrongKey));
            assert_eq!(file.tag(), Some(own.public().tag()));
        }
    }

    #[test]
    fn short_texts_are_of_one_length() {
        let key = DossierKey::generate();
        let length = |text: &str| encrypt(&key.public(), text).expect("encrypted").len();
        // The length of the header varies with a random stanza that age adds.
        assert!(["是", "否", "目标达成", "转介"].iter().all(|text| length(text).abs_diff(length("")) < 300));
    }

    #[test]
    fn white_space_is_no_part_of_armour() {
        let key = DossierKey::generate();
        let text = sealed(&key, "甲");
        let body: String = text.lines().map(|line| format!("    {line}\r\n")).collect();
        let folded = text.replace('\n', " ");
        let dashes = text.replace("-----", "——");
        for text in [text.clone(), body, folded, dashes, format!("前\n{text}\n后")] {
            let file = armour::read(&text).expect("armour");
            assert_eq!(key.decrypt(&file).as_deref(), Ok("甲"), "{text}");
        }
    }

    #[test]
    fn everything_else_is_found_where_it_stands() {
        use armour::FaultKind::{Conflict, Foreign, Stray, Truncated, Unended};
        let text = sealed(&DossierKey::generate(), "甲");
        let fault = |text: &str| armour::read(text).expect_err("damaged");
        let line = |text: &str, at: usize| text[..at].matches('\n').count() + 1;
        let ended = text.rsplit_once('\n').expect("lines").0;
        assert_eq!(fault(ended).kind, Unended);
        assert_eq!(fault(ended).at, ended.len());
        let conflict = text.replacen('\n', "\n<<<<<<< HEAD\n", 2);
        assert_eq!((fault(&conflict).kind, line(&conflict, fault(&conflict).at)), (Conflict, 2));
        let quoted = text.replacen("\n", "\n> ", 2);
        assert_eq!((fault(&quoted).kind, line(&quoted, fault(&quoted).at)), (Stray, 2));
        let mut lines: Vec<&str> = text.lines().collect();
        lines[2] = &lines[2][1..];
        assert_eq!(fault(&lines.join("\n")).kind, Truncated);
        let (first, last) = (lines[0], lines[lines.len() - 1]);
        assert_eq!(fault(&[first, lines[1], last].join("\n")).kind, Truncated);
        assert_eq!(fault(&[first, "aGVsbG8=", last].join("\n")).kind, Foreign);
        assert_eq!(fault(&[first, last].join("\n")).kind, Foreign);
    }

    #[test]
    fn a_piece_that_is_cut_out_shows_when_it_is_decrypted() {
        let key = DossierKey::generate();
        let text = sealed(&key, &"甲乙丙".repeat(200));
        let mut lines: Vec<&str> = text.lines().collect();
        lines.remove(10);
        let file = armour::read(&lines.join("\n")).expect("nothing shows");
        assert_eq!(key.decrypt(&file), Err(Refusal::Damaged));
    }
}
