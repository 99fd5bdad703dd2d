//! Which characters the faces can print and how wide they are; texts made printable.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use typst::layout::Abs;
use typst::text::{Font, FontInstance, FontVariant, FontVariations};
use unicode_normalization::UnicodeNormalization;

/// Nested lists and quotations deeper than this are printed flat; typst refuses unbounded depth.
const DEPTH: usize = 8;

/// Substitutes for a missing glyph, the first that the fonts have is taken.
const SUBSTITUTES: [char; 4] = ['〓', '■', '□', '?'];

/// The space that typst puts between Chinese and Latin, in em.
const BETWEEN_SCRIPTS: f64 = 0.25;

/// The width of what stands in no line, in em.
pub(super) const ENDLESS: f64 = 1e4;

/// Which characters the loaded faces can print, and how wide.
pub(super) struct Glyphs {
    covered: Vec<u64>,
    /// What is printed for a missing character.
    pub(super) substitute: char,
    faces: Vec<FontInstance>,
}

impl Glyphs {
    pub(super) fn of(fonts: &[Font]) -> Self {
        let mut covered = vec![0u64; 0x11_0000 / 64];
        for code in fonts.iter().flat_map(|font| font.info().coverage.iter()) {
            if let Some(word) = covered.get_mut(code as usize / 64) {
                *word |= 1 << (code % 64);
            }
        }
        let upright = |font: &Font| font.clone().instantiate(FontVariant::default(), Abs::pt(10.0), &FontVariations::default());
        let mut glyphs = Self { covered, substitute: '?', faces: fonts.iter().map(upright).collect() };
        glyphs.substitute = SUBSTITUTES.into_iter().find(|&c| glyphs.has(c)).unwrap_or('?');
        glyphs
    }

    /// Whether `c` can be printed in PDF/A-3a: some face has it, and it is not of private use.
    fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        let private = matches!(code, 0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF);
        !private && self.covered[code as usize / 64] & (1 << (code % 64)) != 0
    }

    /// How wide a printable text is in em, at most: kerning may widen Latin words a little. What has
    /// several lines is endless.
    pub(super) fn width(&self, text: &str) -> f64 {
        let (mut width, mut wide_before) = (0.0, None);
        for c in text.chars() {
            let advance = |face: &FontInstance| Some(face.x_advance(face.ttf().glyph_index(c)?.0)?.get());
            match self.faces.iter().filter_map(advance).reduce(f64::max) {
                Some(advance) if c != '\n' => width += advance,
                _ => return ENDLESS,
            }
            let wide = c >= '\u{2E80}';
            if wide_before.replace(wide).is_some_and(|before| before != wide) {
                width += BETWEEN_SCRIPTS;
            }
        }
        width * 1.02
    }

    /// Makes every text in `value` printable, and flattens what is nested too deeply.
    pub(super) fn mend(&self, value: &mut Value, depth: usize, missing: &mut BTreeSet<char>) {
        match value {
            Value::String(text) => self.mend_text(text, missing),
            Value::Array(values) => values.iter_mut().for_each(|value| self.mend(value, depth, missing)),
            Value::Object(object) => {
                let nests = matches!(object.get("shape").and_then(Value::as_str), Some("list" | "quote"));
                if nests && depth >= DEPTH {
                    let mut words = String::new();
                    gather(object.values(), &mut words);
                    *value = json!({ "shape": "code", "text": words });
                    return self.mend(value, depth, missing);
                }
                object.values_mut().for_each(|value| self.mend(value, depth + usize::from(nests), missing));
            }
            _ => {}
        }
    }

    fn mend_text(&self, text: &mut String, missing: &mut BTreeSet<char>) {
        if text.chars().all(|c| c == '\n' || self.has(c) && !invisible(c)) {
            return;
        }
        *text = text.nfc().filter_map(|c| self.printable(c, missing)).collect();
    }

    fn printable(&self, c: char, missing: &mut BTreeSet<char>) -> Option<char> {
        match c {
            '\n' => Some('\n'),
            '\t' => Some(' '),
            '\u{2028}' | '\u{2029}' => Some('\n'),
            c if invisible(c) => None,
            c if self.has(c) => Some(c),
            c if c.is_whitespace() => Some(' '),
            c => {
                missing.insert(c);
                Some(self.substitute)
            }
        }
    }
}

/// Controls, marks of direction, joiners and variation selectors: nothing of them shows on paper.
fn invisible(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || matches!(c, '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// All texts below, one after another; without recursion, for it is called where nesting is deep.
fn gather<'a>(values: impl Iterator<Item = &'a Value>, out: &mut String) {
    let mut stack: Vec<&Value> = values.collect();
    stack.reverse();
    while let Some(value) = stack.pop() {
        match value {
            Value::Array(values) => stack.extend(values.iter().rev()),
            Value::Object(object) => match object.get("text").and_then(Value::as_str) {
                Some(text) => out.push_str(text),
                None => {
                    let texts = object.iter().filter(|(key, _)| *key != "shape").map(|(_, value)| value);
                    stack.extend(texts.collect::<Vec<_>>().into_iter().rev());
                }
            },
            _ => {}
        }
    }
}
