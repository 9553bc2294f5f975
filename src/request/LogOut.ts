import type { Context } from 'koa';
import { TOKEN_TYPES, type TokenType, type VerifiedToken } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import type { TokenLocation } from '../config/OptionTable';
import { CsrfError, InvalidHeaderError, InvalidTokenError, type JwtError } from '../errors';
import type { Sessions } from '../session/Sessions';
import { checkCsrf } from '../token/checkCsrf';
import type { Verifier } from '../token/Verifier';
import { finders } from './Authenticator';
import { cookieNames } from './cookieNames';
import { duplicateEndings } from './duplicateEndings';
import { cookieValues, csrfValueOf, needsCsrfValue } from './findInCookies';
import { policyFrom } from './Policy';

/** A good token that came with a request to log out. Its type is that of the cookie in which it came. */
interface Found {
  readonly token: VerifiedToken;
  readonly location: TokenLocation;
  readonly type: TokenType;
}

const LOOKING_FOR = { access: policyFrom(), refresh: policyFrom({ refresh: true }) };

/** A browser has two or three cookies of one name at most. */
const MAX_COOKIES = 8;

/** Ends the sessions of a client that asks to be logged out. */
export class LogOut {
  constructor(
    private readonly config: JwtConfig,
    private readonly verifier: Verifier,
    private readonly sessions: Sessions,
  ) {}

  /** Ends the session of every good token, whether or not it has expired or was revoked. Throws JwtError. */
  async endSessions(ctx: Context, locations: readonly TokenLocation[]): Promise<void> {
    const found = await this.#find(ctx, locations);
    this.#assertOwnPage(ctx, found);
    for (const { token, location } of found) {
      const { jti, sid } = token.payload;
      // A token of another issuer that no store can name has no session here.
      if (jti === null && sid === undefined) continue;
      // Without a store, all that can be ended is the cookie.
      if (location !== 'cookies' || this.sessions.hasStore) await this.sessions.revokeSession(token.payload);
    }
  }

  /** `Set-Cookie` lines for what a request has besides the cookies of the configuration. */
  staleCookies(ctx: Context): string[] {
    return TOKEN_TYPES.filter((type) => this.#cookies(ctx, type).length > 1).flatMap((type) =>
      duplicateEndings(ctx, this.config, type),
    );
  }

  async #find(ctx: Context, locations: readonly TokenLocation[]): Promise<Found[]> {
    const found = new Map<string, Found>();
    for (const location of locations) {
      for (const type of TOKEN_TYPES) {
        const texts =
          location === 'cookies' ? this.#cookies(ctx, type) : await this.#text(ctx, location, type);
        for (const text of texts) {
          if (found.has(text)) continue;
          const token = await this.#verified(text);
          if (token !== undefined) found.set(text, { token, location, type });
        }
      }
    }
    return [...found.values()];
  }

  #cookies(ctx: Context, type: TokenType): string[] {
    return cookieValues(ctx, cookieNames(this.config, type).cookie).slice(0, MAX_COOKIES);
  }

  async #text(ctx: Context, location: TokenLocation, type: TokenType): Promise<string[]> {
    try {
      const found = await finders[location](ctx, this.config, LOOKING_FOR[type]);
      return 'text' in found ? [found.text] : [];
    } catch (error) {
      if (error instanceof InvalidHeaderError) return [];
      throw error;
    }
  }

  async #verified(text: string): Promise<VerifiedToken | undefined> {
    try {
      const token = await this.verifier.verify(text);
      // Nobody logs in with a token for one purpose.
      return token.payload.type === 'purpose' ? undefined : token;
    } catch (error) {
      if (error instanceof InvalidTokenError) return undefined;
      throw error;
    }
  }

  /**
   * Another site must not log a browser out. Its pages know the CSRF value of neither cookie, and cannot send a token in
   * a header. Throws CsrfError.
   */
  #assertOwnPage(ctx: Context, found: readonly Found[]): void {
    const inCookies = found.filter(({ location }) => location === 'cookies');
    if (inCookies.length === 0 || found.some(({ location }) => location === 'headers')) return;
    if (!needsCsrfValue(ctx.method, this.config)) return;
    const faults = inCookies.map(({ token, type }) => csrfFault(token, csrfValueOf(ctx, this.config, type)));
    const [fault] = faults;
    if (fault !== undefined && !faults.includes(undefined)) throw fault;
  }
}

function csrfFault(token: VerifiedToken, value: string): JwtError | undefined {
  if (value === '') return new CsrfError('Missing CSRF token');
  try {
    checkCsrf(token, value);
    return undefined;
  } catch (error) {
    return error as JwtError;
  }
}
