import { expect } from 'chai';
import { JwtConfig, JwtConfigurationError, MemoryRevocationStore, type JwtOptions } from '../../src/index';
import { SECRET } from '../support/secret';

const URL_OF_KEYS =
  'an https: URL, or on this machine an http: one; dangerouslyAllowHttp allows http: elsewhere';
const ISSUER = { issuer: 'https://id.example.com', audience: 'api' };
const STORE = new MemoryRevocationStore();
const ALL_COOKIES =
  'Options accessCookieName, refreshCookieName, accessCsrfCookieName, refreshCsrfCookieName must all differ';

/** What is wrong with options, a line each. */
function problemsOf(options: JwtOptions): string[] {
  try {
    return [new JwtConfig(options)].slice(1).map(String);
  } catch (error) {
    expect(error).to.be.instanceOf(JwtConfigurationError);
    return (error as Error).message.split('\n');
  }
}

describe('Options that contradict each other', () => {
  const rows: readonly (readonly [JwtOptions, ...string[]])[] = [
    [{}],
    [
      { maxSessions: 3 },
      'Option maxSessions needs a revocationStore, which knows how many sessions there are',
    ],
    [{ maxSessions: 3, revocationStore: STORE }],
    [{ revocationStore: STORE }],
    [{ implicitRefreshWithin: 59, accessTokenExpires: 60 }],
    ...([60, 61] as const).map((within): readonly [JwtOptions, string] => [
      { implicitRefreshWithin: within, accessTokenExpires: 60 },
      'Option implicitRefreshWithin must be shorter than accessTokenExpires: every request would refresh',
    ]),
    [{ implicitRefreshWithin: 60, accessTokenExpires: false }],
    [{ accessTokenExpires: false }],
    [{ identityClaim: 'sub' }],
    [{ identityClaim: 'id' }],
    ...['exp', 'iat', 'iss', 'jti', 'type', 'fresh', 'csrf', 'sid', 'gen', '__proto__'].map(
      (identityClaim): readonly [JwtOptions, string] => [
        { identityClaim },
        `Option identityClaim must not be ${identityClaim}, a claim that has a meaning of its own`,
      ],
    ),
    [{ keys: [{ secretKey: SECRET }] }],
    [
      { keys: [{ secretKey: SECRET }], secretKey: SECRET },
      'Option keys holds every key there is: move secretKey into it',
    ],
    [
      { keys: [{ secretKey: SECRET }], privateKey: 'a', publicKey: 'b' },
      'Option keys holds every key there is: move privateKey and publicKey into it',
    ],
    [
      { algorithm: 'HS256', decodeAlgorithms: ['RS256'] },
      'Options algorithm and decodeAlgorithms must all be symmetric (HS…) or all asymmetric (RS…, PS…, ES…, EdDSA)',
    ],
    [{ algorithm: 'RS256', decodeAlgorithms: ['ES256', 'EdDSA'] }],
    [{ cookieSameSite: 'None' }],
    [{ cookieSecure: false }],
    [
      { cookieSameSite: 'None', cookieSecure: false },
      'Option cookieSameSite None needs cookieSecure: browsers drop such cookies',
    ],
    [{ accessCookieName: 'one', refreshCookieName: 'one' }, ALL_COOKIES],
    [{ refreshCsrfCookieName: 'csrf_access_token' }, ALL_COOKIES],
    [{ accessCookieName: '__Secure-a', cookieSecure: false }, 'Option accessCookieName needs cookieSecure'],
    [{ accessCookieName: '__Secure-a', accessCookiePath: '/a', cookieDomain: 'a.test' }],
    [{ refreshCookieName: '__HOST-a', cookieSecure: false }, 'Option refreshCookieName needs cookieSecure'],
    [{ accessCookieName: 'a__Secure-', refreshCookieName: 'a__host-', cookieSecure: false }],
    [{ accessCookieName: '__Host-a' }],
    ...[{ accessCsrfCookiePath: '/a' }, { cookieDomain: 'a.test' }].map(
      (more): readonly [JwtOptions, string] => [
        { accessCsrfCookieName: '__host-c', ...more },
        'Option accessCsrfCookieName needs the path / and no cookieDomain',
      ],
    ),
    [{ accessCookieName: 'a__Host-', accessCookiePath: '/a', cookieDomain: 'a.test' }],
    [{ issuers: [ISSUER, { ...ISSUER, issuer: 'https://other.example.com' }] }],
    [{ issuers: [ISSUER, ISSUER] }, 'Option issuers has https://id.example.com twice'],
    [
      { issuers: [ISSUER, { issuer: 'name', audience: 'api' }] },
      `Option issuers[1] needs a jwksUri, because its issuer is not ${URL_OF_KEYS}`,
    ],
    [{ issuers: [{ issuer: 'name', audience: 'api', jwksUri: 'https://id.example.com/keys' }] }],
    [
      { issuers: [{ ...ISSUER, jwksUri: 'http://id.example.com/keys' }] },
      `Option issuers[0].jwksUri must be ${URL_OF_KEYS}`,
    ],
    [{ issuers: [{ ...ISSUER, tokenTypes: 'Bearer' }] }],
    ...(['refresh', ['Bearer', 'refresh']] as const).map((tokenTypes): readonly [JwtOptions, string] => [
      { issuers: [{ ...ISSUER, tokenTypes }] },
      'Option issuers[0].tokenTypes must not have refresh: only access tokens are accepted',
    ]),
    ...[
      { encodeIssuer: ISSUER.issuer },
      { decodeIssuer: ISSUER.issuer },
      { decodeIssuer: ['a', ISSUER.issuer] },
    ].map((more): readonly [JwtOptions, string] => [
      { issuers: [ISSUER], ...more },
      'Option issuers has https://id.example.com, which encodeIssuer or decodeIssuer says is this application itself',
    ]),
    [{ issuers: [ISSUER], encodeIssuer: 'me', decodeIssuer: 'me' }],
  ];
  for (const [options, ...problems] of rows) {
    it(`are named: ${JSON.stringify(options)}`, () => {
      expect(problemsOf(options)).to.deep.equal(problems);
    });
  }

  it('are all named at once', () => {
    const options = {
      maxSessions: 3,
      cookieSameSite: 'None',
      cookieSecure: false,
      identityClaim: 'exp',
    } as const;
    expect(problemsOf(options)).to.have.length(3);
  });
});
