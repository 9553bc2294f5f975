// Compiled, never run: the compiler must find a mistake in each line under @ts-expect-error.
import {
  AdditionalHeadersLoader,
  ClaimsVerificationFailedLoader,
  ClaimsVerificationLoader,
  DecodeKeyLoader,
  EncodeKeyLoader,
  ExpiredTokenLoader,
  InvalidTokenLoader,
  NeedsFreshTokenLoader,
  RevokedTokenLoader,
  TokenInBlocklistLoader,
  UnauthorizedLoader,
  UserClaimsLoader,
  UserIdentityLoader,
  UserLoader,
  UserLoaderErrorLoader,
  type ClaimsVerificationLoaderInterface,
  type DecodeKeyLoaderInterface,
  type ExpiredTokenLoaderInterface,
  type IssueEvent,
  type JwtAnswer,
  type RefusedEvent,
  type RefusedTokenEvent,
  type UnverifiedEvent,
  type UserLoaderInterface,
  type VerifiedEvent,
} from '../../src/index';

class WithoutLoad {
  answer(): JwtAnswer {
    return {};
  }
}

// @ts-expect-error -- there is no load
ExpiredTokenLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
InvalidTokenLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
UnauthorizedLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
NeedsFreshTokenLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
RevokedTokenLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
UserLoaderErrorLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
ClaimsVerificationFailedLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
ClaimsVerificationLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
TokenInBlocklistLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
UserLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
UserIdentityLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
UserClaimsLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
AdditionalHeadersLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
EncodeKeyLoader()(WithoutLoad);
// @ts-expect-error -- there is no load
DecodeKeyLoader()(WithoutLoad);

class OfNumbers {
  load(count: number): never {
    throw new Error(String(count));
  }
}

// @ts-expect-error -- it takes another event
ExpiredTokenLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
InvalidTokenLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
UnauthorizedLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
NeedsFreshTokenLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
RevokedTokenLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
UserLoaderErrorLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
ClaimsVerificationFailedLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
ClaimsVerificationLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
TokenInBlocklistLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
UserLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
UserIdentityLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
UserClaimsLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
AdditionalHeadersLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
EncodeKeyLoader()(OfNumbers);
// @ts-expect-error -- it takes another event
DecodeKeyLoader()(OfNumbers);

/** The number of rows of a query: a common mistake in a blocklist. */
class Counting {
  load(): Promise<number> {
    return Promise.resolve(1);
  }
}

// @ts-expect-error -- an answer is an object
ExpiredTokenLoader()(Counting);
// @ts-expect-error -- an answer is an object
InvalidTokenLoader()(Counting);
// @ts-expect-error -- an answer is an object
UnauthorizedLoader()(Counting);
// @ts-expect-error -- an answer is an object
NeedsFreshTokenLoader()(Counting);
// @ts-expect-error -- an answer is an object
RevokedTokenLoader()(Counting);
// @ts-expect-error -- an answer is an object
UserLoaderErrorLoader()(Counting);
// @ts-expect-error -- an answer is an object
ClaimsVerificationFailedLoader()(Counting);
// @ts-expect-error -- a check returns true or false
ClaimsVerificationLoader()(Counting);
// @ts-expect-error -- a check returns true or false
TokenInBlocklistLoader()(Counting);
// @ts-expect-error -- claims are an object
UserClaimsLoader()(Counting);
// @ts-expect-error -- headers are an object
AdditionalHeadersLoader()(Counting);
// @ts-expect-error -- a number is not a key
EncodeKeyLoader()(Counting);
// @ts-expect-error -- a number is not a key
DecodeKeyLoader()(Counting);
// Any value can be a user or become an identity.
UserLoader()(Counting);
UserIdentityLoader()(Counting);

class MaybeAKey {
  load(): string | undefined {
    return undefined;
  }
}

DecodeKeyLoader()(MaybeAKey);
// @ts-expect-error -- signing needs a key
EncodeKeyLoader()(MaybeAKey);

class Hidden {
  protected load(): JwtAnswer {
    return {};
  }
}

// @ts-expect-error -- load is protected
ExpiredTokenLoader()(Hidden);

// @ts-expect-error -- an answer is an object
@ExpiredTokenLoader()
export class AnswersWithText {
  load(): string {
    return 'expired';
  }
}

// @ts-expect-error -- the decorator must be called
@ExpiredTokenLoader
export class NotCalled {
  load(): JwtAnswer {
    return {};
  }
}

@ExpiredTokenLoader()
export class Expired implements ExpiredTokenLoaderInterface {
  constructor(private readonly words: string) {}

  load({ payload, error, context }: RefusedTokenEvent): JwtAnswer {
    context.set('X-Expired', String(payload.exp));
    return { status: error.status, body: this.words, headers: { 'X-Code': error.code } };
  }
}

@InvalidTokenLoader()
export class Invalid {
  load({ reason }: RefusedEvent): JwtAnswer {
    // @ts-expect-error -- there is no trusted payload
    return { body: (event: RefusedEvent): unknown => event.payload, status: reason.length };
  }
}

@UserLoader()
export class Users implements UserLoaderInterface {
  async load({ identity }: VerifiedEvent): Promise<{ name: unknown } | null> {
    return Promise.resolve(identity === 'alice' ? { name: identity } : null);
  }
}

@UserClaimsLoader()
export class Claims {
  load({ identity, type }: IssueEvent): { roles: string[] } {
    // @ts-expect-error -- there is no request
    const context = (event: IssueEvent): unknown => event.context;
    return { roles: [type, String(identity), typeof context] };
  }
}

@DecodeKeyLoader()
export class Keys implements DecodeKeyLoaderInterface {
  load({ unverifiedHeader }: UnverifiedEvent): Uint8Array | null {
    // @ts-expect-error -- only unverifiedPayload exists
    const payload = (event: UnverifiedEvent): unknown => event.payload;
    return unverifiedHeader.kid === undefined ? null : Buffer.from(typeof payload);
  }
}

export class Verifies implements ClaimsVerificationLoaderInterface {
  // @ts-expect-error -- a check must return
  load({ payload }: VerifiedEvent): boolean | undefined {
    return payload['tenant'] === 'acme' ? true : undefined;
  }
}
