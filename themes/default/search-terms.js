// What counts as the same text, the pieces by which it is found, and how the index is read.
// Nothing here knows of the page. src/publish/search/ does the same when the index is made; a test compares the two.
'use strict';

const Terms = (() => {
  const BETWEEN = /[\0-,.\/:-`{-\xbf×÷\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\ue000-\uf8ff\ufe00-\ufe6f\uff00-\uffff\u{1f000}-\u{1faff}\u{e0000}-\u{10ffff}]/u;
  const WIDE = /[\u2e80-\ufaff\u{20000}-\u{3ffff}]/u;
  const TO_FOLD = /[^ -@\[-~\u4e00-\u9fff]/gu;
  const HASH_SHIFT = 3;
  const ALPHABET = 'bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ!#$%()*+,-./:;=@[]^_{|}~';

  // Every character by itself, so that nothing depends on its neighbours.
  const folded = (c) => (c >= '\t' && c <= '\r' ? ' ' : c.normalize('NFKC').toLowerCase());

  const fold = (text) => text.normalize('NFC').replace(TO_FOLD, folded);

  // The folded text, and for every place in it the place in `text` (which is composed already).
  const foldWithPlaces = (text) => {
    const places = [];
    let out = '';
    let at = 0;
    for (const c of text) {
      const one = c.replace(TO_FOLD, folded);
      for (let n = 0; n < one.length; n += 1) places.push(at);
      out += one;
      at += c.length;
    }
    places.push(at);
    return { text: out, places };
  };

  const kind = (c) => (BETWEEN.test(c) ? 0 : WIDE.test(c) ? 2 : 1);

  // Every piece of a folded text, as it is indexed.
  const pieces = (text) => {
    const out = [];
    let [a, b] = [null, null];
    for (const c of text) {
      if (kind(c) === 0) {
        [a, b] = [null, null];
        continue;
      }
      if (b !== null) {
        out.push(b + c);
        if (a !== null && kind(a) === 1 && kind(b) === 1 && kind(c) === 1) out.push(a + b + c);
      }
      [a, b] = [b, c];
    }
    return out;
  };

  // The pieces to ask for: where three narrow characters are asked for, the pairs in them need not be.
  const probes = (text) => {
    const all = [...new Set(pieces(text))];
    const threes = all.filter((piece) => [...piece].length === 3);
    return all.filter((piece) => threes.includes(piece) || !threes.some((three) => three.includes(piece)));
  };

  const hash = (piece) => {
    let h = 0x811c9dc5;
    for (const c of piece) h = Math.imul(h ^ c.codePointAt(0), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> HASH_SHIFT;
  };

  // Numbers out of bits out of text.
  const reader = (text) => {
    const six = new Uint8Array(128);
    for (let n = 0; n < 64; n += 1) six[ALPHABET.charCodeAt(n)] = n;
    let at = 0; // the next character
    let held = 0; // bits that were taken out of characters and not read yet
    let left = 0; // how many
    const bit = () => {
      if (left === 0) {
        held = six[text.charCodeAt(at)];
        at += 1;
        left = 6;
      }
      left -= 1;
      return (held >> left) & 1;
    };
    const number = (width) => {
      let value = 0;
      for (let wanted = width; wanted > 0;) {
        if (left === 0) {
          held = six[text.charCodeAt(at)];
          at += 1;
          left = 6;
        }
        const some = Math.min(wanted, left);
        left -= some;
        wanted -= some;
        value = (value << some) | ((held >> left) & ((1 << some) - 1));
      }
      return value;
    };
    const gamma = () => {
      let width = 0;
      while (bit() === 0) width += 1;
      return (1 << width) | number(width);
    };
    const rice = (k) => {
      let high = 0;
      while (bit() === 1) high += 1;
      return (high << k) | number(k);
    };
    return { bit, number, gamma, rice, done: () => (text.length - at) * 6 + left < 6 };
  };

  // The parameter for numbers whose mean is whole / parts.
  const riceFor = (whole, parts) => {
    let k = 0;
    while (k < 30 && parts * 2 ** (k + 1) <= whole) k += 1;
    return k;
  };

  // The lists of some keys in one chunk, by key; `wanted` is a set.
  const lists = (bits, first, rice, documents, wanted) => {
    const found = new Map();
    const last = Math.max(...wanted);
    const from = reader(bits);
    let key = first;
    while (!from.done()) {
      key += from.rice(rice);
      if (key > last) break;
      const length = from.gamma();
      const k = riceFor(documents, length);
      const gamma = length > 1 && from.bit() === 1;
      const keep = wanted.has(key) ? [] : null;
      let next = 0;
      for (let n = 0; n < length; n += 1) {
        next += gamma ? from.gamma() - 1 : from.rice(k);
        if (keep) keep.push(next);
        next += 1;
      }
      if (keep) found.set(key, keep);
    }
    return found;
  };

  // The code of every document in a column.
  const codes = (runs, width, documents) => {
    const out = new Uint16Array(documents);
    const from = reader(runs);
    for (let at = 0; at < documents;) {
      const length = from.gamma();
      out.fill(from.number(width), at, at + length);
      at += length;
    }
    return out;
  };

  return { fold, foldWithPlaces, kind, pieces, probes, hash, lists, codes };
})();
