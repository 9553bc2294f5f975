import type { Algorithm } from '../config/algorithms';
import { InvalidTokenError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { JoseHeader } from '../VerifiedToken';
import { parseJsonObject } from './strictJson';

/** A token taken apart (RFC 7515 §7.1), with a header that may be verified and contents that are not yet. */
export interface CompactToken {
  readonly text: string;
  readonly header: JoseHeader & { readonly alg: Algorithm };
  readonly payloadSegment: string;
}

/** Longer than any header Node's HTTP parser lets through. */
export const MOST_CHARACTERS = 16_384;

/** Takes a token apart and judges its header; throws InvalidTokenError. Nothing is verified yet. */
export function parseCompact(text: unknown, config: JwtConfig): CompactToken {
  const { header, ...token } = takenApart(text);
  return { ...token, header: judged(header, config) };
}

/** The header of a token, whatever it says. Throws InvalidTokenError for what is no token. */
export function unverifiedHeader(text: unknown): JoseHeader {
  return takenApart(text).header as JoseHeader;
}

function takenApart(text: unknown): {
  text: string;
  header: Record<string, unknown>;
  payloadSegment: string;
} {
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
  return { text, header, payloadSegment };
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

function judged(header: Record<string, unknown>, config: JwtConfig): CompactToken['header'] {
  const { alg, typ } = header;
  if (!config.decodeAlgorithms.some((allowed) => allowed === alg)) {
    throw new InvalidTokenError('The specified alg value is not allowed');
  }
  for (const parameter of NOT_SUPPORTED) {
    if (Object.hasOwn(header, parameter))
      throw new InvalidTokenError(`Header parameter ${parameter} is not supported`);
  }
  if (typ !== undefined && (typeof typ !== 'string' || typ.toUpperCase() !== 'JWT')) {
    throw new InvalidTokenError('Header parameter typ must be JWT');
  }
  if (header['kid'] !== undefined && typeof header['kid'] !== 'string') {
    throw new InvalidTokenError('Header parameter kid must be a string');
  }
  return header as CompactToken['header'];
}

// crit: none is implemented here, so none may be called critical (RFC 7515 §4.1.11). b64: RFC 7797 §6.
// cty, zip, enc: nested, compressed and encrypted tokens (RFC 7519 §5.2).
export const NOT_SUPPORTED = ['crit', 'b64', 'cty', 'zip', 'enc'];
