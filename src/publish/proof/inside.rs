//! What lies inside a file of another format: in archives and workbooks, in what pictures say of themselves, in objects of PDFs.

use std::io::{Cursor, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::publish::pdf;

/// Files within files within files: nobody packs deeper by accident.
const DEEPEST: usize = 3;

/// So many bytes of one packed file are looked at.
const MOST: u64 = 64 << 20;

/// Something that lies inside a file.
#[derive(Debug)]
pub struct Piece {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it is there to say something, so that even a short hit is none by chance.
    pub says: bool,
}

/// Everything inside a file, however deep.
pub fn of(content: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    open(content, 0, &mut pieces);
    pieces
}

fn open(content: &[u8], depth: usize, pieces: &mut Vec<Piece>) {
    let mut inner = Vec::new();
    match content {
        [b'P', b'K', 3, 4, ..] => inner = zip(content),
        [0x1F, 0x8B, ..] => inner.push(Piece { bytes: read(MultiGzDecoder::new(content)), says: false }),
        [0x89, b'P', b'N', b'G', 13, 10, 26, 10, rest @ ..] => inner = png(rest),
        [0xFF, 0xD8, rest @ ..] => inner = jpeg(rest),
        [b'%', b'P', b'D', b'F', ..] => {
            inner.extend(pdf::texts(content).into_iter().map(|text| Piece { bytes: text.into_bytes(), says: true }));
            let (texts, streams) = pdf::objects(content);
            inner.extend(texts.into_iter().map(|text| Piece { bytes: text.into_bytes(), says: true }));
            inner.extend(streams.into_iter().map(|bytes| Piece { bytes, says: false }));
        }
        [b'B', b'E', b'G', b'I', b'N', b':', b'V', b'C', b'A', b'L', ..] => {
            inner.push(Piece { bytes: unfolded(content), says: true });
        }
        _ => {}
    }
    for piece in &inner {
        if depth < DEEPEST && !piece.says {
            open(&piece.bytes, depth + 1, pieces);
        }
    }
    pieces.append(&mut inner);
}

/// A calendar without the line ends that may stand in the middle of a word (RFC 5545, 3.1).
fn unfolded(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
    while let [first, more @ ..] = rest {
        rest = match rest {
            [b'\r', b'\n', b' ' | b'\t', joined @ ..] => joined,
            _ => {
                out.push(*first);
                more
            }
        };
    }
    out
}

/// As much as can be read of something packed.
fn read(packed: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What is broken is read up to where it breaks.
    let _ = packed.take(MOST).read_to_end(&mut bytes);
    bytes
}

fn zip(content: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(content)) else { return pieces };
    for at in 0..archive.len() {
        let Ok(file) = archive.by_index(at) else { continue };
        pieces.push(Piece { bytes: file.name_raw().to_vec(), says: true });
        pieces.push(Piece { bytes: file.comment().as_bytes().to_vec(), says: true });
        pieces.push(Piece { bytes: read(file), says: false });
    }
    pieces
}

/// All chunks of a PNG but the picture and its colours: texts, also packed ones, and EXIF.
fn png(mut rest: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let [a, b, c, d, kind @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let (Some(kind), Some(data)) = (kind.get(..4), kind.get(4..).and_then(|data| data.get(..length))) else { break };
        if !matches!(kind, b"IDAT" | b"PLTE" | b"fdAT") {
            // A packed text stands behind its key word; where it begins is tried, since there is little of it.
            let starts = (0..data.len().min(256)).filter(|_| matches!(kind, b"zTXt" | b"iTXt"));
            let packed = starts.filter(|&at| data[at..].starts_with(&[0x78])).map(|at| read(ZlibDecoder::new(&data[at..])));
            pieces.extend(packed.filter(|text| !text.is_empty()).map(|bytes| Piece { bytes, says: true }));
            pieces.push(Piece { bytes: data.to_vec(), says: true });
        }
        rest = rest.get(length + 12..).unwrap_or_default();
    }
    pieces
}

/// The segments of a JPEG before the picture: EXIF, XMP, IPTC, comments.
fn jpeg(mut rest: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let [0xFF, kind, high, low, ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(data) = rest.get(4..2 + length).filter(|_| *kind != 0xDA) else { break };
        if matches!(kind, 0xE0..=0xEF | 0xFE) {
            pieces.push(Piece { bytes: data.to_vec(), says: true });
        }
        rest = &rest[2 + length..];
    }
    pieces
}
