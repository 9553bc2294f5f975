/** The first match counts: each also pretends to be the ones below. */
const BROWSERS = {
  Edge: /Edg/,
  Opera: /OPR/,
  Firefox: /Firefox|FxiOS/,
  Chrome: /Chrome|CriOS/,
  Safari: /Safari/,
};
const SYSTEMS = {
  Android: /Android/,
  iOS: /iPhone|iPad/,
  Windows: /Windows/,
  macOS: /Mac OS X/,
  Linux: /Linux/,
};

/** "Firefox on Linux", or the raw User-Agent. It is a hint: a client may send anything. */
export function browserName(userAgent) {
  const browser = nameIn(BROWSERS, userAgent);
  const system = nameIn(SYSTEMS, userAgent);
  if (browser === undefined) return userAgent || 'Unknown browser';
  return system === undefined ? browser : `${browser} on ${system}`;
}

function nameIn(names, userAgent) {
  return Object.keys(names).find((name) => names[name].test(userAgent));
}
