//! `anjuan.yaml`: what an archive says about itself.

use serde::Deserialize;

use super::history::signature::Key;
use crate::diagnostic::{Diagnostic, Language};
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::{self, de};

/// The name of the file that makes a folder an archive.
pub const FILE: &str = "anjuan.yaml";

/// The settings of one archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Whose records these are; printed on every paper.
    pub organisation: String,
    /// Title of the site; the organisation when empty.
    pub site_title: String,
    /// The address at which the site is served, such as `https://anjuan.example.org/`; feeds lead there. Empty: nowhere.
    pub site_url: String,
    /// Language of messages and of the site: `zh` or `en`.
    pub language: String,
    /// The archive's time zone as `+HH:MM`; days are counted in it.
    pub timezone: String,
    /// The protected branch on which approvals are given.
    pub branch: String,
    /// Folder of the rulebook.
    pub rulebook: String,
    /// Lowest-risk audience: what `build` makes when none is named.
    pub audience: String,
    /// Folder of the secret keys of dossiers, from the root of the archive or from that of the disk; git does not keep it.
    pub keys: String,
    /// Paths (files or folders) that hold no records.
    pub ignore: Vec<String>,
    /// How approvals are read from history.
    pub approval: ApprovalSettings,
}

/// How strong the evidence for somebody's agreement is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Whoever made the merge says so.
    #[default]
    Claimed,
    /// A forge signed the merge that says so.
    ForgeSigned,
    /// They signed it themselves.
    PersonSigned,
}

/// Settings of the approval trail; what each proves is explained in the guide.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ApprovalSettings {
    /// Whether pressing the merge button counts as approving (GitHub's merges name nobody else).
    pub merger_counts: bool,
    /// Trailer keys that name an approver.
    pub trailers: Vec<String>,
    /// The commit from which on approvals are judged; before it everything is *baseline*.
    pub anchor: Option<String>,
    /// Whether a text that the merge itself put together may count as approved.
    pub auto_merge: bool,
    /// Whether merges of more than two parents may approve.
    pub octopus: bool,
    /// Whether a squash, which git cannot tell from a direct push, may approve where the forge or the approver signed it.
    pub squash: bool,
    /// Addresses of forges; they are nobody.
    pub forge_emails: Vec<String>,
    /// Public keys with which forges sign their merges, as in `authorized_keys`.
    pub forge_keys: Vec<String>,
    /// The weakest evidence that counts.
    pub strength: Strength,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            organisation: String::new(),
            site_title: String::new(),
            site_url: String::new(),
            language: "zh".to_owned(),
            timezone: "+08:00".to_owned(),
            branch: "main".to_owned(),
            rulebook: "rulebook".to_owned(),
            audience: String::new(),
            keys: "keys".to_owned(),
            ignore: Vec::new(),
            approval: ApprovalSettings::default(),
        }
    }
}

impl Default for ApprovalSettings {
    fn default() -> Self {
        Self {
            merger_counts: false,
            trailers: vec!["Approved-by".to_owned(), "Reviewed-by".to_owned()],
            anchor: None,
            auto_merge: false,
            octopus: false,
            squash: false,
            forge_emails: vec!["noreply@github.com".to_owned(), "noreply@gitlab.com".to_owned()],
            forge_keys: Vec::new(),
            strength: Strength::default(),
        }
    }
}

impl Config {
    /// Reads the file. What cannot be read keeps its default and is a finding.
    pub fn read(source: &SharedSource) -> (Self, Vec<Diagnostic>) {
        let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
        let config = de::read::<Self>(&node, source, "C101").unwrap_or_else(|d| {
            found.push(d);
            Self::default()
        });
        if parse_zone(&config.timezone).is_none() {
            let zone = &config.timezone;
            let place = node.get("timezone").map(|n| Place::new(source, n.span));
            found.push(
                Diagnostic::error("C101", place, say!("时区“{zone}”写法不对", "the time zone `{zone}` is not understood"))
                    .help(say!("写成 +08:00 这样", "write it as +08:00"))
                    .key("timezone"),
            );
        }
        if !config.site_url.is_empty() && !is_address(&config.site_url) {
            let url = &config.site_url;
            let place = node.get("site-url").map(|n| Place::new(source, n.span));
            found.push(
                Diagnostic::error("C101", place, say!("站点地址“{url}”写法不对", "the address of the site `{url}` is not understood"))
                    .help(say!(
                        "写成 https://anjuan.example.org/ 这样；没有就留空",
                        "write it as https://anjuan.example.org/, or leave it empty"
                    ))
                    .key("site-url"),
            );
        }
        let keys = node.get("approval").and_then(|approval| approval.get("forge-keys"));
        for key in keys.and_then(|keys| keys.as_list()).unwrap_or_default() {
            if let Err(no_key) = key.as_str().unwrap_or_default().parse::<Key>() {
                found.push(no_key.diagnostic("C101", Place::new(source, key.span)).key("forge-keys"));
            }
        }
        (config, found)
    }

    /// The archive's language.
    pub fn language(&self) -> Language {
        Language::from_tag(&self.language).unwrap_or_default()
    }

    /// The archive's time zone in minutes east of UTC.
    pub fn zone(&self) -> i32 {
        parse_zone(&self.timezone).unwrap_or(8 * 60)
    }
}

/// Whether it is an address of a site, of nothing but what RFC 3986 allows in one.
fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]@!$&'()*+,;=%".contains(c);
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && rest.chars().all(allowed))
}

/// `+08:00` → 480. None for anything else.
fn parse_zone(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["https://a.example/b/", "http://192.168.1.5:8080", "https://[::1]/x"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["a.example", "javascript:alert(1)", "https://", "https://a b", "https://a/\r\nX:1", "https://a/#x", "https://机构/"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn zones() {
        assert_eq!(parse_zone("+08:00"), Some(480));
        assert_eq!(parse_zone("-03:30"), Some(-210));
        assert_eq!(parse_zone("8"), None);
        assert_eq!(parse_zone("+25:00"), None);
    }
}
