import type { Context } from 'koa';
import { JwtError, JwtManager, type TokenPair } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';
import { startSession } from './startSession';

/** The tokens in a browser's cookies. */
@Service()
export class BrowserSession {
  constructor(private readonly jwt: JwtManager) {}

  /** Also ends the session that the browser has had before, for nobody would see it again. */
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
      // What is no token of ours opens nothing.
      if (error instanceof JwtError) return;
      throw error;
    }
    await this.jwt.revokeSession(claims);
  }
}
