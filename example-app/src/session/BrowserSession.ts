import type { Context } from 'koa';
import { JwtError, JwtManager } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';
import { FRESH_FOR } from './freshFor';
import { RevokedTokens } from './RevokedTokens';

type CookieName = 'accessCookieName' | 'refreshCookieName';

/** The tokens in a browser's cookies. Those that are replaced or unset are revoked too: somebody may have a copy. */
@Service()
export class BrowserSession {
  constructor(
    private readonly jwt: JwtManager,
    private readonly revoked: RevokedTokens,
  ) {}

  async start(ctx: Context, user: User): Promise<void> {
    await this.#revoke(ctx, 'accessCookieName');
    await this.#revoke(ctx, 'refreshCookieName');
    await this.jwt.setAccessCookies(ctx, await this.jwt.createAccessToken(user, { fresh: FRESH_FOR }));
    await this.jwt.setRefreshCookies(ctx, await this.jwt.createRefreshToken(user));
  }

  async refresh(ctx: Context, user: User): Promise<void> {
    await this.#revoke(ctx, 'accessCookieName');
    await this.jwt.setAccessCookies(ctx, await this.jwt.createAccessToken(user));
  }

  async end(ctx: Context): Promise<void> {
    await this.#revoke(ctx, 'accessCookieName');
    await this.#revoke(ctx, 'refreshCookieName');
    this.jwt.unsetJwtCookies(ctx);
  }

  async #revoke(ctx: Context, name: CookieName): Promise<void> {
    const token = ctx.cookies.get(this.jwt.config[name]);
    if (token === undefined) return;
    try {
      await this.revoked.add(await this.jwt.decodeToken(token));
    } catch (error) {
      // A token that has expired, or was never one, opens nothing.
      if (!(error instanceof JwtError)) throw error;
    }
  }
}
