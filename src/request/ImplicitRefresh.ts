import type { Context } from 'koa';
import { bare, type JwtClaims } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { RevokedTokenError } from '../errors';
import type { Renewal } from '../session/Renewal';
import type { Sessions } from '../session/Sessions';
import type { JwtState } from './JwtState';
import { notesOf } from './RequestNotes';
import { setTokenCookies } from './tokenCookies';

/** Renews the access cookie of a request that was let in and has been answered, when `implicitRefreshWithin` says so. */
export class ImplicitRefresh {
  constructor(
    private readonly config: JwtConfig,
    private readonly sessions: Sessions,
    private readonly renewal: Renewal,
  ) {}

  /**
   * An error leaves the cookie alone and goes to Koa's `error` event: the action has run, and the answer must not look
   * as if it had not.
   */
  async refresh(ctx: Context, { header, payload, identity, location, user }: JwtState): Promise<void> {
    if (header === undefined || payload === undefined || location !== 'cookies') return;
    const notes = notesOf(ctx);
    if (payload.type !== 'access' || !this.#isDue(payload) || notes.isAccessCookieSettled) return;
    if (ctx.headerSent || ctx.status >= 400) return;
    try {
      // Checked again, because the action may have revoked it.
      await this.sessions.check({ context: ctx, header, payload, identity }, notes.action);
      const { encoded, claims } = await this.renewal.accessToken({
        payload,
        identity,
        user,
        action: notes.action,
      });
      setTokenCookies(ctx, 'access', encoded, claims, this.config, bare({}));
      notes.isAccessCookieSettled = true;
    } catch (error) {
      if (!(error instanceof RevokedTokenError)) ctx.app.emit('error', error, ctx);
    }
  }

  #isDue(payload: JwtClaims): boolean {
    const { implicitRefreshWithin: within } = this.config;
    const { exp, until } = payload;
    if (within === false || exp === undefined || !this.renewal.isOurs(payload)) return false;
    // A token that ends with its log-in gains nothing.
    if (typeof until === 'number' && exp >= until) return false;
    return exp - Date.now() / 1000 < within;
  }
}
