//! Values as they are written into records: quoted where any program could read something else.

use super::plain;

/// A value as it stands behind a key, in a list or in a mapping in brackets.
pub fn scalar(text: &str) -> String {
    let text: String = text.split(|c: char| c.is_control()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let brackets = |c: char| matches!(c, ',' | '[' | ']' | '{' | '}');
    let safe = plain::plain(&text).is_some() && !text.contains(brackets) && !text.contains(": ");
    if safe && !is_guessed(&text) { text } else { super::shadow::quoted(&text) }
}

/// A value that its kind makes sure of, such as a date: never in quotes where it can be without.
pub fn typed(text: &str) -> String {
    if plain::plain(text).is_some() && !text.contains([',', '[', ']', '{', '}', ' ']) { text.to_owned() } else { scalar(text) }
}

/// Whether a program that guesses takes it for something else than text: it rounds long numbers, drops zeros before others and
/// counts `9:30` in minutes.
fn is_guessed(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
    let number = begins && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | '_' | ':' | 'e' | 'E' | 'x' | 'o'));
    number || is_word(text) || text == "~" || text.eq_ignore_ascii_case("null")
}

/// Whether a program that guesses gives it back as something else: `007` as 7, `9:30` as 570, the last digits of a long number as
/// others, `no` as false.
pub fn is_changed_by_guessing(text: &str) -> bool {
    if !text.is_ascii() || text.len() > 40 {
        return false;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_digits(digits) {
        // Floats keep fifteen digits.
        return digits.len() > 15 || digits.len() > 1 && digits.starts_with('0') || digits.len() < text.len();
    }
    let clock = text.split_once(':').is_some_and(|(hour, minute)| is_digits(hour) && is_digits(minute) && minute.len() == 2);
    let power = digits.split_once(['e', 'E']).is_some_and(|(number, power)| is_digits(number) && is_digits(power));
    let grouped = digits.contains('_') && is_digits(&digits.replace('_', ""));
    clock || power || grouped || is_word(text)
}

/// Whether it is a word that some programs take for yes or no.
fn is_word(text: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off", "y", "n"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};
    use crate::yaml::parse;

    #[test]
    fn what_is_guessed_stands_in_quotes() {
        for (text, written) in [
            ("欧阳小测", "欧阳小测"),
            ("M01", "M01"),
            ("E12345678", "E12345678"),
            ("13800000001", "'13800000001'"),
            ("9:30", "'9:30'"),
            ("007", "'007'"),
            ("No", "'No'"),
            ("他说: 好", "'他说: 好'"),
            ("三号楼 #1", "'三号楼 #1'"),
            ("[一] 说明", "'[一] 说明'"),
            ("it's", "it's"),
            ("'早'", "'''早'''"),
            ("甲\n乙", "甲 乙"),
            ("", "''"),
        ] {
            assert_eq!(scalar(text), written);
        }
        assert_eq!((typed("2026-03-05"), typed("12.5"), typed("3 月")), ("2026-03-05".to_owned(), "12.5".to_owned(), "3 月".to_owned()));
    }

    #[test]
    fn what_another_program_would_change_is_known() {
        for text in ["007", "075500000000", "110105194912310021", "9:30", "12E5", "1_000", "No", "+86"] {
            assert!(is_changed_by_guessing(text), "{text}");
        }
        for text in ["7", "0", "13800000001", "2026-03-05", "0755-12345678", "19:30–21:00", "M01", "是", "", "1.5", "11010519491231002X"]
        {
            assert!(!is_changed_by_guessing(text), "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 2000, failure_persistence: None, ..Default::default() })]
        #[test]
        fn what_is_written_is_read_again(text in "[甲a1:：,，'\"#{}\\[\\]&*!|>@%` ~.\\-]{0,8}") {
            for whole in [format!("k: {}\n", scalar(&text)), format!("k:\n  - {{ c: {} }}\n", scalar(&text)), format!("k: [{}]\n", scalar(&text))] {
                let source = Source::new("a", whole.as_str());
                let (node, found) = parse(&source, Span::new(0, whole.len()));
                proptest::prop_assert!(found.is_empty(), "{whole:?}: {found:?}");
                let value = node.get("k").unwrap();
                let value = value.as_list().map_or(value, |list| &list[0]);
                let value = value.get("c").unwrap_or(value);
                proptest::prop_assert_eq!(value.as_str().unwrap(), &text);
            }
        }
    }
}
