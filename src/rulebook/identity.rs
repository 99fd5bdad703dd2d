//! Numbers that identify people: identity documents, telephones, addresses.

use std::sync::OnceLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::diagnostic::Text;
use crate::say;

/// Why a document's number is impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impossible {
    /// Nothing that is known has this shape.
    Shape,
    /// The digits for the date of birth are no date.
    Birth,
    /// The last character does not follow from the others (GB 11643-1999).
    CheckDigit,
}

impl Impossible {
    /// In words.
    pub fn text(self) -> Text {
        match self {
            Self::Shape => say!("位数或字符不对", "the length or characters are wrong"),
            Self::Birth => say!("出生日期段不是真实日期", "the digits of the date of birth are no date"),
            Self::CheckDigit => say!("最后一位校验不通过", "the check digit does not fit"),
        }
    }

    /// What to do.
    pub fn help(self) -> Text {
        say!("请对照证件原件逐位核对", "compare it with the document digit by digit")
    }
}

fn matches(cell: &'static OnceLock<Option<Regex>>, pattern: &str, text: &str) -> bool {
    cell.get_or_init(|| Regex::new(pattern).ok()).as_ref().is_some_and(|regex| regex.is_match(text))
}

/// Whether the number of an identity document can exist. Eighteen characters are read as an identity
/// card (GB 11643-1999; residence permits for Hong Kong, Macau and Taiwan follow the same rule); travel
/// permits by their shapes; passports are only asked to be letters and digits.
pub fn document(number: &str) -> Result<(), Impossible> {
    let number = number.trim();
    if number.len() == 18 {
        return identity_card(number);
    }
    static PERMIT: OnceLock<Option<Regex>> = OnceLock::new();
    if matches(&PERMIT, r"^[A-Za-z0-9]{5,17}$", number) && !(number.len() == 15 || number.len() == 17)
        || number.len() == 15 && number.bytes().any(|b| b.is_ascii_alphabetic())
    {
        Ok(())
    } else {
        Err(Impossible::Shape)
    }
}

fn identity_card(number: &str) -> Result<(), Impossible> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let bytes = number.as_bytes();
    if !bytes[..17].iter().all(u8::is_ascii_digit) || !(bytes[17].is_ascii_digit() || matches!(bytes[17], b'X' | b'x')) {
        return Err(Impossible::Shape);
    }
    born(number).ok_or(Impossible::Birth)?;
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let wanted = CHECK[(sum % 11) as usize];
    if bytes[17].eq_ignore_ascii_case(&wanted) { Ok(()) } else { Err(Impossible::CheckDigit) }
}

/// The date of birth in an eighteen-digit number.
pub fn born(number: &str) -> Option<NaiveDate> {
    let digits = number.get(6..14)?;
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u32>().ok();
    NaiveDate::from_ymd_opt(i32::try_from(part(0..4)?).ok()?, part(4..6)?, part(6..8)?).filter(|day| day.to_string().as_str() > "1880")
}

/// Whether it is a telephone number of the mainland (mobile or fixed), Hong Kong or Macau.
pub fn phone(text: &str) -> bool {
    static PHONE: OnceLock<Option<Regex>> = OnceLock::new();
    matches(&PHONE, r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|\+85[23]\d{8})$", text)
}

/// Whether it has the shape of an e-mail address: one `@`, a dot in the domain.
pub fn email(text: &str) -> bool {
    static EMAIL: OnceLock<Option<Regex>> = OnceLock::new();
    matches(&EMAIL, r"^[^@\s]+@[^@\s]+\.[^@\s.]+$", text)
}

/// A number with its middle hidden, for messages that may end in logs.
pub fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let keep = if chars.len() > 8 { 3 } else { 1 };
    let hide = keep..chars.len().saturating_sub(keep).max(keep);
    chars.iter().enumerate().map(|(at, c)| if hide.contains(&at) { '*' } else { *c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_cards() {
        assert_eq!(document("11010519491231002X"), Ok(())); // the standard's own example
        assert_eq!(document("11010519491231002x"), Ok(()));
        assert_eq!(document("110105194912310021"), Err(Impossible::CheckDigit));
        assert_eq!(document("110105194902310028"), Err(Impossible::Birth));
        assert_eq!(document("1101051949123100"), Ok(())); // sixteen characters: some passport
        assert_eq!(document("中"), Err(Impossible::Shape));
        assert_eq!(document("H12345678"), Ok(()));
    }

    #[test]
    fn phones() {
        for good in ["13800000001", "0755-12345678", "075512345678", "+85212345678", "0755-12345678-12"] {
            assert!(phone(good), "{good}");
        }
        for bad in ["12800000001", "1380000000", "+85112345678", "0755 12345678"] {
            assert!(!phone(bad), "{bad}");
        }
    }

    #[test]
    fn masks_hide_the_middle() {
        assert_eq!(masked("110105194912310021"), "110************021");
        assert_eq!(masked("12345"), "1***5");
        assert_eq!(masked(""), "");
    }
}
