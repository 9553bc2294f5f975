import { isUtf8 } from 'node:buffer';

/** Deeper nesting overflows the stack of what serialises claims long before a 16 KiB token is full. */
export const MOST_LEVELS = 32;

/**
 * Parses bytes as a JSON object, more strictly than JSON.parse: well-formed UTF-8, no member named twice
 * (RFC 7515 §4: two parsers may each see another one), at most 32 levels. Undefined where it is anything else.
 */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(bytes)) return undefined;
  // A byte order mark is kept, for JSON.parse to refuse (RFC 8259 §8.1).
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const names = namesIn(text);
  // Of members with one name JSON.parse keeps the last.
  return names !== undefined && names === membersOf(value) ? (value as Record<string, unknown>) : undefined;
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const SPACES = [0x20, 0x09, 0x0a, 0x0d];
const OPENING = [0x7b, 0x5b];
const CLOSING = [0x7d, 0x5d];

/** How many members are named in a text that JSON.parse has taken; undefined where it has too many levels. */
function namesIn(text: string): number | undefined {
  let names = 0;
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      for (at++; text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
      while (SPACES.includes(text.charCodeAt(at + 1))) at++;
      if (text.charCodeAt(at + 1) === COLON) names++;
    } else if (OPENING.includes(code)) {
      if (++level > MOST_LEVELS) return undefined;
    } else if (CLOSING.includes(code)) level--;
  }
  return names;
}

/** How many members a value has, with those of the values in it. Its levels are bounded by namesIn. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, each) => sum + membersOf(each), own);
}
