import type { Algorithm } from '../config/algorithms';
import { InvalidTokenError } from '../errors';
import type { JoseHeader } from '../claims';
import { parseJsonObject } from './strictJson';

/** Longer than any header that Node's HTTP parser accepts. */
export const MAX_CHARACTERS = 16_384;

/** The contents of a token, unverified. */
export interface UnverifiedToken {
  /** Its `alg` is for the Verifier to check. */
  readonly header: JoseHeader & { readonly alg: Algorithm };
  /** Use them only to choose the key (RFC 8725 §3.3). Throws InvalidTokenError when they are not a JSON object. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A token split into its segments (RFC 7515 §7.1). Nothing is verified. Its claims are parsed at the first read. */
export class CompactToken implements UnverifiedToken {
  #claims: Record<string, unknown> | undefined;

  private constructor(
    readonly header: UnverifiedToken['header'],
    readonly headerSegment: string,
    private readonly claimsSegment: string,
    /** In canonical base64url. */
    readonly signature: string,
  ) {}

  /**
   * Throws InvalidTokenError for a text that is not a token. `knownHeaders` holds parsed headers by their segment:
   * these are not parsed again.
   */
  static parse(text: unknown, knownHeaders?: ReadonlyMap<string, JoseHeader>): CompactToken {
    if (typeof text !== 'string' || text === '') throw new InvalidTokenError('Not a token');
    if (text.length > MAX_CHARACTERS) throw new InvalidTokenError('Token is too long');
    const first = text.indexOf('.');
    const second = text.indexOf('.', first + 1);
    const [headerSegment, claimsSegment] = [text.slice(0, first), text.slice(first + 1, second)];
    const signature = text.slice(second + 1);
    const hasThree = first > 0 && second > first + 1 && !signature.includes('.');
    if (!hasThree) throw new InvalidTokenError('Not enough segments');
    // RFC 7515 appendix A.5: alg none.
    if (signature === '') throw new InvalidTokenError('The token is not signed');
    if (!isCanonical(headerSegment) || !isCanonical(claimsSegment) || !isCanonical(signature)) {
      throw new InvalidTokenError('Invalid base64url');
    }
    const header = knownHeaders?.get(headerSegment) ?? parsedHeader(headerSegment);
    return new CompactToken(header as UnverifiedToken['header'], headerSegment, claimsSegment, signature);
  }

  /** What is signed. */
  get signingInput(): string {
    return `${this.headerSegment}.${this.claimsSegment}`;
  }

  get claims(): Readonly<Record<string, unknown>> {
    this.#claims ??= parseJsonObject(Buffer.from(this.claimsSegment, 'base64url'));
    if (this.#claims === undefined) throw new InvalidTokenError('Invalid payload: must be a JSON object');
    return this.#claims;
  }
}

/** Throws InvalidTokenError for a parameter that is not of its registered type (RFC 7515 §4.1). */
export function assertJoseHeader(header: Readonly<Record<string, unknown>>): asserts header is JoseHeader {
  for (const name of ['alg', 'typ', 'kid']) {
    const isAbsent = !Object.hasOwn(header, name);
    if (isAbsent ? name === 'alg' : typeof header[name] !== 'string') {
      throw new InvalidTokenError(`Header parameter ${name} must be a string`);
    }
  }
}

function parsedHeader(segment: string): Record<string, unknown> {
  const header = parseJsonObject(Buffer.from(segment, 'base64url'));
  if (header === undefined) throw new InvalidTokenError('Invalid header');
  return header;
}

/** One token has one spelling: no padding, no junk, no spare bits (RFC 7515 §2). */
function isCanonical(segment: string): boolean {
  const last = LAST_CHARACTERS[segment.length % 4];
  return last?.includes(segment.charAt(segment.length - 1)) === true && ALPHABET.test(segment);
}

const ALPHABET = /^[\w-]+$/;

/**
 * The characters that may come last, by the length of the last group of four. A segment of 4 n + 1 characters spells
 * no whole number of bytes.
 */
const ANY = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LAST_CHARACTERS = [ANY, undefined, 'AQgw', 'AEIMQUYcgkosw048'];
