import type { Context } from 'koa';
import type { VerifiedToken } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import type { TokenLocation } from '../config/OptionTable';
import {
  ClaimsVerificationError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  NoAuthorizationError,
  UserLoaderError,
  WrongTokenError,
} from '../errors';
import type { VerifiedEvent } from '../loader/LoaderEvents';
import type { Loaders } from '../loader/Loaders';
import type { Sessions } from '../session/Sessions';
import { hasExpired, isFresh } from '../token/checkClaims';
import { checkCsrf } from '../token/checkCsrf';
import type { Verifier } from '../token/Verifier';
import { findInCookies } from './findInCookies';
import { findInHeader } from './findInHeader';
import { findInJson } from './findInJson';
import { findInQueryString } from './findInQueryString';
import type { FindToken, FoundToken, NoToken } from './FoundToken';
import { AdmittedState, ANONYMOUS, type JwtState } from './JwtState';
import type { Policy } from './Policy';
import { notesOf, type CheckedToken, type RequestNotes } from './RequestNotes';

/** How to look in each location. */
export const finders: Readonly<Record<TokenLocation, FindToken>> = {
  headers: findInHeader,
  cookies: findInCookies,
  query_string: findInQueryString,
  json: findInJson,
};

/** Who is this request? Asks each question about its token once. */
export class Authenticator {
  constructor(
    private readonly config: JwtConfig,
    private readonly verifier: Verifier,
    private readonly sessions: Sessions,
    private readonly loaders: Loaders,
  ) {}

  /**
   * Enforces a policy: finds the token, verifies it, asks the store and the loaders about it. `isByHand` asks again what
   * was asked before, because a stream may live for hours. Throws JwtError.
   */
  async authenticate(ctx: Context, policy: Policy, isByHand: boolean): Promise<JwtState> {
    const found = await this.#find(ctx, policy);
    if (found === undefined) return ANONYMOUS;
    const { text, csrfValue } = found;
    const notes = notesOf(ctx);
    const known = isByHand ? undefined : this.#recall(notes, text);
    // It stays noted if it is bad.
    notes.unverified = text;
    const checked = known ?? this.#note(notes, text, await this.verifier.verify(text), isByHand);
    notes.unverified = undefined;
    const { token } = checked;
    const { identity, payload, header } = token;
    // The order of these checks decides which refusal is answered.
    if (csrfValue !== undefined) checkCsrf(token, csrfValue);
    if (hasExpired(payload, this.config)) throw new ExpiredTokenError(token);
    if (policy.tokenType !== 'either' && policy.tokenType !== payload.type) throw wrongType(policy.tokenType);
    if (policy.fresh && !isFresh(payload)) throw new FreshTokenRequiredError(token);
    const event = { context: ctx, header, payload, identity };
    if (policy.checkRevocation && this.sessions.canRevoke) {
      await (checked.revocation ??= this.sessions.check(event, notes.action));
    }
    if (this.loaders.has('claimsVerification'))
      await (checked.claims ??= this.#verifyClaims(event, notes, token));
    const user = this.loaders.has('user')
      ? await (checked.user ??= this.#loadUser(event, notes, token))
      : undefined;
    return new AdmittedState(token, found, user);
  }

  /**
   * The first token in the locations of the policy. Without one, an optional policy is content; otherwise throws
   * NoAuthorizationError with every reason.
   */
  async #find(ctx: Context, policy: Policy): Promise<FoundToken | undefined> {
    const locations = policy.locations ?? this.config.tokenLocation;
    const reasons: string[] = [];
    const notes = notesOf(ctx);
    for (const location of locations) {
      notes.lookedIn = location;
      const found = await finders[location](ctx, this.config, policy);
      if (Object.hasOwn(found, 'text')) return found as FoundToken;
      reasons.push((found as NoToken).absent);
    }
    if (policy.demand === 'optional') return undefined;
    throw new NoAuthorizationError(reasons.length === 1 ? String(reasons[0]) : combined(locations, reasons));
  }

  #recall({ checked }: RequestNotes, text: string): CheckedToken | undefined {
    return checked.find((each) => each.by === this && each.text === text);
  }

  /** Notes a verified token, unless another call for the same request was faster. Replaces an earlier token. */
  #note(notes: RequestNotes, text: string, token: VerifiedToken, isByHand: boolean): CheckedToken {
    const known = isByHand ? undefined : this.#recall(notes, text);
    if (known !== undefined) return known;
    const noted = { by: this, text, token, revocation: undefined, claims: undefined, user: undefined };
    const position = notes.checked.findIndex(({ by }) => by === this);
    if (position === -1) notes.checked.push(noted);
    else notes.checked[position] = noted;
    return noted;
  }

  async #verifyClaims(event: VerifiedEvent, { action }: RequestNotes, token: VerifiedToken): Promise<void> {
    const isAcceptable = await this.loaders.decide('claimsVerification', event, action);
    if (isAcceptable === false) throw new ClaimsVerificationError(token);
  }

  async #loadUser(event: VerifiedEvent, { action }: RequestNotes, token: VerifiedToken): Promise<unknown> {
    const loaded = await this.loaders.ask('user', event, action);
    if (loaded === undefined) return undefined;
    // `user.active && user` is false for an inactive user: no falsy value is a user.
    if (!loaded.answer) throw new UserLoaderError(token);
    return loaded.answer;
  }
}

function combined(locations: readonly TokenLocation[], reasons: readonly string[]): string {
  const places = `${locations.slice(0, -1).join(', ')} or ${String(locations.at(-1))}`;
  return `Missing JWT in ${places} (${reasons.join('; ')})`;
}

function wrongType(wanted: 'access' | 'refresh'): WrongTokenError {
  return new WrongTokenError(
    wanted === 'access' ? 'Only non-refresh tokens are allowed' : 'Only refresh tokens are allowed',
  );
}
