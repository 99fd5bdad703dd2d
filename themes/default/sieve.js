// Narrows the list of dossiers down by several things at once. Without it the list has its parts, each a page.
// What is chosen stands behind # in the address: a list narrowed down can be sent on, kept and come back to.
'use strict';

(() => {
  const SHOWN = 100; // rows shown at a time
  const PAUSE = 120; // milliseconds after the last key

  const place = document.querySelector('[data-sieve]');
  const words = place.dataset;
  const form = place.querySelector('form');
  const said = place.querySelector('output');
  const pattern = place.querySelector('template').content.firstElementChild;
  const clear = form.querySelector('[type=reset]');
  const more = document.querySelector('.more');
  const body = document.querySelector('table.dossiers tbody');
  const facets = [...form.querySelectorAll('[data-facet]')];
  const own = [...body.children]; // the first page, as it was laid out
  const pagers = [...document.querySelectorAll('.pager')];

  // -- what is loaded ---------------------------------------------------------

  const plain = (text) => text.normalize('NFKC').toLowerCase();

  let manifest;
  let rows; // all dossiers, once somebody asked for some
  const everything = async () => {
    if (rows) return rows;
    const chunks = await Promise.all(manifest.chunks.map((stamp, at) => loadChunk(`rows-${String(at).padStart(3, '0')}`, stamp)));
    rows = chunks.flat().map((cells, at) => {
      const row = { at };
      manifest.columns.forEach((name, n) => { row[name] = cells[n] ?? ''; });
      row.text = plain(`${row.number} ${row.title}`);
      return row;
    });
    return rows;
  };

  // -- what is asked for --------------------------------------------------------

  // The values of a facet that a dossier has: one, or for what is to be done several.
  const valuesOf = (row, facet) => {
    if (facet === 'state') return [row.closed ? 'closed' : 'running'];
    if (facet !== 'due') return [row[facet]];
    if (!row.overdue && !row.open) return ['nothing'];
    return ['overdue', 'open'].filter((value) => row[value] > 0);
  };

  // Days are written so that their order is that of the texts. Without a day nothing lies in a period.
  const within = {
    opened: (row, from, until) => row.opened && row.opened >= from && (!until || row.opened <= until),
    closed: (row, from, until) => row.closed && row.closed >= from && (!until || row.closed <= until),
    during: (row, from, until) => row.opened && (!until || row.opened <= until) && (!row.closed || row.closed >= from),
  };

  const compared = (a, b) => (a < b ? -1 : Number(a > b));

  const orders = {
    number: (a, b) => a.at - b.at,
    next_due: (a, b) => compared(a.next_due || '~', b.next_due || '~') || a.at - b.at,
    opened: (a, b) => compared(b.opened, a.opened) || a.at - b.at,
    overdue: (a, b) => b.overdue - a.overdue || a.at - b.at,
  };

  const names = ['q', ...facets.map((select) => select.name), 'when', 'from', 'until', 'order'];

  const chosen = () => Object.fromEntries(names.map((name) => [name, form[name].value.trim()]));

  // What has no say is left out: the kind of period without a day, the order that the list has anyway.
  const telling = (asked) => names.filter((name) => asked[name]
    && (name !== 'when' || asked.from || asked.until)
    && (name !== 'order' || asked.order !== form.order.options[0].value));

  // What fits, and for each facet how many there would be of each of its values, if only that were chosen otherwise.
  const narrowed = (asked) => {
    const wanted = plain(asked.q).split(/\s+/).filter(Boolean);
    const all = facets.map((select) => select.name);
    const asking = all.filter((facet) => asked[facet]);
    const period = asked.from || asked.until ? within[asked.when] ?? within.opened : null;
    const counts = Object.fromEntries(all.map((facet) => [facet, {}]));
    const count = (row, facet) => {
      for (const value of valuesOf(row, facet)) counts[facet][value] = (counts[facet][value] ?? 0) + 1;
    };
    const found = [];
    for (const row of rows) {
      if (period && !period(row, asked.from, asked.until)) continue;
      if (!wanted.every((word) => row.text.includes(word))) continue;
      const against = asking.filter((facet) => !valuesOf(row, facet).includes(asked[facet]));
      if (against.length === 0) {
        found.push(row);
        for (const facet of all) count(row, facet);
      } else if (against.length === 1) {
        count(row, against[0]);
      }
    }
    return { found, counts };
  };

  // -- what is shown ------------------------------------------------------------

  const word = (facet, value) => words[`${facet}${value[0]?.toUpperCase()}${value.slice(1)}`] ?? value;

  const offer = (asked, counted) => {
    for (const select of facets) {
      const facet = select.name;
      const counts = counted[facet];
      const values = [...new Set([...Object.keys(manifest.values[facet]), asked[facet]])].filter(Boolean);
      select.closest('label').hidden = values.length < 2 && !asked[facet];
      const options = values.map((value) => new Option(`${word(facet, value)} (${counts[value] ?? 0})`, value));
      // Whoever is choosing by keys keeps their place: what one chooses changes nothing about what else one might have chosen.
      const told = [...select.options].slice(1).map((option) => option.text);
      if (told.length !== options.length || options.some((option, at) => option.text !== told[at])) {
        select.replaceChildren(select.options[0], ...options);
      }
      select.value = asked[facet];
    }
  };

  const line = (row) => {
    const made = pattern.cloneNode(true);
    for (const cell of made.querySelectorAll('[data-of]')) {
      const name = cell.dataset.of;
      const value = row[name];
      if (cell.matches('a')) cell.href = words.root + row.url.split('/').map(encodeURIComponent).join('/');
      if (value === 0) cell.className = 'none';
      if (value === '') {
        cell.replaceWith('—');
      } else if ('day' in cell.dataset) {
        const day = document.createElement('time');
        day.dateTime = value;
        day.textContent = value;
        cell.replaceWith(day);
      } else {
        cell.textContent = value;
      }
    }
    return made;
  };

  // What is chosen, in words: it stands on paper too, where the form does not.
  const inWords = (asked) => telling(asked).filter((name) => name !== 'when' && name !== 'order').map((name) => {
    if (name === 'q') return `“${asked.q}”`;
    const label = form[name].closest('label').querySelector('span').textContent;
    if (name === 'from' || name === 'until') return `${name === 'from' || !asked.from ? `${form.when.selectedOptions[0].text} ` : ''}${label} ${asked[name]}`;
    return `${label} ${word(name, asked[name])}`;
  });

  let turn = 0;
  const show = async () => {
    turn += 1;
    const current = turn;
    const asked = chosen();
    remember(asked);
    const active = telling(asked).length > 0;
    clear.hidden = !active;
    for (const pager of pagers) pager.hidden = active;
    if (!active) {
      body.replaceChildren(...own);
      more.hidden = true;
      said.textContent = '';
      offer(asked, manifest.values);
      return;
    }
    await everything();
    if (current !== turn) return;
    const { found, counts } = narrowed(asked);
    found.sort(orders[asked.order] ?? orders.number);
    let shown = 0;
    const fill = () => {
      const lines = found.slice(shown, shown + SHOWN).map(line);
      if (shown === 0) body.replaceChildren(...lines);
      else body.append(...lines);
      shown += lines.length;
      more.hidden = shown === found.length;
      return lines[0];
    };
    more.onclick = () => fill()?.querySelector('a').focus();
    fill();
    said.textContent = [`${found.length} / ${rows.length}`, ...inWords(asked)].join(' · ');
    offer(asked, counts);
  };

  const tried = () => show().catch((error) => {
    said.textContent = words.failed;
    console.error(error);
  });

  // -- the address --------------------------------------------------------------

  // Another place of the page, such as where its text begins, is no question.
  const isQuestion = (hash) => hash.length < 2 || /=|%3D/i.test(hash);

  let written = location.hash;

  const remember = (asked) => {
    const address = String(new URLSearchParams(telling(asked).map((name) => [name, asked[name]])));
    if (address === written.slice(1) || (!address && !isQuestion(written))) return;
    written = address ? `#${address}` : '';
    try {
      history.replaceState(null, '', `${location.pathname}${location.search}${written}`);
    } catch {
      // Some browsers allow no change of the address in a folder; the list is narrowed all the same.
    }
  };

  // A link from a page names one thing, and there = is written as %3D.
  const asked = () => {
    const address = location.hash.slice(1);
    if (address.includes('=')) return new URLSearchParams(address);
    try {
      const [name, ...value] = decodeURIComponent(address).split('=');
      return new URLSearchParams([[name, value.join('=')]]);
    } catch {
      return new URLSearchParams();
    }
  };

  const recall = () => {
    written = location.hash;
    const wanted = asked();
    for (const name of names) {
      const input = form[name];
      const value = wanted.get(name) ?? '';
      if (input.dataset.facet !== undefined) {
        // By its word too, as a page of the list calls it.
        const known = Object.keys(manifest.values[name]).find((own) => own === value || word(name, own) === value) ?? value;
        if (known && ![...input.options].some((option) => option.value === known)) input.append(new Option(known, known));
        input.value = known;
      } else if (input.matches('select')) {
        input.value = [...input.options].some((option) => option.value === value) ? value : input.options[0].value;
      } else {
        input.value = value;
      }
    }
    tried();
  };

  let waiting;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    tried();
  });
  form.addEventListener('reset', () => {
    // The fields are empty once this is over.
    setTimeout(() => {
      tried();
      form.q.focus();
    });
  });
  form.q.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(tried, PAUSE);
  });
  for (const input of form.querySelectorAll('select, [type=date]')) input.addEventListener('change', tried);
  addEventListener('hashchange', () => {
    if (isQuestion(location.hash)) recall();
  });

  loadChunk('rows').then((value) => {
    manifest = value;
    for (const part of document.querySelectorAll('.facets > details, .facets > .orders')) part.hidden = true;
    // Where nobody may see when a dossier began there is no period to ask for.
    for (const part of form.querySelectorAll('[data-days]')) part.hidden = !manifest.days;
    form.hidden = false;
    recall();
  }).catch((error) => console.error(error));
})();
