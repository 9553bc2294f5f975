import { InvalidTokenError } from '../errors';
import type { JoseHeader } from '../VerifiedToken';
import type { CompactToken } from './CompactToken';
import { parseJsonObject } from './strictJson';
import type { Trust } from './Trust';

/** Longer than any header Node's HTTP parser lets through. */
export const MOST_CHARACTERS = 16_384;

/** Takes a token apart. Throws InvalidTokenError for what is none. */
export function parseCompact(text: unknown): CompactToken {
  if (typeof text !== 'string' || text === '') throw new InvalidTokenError('Not a token');
  if (text.length > MOST_CHARACTERS) throw new InvalidTokenError('Token is too long');
  const [headerSegment, payloadSegment, signature, ...more] = text.split('.');
  if (!headerSegment || !payloadSegment || !signature || more.length > 0) {
    throw new InvalidTokenError('Not enough segments');
  }
  if (![headerSegment, payloadSegment, signature].every(isCanonical)) {
    throw new InvalidTokenError('Invalid base64url');
  }
  const header = parseJsonObject(Buffer.from(headerSegment, 'base64url'));
  if (header === undefined) throw new InvalidTokenError('Invalid header');
  return {
    signingInput: `${headerSegment}.${payloadSegment}`,
    // What it says of itself is for assertHeader to judge.
    header: header as CompactToken['header'],
    payloadSegment,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** The claims of a token, unverified: good for nothing but choosing the key (RFC 8725 §3.3). */
export function unverifiedPayload({ payloadSegment }: CompactToken): Record<string, unknown> {
  const payload = parseJsonObject(Buffer.from(payloadSegment, 'base64url'));
  if (payload === undefined) throw new InvalidTokenError('Invalid payload: must be a JSON object');
  return payload;
}

/** One token has one spelling: no padding, no junk, no spare bits (RFC 7515 §2). */
function isCanonical(segment: string): boolean {
  return Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

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
