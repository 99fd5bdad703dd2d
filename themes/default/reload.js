// Only in pages that `anjuan serve` makes: reload when the server says that something changed.
'use strict';

let news;
const listen = () => {
  news = new EventSource('/_reload');
  news.addEventListener('reload', () => location.reload());
};

// A page that the browser keeps for going back keeps its connection too, and a browser has no more than six of them
// for one server: without this it stands still after a few pages.
addEventListener('pagehide', () => news.close());
// What comes back out of keeping may be older than the archive.
addEventListener('pageshow', (event) => (event.persisted ? location.reload() : listen()));
