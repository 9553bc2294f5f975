import type { Context } from 'koa';
import { HttpError } from 'routing-controllers';
import { bare, type VerifiedToken } from './claims';
import { brand } from './registry/registry';

/** A mistake in the program or its deployment, found at start. Names the option or class, and the remedy. */
export class JwtConfigurationError extends Error {
  override readonly name = 'JwtConfigurationError';
}

/** `error` parameter of a `WWW-Authenticate: Bearer` challenge (RFC 6750 §3.1, RFC 9470 §3). */
export type ChallengeError =
  'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication';

/** Stable, for programs. Every refusal has one. */
export type JwtErrorCode =
  | 'ERR_JWT_MISSING'
  | 'ERR_JWT_BAD_REQUEST'
  | 'ERR_JWT_INVALID'
  | 'ERR_JWT_WRONG_TYPE'
  | 'ERR_JWT_CSRF'
  | 'ERR_JWT_EXPIRED'
  | 'ERR_JWT_NOT_FRESH'
  | 'ERR_JWT_REVOKED'
  | 'ERR_JWT_CLAIMS'
  | 'ERR_JWT_NO_USER'
  | 'ERR_JWT_FORBIDDEN'
  | 'ERR_JWT_STORE_UNAVAILABLE'
  | 'ERR_JWT_KEYS_UNAVAILABLE';

/** The answer to a refused request. Default: the status of the error and `{ msg: message }`. */
export interface JwtAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** The manager that refuses. It decides the answer. */
export interface Refuser {
  readonly config: { readonly throwRefusals: boolean };
  /** Asks the answer loader, if there is one, and sets the answer to the error. */
  decideAnswer(error: JwtError, ctx: Context): Promise<void> | undefined;
}

const NO_HEADERS = Object.freeze(bare({}));

/**
 * An HttpError whose constructor does not run: it makes a second error and changes the prototype, which is the most
 * expensive part of refusing a flood of bad tokens.
 */
const QuietHttpError = class extends Error {} as unknown as typeof HttpError;
Object.setPrototypeOf(QuietHttpError.prototype, HttpError.prototype);

/**
 * A refused request. Both frameworks can answer it: routing-controllers reads `httpCode` and `toJSON()`, Koa reads
 * `status`, `expose` and `headers`. No message holds a token, a key or the value of a claim.
 */
export abstract class JwtError extends QuietHttpError {
  /** Compare this, never the message. */
  abstract readonly code: JwtErrorCode;
  /** The answer loader that may change the answer. Undefined when there is none for this error. */
  abstract readonly event: AnswerEvent | undefined;
  readonly challenge: ChallengeError | undefined = 'invalid_token';
  // Koa's default error handler assigns `status`, so it has to be writable.
  status: number;
  readonly expose = true;
  #headers: Record<string, string | string[]> = NO_HEADERS;
  #body: unknown;
  #refuser: Refuser | undefined;
  #isDecided = false;

  constructor(httpCode: number, message: string) {
    // To render a stack takes longer than to refuse, and in development routing-controllers would send it to the client.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      super(httpCode, message);
    } finally {
      Error.stackTraceLimit = limit;
    }
    this.name = new.target.name;
    this.message = message;
    this.stack = `${this.name}: ${message}`;
    this.status = this.httpCode = httpCode;
    this.#body = { msg: message };
  }

  /** Of the answer. An accessor, because loggers print own properties and headers may hold cookies. */
  get headers(): Record<string, string | string[]> {
    return this.#headers;
  }
  set headers(headers: Record<string, string | string[]>) {
    this.#headers = headers;
  }

  /** For the challenge. Unlike the body it never holds anything that came with a token. */
  get description(): string {
    return this.message;
  }

  /**
   * The manager whose loaders and options answer this error. The first one that is named stays.
   * @internal
   */
  get refuser(): Refuser | undefined {
    return this.#refuser;
  }
  set refuser(refuser: Refuser | undefined) {
    this.#refuser ??= refuser;
  }

  /**
   * Lets the manager decide the answer, once. Errors of its answer loader pass through.
   * @internal
   */
  decideAnswer(ctx: Context): Promise<void> | undefined {
    if (this.#isDecided || this.#refuser === undefined) return undefined;
    this.#isDecided = true;
    return this.#refuser.decideAnswer(this, ctx);
  }

  /** Sets the answer to this error. Koa's own error handler sends the message instead of the body. */
  answerWith(answer: Required<JwtAnswer>): void {
    this.status = this.httpCode = answer.status;
    this.#headers = bare(answer.headers);
    this.#body = answer.body;
  }

  /** The body of the answer; routing-controllers' default error handler sends it. */
  toJSON(): unknown {
    return this.#body;
  }
}

/** A refusal of a token that was verified, so that its contents can be trusted. */
export abstract class VerifiedTokenError extends JwtError {
  abstract override readonly event: VerifiedAnswerEvent;
  readonly #token: VerifiedToken;

  constructor(httpCode: number, message: string, token: VerifiedToken) {
    super(httpCode, message);
    this.#token = token;
  }

  get token(): VerifiedToken {
    return this.#token;
  }
}

export type VerifiedAnswerEvent =
  'expiredToken' | 'needsFreshToken' | 'revokedToken' | 'claimsVerificationFailed' | 'userLoaderError';
export type AnswerEvent = 'unauthorized' | 'invalidToken' | VerifiedAnswerEvent;

