// Only in pages that `anjuan serve` makes: reload when the server says that something changed.
'use strict';

new EventSource('/_reload').addEventListener('reload', () => location.reload());
