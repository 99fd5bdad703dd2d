//! `identity`: what an identity document says of its holder agrees with what the record says.
//!
//! ```yaml
//! identity: { document: 证件, born: 出生日期, sex: 性别, odd: 男, even: 女 }
//! ```
//!
//! Only numbers of eighteen characters say anything: digits 7 to 14 are the date of birth, and the
//! seventeenth is odd for men and even for women (GB 11643-1999).

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Cell, Context};
use crate::rulebook::identity;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Ref, Refs};
use crate::say;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Identity {
    document: Ref,
    #[serde(default)]
    born: Option<Ref>,
    #[serde(default)]
    sex: Option<Ref>,
    /// What the field of the sex says where the digit is odd.
    #[serde(default)]
    odd: Option<String>,
    #[serde(default)]
    even: Option<String>,
}

impl Must for Identity {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let key = &context.world.rulebook.settings.value_keys.id_card.number;
        let mut part = self.document.clone();
        part.parts.push(key.clone());
        let one = |r: &Ref| context.resolve(r).into_iter().next();
        let Some(number) = one(&part) else { return Outcome::of(State::NotApplicable) };
        let digits = number.value.to_string();
        // An impossible number has a finding of its own.
        if digits.len() != 18 || identity::document(&digits).is_err() {
            return Outcome::of(State::NotApplicable);
        }
        let (document, mut compared) = (&self.document, false);
        let differs = |field: &Ref, cell: Cell| {
            let message = say!("{field} 与 {document} 的号码不符", "{field} does not agree with the number of {document}");
            Outcome::broken(message, cell.place).labelled(say!("与证件号码不符", "not what the number says"))
        };
        if let Some((field, cell)) = self.born.as_ref().and_then(|r| Some((r, one(r)?))) {
            compared = true;
            if cell.value.day() != identity::born(&digits) {
                return differs(field, cell);
            }
        }
        if let Some((field, cell)) = self.sex.as_ref().and_then(|r| Some((r, one(r)?))) {
            let odd = digits.as_bytes()[16] % 2 == 1;
            let (says, other) = if odd { (&self.odd, &self.even) } else { (&self.even, &self.odd) };
            let is = |word: &Option<String>| word.as_deref().is_some_and(|word| cell.value.is(word));
            compared |= is(says) || is(other);
            if is(other) {
                return differs(field, cell);
            }
        }
        Outcome::of(if compared { State::Met } else { State::NotApplicable })
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.reference(&self.document);
        if let Some(born) = &self.born {
            checker.days(&Refs(vec![born.clone()]));
        }
        if let Some(sex) = &self.sex {
            checker.reference(sex);
        }
        if self.sex.is_some() != (self.odd.is_some() && self.even.is_some()) {
            checker.wrong(say!("写了 sex 就要写 odd 和 even", "`sex` needs `odd` and `even`"));
        }
    }

    fn says(&self) -> Vec<Text> {
        let document = &self.document;
        let mut says = Vec::new();
        if let Some(born) = &self.born {
            says.push(say!("{born} 与 {document} 第 7 至 14 位一致", "{born} agrees with digits 7 to 14 of {document}"));
        }
        if let (Some(sex), Some(odd), Some(even)) = (&self.sex, &self.odd, &self.even) {
            says.push(say!(
                "{document} 第 17 位单数为{odd}、双数为{even}，与 {sex} 一致",
                "{sex} agrees with digit 17 of {document}: odd {odd}, even {even}"
            ));
        }
        says
    }
}
