import { isUtf8 } from 'node:buffer';

/** Deeper nesting overflows the stack of code that serializes claims long before a 16 KiB token is full. */
export const MAX_LEVELS = 32;

/**
 * Parses bytes as a JSON object, more strictly than JSON.parse: well-formed UTF-8, no name twice (RFC 7515 §4: two
 * parsers may read different members), at most 32 levels. Deeply frozen, and its
 * objects have no prototype. Undefined for anything else.
 */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(bytes)) return undefined;
  // This keeps a byte order mark, which JSON.parse then refuses (RFC 8259 §8.1).
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const names = namesIn(text);
  // JSON.parse keeps the last of several members with one name, so then the counts differ.
  return names !== undefined && names === frozen(value) ? (value as Record<string, unknown>) : undefined;
}

/** The number of members in a text that JSON.parse has accepted. Undefined when it has too many levels. */
function namesIn(text: string): number | undefined {
  let names = 0;
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        if (isNamed(text, at)) names++;
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        if (++level > MAX_LEVELS) return undefined;
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        level--;
    }
  }
  return names;
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPENING_BRACE, CLOSING_BRACE, OPENING_BRACKET, CLOSING_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const SPACE = 0x20;

/** The position of the closing quote of a string. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** Whether the string that ends here is the name of a member: a colon follows, perhaps after white space. */
function isNamed(text: string, end: number): boolean {
  let at = end + 1;
  while (text.charCodeAt(at) <= SPACE) at++;
  return text.charCodeAt(at) === COLON;
}

/** Freezes a value deeply, takes the prototypes of its objects, and returns the number of its members. namesIn has bounded its levels. */
function frozen(value: object): number {
  let members = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const each of Object.values(value) as unknown[]) {
    if (typeof each === 'object' && each !== null) members += frozen(each);
  }
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  Object.freeze(value);
  return members;
}
