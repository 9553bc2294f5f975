import { expect } from 'chai';
import { Service } from 'typedi';
import {
  ClaimsVerificationLoader,
  JwtConfig,
  MemoryRevocationStore,
  TokenInBlocklistLoader,
  UserLoader,
  type JwtOptions,
} from '../../src/index';
import type { VerifiedToken } from '../../src/claims';
import { Loaders } from '../../src/loader/Loaders';
import { refusalsOf } from '../../src/openapi/refusals';
import { sampleContext } from '../../src/openapi/sampleContext';
import { policyFrom, type GuardOptions } from '../../src/request/Policy';
import { SECRET } from '../support/secret';

@Service()
@ClaimsVerificationLoader()
class Claims {
  load(): boolean {
    return true;
  }
}
@Service()
@UserLoader()
class User {
  load(): object {
    return {};
  }
}
@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load(): boolean {
    return false;
  }
}

const ISSUERS = [{ issuer: 'https://id.example.com', audience: 'api' }];

/** When an action refuses, by the code of the refusal. */
function reasons(
  policy: GuardOptions,
  options: JwtOptions = {},
  {
    verb = 'POST',
    roles,
    isMissingAnswered = true,
  }: { verb?: string; roles?: readonly string[]; isMissingAnswered?: boolean } = {},
): Record<string, string> {
  const config = new JwtConfig({ secretKey: SECRET, loaders: [], ...options });
  const demand = { policy: policyFrom(policy), isMissingAnswered };
  const loaders = new Loaders(config.loaders);
  return Object.fromEntries(
    refusalsOf({ demand, verb, roles, config, loaders }).map(({ error, when }) => [error.code, when]),
  );
}

const ALWAYS = {
  ERR_JWT_MISSING: 'there is no token',
  ERR_JWT_INVALID: 'the token is invalid',
  ERR_JWT_EXPIRED: 'the token has expired',
};
const ACCESS = { ...ALWAYS, ERR_JWT_WRONG_TYPE: 'it is not an access token' };

describe('The refusals of an action', () => {
  for (const [title, policy, options, more, expected] of [
    ['of any', {}, {}, {}, ACCESS],
    [
      'of one that takes refresh tokens',
      { refresh: true },
      {},
      {},
      { ...ALWAYS, ERR_JWT_WRONG_TYPE: 'it is not a refresh token' },
    ],
    ['of one that takes either', { verifyType: false }, {}, {}, ALWAYS],
    [
      'of one for a purpose',
      { purpose: 'reset' },
      { tokenLocation: ['headers', 'cookies'], issuers: ISSUERS },
      {},
      { ...ALWAYS, ERR_JWT_WRONG_TYPE: 'it is not a token for the purpose reset' },
    ],
    [
      'of one that demands a fresh one',
      { fresh: true },
      {},
      {},
      { ...ACCESS, ERR_JWT_NOT_FRESH: 'the token is not fresh' },
    ],
    [
      'with cookies',
      {},
      { tokenLocation: ['cookies'] },
      {},
      { ...ACCESS, ERR_JWT_CSRF: 'the CSRF value of a cookie is missing or wrong' },
    ],
    ['with cookies, of a GET', {}, { tokenLocation: ['cookies'] }, { verb: 'GET' }, ACCESS],
    ['with cookies, but not here', { locations: ['headers'] }, { tokenLocation: ['cookies'] }, {}, ACCESS],
    [
      'with other issuers',
      {},
      { issuers: ISSUERS },
      {},
      { ...ACCESS, ERR_JWT_KEYS_UNAVAILABLE: 'the keys of an issuer cannot be fetched' },
    ],
    [
      'with other issuers, of one that takes either',
      { verifyType: false },
      { issuers: ISSUERS },
      {},
      { ...ALWAYS, ERR_JWT_KEYS_UNAVAILABLE: 'the keys of an issuer cannot be fetched' },
    ],
    [
      'with a store',
      {},
      { revocationStore: new MemoryRevocationStore() },
      {},
      {
        ...ACCESS,
        ERR_JWT_REVOKED: 'the token has been revoked',
        ERR_JWT_STORE_UNAVAILABLE: 'sessions cannot be checked',
      },
    ],
    [
      'with a store that may fail',
      {},
      { revocationStore: new MemoryRevocationStore(), onStoreFailure: 'allow' },
      {},
      { ...ACCESS, ERR_JWT_REVOKED: 'the token has been revoked' },
    ],
    [
      'with a store that is not asked',
      { skipRevocationCheck: true },
      { revocationStore: new MemoryRevocationStore() },
      {},
      ACCESS,
    ],
    [
      'with a blocklist',
      {},
      { loaders: [Blocklist] },
      {},
      { ...ACCESS, ERR_JWT_REVOKED: 'the token has been revoked' },
    ],
    [
      'with loaders of claims and users',
      {},
      { loaders: [Claims, User] },
      {},
      {
        ...ACCESS,
        ERR_JWT_CLAIMS: 'the claims of the token are refused',
        ERR_JWT_NO_USER: 'the user of the token is not found',
      },
    ],
    [
      'with roles',
      {},
      {},
      { roles: ['admin', 'owner'] },
      { ...ACCESS, ERR_JWT_FORBIDDEN: 'the token has none of the roles admin, owner' },
    ],
    ['with an empty list of roles', {}, {}, { roles: [] }, ACCESS],
  ] as const) {
    it(title, () => {
      expect(reasons(policy, options, more)).to.deep.equal(expected);
    });
  }

  it('do not say that a token is missing where that is answered by somebody else', () => {
    expect(reasons({}, {}, { isMissingAnswered: false })).not.to.have.property('ERR_JWT_MISSING');
  });

  it('have samples of what a client would be told', () => {
    const config = new JwtConfig({
      secretKey: SECRET,
      identityClaim: 'id',
      headerName: 'X-Token',
      loaders: [User],
    });
    const demand = { policy: policyFrom({ purpose: 'reset' }), isMissingAnswered: true };
    const loaders = new Loaders(config.loaders);
    const refusals = refusalsOf({ demand, verb: 'GET', roles: undefined, config, loaders });
    const messages = refusals.map(({ error }) => error.message);
    expect(messages).to.include.members([
      'Missing X-Token Header',
      'Signature verification failed',
      'Only tokens for the purpose reset are allowed',
      'Error loading the user alice',
    ]);
    const expired = refusals.find(({ error }) => error.code === 'ERR_JWT_EXPIRED')?.error;
    const { header, payload, identity } = (expired as unknown as { token: VerifiedToken }).token;
    expect({ header, payload, identity }).to.deep.equal({
      header: { alg: 'HS256', typ: 'JWT' },
      payload: {
        id: 'alice',
        iat: 1_767_225_600,
        nbf: 1_767_225_600,
        exp: 1_767_226_500,
        jti: '00000000-0000-4000-8000-000000000000',
        type: 'access',
        fresh: false,
      },
      identity: 'alice',
    });
  });
});

describe('sampleContext(verb, path)', () => {
  it('is that of a request without credentials, whose outages are not for the log', () => {
    const ctx = sampleContext('PATCH', '/a?b=1');
    expect([ctx.method, ctx.path, ctx.querystring, ctx.host]).to.deep.equal([
      'PATCH',
      '/a',
      'b=1',
      'localhost',
    ]);
    expect(ctx.req.rawHeaders).to.deep.equal(['Host', 'localhost']);
    expect(ctx.app.emit('error', new Error('a sample'))).to.equal(true);
  });
});
