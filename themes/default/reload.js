// Only in pages that `anjuan serve` makes: read again what changed, and show what is wrong in what somebody is writing.
'use strict';

let news;

const here = () => {
  const path = decodeURIComponent(location.pathname).replace(/^\//, '');
  return path === '' || path.endsWith('/') ? path + 'index.html' : path;
};

// Which pages changed; null means all of them.
const reload = (message) => {
  const changed = JSON.parse(message.data);
  if (changed === null || changed.some((path) => path === here() || path.startsWith('assets/'))) location.reload();
};

const make = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

// The findings stand over the page, closed or open as they were left.
const show = (message) => {
  const findings = JSON.parse(message.data);
  document.getElementById('live')?.remove();
  if (!findings.length) return;
  const box = make('details', 'live');
  box.id = 'live';
  box.open = sessionStorage.getItem('live') !== 'closed';
  box.addEventListener('toggle', () => sessionStorage.setItem('live', box.open ? 'open' : 'closed'));
  const words = document.body.dataset;
  box.append(make('summary', '', `${words.findings} ${findings.length}`));
  const list = make('ul');
  for (const finding of findings) {
    const item = make('li', finding.severity);
    item.append(make('p', 'what', finding.message));
    if (finding.help) item.append(make('p', 'help', finding.help));
    item.append(make('code', '', finding.line ? `${finding.path}:${finding.line}` : finding.path));
    list.append(item);
  }
  box.append(list);
  document.body.append(box);
};

const listen = () => {
  news = new EventSource('/_reload');
  news.addEventListener('reload', reload);
  news.addEventListener('findings', show);
};

// A page that the browser keeps for going back keeps its connection too, and a browser has no more than six of them
// for one server: without this it stands still after a few pages.
addEventListener('pagehide', () => news.close());
// What comes back out of keeping may be older than the archive.
addEventListener('pageshow', (event) => (event.persisted ? location.reload() : listen()));
