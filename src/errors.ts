import { HttpError } from 'routing-controllers';
import type { VerifiedToken } from './VerifiedToken';

/** A mistake of the programmer or the deployment, found at start: names the option or class, and the remedy. */
export class JwtConfigurationError extends Error {
  override readonly name = 'JwtConfigurationError';
}

/** `error` parameter of a `WWW-Authenticate: Bearer` challenge (RFC 6750 §3.1, RFC 9470 §3). */
export type ChallengeError =
  'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication';

/** What a refused request is answered with: by default the error's own status and `{ msg: message }`. */
export interface JwtAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

const NO_HEADERS = Object.freeze({});

/**
 * A request that is refused. Both hosts can answer it: routing-controllers reads `httpCode` and `toJSON()`,
 * Koa reads `status`, `expose` and `headers`. No message holds a token, a key or a claim value.
 */
export abstract class JwtError extends HttpError {
  /** Stable, for programs: compare this, never the message. */
  abstract readonly code: `ERR_JWT_${string}`;
  /** The answer loader that may answer otherwise, where there is one for this. */
  abstract readonly event: AnswerEvent | undefined;
  readonly challenge: ChallengeError | undefined = 'invalid_token';
  // Koa's default error handler assigns `status`, so it has to be writable.
  status: number;
  readonly expose = true;
  #headers: Record<string, string | string[]> = NO_HEADERS;
  #body: unknown;

  constructor(httpCode: number, message: string) {
    // HttpError renders two stacks, by far the dearest part of refusing a flood of bad tokens, and in
    // development routing-controllers would send one to the client.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(httpCode, message);
    Error.stackTraceLimit = limit;
    Object.setPrototypeOf(this, new.target.prototype);
    this.name = new.target.name;
    this.stack = `${this.name}: ${message}`;
    this.status = httpCode;
    this.#body = { msg: message };
  }

  /** Of the answer. No property of its own, for loggers print those, and these may hold cookies. */
  get headers(): Record<string, string | string[]> {
    return this.#headers;
  }
  set headers(headers: Record<string, string | string[]>) {
    this.#headers = headers;
  }

  /** For the challenge, which unlike the body may hold nothing that came with a token. */
  get description(): string {
    return this.message;
  }

  /** Fixes what this error is answered with. Koa's own error handler sends the message instead of the body. */
  answerWith(answer: Required<JwtAnswer>): void {
    this.status = this.httpCode = answer.status;
    this.#headers = { ...answer.headers };
    this.#body = answer.body;
  }

  /** The body of the answer; routing-controllers' default error handler sends it. */
  toJSON(): unknown {
    return this.#body;
  }
}

/** A refusal of a token whose signature held, so that its contents may be looked at. */
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

/** No token where the route looks for one (flask-jwt-extended: NoAuthorizationError). */
export class NoAuthorizationError extends JwtError {
  readonly code = 'ERR_JWT_MISSING';
  readonly event = 'unauthorized';
  override readonly challenge = undefined;
  constructor(message: string) {
    super(401, message);
  }
}

/** Something where the token should be that cannot be one (flask-jwt-extended: InvalidHeaderError). */
export class InvalidHeaderError extends JwtError {
  readonly code = 'ERR_JWT_BAD_REQUEST';
  readonly event = 'invalidToken';
  override readonly challenge = 'invalid_request';
  constructor(message: string) {
    super(422, message);
  }
}

/** A token that does not hold: forged, malformed, for somebody else, not yet valid (JWTDecodeError). */
export class InvalidTokenError extends JwtError {
  readonly code: `ERR_JWT_${string}` = 'ERR_JWT_INVALID';
  readonly event = 'invalidToken';
  constructor(message: string) {
    super(422, message);
  }
}

/** An access token on a refresh route, or the other way round (WrongTokenError). */
export class WrongTokenError extends InvalidTokenError {
  override readonly code = 'ERR_JWT_WRONG_TYPE';
}

/** The double-submitted CSRF value is missing or another (CSRFError). */
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

/** The blocklist knows this token (RevokedTokenError). */
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
    super(401, `Error loading the user ${printable(token.identity)}`, token);
  }
  override get description(): string {
    return 'Error loading the user';
  }
}

/** The token holds, but gives none of the roles that `@Authorized` asks for (RFC 6750 §3.1). */
export class RoleRequiredError extends JwtError {
  readonly code = 'ERR_JWT_FORBIDDEN';
  readonly event = undefined;
  override readonly challenge = 'insufficient_scope';
  constructor() {
    super(403, 'Access is denied');
  }
}

/** Somebody who has to be asked about a token does not answer, or not in time: it lets nobody in until then. */
export abstract class UnavailableError extends JwtError {
  readonly event = undefined;
  override readonly challenge = undefined;
  /** What went wrong, for the log. */
  override readonly cause: unknown;
  constructor(message: string, retryAfter: number, cause: unknown) {
    super(503, message);
    this.headers = { 'Retry-After': String(retryAfter) };
    this.cause = cause;
    Object.defineProperty(this, 'cause', { enumerable: false });
  }
}

/** The revocation store is away. */
export class StoreUnavailableError extends UnavailableError {
  readonly code = 'ERR_JWT_STORE_UNAVAILABLE';
  constructor(cause: unknown) {
    super('Sessions cannot be checked at the moment', 1, cause);
  }
}

/** An issuer is away, and the token needs a key that has not been fetched from it. */
export class KeysUnavailableError extends UnavailableError {
  readonly code = 'ERR_JWT_KEYS_UNAVAILABLE';
  constructor(cause: unknown) {
    super('Tokens of this issuer cannot be verified at the moment', 5, cause);
  }
}

function printable(identity: unknown): string {
  return typeof identity === 'string' ? identity : JSON.stringify(identity);
}
