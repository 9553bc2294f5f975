/** Deeper nesting overflows the stack of what serialises claims long before a 16 KiB token is full. */
export const MOST_LEVELS = 32;

/**
 * Parses bytes as a JSON object, more strictly than JSON.parse: well-formed UTF-8, no member named twice
 * (RFC 7515 §4: two parsers may each see another one), at most 32 levels. Undefined where it is anything else.
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = strictUtf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && hasUniqueNames(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

// A byte order mark is kept, for JSON.parse to refuse (RFC 8259 §8.1).
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A string, with a colon after it where it is a member's name; or a bracket.
const TOKENS = /("(?:[^"\\]|\\.)*")([ \t\n\r]*:)?|[{}[\]]/g;

/** For text that JSON.parse has taken. */
function hasUniqueNames(text: string): boolean {
  const levels: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(TOKENS)) {
    if (string === undefined) {
      if (token === '}' || token === ']') levels.pop();
      else if (levels.push(new Set()) > MOST_LEVELS) return false;
    } else if (colon !== undefined) {
      const names = levels.at(-1);
      const name = JSON.parse(string) as string;
      if (names?.has(name)) return false;
      names?.add(name);
    }
  }
  return true;
}
