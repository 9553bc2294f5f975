/** The first that fits: each pretends to be those that come after it. */
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

/** "Firefox on Linux", or what the client calls itself. It is a hint: a client may call itself anything. */
export function browserName(userAgent) {
  const browser = nameIn(BROWSERS, userAgent);
  const system = nameIn(SYSTEMS, userAgent);
  if (browser === undefined) return userAgent || 'Unknown browser';
  return system === undefined ? browser : `${browser} on ${system}`;
}

function nameIn(names, userAgent) {
  return Object.keys(names).find((name) => names[name].test(userAgent));
}
