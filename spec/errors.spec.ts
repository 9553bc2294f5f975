import { expect } from 'chai';
import type { Context } from 'koa';
import { HttpError } from 'routing-controllers';
import {
  ClaimsVerificationError,
  CsrfError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  InvalidHeaderError,
  InvalidTokenError,
  JwtConfigurationError,
  JwtError,
  KeysUnavailableError,
  NoAuthorizationError,
  RevokedTokenError,
  RoleRequiredError,
  StoreUnavailableError,
  UserLoaderError,
  WrongTokenError,
} from '../src/index';
import type { VerifiedToken } from '../src/claims';
import { claimsOf } from './support/forge';

const token = {
  header: { alg: 'HS256', typ: 'JWT' },
  payload: claimsOf(),
  identity: 'alice',
} as unknown as VerifiedToken;
const cause = new Error('of the test');

describe('JwtError', () => {
  const { stackTraceLimit } = Error;
  afterEach(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it('renders no stack, and leaves the global limit as it was', () => {
    Error.stackTraceLimit = 7;
    const error = new InvalidTokenError('Not a token');
    expect(error.stack).to.equal('InvalidTokenError: Not a token');
    expect(Error.stackTraceLimit).to.equal(7);
  });

  it('restores the global limit even when its message cannot be read', () => {
    Error.stackTraceLimit = 7;
    const message = {
      toString: () => {
        throw new RangeError('a broken message');
      },
    };
    expect(() => new InvalidTokenError(message as never)).to.throw(RangeError);
    expect(Error.stackTraceLimit).to.equal(7);
  });
});

describe('A refusal', () => {
  const rows: readonly (readonly [make: () => JwtError, ...unknown[]])[] = [
    [
      () => new NoAuthorizationError('a'),
      'NoAuthorizationError',
      401,
      'ERR_JWT_MISSING',
      'unauthorized',
      undefined,
    ],
    [
      () => new InvalidHeaderError('a'),
      'InvalidHeaderError',
      422,
      'ERR_JWT_BAD_REQUEST',
      'invalidToken',
      'invalid_request',
    ],
    [
      () => new InvalidTokenError('a'),
      'InvalidTokenError',
      422,
      'ERR_JWT_INVALID',
      'invalidToken',
      'invalid_token',
    ],
    [
      () => new WrongTokenError('a'),
      'WrongTokenError',
      422,
      'ERR_JWT_WRONG_TYPE',
      'invalidToken',
      'invalid_token',
    ],
    [() => new CsrfError('a'), 'CsrfError', 401, 'ERR_JWT_CSRF', 'unauthorized', 'invalid_token'],
    [
      () => new ExpiredTokenError(token),
      'ExpiredTokenError',
      401,
      'ERR_JWT_EXPIRED',
      'expiredToken',
      'invalid_token',
      'Token has expired',
    ],
    [
      () => new FreshTokenRequiredError(token),
      'FreshTokenRequiredError',
      401,
      'ERR_JWT_NOT_FRESH',
      'needsFreshToken',
      'insufficient_user_authentication',
      'Fresh token required',
    ],
    [
      () => new RevokedTokenError(token),
      'RevokedTokenError',
      401,
      'ERR_JWT_REVOKED',
      'revokedToken',
      'invalid_token',
      'Token has been revoked',
    ],
    [
      () => new ClaimsVerificationError(token),
      'ClaimsVerificationError',
      400,
      'ERR_JWT_CLAIMS',
      'claimsVerificationFailed',
      'invalid_token',
      'User claims verification failed',
    ],
    [
      () => new UserLoaderError(token),
      'UserLoaderError',
      401,
      'ERR_JWT_NO_USER',
      'userLoaderError',
      'invalid_token',
      'Error loading the user alice',
    ],
    [
      () => new RoleRequiredError(),
      'RoleRequiredError',
      403,
      'ERR_JWT_FORBIDDEN',
      undefined,
      'insufficient_scope',
      'Access is denied',
    ],
    [
      () => new StoreUnavailableError(cause),
      'StoreUnavailableError',
      503,
      'ERR_JWT_STORE_UNAVAILABLE',
      undefined,
      undefined,
      'Sessions cannot be checked at the moment',
    ],
    [
      () => new KeysUnavailableError(cause),
      'KeysUnavailableError',
      503,
      'ERR_JWT_KEYS_UNAVAILABLE',
      undefined,
      undefined,
      'Tokens of this issuer cannot be verified at the moment',
    ],
  ];
  for (const [make, name, status, code, event, challenge, message = 'a'] of rows) {
    it(`${String(name)} is an HTTP error with a code, a loader and a challenge of its own`, () => {
      const error = make();
      expect(error).to.be.instanceOf(JwtError).and.instanceOf(HttpError);
      expect(error).to.include({ name, status, httpCode: status, code, event, challenge, message });
      expect(error.expose).to.equal(true);
      expect(error.toJSON()).to.deep.equal({ msg: message });
    });
  }

  it('names a user whose identity is no text, but not in the challenge', () => {
    const error = new UserLoaderError({ ...token, identity: { id: 7 } });
    expect(error.message).to.equal('Error loading the user {"id":7}');
    expect(error.description).to.equal('Error loading the user');
    expect(new InvalidTokenError('why').description).to.equal('why');
  });

  it('has the verified token, where there is one', () => {
    expect(new RevokedTokenError(token).token).to.equal(token);
  });

  it('says when to come back, and shows its cause to nobody', () => {
    for (const [error, seconds] of [
      [new StoreUnavailableError(cause), '1'],
      [new KeysUnavailableError(cause), '5'],
    ] as const) {
      expect({ ...error.headers }).to.deep.equal({ 'Retry-After': seconds });
      expect(error.cause).to.equal(cause);
      expect(Object.keys(error)).not.to.include('cause');
    }
  });

  it('is answered by the first manager that is named, once', async () => {
    const error = new InvalidTokenError('a');
    const asked: string[] = [];
    const refuser = (name: string): NonNullable<JwtError['refuser']> => ({
      config: { throwRefusals: false },
      async decideAnswer() {
        await Promise.resolve();
        asked.push(name);
      },
    });
    await error.decideAnswer({} as Context);
    expect(error.refuser).to.equal(undefined);
    error.refuser = refuser('first');
    error.refuser = refuser('second');
    await error.decideAnswer({} as Context);
    await error.decideAnswer({} as Context);
    expect(asked).to.deep.equal(['first']);
  });

  it('has the status, headers and body that it is answered with', () => {
    const error = new InvalidTokenError('a');
    error.answerWith({ status: 418, headers: { 'X-One': '1' }, body: 'none' });
    expect(error).to.include({ status: 418, httpCode: 418 });
    expect({ ...error.headers }).to.deep.equal({ 'X-One': '1' });
    expect(error.toJSON()).to.equal('none');
    error.headers = { 'X-Two': '2' };
    expect(error.headers).to.deep.equal({ 'X-Two': '2' });
  });

  it('is none for a mistake in the program', () => {
    const error = new JwtConfigurationError('a');
    expect(error).to.include({ name: 'JwtConfigurationError', message: 'a' }).and.not.instanceOf(JwtError);
  });
});
