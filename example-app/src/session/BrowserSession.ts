import type { Context } from 'koa';
import { JwtError, JwtManager, type TokenPair } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';
import { startSession } from './startSession';

/** Keeps the tokens in a browser's cookies. */
@Service()
export class BrowserSession {
  constructor(private readonly jwt: JwtManager) {}

  /** Also ends the browser's previous session, because nobody would use it again. */
  async start(ctx: Context, user: User): Promise<void> {
    await this.#endPrevious(ctx);
    await this.#keep(ctx, await startSession(this.jwt, ctx, user));
  }

  async refresh(ctx: Context): Promise<void> {
    await this.#keep(ctx, await this.jwt.rotate(ctx));
  }

  async #keep(ctx: Context, { accessToken, refreshToken }: TokenPair): Promise<void> {
    await this.jwt.setAccessCookies(ctx, accessToken);
    await this.jwt.setRefreshCookies(ctx, refreshToken);
  }

  async #endPrevious(ctx: Context): Promise<void> {
    const { refreshCookieName, accessCookieName } = this.jwt.config;
    const token = ctx.cookies.get(refreshCookieName) ?? ctx.cookies.get(accessCookieName);
    if (token === undefined) return;
    let claims;
    try {
      claims = await this.jwt.decodeToken(token, { allowExpired: true });
    } catch (error) {
      // An invalid token has no session to end.
      if (error instanceof JwtError) return;
      throw error;
    }
    await this.jwt.revokeSession(claims);
  }
}
