import { InvalidTokenError } from '../errors';
import type { JoseHeader } from '../VerifiedToken';
import type { CompactToken } from './CompactToken';
import { deepFreeze } from './deepFreeze';
import { parseJsonObject } from './strictJson';
import type { Trust } from './Trust';

/** Longer than any header Node's HTTP parser lets through. */
export const MOST_CHARACTERS = 16_384;

/**
 * Takes a token apart. Headers that were seen before are not parsed again. Throws InvalidTokenError for what is no
 * token; for claims that are none, when they are read.
 */
export function parseCompact(text: unknown, seenHeaders?: ReadonlyHeaders): CompactToken {
  if (typeof text !== 'string' || text === '') throw new InvalidTokenError('Not a token');
  if (text.length > MOST_CHARACTERS) throw new InvalidTokenError('Token is too long');
  const [headerSegment, claimsSegment, signature, ...more] = text.split('.');
  if (!headerSegment || !claimsSegment || !signature || more.length > 0) {
    throw new InvalidTokenError('Not enough segments');
  }
  if (!isCanonical(headerSegment) || !isCanonical(claimsSegment) || !isCanonical(signature)) {
    throw new InvalidTokenError('Invalid base64url');
  }
  let claims: Record<string, unknown> | undefined;
  return {
    headerSegment,
    // What it says of itself is for assertHeader to judge.
    header: (seenHeaders?.get(headerSegment) ?? parsedHeader(headerSegment)) as CompactToken['header'],
    get claims() {
      return (claims ??= parsedClaims(claimsSegment));
    },
    signingInput: text.slice(0, -1 - signature.length),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Headers by the segment that spells them. */
export interface ReadonlyHeaders {
  get(segment: string): JoseHeader | undefined;
}

function parsedHeader(segment: string): JoseHeader {
  const header = parseJsonObject(Buffer.from(segment, 'base64url'));
  if (header === undefined) throw new InvalidTokenError('Invalid header');
  return deepFreeze(header) as JoseHeader;
}

function parsedClaims(segment: string): Record<string, unknown> {
  const claims = parseJsonObject(Buffer.from(segment, 'base64url'));
  if (claims === undefined) throw new InvalidTokenError('Invalid payload: must be a JSON object');
  return deepFreeze(claims);
}

/** One token has one spelling: no padding, no junk, no spare bits (RFC 7515 §2). */
function isCanonical(segment: string): boolean {
  const last = LAST_CHARACTERS[segment.length % 4];
  return last?.includes(segment.slice(-1)) === true && ALPHABET.test(segment);
}

const ALPHABET = /^[\w-]+$/;

/** By what is left over of the last four characters. A segment of 1, or of 4 n + 1, spells no whole number of bytes. */
const ANY = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LAST_CHARACTERS = [ANY, undefined, 'AQgw', 'AEIMQUYcgkosw048'];

/** Throws InvalidTokenError for a header that says what those who are trusted do not say. */
export function assertHeader(header: JoseHeader, { algorithms, mediaTypes }: Trust): void {
  const { alg, typ, kid }: Record<string, unknown> = header;
  if (!algorithms.some((allowed) => allowed === alg)) {
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
