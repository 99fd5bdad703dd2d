// The search page: loads what a question needs, proves hits against the texts, shows them.
'use strict';

(() => {
  const SHOWN = 20; // hits shown at a time
  const PROVEN = 300; // so many possible hits are all proved unasked, so that their number is exact
  const ASKED = 8; // pieces of a word that are asked for; a long sentence has more than are of use
  const BEFORE = 18; // characters around a hit
  const AFTER = 64;
  const PAUSE = 120; // milliseconds after the last key

  const place = document.querySelector('[data-search]');
  const form = place.querySelector('form');
  const said = place.querySelector('output');
  const list = place.querySelector('.hits');
  const more = place.querySelector('.more');
  const selects = [...form.querySelectorAll('select')];
  const words = place.dataset;

  // -- what is loaded ---------------------------------------------------------

  const manifest = arrived.get('manifest');
  const columns = new Map((manifest?.columns ?? []).map(({ name, values, width, runs }) =>
    [name, { values, codes: Terms.codes(runs, width, manifest.documents) }]));

  const numbered = (kind, at) => `${kind}-${String(at).padStart(3, '0')}`;

  // The last of some chunks, sorted by where they begin, that begins at or before `wanted`.
  const holding = (chunks, wanted) => {
    let [low, high] = [0, chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (chunks[middle][0] <= wanted) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  // Lists by key; those of one chunk are read together.
  const listsOf = async (keys) => {
    const by = new Map();
    for (const key of keys) {
      const at = holding(manifest.lists, key & ~1);
      if (!by.has(at)) by.set(at, new Set());
      by.get(at).add(key);
    }
    const parts = await Promise.all([...by].map(async ([at, wanted]) => {
      const [first, stamp] = manifest.lists[at];
      const bits = await loadChunk(numbered('lists', at), stamp);
      return Terms.lists(bits, first, manifest.rice, manifest.documents, wanted);
    }));
    return new Map(parts.flatMap((part) => [...part]));
  };

  const folded = new Map(); // by document, once it was looked at
  const textOf = async (number) => {
    const at = holding(manifest.texts, number);
    const [first, stamp] = manifest.texts[at];
    const chunk = await loadChunk(numbered('texts', at), stamp);
    const [url, title, day, texts] = chunk.documents[number - first];
    if (!folded.has(number)) folded.set(number, [title, ...texts.map(([, text]) => text)].map(Terms.fold).join('\n'));
    return { url, title, day, texts: texts.map(([label, text]) => [chunk.labels[label], text]), whole: folded.get(number) };
  };

  // -- the question -------------------------------------------------------------

  // Words that must all be there; what is in quotes is one word, spaces and all.
  const termsOf = (text) => {
    const plain = Terms.fold(text).replace(/[“”„「」『』]/g, '"').replace(/ +/g, ' ');
    const parts = plain.match(/"[^"]*"?|[^" ]+/g) ?? [];
    return [...new Set(parts.map((part) => part.replaceAll('"', '').trim()).filter(Boolean))];
  };

  const few = (probes) => {
    if (probes.length <= ASKED) return probes;
    return Array.from({ length: ASKED }, (_, n) => probes[Math.floor((n * (probes.length - 1)) / (ASKED - 1))]);
  };

  const both = (a, b) => {
    const others = new Set(b);
    return a.filter((one) => others.has(one));
  };

  const everything = () => Array.from({ length: manifest.documents }, (_, n) => n);

  // Who may have all of it, those with it in the title first; null where it is too short to ask.
  const candidates = async (terms) => {
    const probes = terms.flatMap((term) => few(Terms.probes(term)));
    if (probes.length === 0) {
      // A character and a comma are no piece, and still a part of some text: only the texts can tell.
      return terms.some((term) => [...term].length > 1) ? everything() : null;
    }
    const keys = probes.map((piece) => (Terms.hash(piece) >>> manifest.shift) * 2);
    const found = await listsOf(keys.flatMap((key) => [key, key + 1]));
    const meet = (lists) => lists.map((one) => one ?? []).sort((a, b) => a.length - b.length).reduce(both);
    const all = meet(keys.map((key) => found.get(key)));
    const titled = both(all, meet(keys.map((key) => found.get(key + 1))));
    const first = new Set(titled);
    return [...titled, ...all.filter((one) => !first.has(one))];
  };

  const valueOf = (facet, number) => {
    const column = columns.get(facet);
    return column ? column.values[column.codes[number] - 1] ?? '' : '';
  };

  // A year holds its quarters.
  const fits = (facet, number, wanted) => {
    const value = valueOf(facet, number);
    return value === wanted || (facet === 'period' && value.startsWith(`${wanted}-`));
  };

  const narrowed = (documents, chosen, but) => {
    const asked = Object.entries(chosen).filter(([facet, wanted]) => facet !== but && wanted);
    return asked.reduce((some, [facet, wanted]) => some.filter((number) => fits(facet, number, wanted)), documents);
  };

  // -- what is shown --------------------------------------------------------------

  const fill = (text, n) => text.replace('{n}', n);

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.append(text);
    return made;
  };

  // A text with its hits marked: all of it, or the words around the first.
  const marked = (text, terms, whole) => {
    const own = text.normalize('NFC');
    const { text: plain, places } = Terms.foldWithPlaces(own);
    let hits = [];
    for (const term of terms) {
      for (let at = plain.indexOf(term); at >= 0; at = plain.indexOf(term, at + term.length)) {
        let end = at + term.length;
        // A character that became several is marked as one.
        while (end < plain.length && places[end] === places[end - 1]) end += 1;
        hits.push([places[at], places[end]]);
      }
    }
    hits.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    const from = whole ? 0 : Math.max(0, (hits[0]?.[0] ?? 0) - BEFORE);
    const to = whole ? own.length : Math.min(own.length, Math.max(from + AFTER, (hits[0]?.[1] ?? 0) + AFTER - BEFORE));
    const out = document.createDocumentFragment();
    if (from > 0) out.append('…');
    let at = from;
    hits = hits.filter(([start, end]) => end <= to && start >= from);
    for (const [start, end] of hits) {
      if (end <= at) continue;
      out.append(own.slice(at, Math.max(at, start)), element('mark', '', own.slice(Math.max(at, start), end)));
      at = end;
    }
    out.append(own.slice(at, to));
    if (to < own.length) out.append('…');
    return out;
  };

  // For each word the first text that has it.
  const excerpts = (texts, terms) => {
    const plain = texts.map(([, text]) => Terms.fold(text));
    const chosen = terms.map((term) => plain.findIndex((text) => text.includes(term))).filter((at) => at >= 0);
    return [...new Set(chosen)].sort((a, b) => a - b).slice(0, 3).map((at) => texts[at]);
  };

  const shownHit = ({ url, title, day, texts }, number, terms) => {
    const item = element('li');
    const head = element('p', 'head');
    const link = element('a');
    link.href = words.root + url.split('/').map(encodeURIComponent).join('/');
    link.append(marked(title, terms, true));
    head.append(link);
    const facts = ['kind', 'worker', 'state'].map((facet) => valueOf(facet, number)).filter(Boolean);
    if (day) facts.splice(1, 0, day);
    head.append(' ', element('span', 'minor', facts.join(' · ')));
    item.append(head);
    for (const [label, text] of excerpts(texts, terms)) {
      const line = element('p', 'excerpt');
      if (label) line.append(element('span', 'label', label), ' ');
      line.append(marked(text, terms, false));
      item.append(line);
    }
    return item;
  };

  // Offers what is there, with numbers; what is chosen stays even where nothing is left of it.
  const offer = (documents, chosen) => {
    for (const select of selects) {
      const facet = select.name;
      const column = columns.get(facet);
      select.closest('label').hidden = !column || (column.values.length < 2 && !chosen[facet]);
      if (!column) continue;
      const counts = new Map();
      const count = (value) => counts.set(value, (counts.get(value) ?? 0) + 1);
      for (const number of narrowed(documents, chosen, facet)) {
        const value = valueOf(facet, number);
        if (!value) continue;
        count(value);
        if (facet === 'period') count(value.split('-')[0]);
      }
      if (chosen[facet] && !counts.has(chosen[facet])) counts.set(chosen[facet], 0);
      const values = [...counts.keys()].sort();
      // The newest quarter first; a year before its quarters.
      if (facet === 'period') values.sort((a, b) => b.slice(0, 4).localeCompare(a.slice(0, 4)) || a.length - b.length || b.localeCompare(a));
      const options = values.map((value) => new Option(`${value} (${counts.get(value)})`, value, false, value === chosen[facet]));
      select.replaceChildren(select.options[0], ...options);
      select.value = chosen[facet] ?? '';
    }
  };

  // -- one search after another -----------------------------------------------------

  let turn = 0;

  const search = async () => {
    turn += 1;
    const own = turn;
    const over = () => own !== turn;
    const terms = termsOf(form.q.value);
    const chosen = Object.fromEntries(selects.map((select) => [select.name, select.value]));
    remember(chosen);
    try {
      if (!manifest) throw new Error('manifest');
      const isAsked = terms.length > 0;
      const found = isAsked
        ? await candidates(terms)
        : everything();
      if (over()) return;
      if (!found) {
        list.replaceChildren();
        more.hidden = true;
        said.textContent = words.short;
        return;
      }
      if (!isAsked && !Object.values(chosen).some(Boolean)) {
        list.replaceChildren();
        more.hidden = true;
        said.textContent = '';
        offer(found, chosen);
        return;
      }
      await show(found, terms, chosen, over);
    } catch (error) {
      if (!over()) said.textContent = words.failed;
      console.error(error);
    }
  };

  const show = async (documents, terms, chosen, over) => {
    const possible = narrowed(documents, chosen);
    const proven = [];
    let looked = 0;
    let wanted = SHOWN;
    let shown = 0;
    const proof = async () => {
      const number = possible[looked];
      const text = await textOf(number);
      if (over()) return;
      looked += 1;
      if (terms.every((term) => text.whole.includes(term))) proven.push([number, text]);
    };
    const tell = () => {
      const all = looked === possible.length;
      const share = looked === 0 ? 1 : proven.length / looked;
      const number = proven.length + Math.round(share * (possible.length - looked));
      said.textContent = number === 0 ? words.none : fill(all || terms.length === 0 ? words.hits : words.about, number);
      more.hidden = all && proven.length <= wanted;
    };
    // What comes next is loaded while the first is looked at.
    const ahead = () => {
      for (const number of possible.slice(looked, looked + SHOWN)) textOf(number).catch(() => {});
    };
    const fillUp = async () => {
      ahead();
      while (proven.length < wanted && looked < possible.length) {
        await proof();
        if (over()) return;
      }
      const items = proven.slice(shown, wanted).map(([number, text]) => shownHit(text, number, terms));
      if (shown === 0) list.replaceChildren(...items);
      else list.append(...items);
      shown += items.length;
      tell();
    };
    more.onclick = async () => {
      const next = shown;
      wanted += SHOWN;
      await fillUp();
      list.children[next]?.querySelector('a').focus();
    };
    await fillUp();
    if (over()) return;
    offer(documents, chosen);
    if (terms.length === 0 || possible.length > PROVEN) return;
    while (looked < possible.length) {
      await proof();
      if (over()) return;
    }
    tell();
    if (proven.length < possible.length) {
      const wrong = new Set(possible);
      for (const [number] of proven) wrong.delete(number);
      offer(documents.filter((number) => !wrong.has(number)), chosen);
    }
  };

  // The question stands in the address, so that it can be sent on and comes back with the browser's button.
  const remember = (chosen) => {
    const asked = new URLSearchParams();
    for (const [name, value] of [['q', form.q.value.trim()], ...Object.entries(chosen)]) if (value) asked.set(name, value);
    const address = `${location.pathname}${asked.size ? `?${asked}` : ''}`;
    try {
      history.replaceState(null, '', address);
    } catch {
      // Some browsers allow no change of the address in a folder; the search works all the same.
    }
  };

  const asked = new URLSearchParams(location.search || location.hash.slice(1));
  form.q.value = asked.get('q') ?? '';
  for (const select of selects) {
    const value = asked.get(select.name);
    if (value) select.append(new Option(value, value, false, true));
  }

  let waiting;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search();
  });
  form.q.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, PAUSE);
  });
  for (const select of selects) select.addEventListener('change', search);

  form.hidden = false;
  if (!form.q.value) form.q.focus();
  search();
})();
