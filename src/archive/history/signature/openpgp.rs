//! OpenPGP signatures (RFC 9580) and the certificates that they are verified with.
//!
//! An SSH signature carries its key; an OpenPGP signature only says whose it is, so it is verified when somebody asks whether a
//! certificate made it. What the library leaves to its caller is decided here: which keys of a certificate may sign, revocation,
//! expiry, and which digests still prove something.

use chrono::{DateTime, NaiveDate};
use pgp::composed::{Deserializable, DetachedSignature, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{PublicKey, PublicSubkey, Signature, SignatureType, SubpacketData};
use pgp::types::{Duration, KeyDetails, Tag, Timestamp};

use super::{NoKey, Refusal};

/// One armoured block: a person's certificate, or those that a forge has used one after another.
#[derive(Debug, Clone)]
pub(super) struct Certificates {
    /// The primary keys, by which two blocks are the same.
    fingerprints: Vec<Vec<u8>>,
    signers: Vec<Signer>,
}

/// A key that may sign.
#[derive(Debug, Clone)]
struct Signer {
    key: Half,
    created: Timestamp,
    /// The last day on which it counts, in UTC; none where it has no end.
    last: Option<NaiveDate>,
}

/// The two kinds of key that a certificate is made of.
#[derive(Debug, Clone)]
enum Half {
    Primary(PublicKey),
    Sub(PublicSubkey),
}

impl PartialEq for Certificates {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprints == other.fingerprints
    }
}

impl Eq for Certificates {}

impl Certificates {
    /// Reads an armoured block. A certificate that can make no signature, or was revoked, is none.
    pub(super) fn read(armour: &str) -> Result<Self, NoKey> {
        let mut all = Self { fingerprints: Vec::new(), signers: Vec::new() };
        let (certificates, _) = SignedPublicKey::from_armor_many(armour.as_bytes()).map_err(|_| NoKey::Unreadable)?;
        for certificate in certificates {
            let certificate = certificate.map_err(|_| NoKey::Unreadable)?;
            all.fingerprints.push(certificate.fingerprint().as_bytes().to_vec());
            all.signers.extend(signers(&certificate));
        }
        if all.signers.is_empty() { Err(NoKey::CannotSign) } else { Ok(all) }
    }

    /// Whether one of the keys, counting on that day, made the signature.
    pub(super) fn made(&self, signed: &Signed, day: NaiveDate) -> bool {
        let counts = |signer: &&Signer| signer.last.is_none_or(|last| day <= last) && signer.created <= signed.created;
        self.signers.iter().filter(counts).any(|signer| match &signer.key {
            Half::Primary(key) => signed.signature.verify(key, &signed.text).is_ok(),
            Half::Sub(key) => signed.signature.verify(key, &signed.text).is_ok(),
        })
    }
}

/// The keys of a certificate that may sign.
fn signers(certificate: &SignedPublicKey) -> Vec<Signer> {
    let primary = &certificate.primary_key;
    let details = &certificate.details;
    if details.revocation_signatures.iter().any(|own| own.verify_key(primary).is_ok()) {
        return Vec::new();
    }
    let direct = details.direct_signatures.iter().filter(|own| own.verify_key(primary).is_ok());
    let users = details.users.iter().flat_map(|user| {
        user.signatures.iter().filter(|own| own.is_certification() && own.verify_certification(primary, Tag::UserId, &user.id).is_ok())
    });
    let Some(own) = newest(direct.chain(users)) else { return Vec::new() };
    let mut found = Vec::new();
    // A certificate from before flags were written signs with its primary key.
    if signs(own).unwrap_or(true) {
        found.extend(Signer::new(Half::Primary(primary.clone()), primary.created_at(), own));
    }
    let until = last(primary.created_at(), own.key_expiration_time());
    for sub in &certificate.public_subkeys {
        if let Some(binding) = binding(primary, sub)
            && let Some(mut signer) = Signer::new(Half::Sub(sub.key.clone()), sub.key.created_at(), binding)
        {
            signer.last = signer.last.into_iter().chain(until).min();
            found.push(signer);
        }
    }
    found
}

/// The signature that binds a key for signing to its primary; none where it is revoked or does not sign back.
fn binding<'s>(primary: &PublicKey, sub: &'s SignedPublicSubKey) -> Option<&'s Signature> {
    let own = || sub.signatures.iter().filter(|own| own.verify_subkey_binding(primary, &sub.key).is_ok());
    if own().any(|own| own.typ() == Some(SignatureType::SubkeyRevocation)) {
        return None;
    }
    let binding = newest(own())?;
    let back = binding.embedded_signature()?.verify_primary_key_binding(&sub.key, primary);
    (signs(binding) == Some(true) && back.is_ok()).then_some(binding)
}

fn newest<'s>(own: impl Iterator<Item = &'s Signature>) -> Option<&'s Signature> {
    own.filter(|own| own.hash_alg().is_some_and(proves)).max_by_key(|own| own.created().map(Timestamp::as_secs))
}

/// Whether a signature lets a key sign; none where it does not say.
fn signs(own: &Signature) -> Option<bool> {
    let flags = own.config()?.hashed_subpackets().find_map(|part| match &part.data {
        SubpacketData::KeyFlags(flags) => Some(flags),
        _ => None,
    });
    flags.map(|flags| flags.sign())
}

/// The last day, in UTC, of a key made at some time.
fn last(created: Timestamp, lasts: Option<Duration>) -> Option<NaiveDate> {
    let seconds = lasts.map(Duration::as_secs).filter(|seconds| *seconds > 0)?;
    let end = i64::from(created.as_secs()) + i64::from(seconds);
    DateTime::from_timestamp(end, 0).map(|end| end.date_naive())
}

impl Signer {
    fn new(key: Half, created: Timestamp, own: &Signature) -> Option<Self> {
        Some(Self { key, created, last: last(created, own.key_expiration_time()) })
    }
}

/// Whether nobody can make two texts with the same digest.
fn proves(digest: HashAlgorithm) -> bool {
    !matches!(digest, HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160 | HashAlgorithm::None)
}

/// A signature and the bytes that it is said to be over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signed {
    signature: DetachedSignature,
    created: Timestamp,
    text: Vec<u8>,
}

impl Signed {
    /// Reads a signature that somebody can be found to have made.
    pub(super) fn read(armour: &str, text: Vec<u8>) -> Result<Self, Refusal> {
        let (mut all, _) = DetachedSignature::from_armor_many(armour.as_bytes()).map_err(|_| Refusal::Malformed)?;
        let (Some(Ok(signature)), None) = (all.next(), all.next()) else { return Err(Refusal::Malformed) };
        let own = &signature.signature;
        let config = own.config().ok_or(Refusal::Malformed)?;
        if config.typ() != SignatureType::Binary {
            return Err(Refusal::Namespace);
        }
        if !proves(config.hash_alg) {
            return Err(Refusal::Weak);
        }
        // What asks to be understood and is not may take the signature back.
        let known =
            |data: &SubpacketData| !matches!(data, SubpacketData::Other(..) | SubpacketData::Experimental(..) | SubpacketData::Notation(_));
        let understood = config.hashed_subpackets().all(|part| !part.is_critical || known(&part.data));
        let ends = own.signature_expiration_time().is_some_and(|lasts| lasts.as_secs() > 0);
        match config.created() {
            Some(created) if understood && !ends => Ok(Self { created, signature, text }),
            _ => Err(Refusal::Malformed),
        }
    }
}
