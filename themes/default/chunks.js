// Files of the site that a page loads when it needs them. They are scripts that call `anjuanChunk` with what they hold: fetch
// reads nothing from a folder.
'use strict';

const arrived = new Map();
const anjuanChunk = (name, value) => arrived.set(name, value);

const loadChunk = (() => {
  const loading = new Map();
  return (name, stamp) => {
    if (loading.has(name)) return loading.get(name);
    const promise = new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.onload = () => {
        script.remove();
        if (arrived.has(name)) resolve(arrived.get(name));
        else reject(new Error(name));
      };
      script.onerror = () => {
        script.remove();
        loading.delete(name);
        reject(new Error(name));
      };
      script.src = stamp ? `${name}.js?${stamp}` : `${name}.js`;
      document.head.append(script);
    });
    loading.set(name, promise);
    return promise;
  };
})();
