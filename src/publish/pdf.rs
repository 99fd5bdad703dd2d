//! The text of a PDF, glyph by glyph as it is drawn, and its properties.

use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Dict, MaybeRef, Name, Object};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint, PathDrawMode, SoftMask,
    interpret_page,
};
use kurbo::{Affine, BezPath, Rect};

/// The text of every page without spaces between words, and the properties of the file. Nothing for what is no PDF.
pub fn texts(content: &[u8]) -> Vec<String> {
    let Ok(pdf) = Pdf::new(content.to_vec()) else { return Vec::new() };
    let mut texts = Vec::new();
    for page in pdf.pages().iter() {
        let cache = InterpreterCache::new();
        let (area, settings) = (Rect::new(0.0, 0.0, 1.0, 1.0), InterpreterSettings::default());
        let mut context = Context::new(Affine::IDENTITY, area, &cache, pdf.xref(), settings);
        let mut reader = Reader::default();
        interpret_page(page, &mut context, &mut reader);
        texts.push(reader.0);
    }
    let about = pdf.metadata();
    let strings = [&about.title, &about.author, &about.subject, &about.keywords];
    texts.extend(strings.into_iter().flatten().map(|bytes| string(bytes)));
    texts
}

/// Every text string in a PDF (bookmarks, alternative texts, names of attachments …), and every stream but fonts, unpacked:
/// attachments, metadata, pictures as they were put in.
pub fn objects(content: &[u8]) -> (Vec<String>, Vec<Vec<u8>>) {
    let Ok(pdf) = Pdf::new(content.to_vec()) else { return Default::default() };
    let (mut texts, mut streams) = (Vec::new(), Vec::new());
    for object in pdf.objects() {
        walk(&object, 0, &mut texts, &mut streams);
    }
    (texts, streams)
}

/// Deeper than this nothing of ours is nested.
const DEEPEST: usize = 32;

fn walk(object: &Object<'_>, depth: usize, texts: &mut Vec<String>, streams: &mut Vec<Vec<u8>>) {
    if depth > DEEPEST {
        return;
    }
    // What an object refers to is an object of its own.
    let entries = |dict: &Dict<'_>, texts: &mut Vec<String>, streams: &mut Vec<Vec<u8>>| {
        for (name, value) in dict.entries() {
            texts.push(String::from_utf8_lossy(&name).into_owned());
            if let MaybeRef::NotRef(value) = value {
                walk(&value, depth + 1, texts, streams);
            }
        }
    };
    match object {
        Object::String(own) => texts.push(string(own.as_bytes())),
        Object::Name(own) => texts.push(String::from_utf8_lossy(own).into_owned()),
        Object::Dict(dict) => entries(dict, texts, streams),
        Object::Array(array) => {
            for value in array.raw_iter() {
                if let MaybeRef::NotRef(value) = value {
                    walk(&value, depth + 1, texts, streams);
                }
            }
        }
        Object::Stream(stream) => {
            let dict = stream.dict();
            entries(dict, texts, streams);
            let is_font = [&b"Length1"[..], b"Length2"].iter().any(|key| dict.contains_key(key))
                || dict.get::<Name<'_>>("Subtype").is_some_and(|name| matches!(&*name, b"CIDFontType0C" | b"Type1C" | b"OpenType"));
            if !is_font {
                streams.push(stream.decoded().map_or_else(|_| stream.raw_data().into_owned(), |data| data.into_owned()));
                if dict.get::<Name<'_>>("Subtype").is_some_and(|name| &*name == b"Image") {
                    streams.push(stream.raw_data().into_owned());
                }
            }
        }
        _ => {}
    }
}

/// A text string of a PDF: UTF-16 with its mark, UTF-8 with its mark, or bytes (ISO 32000-2, 7.9.2.2).
fn string(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Draws nothing and keeps what the glyphs say.
#[derive(Default)]
struct Reader(String);

impl Device<'_> for Reader {
    fn set_soft_mask(&mut self, _: Option<SoftMask<'_>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'_>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_glyph(&mut self, glyph: &Glyph<'_>, _: Affine, _: Affine, _: &Paint<'_>, _: &GlyphDrawMode) {
        match glyph.as_unicode() {
            Some(BfString::Char(c)) => self.0.push(c),
            Some(BfString::String(text)) => self.0.push_str(&text),
            None => self.0.push(char::REPLACEMENT_CHARACTER),
        }
    }
    fn draw_image(&mut self, _: Image<'_, '_>, _: Affine) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