/** There is no token in the places where the route looks for one (flask-jwt-extended: NoAuthorizationError). */
export class NoAuthorizationError extends JwtError {
  readonly code = 'ERR_JWT_MISSING';
  readonly event = 'unauthorized';
  override readonly challenge = undefined;
  constructor(message: string) {
    super(401, message);
  }
}

/** There is something in the place of the token that cannot be one (flask-jwt-extended: InvalidHeaderError). */
export class InvalidHeaderError extends JwtError {
  readonly code = 'ERR_JWT_BAD_REQUEST';
  readonly event = 'invalidToken';
  override readonly challenge = 'invalid_request';
  constructor(message: string) {
    super(422, message);
  }
}

/** The token is forged, malformed, for somebody else, or not yet valid (JWTDecodeError). */
export class InvalidTokenError extends JwtError {
  readonly code: JwtErrorCode = 'ERR_JWT_INVALID';
  readonly event = 'invalidToken';
  constructor(message: string) {
    super(422, message);
  }
}

/** An access token came to a refresh route, or the other way round (WrongTokenError). */
export class WrongTokenError extends InvalidTokenError {
  override readonly code = 'ERR_JWT_WRONG_TYPE';
}

/** The double-submitted CSRF value is missing or different (CSRFError). */
export class CsrfError extends JwtError {
  readonly code = 'ERR_JWT_CSRF';
  readonly event = 'unauthorized';
  constructor(message: string) {
    super(401, message);
  }
}

/** `exp` has passed (ExpiredSignatureError). */
export class ExpiredTokenError extends VerifiedTokenError {
  readonly code = 'ERR_JWT_EXPIRED';
  readonly event = 'expiredToken';
  constructor(token: VerifiedToken) {
    super(401, 'Token has expired', token);
  }
}

/** The route wants a recent log-in (FreshTokenRequired; RFC 9470). */
export class FreshTokenRequiredError extends VerifiedTokenError {
  readonly code = 'ERR_JWT_NOT_FRESH';
  readonly event = 'needsFreshToken';
  override readonly challenge = 'insufficient_user_authentication';
  constructor(token: VerifiedToken) {
    super(401, 'Fresh token required', token);
  }
}

/** The blocklist or the revocation store has revoked this token (RevokedTokenError). */
export class RevokedTokenError extends VerifiedTokenError {
  readonly code = 'ERR_JWT_REVOKED';
  readonly event = 'revokedToken';
  constructor(token: VerifiedToken) {
    super(401, 'Token has been revoked', token);
  }
}

/** The claims verification loader said no (UserClaimsVerificationError). */
export class ClaimsVerificationError extends VerifiedTokenError {
  readonly code = 'ERR_JWT_CLAIMS';
  readonly event = 'claimsVerificationFailed';
  constructor(token: VerifiedToken) {
    super(400, 'User claims verification failed', token);
  }
}

/** The user loader knows no such user (UserLookupError). */
export class UserLoaderError extends VerifiedTokenError {
  readonly code = 'ERR_JWT_NO_USER';
  readonly event = 'userLoaderError';
  constructor(token: VerifiedToken) {
    const { identity } = token;
    const name = typeof identity === 'string' ? identity : JSON.stringify(identity);
    super(401, `Error loading the user ${name}`, token);
  }
  override get description(): string {
    return 'Error loading the user';
  }
}

/** The token is good, but has none of the roles that `@Authorized` asks for (RFC 6750 §3.1). */
export class RoleRequiredError extends JwtError {
  readonly code = 'ERR_JWT_FORBIDDEN';
  readonly event = undefined;
  override readonly challenge = 'insufficient_scope';
  constructor() {
    super(403, 'Access is denied');
  }
}

/** A service that must be asked about a token does not respond in time. Nobody gets in until it does. */
export abstract class UnavailableError extends JwtError {
  readonly event = undefined;
  override readonly challenge = undefined;
  /** What went wrong, for the log. */
  override readonly cause: unknown;
  constructor(message: string, retryAfter: number, cause: unknown) {
    super(503, message);
    this.headers = bare({ 'Retry-After': String(retryAfter) });
    this.cause = cause;
    Object.defineProperty(this, 'cause', bare({ enumerable: false }));
  }
}

/** The revocation store fails or does not respond in time. */
export class StoreUnavailableError extends UnavailableError {
  readonly code = 'ERR_JWT_STORE_UNAVAILABLE';
  constructor(cause: unknown) {
    super('Sessions cannot be checked at the moment', 1, cause);
  }
}

/** The token needs a key that was not fetched yet, and its issuer does not respond. */
export class KeysUnavailableError extends UnavailableError {
  readonly code = 'ERR_JWT_KEYS_UNAVAILABLE';
  constructor(cause: unknown) {
    super('Tokens of this issuer cannot be verified at the moment', 5, cause);
  }
}

// An error of another copy of this package is answered and caught as one of our own.
for (const [name, error] of Object.entries({
  JwtConfigurationError,
  JwtError,
  VerifiedTokenError,
  NoAuthorizationError,
  InvalidHeaderError,
  InvalidTokenError,
  WrongTokenError,
  CsrfError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  RevokedTokenError,
  ClaimsVerificationError,
  UserLoaderError,
  RoleRequiredError,
  UnavailableError,
  StoreUnavailableError,
  KeysUnavailableError,
})) {
  brand(name, error);
}
