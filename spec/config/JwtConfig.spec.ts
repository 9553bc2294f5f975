import { expect } from 'chai';
import { createSecretKey } from 'node:crypto';
import { inspect } from 'node:util';
import {
  JwtConfig,
  JwtConfigurationError,
  JwtManager,
  MemoryRevocationStore,
  type JwtOptions,
} from '../../src/index';
import { privatePem, RSA } from '../support/keys';
import { SECRET } from '../support/secret';

/** Options as plain JavaScript may pass them. */
function configOf(options: unknown): JwtConfig {
  return new JwtConfig(options as JwtOptions);
}

function refusal(options: unknown): string {
  try {
    configOf(options);
  } catch (error) {
    expect(error).to.be.an.instanceOf(JwtConfigurationError);
    return (error as Error).message;
  }
  throw new Error(`was not refused: ${inspect(options)}`);
}

describe('JwtConfig', () => {
  describe('defaults', () => {
    const defaults = {
      algorithm: 'HS256',
      decodeAlgorithms: ['HS256'],
      accessTokenExpires: 900,
      refreshTokenExpires: 2_592_000,
      decodeLeeway: 0,
      decodeAudience: undefined,
      decodeIssuer: undefined,
      encodeAudience: undefined,
      encodeIssuer: undefined,
      encodeNbf: true,
      identityClaim: 'sub',
      verifySub: true,
      defaultTokenType: undefined,
      tokenLocation: ['headers'],
      headerName: 'Authorization',
      headerType: 'Bearer',
      queryStringName: 'jwt',
      queryStringValuePrefix: '',
      jsonKey: 'access_token',
      refreshJsonKey: 'refresh_token',
      accessCookieName: 'access_token_cookie',
      refreshCookieName: 'refresh_token_cookie',
      accessCookiePath: '/',
      refreshCookiePath: '/',
      cookieDomain: undefined,
      cookieSameSite: 'Lax',
      cookieSecure: true,
      sessionCookie: true,
      cookieCsrfProtect: true,
      csrfInCookies: true,
      accessCsrfCookieName: 'csrf_access_token',
      refreshCsrfCookieName: 'csrf_refresh_token',
      accessCsrfCookiePath: '/',
      refreshCsrfCookiePath: '/',
      accessCsrfHeaderName: 'X-CSRF-TOKEN',
      refreshCsrfHeaderName: 'X-CSRF-TOKEN',
      csrfCheckForm: false,
      accessCsrfFieldName: 'csrf_token',
      refreshCsrfFieldName: 'csrf_token',
      csrfMethods: undefined,
      implicitRefreshWithin: false,
      revocationStore: undefined,
      storeTimeout: 1,
      onStoreFailure: 'refuse',
      rotationGrace: 10,
      maxSessions: false,
      tokenCacheEntries: 10_000,
      tokenCacheBytes: 33_554_432,
      rolesClaim: 'roles',
      errorMessageKey: 'msg',
      loaders: undefined,
      keys: undefined,
      issuers: undefined,
      throwRefusals: false,
    } as const;
    for (const [name, value] of Object.entries(defaults)) {
      it(`${name} is ${JSON.stringify(value)}`, () => {
        expect(new JwtConfig()[name as keyof typeof defaults]).to.deep.equal(value);
      });
    }

    it('are lists that nobody can change, and a store that can', () => {
      const revocationStore = new MemoryRevocationStore();
      const config = configOf({ revocationStore });
      expect(config.tokenLocation).to.satisfy(Object.isFrozen);
      expect(config.decodeAlgorithms).to.satisfy(Object.isFrozen);
      expect(Object.isFrozen(revocationStore)).to.equal(false);
    });

    it('replace undefined options', () => {
      expect(configOf({ algorithm: undefined, encodeNbf: undefined })).to.deep.equal(new JwtConfig());
    });

    it('decodeAudience is encodeAudience', () => {
      expect(configOf({ encodeAudience: 'api' }).decodeAudience).to.equal('api');
      expect(configOf({ encodeAudience: 'api', decodeAudience: false }).decodeAudience).to.equal(false);
      expect(configOf({ encodeAudience: 'api', decodeAudience: 'web' }).decodeAudience).to.equal('web');
    });

    it('decodeAlgorithms always includes algorithm', () => {
      expect(configOf({ decodeAlgorithms: ['HS512'] }).decodeAlgorithms).to.have.members(['HS512', 'HS256']);
      expect(configOf({ decodeAlgorithms: ['HS256'] }).decodeAlgorithms).to.deep.equal(['HS256']);
    });
  });

  describe('unknown options', () => {
    const misspelt: [string, string][] = [
      ['algoritm', 'algorithm'],
      ['decodeAudiance', 'decodeAudience'],
      ['SecretKey', 'secretKey'],
      ['accessTokenExpire', 'accessTokenExpires'],
      ['tokenLocations', 'tokenLocation'],
      ['secret', 'secretKey'],
      ['JWT_SECRET_KEY', 'secretKey'],
      ['expiresIn', 'accessTokenExpires or refreshTokenExpires'],
    ];
    for (const [name, meant] of misspelt) {
      it(`are refused: ${name} instead of ${meant}`, () => {
        expect(refusal({ [name]: 'x' })).to.equal(`Unknown option ${name}: did you mean ${meant}?`);
      });
    }

    it('are refused with the list of known ones if none is similar', () => {
      expect(refusal({ whatever: 1 })).to.match(/^Unknown option whatever: known are algorithm, .*loaders/);
    });

    it('are refused even if undefined or named like a member of Object.prototype', () => {
      for (const options of [
        { whatever: undefined },
        { constructor: 1 },
        { toString: 1 },
        JSON.parse('{"__proto__":1}'),
      ])
        expect(refusal(options)).to.match(/^Unknown option/);
    });

    it('are all reported at once', () => {
      expect(refusal({ algoritm: 1, headerTyp: 1 }).split('\n')).to.have.lengthOf(2);
    });
  });

  for (const options of [null, 'secret', 7, true]) {
    it(`refuses ${JSON.stringify(options)} as options`, () => {
      expect(refusal(options)).to.equal(
        'The configuration must be a plain object of options: new JwtManager({ secretKey: … })',
      );
    });
  }

  describe('wrong values', () => {
    const flags = ['encodeNbf', 'verifySub', 'cookieCsrfProtect'];
    const texts = ['encodeIssuer', 'identityClaim', 'rolesClaim', 'errorMessageKey'];
    const lists = ['decodeIssuer', 'encodeAudience'];
    const lifetimes = ['accessTokenExpires', 'refreshTokenExpires'];
    const keys = ['secretKey', 'privateKey', 'publicKey'];
    class LikeText {
      toString(): string {
        return 'text';
      }
    }
    const groups: { names: string[]; values: unknown[]; expects: string }[] = [
      { names: flags, values: ['true', 1, 0, null, [], {}], expects: 'true or false' },
      { names: texts, values: ['', 7, null, true, [], new LikeText()], expects: 'a non-empty string' },
      {
        names: lists,
        values: ['', [], [''], ['a', 7], /us/, null, 7, false, {}],
        expects: 'a non-empty string or a non-empty list of them',
      },
      {
        names: ['decodeAudience'],
        values: ['', [], [''], /api/, null, 0, true],
        expects: 'a non-empty string or a non-empty list of them, or false',
      },
      {
        names: lifetimes,
        values: [
          0,
          -1,
          1.5,
          NaN,
          Infinity,
          1e15,
          '120',
          '0',
          '',
          'soon',
          '0s',
          '-1h',
          '1ms',
          null,
          true,
          [],
          {},
        ],
        expects:
          'a positive whole number of seconds, a string with a unit ("15m", "30 days"), or false for no end',
      },
      {
        names: ['decodeLeeway'],
        values: [-1, NaN, Infinity, 601, '60', '1m', null, true],
        expects: 'a number of seconds from 0 to 600',
      },
      {
        names: ['algorithm'],
        values: ['none', 'hs256', 'HS', '', ['HS256'], null, 'EDDSA', 'Ed448'],
        expects: 'one of HS256',
      },
      {
        names: ['decodeAlgorithms'],
        values: ['HS256', ['none'], ['HS256', 'HS256'], [['HS256']], null, [undefined]],
        expects: 'a list of HS256',
      },
      {
        names: ['tokenLocation'],
        values: [[], 'headers', ['header'], ['headers', 'headers'], null],
        expects: 'a list of headers',
      },
      { names: ['defaultTokenType'], values: ['refresh', '', null, true], expects: 'one of access' },
      {
        names: ['headerName'],
        values: ['', 'X Token', 'X:Token', 'Ü', 'a\r\nb', null, 7],
        expects: 'a name as HTTP has them',
      },
      {
        names: ['headerType'],
        values: ['Bearer ', 'Be arer', 'a,b', 'ü', null, false],
        expects: 'a name as HTTP has them',
      },
      {
        names: keys,
        values: ['', null, 7, {}, [], (): string => SECRET, Promise.resolve(SECRET)],
        expects: 'a non-empty string, a Buffer or a KeyObject of node:crypto',
      },
      {
        names: ['keys'],
        values: [[], {}, 'key', [SECRET], [null], [[]], null, new Map()],
        expects: 'a non-empty list of keys',
      },
      {
        names: ['issuers'],
        values: [[], {}, 'https://id.example.com', ['https://id.example.com'], [null], null],
        expects: 'a non-empty list of issuers',
      },
      { names: ['loaders'], values: [null, {}, 'loader', [{}], [null]], expects: 'a list of classes' },
    ];
    for (const { names, values, expects } of groups) {
      for (const name of names) {
        it(`are refused for ${name}, which must be ${expects}`, () => {
          for (const value of values) {
            const message = refusal({ [name]: value });
            expect(message, inspect(value)).to.match(new RegExp(`^Option ${name} must be `));
            expect(message, inspect(value)).to.include(`must be ${expects}`);
          }
        });
      }
    }

    it('are all reported at once, without their values', () => {
      const message = refusal({ secretKey: ['hidden'], encodeNbf: 'hidden', decodeLeeway: -1 });
      expect(message.split('\n')).to.have.lengthOf(3);
      expect(message).to.not.include('hidden');
    });

    const entries: [string, string, object, RegExp][] = [
      [
        'keys',
        'an unknown member',
        { privatKey: SECRET },
        /keys\[0\] has an unknown privatKey: did you mean privateKey\?/,
      ],
      ['keys', 'a JWK', { kty: 'oct', k: 'AA' }, /keys\[0\] has an unknown kty/],
      [
        'keys',
        'a member of a prototype',
        { ['constructor']: SECRET },
        /keys\[0\] has an unknown constructor/,
      ],
      ['keys', 'an empty kid', { kid: '', secretKey: SECRET }, /keys\[0\]\.kid must be a non-empty string/],
      ['keys', 'a kid that is not a string', { kid: 7, secretKey: SECRET }, /keys\[0\]\.kid must be/],
      [
        'keys',
        'an unknown algorithm',
        { algorithm: 'none', secretKey: SECRET },
        /keys\[0\]\.algorithm must be one of/,
      ],
      ['keys', 'an empty secret', { secretKey: '' }, /keys\[0\]\.secretKey must be/],
      ['issuers', 'an undefined issuer', { issuer: undefined, audience: 'a' }, /issuers\[0\] needs issuer/],
      ['issuers', 'no audience', { issuer: 'https://a.example' }, /issuers\[0\] needs audience/],
      [
        'issuers',
        'no issuer',
        { audience: 'api', jwksUri: 'https://a.example' },
        /issuers\[0\] needs issuer/,
      ],
      [
        'issuers',
        'an empty audience',
        { issuer: 'https://a.example', audience: '' },
        /issuers\[0\]\.audience must be/,
      ],
      [
        'issuers',
        'a symmetric algorithm',
        { issuer: 'https://a.example', audience: 'api', algorithms: ['HS256'] },
        /issuers\[0\]\.algorithms must be a list of RS256/,
      ],
      [
        'issuers',
        'no algorithms',
        { issuer: 'https://a.example', audience: 'api', algorithms: [] },
        /issuers\[0\]\.algorithms must be/,
      ],
      [
        'issuers',
        'an http URL',
        { issuer: 'a', audience: 'api', jwksUri: 'http://a.example/jwks' },
        /issuers\[0\]\.jwksUri must be an https: URL/,
      ],
      [
        'issuers',
        'a URL that only looks like loopback',
        { issuer: 'a', audience: 'api', jwksUri: 'http://127.0.0.1.a.example/' },
        /issuers\[0\]\.jwksUri must be/,
      ],
      [
        'issuers',
        'a URL with a password',
        { issuer: 'a', audience: 'api', jwksUri: 'https://x:y@a.example/' },
        /issuers\[0\]\.jwksUri must be/,
      ],
      [
        'issuers',
        'a file',
        { issuer: 'a', audience: 'api', jwksUri: 'file:///etc/passwd' },
        /issuers\[0\]\.jwksUri must be/,
      ],
      [
        'issuers',
        'an http URL with a password',
        { issuer: 'a', audience: 'api', jwksUri: 'http://x:y@a.example/', dangerouslyAllowHttp: true },
        /issuers\[0\]\.jwksUri must be/,
      ],
      [
        'issuers',
        'a refresh type',
        { issuer: 'https://a.example', audience: 'api', tokenTypes: ['app', 'refresh'] },
        /issuers\[0\]\.tokenTypes must not have refresh/,
      ],
      ['issuers', 'no jwksUri', { issuer: 'a', audience: 'api' }, /issuers\[0\] needs a jwksUri/],
      [
        'issuers',
        'an http issuer and no jwksUri',
        { issuer: 'http://a.example', audience: 'api' },
        /issuers\[0\] needs a jwksUri/,
      ],
      [
        'issuers',
        'an unknown member',
        { issuer: 'https://a.example', audience: 'api', audiance: 'x' },
        /issuers\[0\] has an unknown audiance: did you mean audience\?/,
      ],
      [
        'issuers',
        'a timeout of 0',
        { issuer: 'https://a.example', audience: 'api', jwksTimeout: 0 },
        /issuers\[0\]\.jwksTimeout must be a number of seconds/,
      ],
    ];
    for (const [option, title, entry, message] of entries) {
      it(`are refused in an entry of ${option}: ${title}`, () => {
        expect(refusal({ [option]: [entry] })).to.match(message);
        expect(refusal({ [option]: [entry] })).to.not.include(SECRET);
      });
    }

    it('are refused for an issuer that appears twice or is the application itself', () => {
      const entry = { issuer: 'https://a.example', audience: 'api' };
      expect(refusal({ issuers: [entry, entry] })).to.match(/issuers has https:\/\/a\.example twice/);
      for (const options of [{ encodeIssuer: entry.issuer }, { decodeIssuer: ['us', entry.issuer] }])
        expect(refusal({ issuers: [entry], ...options })).to.match(/is this application itself/);
    });

    it('are refused for keys next to a single key', () => {
      const alone = { secretKey: SECRET, privateKey: RSA.privateKey, publicKey: RSA.publicKey };
      for (const [name, value] of Object.entries(alone))
        expect(refusal({ keys: [{ secretKey: SECRET }], [name]: value })).to.include(`move ${name} into it`);
    });

    it('are refused if symmetric and asymmetric algorithms mix (RFC 8725 §3.1)', () => {
      for (const options of [
        { algorithm: 'RS256', decodeAlgorithms: ['HS256'] },
        { algorithm: 'HS256', decodeAlgorithms: ['HS256', 'ES256'] },
        { decodeAlgorithms: ['PS256'] },
      ])
        expect(refusal(options)).to.match(/must all be symmetric \(HS…\) or all asymmetric/);
    });

    for (const identityClaim of [
      'iss',
      'aud',
      'exp',
      'nbf',
      'iat',
      'jti',
      'type',
      'fresh',
      'csrf',
      'purpose',
      'sid',
      'gen',
      'until',
      'family',
      'kept',
      '__proto__',
    ]) {
      it(`are refused for identityClaim: ${identityClaim}`, () => {
        expect(refusal({ identityClaim })).to.equal(
          `Option identityClaim must not be ${identityClaim}, a claim that has a meaning of its own`,
        );
      });
    }
  });

  const good: [string, unknown, unknown?][] = [
    ['accessTokenExpires', '15m', 900],
    ['accessTokenExpires', '30 days', 2_592_000],
    ['accessTokenExpires', 1],
    ['refreshTokenExpires', false],
    ['decodeLeeway', 600],
    ['decodeLeeway', 0.5],
    ['decodeIssuer', ['us', 'them']],
    ['decodeAudience', false],
    ['headerType', ''],
    ['headerName', 'X-Access-Token'],
    ['defaultTokenType', 'access'],
    ['loaders', []],
    ['algorithm', 'ES512'],
  ];
  for (const [name, value, normalised = value] of good) {
    it(`accepts ${name}: ${JSON.stringify(value)}`, () => {
      expect(configOf({ [name]: value })[name as keyof JwtConfig]).to.deep.equal(normalised);
    });
  }

  it('is frozen, and so are its lists', () => {
    const config = configOf({ decodeIssuer: ['us'], decodeAudience: ['api'], loaders: [] });
    expect(config).to.be.frozen;
    for (const value of Object.values(config)) if (typeof value === 'object') expect(value).to.be.frozen;
    expect(() => Object.assign(config, { decodeLeeway: 600 })).to.throw(TypeError);
  });

  it('is a copy: later changes by the caller have no effect', async () => {
    const secretKey = Buffer.from(SECRET);
    const options = {
      secretKey,
      decodeIssuer: ['us'],
      encodeIssuer: 'us',
      loaders: [] as (new () => object)[],
    };
    const manager = new JwtManager(options);
    const token = await manager.createAccessToken('alice');
    secretKey.fill(0);
    options.decodeIssuer[0] = 'them';
    options.encodeIssuer = 'them';
    options.loaders.push(Object);
    expect(manager.config.decodeIssuer).to.deep.equal(['us']);
    expect(manager.config.loaders).to.deep.equal([]);
    expect(manager.config.secretKey).to.deep.equal(Buffer.from(SECRET));
    expect((await manager.decodeToken(token)).iss).to.equal('us');
  });

  it("does not change the caller's options", () => {
    const options = { secretKey: Buffer.from(SECRET), decodeIssuer: ['us'], accessTokenExpires: '15m' };
    new JwtConfig(options);
    expect(options).to.deep.equal({
      secretKey: Buffer.from(SECRET),
      decodeIssuer: ['us'],
      accessTokenExpires: '15m',
    });
    expect(options.decodeIssuer).to.not.be.frozen;
  });

  describe('secrets', () => {
    const privateKey = privatePem(RSA.privateKey);
    const managers: [string, JwtManager, string][] = [
      ['text', new JwtManager({ secretKey: SECRET, loaders: [] }), SECRET],
      ['bytes', new JwtManager({ secretKey: Buffer.from(SECRET), loaders: [] }), SECRET],
      [
        'a KeyObject',
        new JwtManager({ secretKey: createSecretKey(Buffer.from(SECRET)), loaders: [] }),
        SECRET,
      ],
      ['a PEM', new JwtManager({ algorithm: 'RS256', privateKey, loaders: [] }), privateKey.slice(60, 90)],
    ];
    for (const [title, manager, secret] of managers) {
      it(`given as ${title} are hidden from util.inspect, JSON and copies`, () => {
        const shown = [manager, manager.config].flatMap((each) => [
          inspect(each, { depth: Infinity }),
          JSON.stringify(each),
          inspect(Object.assign({}, each), { depth: Infinity }),
        ]);
        const hex = Buffer.from(secret).toString('hex').slice(0, 16);
        for (const text of shown) {
          expect(text).to.not.include(secret);
          expect(text).to.not.match(/secretKey|privateKey/);
          expect(text.replaceAll(' ', '')).to.not.include(hex);
        }
      });
    }

    it('are hidden in a configuration that is made while the program runs', () => {
      for (const options of [
        { secretKey: SECRET },
        { algorithm: 'RS256', privateKey, publicKey: 'hidden' },
        { keys: [{ secretKey: SECRET }] },
      ] as const) {
        const config = configOf(options);
        for (const name of ['secretKey', 'privateKey', 'publicKey', 'keys'])
          expect(Object.keys(config), name).not.to.include(name);
        expect(JSON.stringify(config)).not.to.include(SECRET);
      }
    });

    it('are copied with the list that holds them', () => {
      const key: { kid: string; secretKey: string } = { kid: 'a', secretKey: SECRET };
      const { keys } = configOf({ keys: [key] });
      key.kid = 'b';
      expect(keys?.[0]?.kid).to.equal('a');
      expect(keys?.[0]).to.satisfy(Object.isFrozen);
    });

    it('do not appear in error messages about them', () => {
      const secretKey = 'too short a secret';
      expect(() => new JwtManager({ secretKey, loaders: [] }))
        .to.throw(JwtConfigurationError)
        .with.property('message')
        .that.does.not.include(secretKey);
    });
  });

  it('shows how an entry of a list may look', () => {
    expect(refusal({ keys: [] })).to.include("such as { kid: '2026', algorithm: 'EdDSA', privateKey }");
    expect(refusal({ issuers: [] })).to.include(
      "such as { issuer: 'https://id.example.com', audience: 'https://api.example.com' }",
    );
  });

  describe('fromEnv(env, prefix)', () => {
    it('takes a variable that is undefined for one that is not set', () => {
      expect(JwtConfig.fromEnv({ JWT_SECRET_KEY: undefined, JWT_NONSENSE: undefined })).to.deep.equal({});
    });

    it('reads each kind of option', () => {
      const options = JwtConfig.fromEnv({
        JWT_SECRET_KEY: SECRET,
        JWT_ALGORITHM: 'HS512',
        JWT_DECODE_ALGORITHMS: 'HS256, HS384',
        JWT_ACCESS_TOKEN_EXPIRES: '15m',
        JWT_REFRESH_TOKEN_EXPIRES: 'false',
        JWT_DECODE_LEEWAY: '1.5',
        JWT_DECODE_AUDIENCE: 'api,web',
        JWT_DECODE_ISSUER: 'us',
        JWT_ENCODE_NBF: 'FALSE',
        JWT_VERIFY_SUB: '1',
        JWT_TOKEN_LOCATION: 'headers',
        JWT_HEADER_TYPE: '',
        JWT_DEFAULT_TOKEN_TYPE: 'access',
        PATH: '/bin',
        jwt_lower: 'case',
      });
      expect(options).to.deep.equal({
        secretKey: SECRET,
        algorithm: 'HS512',
        decodeAlgorithms: ['HS256', 'HS384'],
        accessTokenExpires: '15m',
        refreshTokenExpires: false,
        decodeLeeway: 1.5,
        decodeAudience: ['api', 'web'],
        decodeIssuer: 'us',
        encodeNbf: false,
        verifySub: true,
        tokenLocation: ['headers'],
        headerType: '',
        defaultTokenType: 'access',
      });
      expect(new JwtConfig(options).accessTokenExpires).to.equal(900);
    });

    it('reads bare numbers as seconds', () => {
      expect(
        new JwtConfig(JwtConfig.fromEnv({ JWT_ACCESS_TOKEN_EXPIRES: '120' })).accessTokenExpires,
      ).to.equal(120);
    });

    it('reads decodeAudience=false as the option false', () => {
      expect(JwtConfig.fromEnv({ JWT_DECODE_AUDIENCE: 'false' })).to.deep.equal({ decodeAudience: false });
    });

    it('reads a PEM on one line', async () => {
      const line = privatePem(RSA.privateKey).replaceAll('\n', '\\n');
      const options = JwtConfig.fromEnv({ JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEY: line });
      const manager = new JwtManager({ ...options, loaders: [] });
      expect((await manager.decodeToken(await manager.createAccessToken('alice'))).sub).to.equal('alice');
    });

    it('reads process.env by default, and supports another prefix', () => {
      process.env['SPEC_JWT_HEADER_NAME'] = 'X-Token';
      try {
        expect(JwtConfig.fromEnv(undefined, 'SPEC_JWT_')).to.deep.equal({ headerName: 'X-Token' });
      } finally {
        delete process.env['SPEC_JWT_HEADER_NAME'];
      }
    });

    it('refuses a misspelt variable', () => {
      expect(() => JwtConfig.fromEnv({ JWT_ALGORITM: 'HS256' })).to.throw(
        JwtConfigurationError,
        'Unknown option JWT_ALGORITM: did you mean JWT_ALGORITHM?',
      );
    });

    const meant: [string, string][] = [
      ['JWT_SECRET', 'JWT_SECRET_KEY'],
      ['JWT_SECRETKEY', 'JWT_SECRET_KEY'],
      ['JWT_TOKEN_SECRET', 'JWT_SECRET_KEY'],
      ['JWT_ACCESS_SECRET', 'JWT_SECRET_KEY'],
      ['JWT_PUBLICKEY', 'JWT_PUBLIC_KEY'],
      ['JWT_PUBLIC', 'JWT_PUBLIC_KEY'],
      ['JWT_PUBLIC_KEY_PEM', 'JWT_PUBLIC_KEY'],
      ['JWT_PRIVATE', 'JWT_PRIVATE_KEY'],
      ['JWT_PRIVATE_KEY_FILE', 'JWT_PRIVATE_KEY'],
      ['JWT_ALG', 'JWT_ALGORITHM or JWT_DECODE_ALGORITHMS'],
      ['JWT_ISSUER', 'JWT_DECODE_ISSUER or JWT_ENCODE_ISSUER'],
      ['JWT_AUDIENCE', 'JWT_DECODE_AUDIENCE or JWT_ENCODE_AUDIENCE'],
      ['JWT_EXPIRES_IN', 'JWT_ACCESS_TOKEN_EXPIRES or JWT_REFRESH_TOKEN_EXPIRES'],
      ['JWT_LEEWAY', 'JWT_DECODE_LEEWAY'],
    ];
    for (const [variable, names] of meant) {
      it(`asks whether ${variable} means ${names}`, () => {
        expect(() => JwtConfig.fromEnv({ [variable]: 'x' }))
          .to.throw(JwtConfigurationError)
          .with.property('message', `Unknown option ${variable}: did you mean ${names}?`);
      });
    }

    it('names a few variables at most, whatever the unknown one is called', () => {
      for (const variable of ['JWT_COOKIE', 'JWT_NAME', 'JWT_KEY', 'JWT_TOKEN', 'JWT_CSRF', 'JWT_ACCESS'])
        expect(() => JwtConfig.fromEnv({ [variable]: 'x' }))
          .to.throw(/^Unknown option JWT_\w+: did you mean /)
          .with.property('message')
          .that.does.not.match(/(?:JWT_\w+.*){6}/);
      expect(() => JwtConfig.fromEnv({ JWT_WHATEVER: 'x' })).to.throw(
        'Unknown option JWT_WHATEVER: if it is a variable of your own, rename it, or pass fromEnv another prefix than JWT_',
      );
    });

    it('asks with the prefix of the application', () => {
      expect(() => JwtConfig.fromEnv({ API_SECRET: 'x' }, 'API_')).to.throw('did you mean API_SECRET_KEY?');
    });

    it('says that an option can only be set in code', () => {
      for (const [variable, option] of [
        ['JWT_KEYS', 'keys'],
        ['JWT_ISSUERS', 'issuers'],
        ['JWT_REVOCATION_STORE', 'revocationStore'],
      ] as const)
        expect(() => JwtConfig.fromEnv({ [variable]: 'x' })).to.throw(
          `Unknown option ${variable}: ${option} can only be set in code`,
        );
    });

    it('refuses a variable for an option that needs code', () => {
      expect(() => JwtConfig.fromEnv({ JWT_LOADERS: 'UserLoader' }))
        .to.throw(JwtConfigurationError, /^Unknown option JWT_LOADERS/)
        .with.property('message')
        .that.does.not.include('did you mean JWT_LOADERS');
    });

    const bad: Record<string, string>[] = [
      { JWT_ENCODE_NBF: 'constructor' },
      { JWT_ENCODE_NBF: '' },
      { JWT_VERIFY_SUB: 'yes' },
      { JWT_SECRET_KEY: '' },
      { JWT_ACCESS_TOKEN_EXPIRES: '0' },
      { JWT_ACCESS_TOKEN_EXPIRES: '' },
      { JWT_DECODE_LEEWAY: '1m' },
      { JWT_DECODE_ISSUER: '' },
      { JWT_DECODE_ISSUER: 'us,' },
      { JWT_ALGORITHM: 'none' },
      { JWT_TOKEN_LOCATION: '' },
    ];
    for (const env of bad) {
      it(`lets the configuration refuse ${JSON.stringify(env)}`, () => {
        expect(refusal(JwtConfig.fromEnv(env))).to.match(/^Option /);
      });
    }
  });
});
