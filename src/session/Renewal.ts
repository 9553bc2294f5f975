import { randomUUID } from 'node:crypto';
import type { Action } from 'routing-controllers';
import type { JwtClaims } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import type { Loaders } from '../loader/Loaders';
import { keptClaims, namesIn } from '../token/newToken';
import type { IssuedPair, IssuedToken } from './IssuedToken';
import type { FromPredecessor, Issuer } from './Issuer';

/** An admitted token, and the user that the user loader returned for it, if there is one. */
export interface Predecessor {
  readonly payload: JwtClaims;
  readonly identity: unknown;
  readonly user: unknown;
  /** The request that carried it. */
  readonly action: Action;
}

/** Makes tokens that follow others: for the same identity, never fresh, never with a later end. */
export class Renewal {
  constructor(
    private readonly config: JwtConfig,
    private readonly loaders: Loaders,
    private readonly issuer: Issuer,
  ) {}

  /** Whether a token is in our name. One that follows another issuer's would have our signature under its name. */
  isOurs({ iss }: JwtClaims): boolean {
    const { encodeIssuer, decodeIssuer = [] } = this.config;
    const [ours, ...others] = encodeIssuer === undefined ? [decodeIssuer].flat() : [encodeIssuer];
    return others.length === 0 && iss === ours;
  }

  /** The pair that follows a refresh token. The caller exchanges the token for the one with `jti`, then hands out. */
  async pair(token: Predecessor): Promise<{ readonly jti: string; readonly next: IssuedPair }> {
    const jti = randomUUID();
    const [identity, from] = this.#inherit(token);
    return { jti, next: await this.issuer.nextPair(identity, token.payload, jti, from) };
  }

  accessToken(token: Predecessor): Promise<IssuedToken> {
    const [identity, from] = this.#inherit(token);
    return this.issuer.nextAccessToken(identity, token.payload, this.#lifetimeOf(token.payload), from);
  }

  /** The lifetime that the log-in chose, but no longer than the configured one. */
  #lifetimeOf({ exp, iat }: JwtClaims): number | undefined {
    if (exp === undefined || iat === undefined || exp <= iat) return undefined;
    const { accessTokenExpires: configured } = this.config;
    const seconds = configured === false ? exp - iat : Math.min(exp - iat, configured);
    return Math.max(1, Math.floor(seconds));
  }

  /** The identity for the loaders, and what the new token takes over. */
  #inherit({ payload, identity, user, action }: Predecessor): [identity: unknown, from: FromPredecessor] {
    const { csrf, kept } = payload;
    const from = {
      identity,
      claims: keptClaims(payload, this.config, this.loaders.has('userClaims')),
      kept: namesIn(kept),
      csrf: typeof csrf === 'string' ? csrf : undefined,
      action,
    };
    // With an identity loader, the log-in passed a user to createAccessToken. Without a user loader there is none now.
    return [this.loaders.has('userIdentity') ? (user ?? identity) : identity, from];
  }
}
