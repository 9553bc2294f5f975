/** As often as somebody may have encoded a text that was encoded already. */
const MAX_DEPTH = 3;

/**
 * The bytes that a secret may spell: its own, and the ones for which it stands in base64, hex, UTF-16 or numbers, behind
 * white space, a byte order mark, quotes, or a prefix such as `0x`; and what these spell in turn.
 */
export function spellings(bytes: Buffer, depth = MAX_DEPTH): Buffer[] {
  const text = unwrapped(bytes.toString('latin1'));
  const trimmed = Buffer.from(bytes.toString('latin1').trim(), 'latin1');
  const own = [bytes, ...(trimmed.length === bytes.length ? [] : [trimmed])];
  if (depth === 0) return own;
  const spelt = [fromHex(text), fromBase64(text), fromNumbers(text), ...fromUtf16(bytes)];
  return [...own, ...spelt.flatMap((each) => (each === undefined ? [] : spellings(each, depth - 1)))];
}

/** Without what is around the text: white space, quotes, line ends written out, the name of the encoding. */
function unwrapped(text: string): string {
  return text
    .replace(/\\[nr]|["'`\s]|^(?:\u00ef\u00bb\u00bf)+/g, '')
    .replace(/^(?:data:[^,]*,|base64:|hex:|modulus[=:]|n:)|^\[|\]$/gi, '');
}

function fromHex(text: string): Buffer | undefined {
  const digits = text.replace(/\\x|0x|[:,;-]/gi, '');
  return digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

function fromBase64(text: string): Buffer | undefined {
  // The first of a list, as x5c is one.
  const first = /^[\w+/-]+={0,2}(?=,|$)/.exec(text)?.[0];
  return first === undefined ? undefined : Buffer.from(first, 'base64');
}

/** A list of bytes, as `String(bytes)` and JSON write it. */
function fromNumbers(text: string): Buffer | undefined {
  const list = /^(?:\{[^[]*\[)?(\d{1,3}(?:,\d{1,3})+)(?:\]\})?$/.exec(text)?.[1];
  return list === undefined ? undefined : Buffer.from(list.split(',').map(Number));
}

/** Text in UTF-16 has a zero byte for each character of ASCII. */
function fromUtf16(bytes: Buffer): Buffer[] {
  if (!bytes.includes(0)) return [];
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  return [even.toString('utf16le'), even.swap16().toString('utf16le')]
    .filter((text) => /^[\s\uFEFF\x20-\x7e]*$/.test(text))
    .map((text) => Buffer.from(text));
}
