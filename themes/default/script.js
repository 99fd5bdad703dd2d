// Narrows a list as one types. Without it every list is simply complete.
'use strict';

for (const box of document.querySelectorAll('[data-filter]')) {
  const rows = [...document.querySelectorAll(box.dataset.filter)];
  const items = rows.filter((row) => !row.classList.contains('group'));
  if (items.length < 6) continue;

  const input = box.querySelector('input');
  const said = box.querySelector('output');
  const plain = (text) => text.normalize('NFKC').toLowerCase();
  const texts = new Map(items.map((row) => [row, plain(row.textContent)]));

  const narrow = () => {
    const wanted = plain(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of items) {
      row.hidden = !wanted.every((word) => texts.get(row).includes(word));
      if (!row.hidden) shown += 1;
    }
    // A group's heading goes when nothing of the group is left.
    rows.forEach((row, at) => {
      if (!row.classList.contains('group')) return;
      const next = rows.findIndex((other, n) => n > at && other.classList.contains('group'));
      row.hidden = rows.slice(at + 1, next < 0 ? undefined : next).every((other) => other.hidden);
    });
    said.textContent = wanted.length ? `${shown} / ${items.length}` : '';
  };

  input.addEventListener('input', narrow);
  box.hidden = false;
  if (input.value) narrow(); // what the browser remembered after going back
}
