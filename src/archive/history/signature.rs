//! Signatures of commits, read strictly.
//!
//! The signed text is the commit's own bytes without the one header that holds the signature; libgit2 takes a signature out of
//! the message too, stops at a zero byte and mistakes headers, so it is not asked. SSH signatures (`PROTOCOL.sshsig` of
//! OpenSSH, namespace `git`) are verified, and OpenPGP signatures where the feature `openpgp` is built in; X.509 is named and not
//! verified.

#[cfg(feature = "openpgp")]
mod openpgp;

use std::str::FromStr;
#[cfg(feature = "openpgp")]
use std::sync::Arc;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::Place;

/// A public key, compared by what it is, not by its comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(Public);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Public {
    Ssh(ssh_key::public::KeyData),
    #[cfg(feature = "openpgp")]
    OpenPgp(Arc<openpgp::Certificates>),
}

/// Why a key cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// It is neither a line for SSH nor a whole OpenPGP block.
    Unreadable,
    /// An OpenPGP certificate that was revoked, has no key for signing, or speaks for itself with SHA-1 or MD5 only.
    CannotSign,
    /// An OpenPGP certificate, and the feature is not built in.
    NotBuiltIn,
}

impl NoKey {
    /// The finding about a value that should be a key.
    pub fn diagnostic(self, code: &str, place: Place) -> Diagnostic {
        let (message, help) = match self {
            Self::Unreadable => (
                say!("读不懂这把公钥", "this public key cannot be read"),
                say!(
                    "照 ssh-keygen 生成的 .pub 文件写一行，或写 gpg --armor --export 的整段",
                    "write one line as in the .pub file that ssh-keygen makes, or the whole block of gpg --armor --export"
                ),
            ),
            Self::CannotSign => (
                say!(
                    "这份 OpenPGP 证书不能签名：已作废、没有签名用的钥匙，或只以 SHA-1、MD5 自证",
                    "this OpenPGP certificate can make no signature: it was revoked, has no key for signing, or vouches for itself with SHA-1 or MD5 only"
                ),
                say!("换一把钥匙登记", "register another key"),
            ),
            Self::NotBuiltIn => (
                say!("这个程序不核对 OpenPGP 签名", "this program was built without OpenPGP"),
                say!("用带 openpgp 功能的程序，或登记 SSH 公钥", "use one built with the feature `openpgp`, or register an SSH key"),
            ),
        };
        Diagnostic::error(code, place, message).help(help)
    }
}

impl FromStr for Key {
    type Err = NoKey;

    /// Reads a line such as `ssh-ed25519 AAAA… comment`, or an armoured OpenPGP block.
    fn from_str(text: &str) -> Result<Self, NoKey> {
        let text = text.trim();
        if !text.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            let key = PublicKey::from_openssh(text).map_err(|_| NoKey::Unreadable)?;
            return Ok(Self(Public::Ssh(key.key_data().clone())));
        }
        #[cfg(feature = "openpgp")]
        return openpgp::Certificates::read(text).map(|read| Self(Public::OpenPgp(Arc::new(read))));
        #[cfg(not(feature = "openpgp"))]
        Err(NoKey::NotBuiltIn)
    }
}

impl Key {
    /// Whether it made a signature. The day, by the line's clock, is that of the signature: a certificate may have an end of its own.
    #[cfg_attr(not(feature = "openpgp"), expect(unused_variables))]
    pub fn made(&self, signature: &Signature, day: NaiveDate) -> bool {
        match (&self.0, &signature.0) {
            (Public::Ssh(own), By::Ssh(key)) => own == key,
            #[cfg(feature = "openpgp")]
            (Public::OpenPgp(own), By::OpenPgp(signed)) => own.made(signed, day),
            #[cfg(feature = "openpgp")]
            _ => false,
        }
    }

    /// Its line as in `authorized_keys`; none for OpenPGP.
    pub fn line(&self) -> Option<String> {
        match &self.0 {
            Public::Ssh(key) => PublicKey::from(key.clone()).to_openssh().ok(),
            #[cfg(feature = "openpgp")]
            Public::OpenPgp(_) => None,
        }
    }
}

/// A private key that anybody can make again from a word: for worked examples, which are the same each time they are told. It
/// protects nothing.
pub struct ExampleKey(PrivateKey);

impl ExampleKey {
    /// The key of a word.
    pub fn of(word: &str) -> Self {
        let pair = Ed25519Keypair::from_seed(&Sha256::digest(format!("anjuan example key {word}")).into());
        Self(PrivateKey::from(pair))
    }

    /// Its public half as a line for the register.
    pub fn line(&self) -> String {
        self.0.public_key().to_openssh().unwrap_or_default()
    }

    /// The armour of a signature over what git asks to be signed.
    pub(super) fn sign(&self, signed: &[u8]) -> Option<String> {
        self.0.sign("git", HashAlg::Sha512, signed).ok()?.to_pem(LineEnding::LF).ok()
    }
}

