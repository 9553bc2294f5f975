import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import type { Authenticator } from './Authenticator';
import { RevokedTokenError } from './errors';
import { inSession, type Inherited, type Issuer, type TokenPair } from './Issuer';
import type { JwtConfig } from './JwtConfig';
import type { Loaders } from './loader/Loaders';
import { isRefreshDue, settleAccessCookie } from './request/implicitRefresh';
import { getJwtState, type JwtState } from './request/JwtState';
import { setTokenCookies } from './request/tokenCookies';
import type { Sessions } from './revocation/Sessions';
import { keptClaims } from './token/newClaims';
import type { JwtClaims, VerifiedToken } from './VerifiedToken';

/** Makes tokens that follow others: for the same identity, never fresh, never longer than what they follow. */
export class Renewal {
  constructor(
    private readonly config: JwtConfig,
    private readonly loaders: Loaders,
    private readonly sessions: Sessions,
    private readonly authenticator: Authenticator,
    private readonly issuer: Issuer,
  ) {}

  /** Exchanges the refresh token of a request, once. Throws RevokedTokenError. */
  async rotate(ctx: Context): Promise<TokenPair> {
    const state = getJwtState(ctx);
    const token = tokenOf(state);
    if (token?.payload.type !== 'refresh')
      throw new TypeError('rotate(ctx) is for @RefreshJwtRequired() routes');
    // Made before there was a store, which therefore cannot tell whether it was used: its owner logs in again.
    if (token.payload['gen'] === undefined && this.config.revocationStore !== undefined) {
      throw new RevokedTokenError(token);
    }
    const { sid, gen, exp } = token.payload;
    const own = { sid, gen, jti: randomUUID() };
    await this.sessions.rotate(ctx, token, own.jti);
    const [identity, inherited] = this.#succession(state, token.payload);
    const expires = exp === undefined ? false : undefined;
    const refresh = await this.issuer.issue(
      'refresh',
      identity,
      { expires },
      { ...inherited, own, latest: exp },
    );
    const access = await this.issuer.issue('access', identity, {}, { ...inherited, ...inSession(refresh) });
    return { accessToken: access.encoded, refreshToken: refresh.encoded };
  }

  /**
   * Re-issues the access cookie of a request that was let in and has been answered, where that is due. What goes
   * wrong leaves the cookie alone and is told to Koa's `error` event: the action has run, and must not look as if not.
   */
  async refreshImplicitly(ctx: Context, state: JwtState): Promise<void> {
    const token = tokenOf(state);
    if (token === undefined || !isRefreshDue(ctx, state, this.config)) return;
    const { sid, gen } = token.payload;
    // Not enrolled anew: a log-out everywhere that comes between would be undone.
    const own = { ...(typeof sid === 'string' && { sid }), ...(typeof gen === 'number' && { gen }) };
    try {
      // Asked anew, for the action may have been the one that revoked it.
      await this.authenticator.checkRevocation(ctx, token);
      const [identity, inherited] = this.#succession(state, token.payload);
      const expires = this.#lifeOf(token.payload);
      const { encoded } = await this.issuer.issue('access', identity, { expires }, { ...inherited, own });
      setTokenCookies(ctx, encoded, await this.authenticator.verify(encoded), this.config, {});
      settleAccessCookie(ctx);
    } catch (error) {
      if (!(error instanceof RevokedTokenError)) ctx.app.emit('error', error, ctx);
    }
  }

  /** As long as the log-in has made it, and no longer than is configured. */
  #lifeOf({ exp, iat }: JwtClaims): number | undefined {
    if (exp === undefined || iat === undefined || exp <= iat) return undefined;
    return Math.max(1, Math.floor(Math.min(exp - iat, Number(this.config.accessTokenExpires) || Infinity)));
  }

  /** For whom a token is that follows another, for the loaders and for itself, and what it takes over. */
  #succession(state: JwtState, payload: JwtClaims): [identity: unknown, inherited: Inherited] {
    const inherited = { name: state.identity, kept: keptClaims(payload, this.config) };
    if (!this.loaders.has('userIdentity')) return [state.identity, inherited];
    // The log-in gave createAccessToken a user, and loaders expect one again.
    if (state.user !== undefined) return [state.user, inherited];
    return [state.identity, { ...inherited, isUserUnknown: true }];
  }
}

function tokenOf({ header, payload, identity }: JwtState): VerifiedToken | undefined {
  return header === undefined || payload === undefined ? undefined : { header, payload, identity };
}
