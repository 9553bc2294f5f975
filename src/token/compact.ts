import type { Algorithm } from '../config/algorithms';
import { InvalidTokenError } from '../errors';
import type { JoseHeader } from '../VerifiedToken';
import { CompactToken } from './CompactToken';
import { parseJsonObject } from './strictJson';
import type { SeenHeaders } from './SeenHeaders';
import type { Trust } from './Trust';

/** Longer than any header Node's HTTP parser lets through. */
export const MOST_CHARACTERS = 16_384;

/**
 * Takes a token apart. Headers that were seen before are not parsed again. Throws InvalidTokenError for what is no
 * token; for claims that are none, when they are read.
 */
export function parseCompact(text: unknown, seenHeaders?: SeenHeaders): CompactToken {
  if (typeof text !== 'string' || text === '') throw new InvalidTokenError('Not a token');
  if (text.length > MOST_CHARACTERS) throw new InvalidTokenError('Token is too long');
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  const [headerSegment, claimsSegment] = [text.slice(0, first), text.slice(first + 1, second)];
  const signature = text.slice(second + 1);
  const hasThree = first > 0 && second > first + 1 && signature !== '' && !signature.includes('.');
  if (!hasThree) throw new InvalidTokenError('Not enough segments');
  if (!isCanonical(headerSegment) || !isCanonical(claimsSegment) || !isCanonical(signature)) {
    throw new InvalidTokenError('Invalid base64url');
  }
  // What it says of itself is for assertHeader to judge.
  const seen = seenHeaders?.get(headerSegment);
  const header = (seen ?? parsedHeader(headerSegment)) as CompactToken['header'];
  return new CompactToken(header, headerSegment, claimsSegment, signature, seen !== undefined);
}

function parsedHeader(segment: string): JoseHeader {
  const header = parseJsonObject(Buffer.from(segment, 'base64url'));
  if (header === undefined) throw new InvalidTokenError('Invalid header');
  return header as JoseHeader;
}

/** One token has one spelling: no padding, no junk, no spare bits (RFC 7515 §2). */
function isCanonical(segment: string): boolean {
  const last = LAST_CHARACTERS[segment.length % 4];
  return last?.includes(segment.charAt(segment.length - 1)) === true && ALPHABET.test(segment);
}

const ALPHABET = /^[\w-]+$/;

/** By what is left over of the last four characters. A segment of 1, or of 4 n + 1, spells no whole number of bytes. */
const ANY = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LAST_CHARACTERS = [ANY, undefined, 'AQgw', 'AEIMQUYcgkosw048'];

/** Throws InvalidTokenError for a header that says what those who are trusted do not say. */
export function assertHeader(header: JoseHeader, { algorithms, mediaTypes }: Trust): void {
  const { alg, typ, kid }: Record<string, unknown> = header;
  if (!algorithms.includes(alg as Algorithm)) {
    throw new InvalidTokenError('The specified alg value is not allowed');
  }
  for (const parameter of NOT_SUPPORTED) {
    if (Object.hasOwn(header, parameter))
      throw new InvalidTokenError(`Header parameter ${parameter} is not supported`);
  }
  if (typ !== undefined && (typeof typ !== 'string' || !mediaTypes.includes(typ.toLowerCase()))) {
    throw new InvalidTokenError('Header parameter typ must be JWT');
  }
  if (kid !== undefined && typeof kid !== 'string') {
    throw new InvalidTokenError('Header parameter kid must be a string');
  }
}

// crit: none is implemented here, so none may be called critical (RFC 7515 §4.1.11). b64: RFC 7797 §6.
// cty, zip, enc: nested, compressed and encrypted tokens (RFC 7519 §5.2).
export const NOT_SUPPORTED = ['crit', 'b64', 'cty', 'zip', 'enc'];
