import type { Context } from 'koa';
import type { JwtClaims, VerifiedToken } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import type { TokenLocation } from '../config/OptionTable';
import {
  ClaimsVerificationError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  JwtConfigurationError,
  NoAuthorizationError,
  UserLoaderError,
  WrongTokenError,
} from '../errors';
import type { VerifiedEvent } from '../loader/LoaderEvents';
import type { Loaders } from '../loader/Loaders';
import { isThenable } from '../session/isThenable';
import type { Sessions } from '../session/Sessions';
import { hasExpired, isFresh } from '../token/checkClaims';
import { checkCsrf } from '../token/checkCsrf';
import type { Verifier } from '../token/Verifier';
import { eventWithoutRequest } from './eventWithoutRequest';
import { findInCookies } from './findInCookies';
import { findInHeader } from './findInHeader';
import { findInJson } from './findInJson';
import { findInQueryString } from './findInQueryString';
import type { Carrier, FindToken, FoundToken, GivenToken, NoToken } from './FoundToken';
import { AdmittedState } from './JwtState';
import type { Policy } from './Policy';
import type { CheckedToken, TokenNotes } from './RequestNotes';

/** How to look in each location. */
export const finders: Readonly<Record<TokenLocation, FindToken<Context>>> = {
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
   * The first token in the locations of the policy. Without one, an optional policy is content; otherwise throws
   * NoAuthorizationError with every reason. `by` says how to look, and where one can.
   */
  async find<From extends Carrier>(
    from: From,
    policy: Policy,
    by: Readonly<Record<TokenLocation, FindToken<From> | undefined>>,
    notes?: { lookedIn: TokenLocation | undefined },
  ): Promise<FoundToken | undefined> {
    const locations = policy.locations ?? this.#locationsFor(policy, by);
    const reasons: string[] = [];
    for (const location of locations) {
      if (notes !== undefined) notes.lookedIn = location;
      const found = await by[location]?.(from, this.config, policy);
      if (found === undefined) continue;
      if (Object.hasOwn(found, 'text')) return found as FoundToken;
      reasons.push((found as NoToken).absent);
    }
    if (policy.demand === 'optional') return undefined;
    throw new NoAuthorizationError(reasons.length === 1 ? String(reasons[0]) : combined(locations, reasons));
  }

  /**
   * Holds a token to a policy: verifies it, asks the store and the loaders about it. Throws JwtError, and at once where it
   * can: a promise that is rejected before anybody waits costs as much as the answer. Without `notes` the token did not
   * come with a request of Koa. `isByHand` asks again what was asked before, because a stream may live for hours.
   */
  admit(
    given: GivenToken,
    policy: Policy,
    notes: TokenNotes = { action: undefined, checked: [], unverified: undefined },
    isByHand = false,
  ): Promise<AdmittedState> {
    const { text } = given;
    const known = isByHand ? undefined : this.#recall(notes, text);
    notes.unverified = undefined;
    if (known !== undefined) return this.#hold(known, given, policy, notes);
    // It stays noted if it is bad.
    notes.unverified = text;
    const hold = (token: VerifiedToken): Promise<AdmittedState> => {
      notes.unverified = undefined;
      return this.#hold(this.#note(notes, text, token, isByHand), given, policy, notes);
    };
    const verified = this.verifier.verify(text);
    return isThenable(verified) ? verified.then(hold) : hold(verified);
  }

  async #hold(
    checked: CheckedToken,
    given: GivenToken,
    policy: Policy,
    notes: TokenNotes,
  ): Promise<AdmittedState> {
    const { token } = checked;
    const { identity, payload, header } = token;
    const { csrfValue } = given;
    // The order of these checks decides which refusal is answered.
    if (csrfValue !== undefined) checkCsrf(token, csrfValue);
    if (hasExpired(payload, this.config)) throw new ExpiredTokenError(token);
    if (!isOfType(payload, policy)) throw wrongType(payload, policy);
    if (policy.fresh && !isFresh(payload)) throw new FreshTokenRequiredError(token);
    const event =
      notes.action === undefined
        ? eventWithoutRequest(token)
        : { context: notes.action.context as Context, header, payload, identity };
    // What this very request has used up is revoked.
    if (policy.checkRevocation && this.sessions.canRevoke && !checked.isSpent) {
      await (checked.revocation ??= this.sessions.check(event, notes.action));
    }
    if (this.loaders.has('claimsVerification'))
      await (checked.claims ??= this.#verifyClaims(event, notes, token));
    const user = this.loaders.has('user')
      ? await (checked.user ??= this.#loadUser(event, notes, token))
      : undefined;
    // Last, because a refusal must not use it up.
    if (policy.singleUse && !checked.isSpent) await (checked.spending ??= this.#spend(checked, notes));
    return new AdmittedState(token, given, user);
  }

  /**
   * The configured locations that are possible. Not cookies for a token for one purpose: they carry log-ins, and somebody
   * who is logged in may follow a link in a mail. Throws JwtConfigurationError when none is left.
   */
  #locationsFor({ purpose }: Policy, by: Readonly<Record<TokenLocation, unknown>>): readonly TokenLocation[] {
    const { tokenLocation } = this.config;
    if (purpose === undefined && by.json !== undefined) return tokenLocation;
    const possible = tokenLocation.filter(
      (each) => by[each] !== undefined && (purpose === undefined || each !== 'cookies'),
    );
    if (possible.length > 0) return possible;
    throw new JwtConfigurationError(
      `The token cannot be in ${tokenLocation.join(' or ')} here, where tokenLocation says: give locations, such as locations: ['query_string']`,
    );
  }

  #recall({ checked }: TokenNotes, text: string): CheckedToken | undefined {
    return checked.find((each) => each.by === this && each.text === text);
  }

  /** Notes a verified token, unless another call for the same request was faster. Replaces an earlier token. */
  #note(notes: TokenNotes, text: string, token: VerifiedToken, isByHand: boolean): CheckedToken {
    const known = isByHand ? undefined : this.#recall(notes, text);
    if (known !== undefined) return known;
    const noted: CheckedToken = {
      by: this,
      text,
      token,
      revocation: undefined,
      claims: undefined,
      user: undefined,
      spending: undefined,
      isSpent: this.#recall(notes, text)?.isSpent === true,
    };
    const position = notes.checked.findIndex(({ by }) => by === this);
    if (position === -1) notes.checked.push(noted);
    else notes.checked[position] = noted;
    return noted;
  }

  async #verifyClaims(event: VerifiedEvent, { action }: TokenNotes, token: VerifiedToken): Promise<void> {
    const isAcceptable = await this.loaders.decide('claimsVerification', event, action);
    if (isAcceptable === false) throw new ClaimsVerificationError(token);
  }

  async #loadUser(event: VerifiedEvent, { action }: TokenNotes, token: VerifiedToken): Promise<unknown> {
    const loaded = await this.loaders.ask('user', event, action);
    if (loaded === undefined) return undefined;
    // `user.active && user` is false for an inactive user: no falsy value is a user.
    if (!loaded.answer) throw new UserLoaderError(token);
    return loaded.answer;
  }

  async #spend(checked: CheckedToken, { action }: TokenNotes): Promise<void> {
    await this.sessions.spend(checked.token, action);
    checked.isSpent = true;
  }
}

function combined(locations: readonly TokenLocation[], reasons: readonly string[]): string {
  const places = `${locations.slice(0, -1).join(', ')} or ${String(locations.at(-1))}`;
  return `Missing JWT in ${places} (${reasons.join('; ')})`;
}

/** A token for one purpose is good for nothing else. */
function isOfType({ type, purpose }: JwtClaims, policy: Policy): boolean {
  if (policy.tokenType === 'either') return type !== 'purpose';
  return type === policy.tokenType && (type !== 'purpose' || purpose === policy.purpose);
}

function wrongType({ type }: JwtClaims, { tokenType, purpose }: Policy): WrongTokenError {
  if (tokenType === 'purpose')
    return new WrongTokenError(`Only tokens for the purpose ${String(purpose)} are allowed`);
  if (tokenType === 'refresh') return new WrongTokenError('Only refresh tokens are allowed');
  return new WrongTokenError(
    type === 'purpose' ? 'Tokens for one purpose are not allowed' : 'Only non-refresh tokens are allowed',
  );
}
