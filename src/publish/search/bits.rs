//! Numbers as bits, and bits as text that a script can hold.

/// Six bits to a character. No digits and no vowels: the proof after a build searches every file for names and numbers of
/// people, and nothing here can look like one by chance. No quote and no backslash either, so that nothing is escaped.
pub const ALPHABET: &[u8; 64] = b"bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ!#$%()*+,-./:;=@[]^_{|}~";

/// Bits on their way into text.
#[derive(Debug, Clone, Default)]
pub struct Bits {
    text: String,
    /// The bits that do not fill a character yet.
    rest: u32,
    filled: u32,
}

impl Bits {
    /// Adds the lowest `width` bits of a number, the highest first.
    pub fn number(&mut self, number: u32, width: u32) {
        for at in (0..width).rev() {
            self.bit(number >> at & 1);
        }
    }

    /// Adds a number from 1 in Elias' gamma code: short where it is small.
    pub fn gamma(&mut self, number: u32) {
        let width = number.ilog2();
        self.number(0, width);
        self.number(number, width + 1);
    }

    /// Adds a number from 0 in Rice's code: short where it is not much above two to the power `k`.
    pub fn rice(&mut self, number: u32, k: u32) {
        for _ in 0..number >> k {
            self.bit(1);
        }
        self.bit(0);
        self.number(number, k);
    }

    fn bit(&mut self, bit: u32) {
        self.rest = self.rest << 1 | bit;
        self.filled += 1;
        if self.filled == 6 {
            self.text.push(char::from(ALPHABET[self.rest as usize & 63]));
            (self.rest, self.filled) = (0, 0);
        }
    }

    /// How many characters there are by now.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The text; what is missing from the last character is nought.
    pub fn text(mut self) -> String {
        while self.filled > 0 {
            self.bit(0);
        }
        self.text
    }
}

/// How many bits [`Bits::gamma`] takes.
pub fn gamma_width(number: u32) -> u32 {
    2 * number.ilog2() + 1
}

/// How many bits [`Bits::rice`] takes.
pub fn rice_width(number: u32, k: u32) -> u32 {
    (number >> k) + 1 + k
}

/// The parameter for numbers whose mean is `whole / parts`.
pub fn rice_for(whole: u64, parts: u64) -> u32 {
    (0..30).take_while(|k| parts << (k + 1) <= whole).count() as u32
}

/// Bits out of text, for tests; pages have their own in `themes/default/search-terms.js`.
#[cfg(test)]
pub struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

#[cfg(test)]
impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0 }
    }

    pub fn bit(&mut self) -> u32 {
        let six = ALPHABET.iter().position(|own| *own == self.text[self.at / 6]).unwrap() as u32;
        self.at += 1;
        six >> (5 - (self.at - 1) % 6) & 1
    }

    pub fn number(&mut self, width: u32) -> u32 {
        (0..width).fold(0, |number, _| number << 1 | self.bit())
    }

    pub fn gamma(&mut self) -> u32 {
        let mut width = 0;
        while self.bit() == 0 {
            width += 1;
        }
        1 << width | self.number(width)
    }

    pub fn rice(&mut self, k: u32) -> u32 {
        let mut high = 0;
        while self.bit() == 1 {
            high += 1;
        }
        high << k | self.number(k)
    }

    /// Whether nothing but filling is left.
    pub fn is_done(&self) -> bool {
        self.text.len() * 6 - self.at < 6
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_alphabet_can_spell_nobody() {
        let mut own = ALPHABET.to_vec();
        own.sort_unstable();
        own.dedup();
        assert_eq!(own.len(), 64);
        assert!(own.iter().all(|b| b.is_ascii_graphic() && !b.is_ascii_digit() && !b"aeiouyAEIOUY\"\\'<&".contains(b)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in proptest::collection::vec((0_u32..70_000, 0_u32..16), 0..60)) {
            let mut bits = Bits::default();
            let mut width = 0;
            for &(n, k) in &numbers {
                bits.gamma(n + 1);
                bits.rice(n % 500, k);
                bits.number(n, 17);
                width += gamma_width(n + 1) + rice_width(n % 500, k) + 17;
            }
            let text = bits.text();
            prop_assert_eq!(text.len(), width.div_ceil(6) as usize);
            let mut reader = Reader::new(&text);
            for &(n, k) in &numbers {
                prop_assert_eq!((reader.gamma(), reader.rice(k), reader.number(17)), (n + 1, n % 500, n));
            }
        }
    }
}
