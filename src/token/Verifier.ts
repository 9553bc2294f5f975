import type { KeyObject } from 'node:crypto';
import { UNSUPPORTED_HEADERS, type JoseHeader, type VerifiedToken } from '../claims';
import type { Algorithm } from '../config/algorithms';
import type { JwtConfig } from '../config/JwtConfig';
import { InvalidTokenError } from '../errors';
import { checkClaims, hasExpired, withDefaults } from './checkClaims';
import { CompactToken, type UnverifiedToken } from './CompactToken';
import { isSignedBy } from './signature';
import { TokenCache, type CachedToken } from './TokenCache';
import type { Trust } from './Trust';

/** As many as a service has keys, and some more. */
const MAX_HEADERS = 32;

/** Is this text a good token? Knows no request. */
export class Verifier {
  readonly #cache: TokenCache | undefined;
  /** The headers of good tokens by their text, so that each is parsed once. Usually there is one for each key. */
  readonly #headers = new Map<string, JoseHeader>();

  constructor(
    private readonly config: JwtConfig,
    private readonly own: { readonly trust: Trust },
    private readonly issuers: ReadonlyMap<string, Trust>,
  ) {
    const { tokenCacheEntries, tokenCacheBytes } = config;
    if (tokenCacheEntries > 0) this.#cache = new TokenCache(tokenCacheEntries, tokenCacheBytes);
  }

  /**
   * Verifies the header, the signature and every claim except `exp`, so that the caller can say whose token has
   * expired. The promise is only for keys that must be asked for. Throws InvalidTokenError, and KeysUnavailableError when
   * an issuer must be asked and does not respond.
   */
  verify(text: string): VerifiedToken | Promise<VerifiedToken> {
    const token = this.#cache?.get(text) ?? CompactToken.parse(text, this.#headers);
    const trust = this.#trustFor(token);
    return trust.hasKeys
      ? this.#verified(text, token, trust, trust.keyFor(token))
      : trust.keyFor(token).then((key) => this.#verified(text, token, trust, key));
  }

  #verified(text: string, token: CachedToken | CompactToken, trust: Trust, key: KeyObject): VerifiedToken {
    if (token instanceof CompactToken) return this.#verifiedFirst(text, token, trust, key);
    if (token.key === key || token.key.equals(key)) {
      checkClaims(token.claims, trust.rules);
      return token.verified;
    }
    this.#cache?.delete(text);
    return this.#verifiedFirst(text, CompactToken.parse(text, this.#headers), trust, key);
  }

  #verifiedFirst(text: string, token: CompactToken, { rules }: Trust, key: KeyObject): VerifiedToken {
    const { header, headerSegment, signingInput, signature } = token;
    if (!isSignedBy(key, header.alg, signingInput, signature)) {
      throw new InvalidTokenError('Signature verification failed');
    }
    const { claims } = token;
    checkClaims(claims, rules);
    const payload = withDefaults(claims, rules);
    const verified = Object.freeze({ header, payload, identity: payload[rules.identityClaim] });
    this.#keepHeader(headerSegment, header);
    if (!hasExpired(payload, this.config)) this.#cache?.add(text, { header, claims, key, verified });
    return verified;
  }

  /** Who must have signed a token, and under which conditions it is good. Throws for a header that breaks them. */
  #trustFor(token: UnverifiedToken): Trust {
    const trust = this.issuers.size === 0 ? this.own.trust : this.#chosenTrust(token);
    assertHeader(token.header, trust);
    return trust;
  }

  /** The `iss` of a token chooses among the configured issuers. Its claims are checked against that choice later. */
  #chosenTrust(token: UnverifiedToken): Trust {
    const { trust } = this.own;
    const iss = Object.hasOwn(token.claims, 'iss') ? token.claims['iss'] : undefined;
    const issuer = typeof iss === 'string' ? this.issuers.get(iss) : undefined;
    if (issuer !== undefined) return issuer;
    if (trust.algorithms.length === 0) throw new InvalidTokenError('Invalid issuer');
    return trust;
  }

  #keepHeader(segment: string, header: JoseHeader): void {
    if (this.#headers.has(segment)) return;
    if (this.#headers.size === MAX_HEADERS) this.#headers.clear();
    this.#headers.set(segment, header);
  }
}

/** Throws InvalidTokenError for a header that the trusted party would not write. */
function assertHeader(header: JoseHeader, { algorithms, mediaTypes }: Trust): void {
  const { alg, typ, kid }: Record<string, unknown> = header;
  if (!algorithms.includes(alg as Algorithm)) {
    throw new InvalidTokenError('The specified alg value is not allowed');
  }
  for (const parameter of UNSUPPORTED_HEADERS) {
    if (Object.hasOwn(header, parameter)) {
      throw new InvalidTokenError(`Header parameter ${parameter} is not supported`);
    }
  }
  if (typ !== undefined && (typeof typ !== 'string' || !mediaTypes.includes(typ.toLowerCase()))) {
    throw new InvalidTokenError('Header parameter typ must be JWT');
  }
  if (kid !== undefined && typeof kid !== 'string') {
    throw new InvalidTokenError('Header parameter kid must be a string');
  }
}