/// What a commit's signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seal {
    /// There is none.
    Unsigned,
    /// There is one; whose it is, [`Key::made`] says.
    Made(Signature),
    /// There is one, and it proves nothing.
    Refused(Refusal),
}

/// A signature that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature(By);

#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    /// Verified: this key signed exactly this commit.
    Ssh(ssh_key::public::KeyData),
    /// To be verified with the certificates that somebody brings.
    #[cfg(feature = "openpgp")]
    OpenPgp(Arc<openpgp::Signed>),
}

/// Why a signature proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// OpenPGP, which is not verified without the feature `openpgp`.
    OpenPgp,
    /// X.509, which is not verified.
    X509,
    /// An SSH certificate, which is not verified.
    Certificate,
    /// It is made for something else than git.
    Namespace,
    /// Its digest is one for which others can make a second text: SHA-1, MD5.
    Weak,
    /// It does not fit the commit: the commit or the signature was changed.
    Mismatch,
    /// The commit is not as git writes one: a zero byte, two signatures, a signature for another kind of hash.
    Malformed,
}

/// The columns at which the reader of signatures wants lines to end.
const COLUMNS: usize = 70;

/// Reads and verifies the signature of a commit from its own bytes.
pub fn seal(commit: &[u8]) -> Seal {
    let (signed, armour) = match split(commit) {
        Ok(Some(parts)) => parts,
        Ok(None) => return Seal::Unsigned,
        Err(refusal) => return Seal::Refused(refusal),
    };
    match armour.lines().next().unwrap_or_default().trim() {
        "-----BEGIN PGP SIGNATURE-----" | "-----BEGIN PGP MESSAGE-----" => openpgp(&armour, signed),
        "-----BEGIN SIGNED MESSAGE-----" => Seal::Refused(Refusal::X509),
        "-----BEGIN SSH SIGNATURE-----" => ssh(&armour, &signed),
        _ => Seal::Refused(Refusal::Malformed),
    }
}

#[cfg(feature = "openpgp")]
fn openpgp(armour: &str, signed: Vec<u8>) -> Seal {
    match openpgp::Signed::read(armour, signed) {
        Ok(signed) => Seal::Made(Signature(By::OpenPgp(Arc::new(signed)))),
        Err(refusal) => Seal::Refused(refusal),
    }
}

#[cfg(not(feature = "openpgp"))]
fn openpgp(_: &str, _: Vec<u8>) -> Seal {
    Seal::Refused(Refusal::OpenPgp)
}

fn ssh(armour: &str, signed: &[u8]) -> Seal {
    let Some(armour) = rewrapped(armour) else { return Seal::Refused(Refusal::Malformed) };
    let Ok(signature) = SshSig::from_pem(armour.as_bytes()) else { return Seal::Refused(unreadable(&armour)) };
    if signature.namespace() != "git" {
        return Seal::Refused(Refusal::Namespace);
    }
    let key = PublicKey::from(signature.public_key().clone());
    match key.verify("git", signed, &signature) {
        Ok(()) => Seal::Made(Signature(By::Ssh(signature.public_key().clone()))),
        Err(_) => Seal::Refused(Refusal::Mismatch),
    }
}

/// Certificates have key types of their own, which the reader does not know.
fn unreadable(armour: &str) -> Refusal {
    let body: String = armour.lines().filter(|line| !line.starts_with("-----")).collect();
    // The key type stands in the first 64 bytes: magic, version, length of the key, length of its type.
    let certificate = ["LWNlcnQtdjAx", "1jZXJ0LXYwM", "tY2VydC12MD"].iter().any(|part| body.contains(part));
    if certificate { Refusal::Certificate } else { Refusal::Malformed }
}

/// The signed bytes and the armour of the one signature; none where there is none.
fn split(commit: &[u8]) -> Result<Option<(Vec<u8>, String)>, Refusal> {
    let end = commit.windows(2).position(|pair| pair == b"\n\n").map_or(commit.len(), |at| at + 1);
    let (head, body) = commit.split_at(end);
    let mut rest = Vec::with_capacity(commit.len());
    let mut armour: Option<String> = None;
    let mut inside = false;
    let mut refused = false;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        if let Some(more) = line.strip_prefix(b" ").filter(|_| inside) {
            let text = std::str::from_utf8(more).map_err(|_| Refusal::Malformed)?;
            armour.as_mut().expect("a signature has begun").push_str(text);
            continue;
        }
        inside = false;
        if let Some(first) = line.strip_prefix(b"gpgsig ") {
            refused |= armour.is_some();
            armour = Some(std::str::from_utf8(first).map_err(|_| Refusal::Malformed)?.to_owned());
            inside = true;
        } else {
            refused |= line.starts_with(b"gpgsig-sha256 ");
            rest.extend_from_slice(line);
        }
    }
    let Some(armour) = armour else { return if refused { Err(Refusal::Malformed) } else { Ok(None) } };
    if refused || commit.contains(&0) || !commit.starts_with(b"tree ") {
        return Err(Refusal::Malformed);
    }
    rest.extend_from_slice(body);
    Ok(Some((rest, armour)))
}

/// The armour with lines of the length that the reader wants; forges wrap at 64 or 76.
fn rewrapped(armour: &str) -> Option<String> {
    let lines: Vec<&str> = armour.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let [first, inner @ .., last] = lines.as_slice() else { return None };
    let body: String = inner.concat();
    if !body.is_ascii() {
        return None;
    }
    let mut out = format!("{first}\n");
    for chunk in body.as_bytes().chunks(COLUMNS) {
        out.extend(chunk.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out.push_str(last);
    out.push('\n');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ssh_key::private::KeypairData;

    const HEAD: &str =
        "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor a <a@x> 1700000000 +0800\ncommitter a <a@x> 1700000000 +0800\n";
    const BODY: &str = "\n合并\n\nApproved-by: a <a@x>\n";

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[seed; 32])), "test").expect("a key")
    }

    fn public(seed: u8) -> Key {
        key(seed).public_key().to_openssh().expect("a line").parse().expect("a key")
    }

    fn by(seed: u8) -> Seal {
        Seal::Made(Signature(By::Ssh(key(seed).public_key().key_data().clone())))
    }

    fn armour(seed: u8, namespace: &str, text: &str) -> String {
        let signature = key(seed).sign(namespace, HashAlg::Sha512, text.as_bytes()).expect("a signature");
        signature.to_pem(LineEnding::LF).expect("armour")
    }

    fn header(name: &str, armour: &str) -> String {
        format!("{name} {}\n", armour.trim_end().replace('\n', "\n "))
    }

    fn signed(seed: u8) -> String {
        format!("{HEAD}{}{BODY}", header("gpgsig", &armour(seed, "git", &format!("{HEAD}{BODY}"))))
    }

    #[test]
    fn a_signature_is_that_of_its_key() {
        assert_eq!(seal(signed(7).as_bytes()), by(7));
        assert_ne!(public(7), public(8));
        assert_eq!(seal(format!("{HEAD}{BODY}").as_bytes()), Seal::Unsigned);
        assert_eq!(public(7).line().expect("a line").parse::<Key>(), Ok(public(7)));
        let (Seal::Made(own), day) = (by(7), NaiveDate::MIN) else { panic!("a signature") };
        assert!(public(7).made(&own, day) && !public(8).made(&own, day));
    }

    #[test]
    fn forges_wrap_armour_as_they_like() {
        let armour = armour(7, "git", &format!("{HEAD}{BODY}"));
        let lines: Vec<&str> = armour.lines().collect();
        let body = lines[1..lines.len() - 1].concat();
        for columns in [64, 76, 400] {
            let wrapped: Vec<String> = body.as_bytes().chunks(columns).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
            let again = format!("{}\n{}\n{}\n", lines[0], wrapped.join("\n"), lines[lines.len() - 1]);
            let commit = format!("{HEAD}{}{BODY}", header("gpgsig", &again));
            assert_eq!(seal(commit.as_bytes()), by(7), "{columns}");
        }
        // GitHub ends the header with a line of one space.
        let trailing = signed(7).replace("-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n \n");
        assert_eq!(seal(trailing.as_bytes()), by(7));
    }

    #[test]
    fn what_git_and_others_may_read_differently_is_refused() {
        let text = format!("{HEAD}{BODY}");
        let own = header("gpgsig", &armour(7, "git", &text));
        let refused = |commit: String| match seal(commit.as_bytes()) {
            Seal::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(signed(7).replace("合并", "合拼")), Refusal::Mismatch);
        assert_eq!(refused(format!("{HEAD}{}{BODY}", header("gpgsig", &armour(7, "file", &text)))), Refusal::Namespace);
        assert_eq!(refused(format!("{HEAD}{own}{}{BODY}", header("gpgsig", &armour(8, "git", &text)))), Refusal::Malformed);
        assert_eq!(refused(format!("{HEAD}{}{own}{BODY}", header("gpgsig-sha256", "x"))), Refusal::Malformed);
        assert_eq!(refused(format!("{}\0hidden", signed(7))), Refusal::Malformed);
        let pgp = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----";
        let unread = if cfg!(feature = "openpgp") { Refusal::Malformed } else { Refusal::OpenPgp };
        assert_eq!(refused(format!("{HEAD}{}{BODY}", header("gpgsig", pgp))), unread);
        let x509 = "-----BEGIN SIGNED MESSAGE-----\nabc\n-----END SIGNED MESSAGE-----";
        assert_eq!(refused(format!("{HEAD}{}{BODY}", header("gpgsig", x509))), Refusal::X509);
        assert_eq!(
            refused(format!("{HEAD}{}{BODY}", header("gpgsig", "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----"))),
            Refusal::Malformed
        );
        // A signature in the message is none.
        assert_eq!(seal(format!("{HEAD}\n合并\n\n{own}").as_bytes()), Seal::Unsigned);
        assert_eq!(seal(b""), Seal::Unsigned);
    }
}
