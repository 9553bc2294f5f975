import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { Service } from 'typedi';
import {
  EncodeKeyLoader,
  JwtManager,
  UserIdentityLoader,
  type Algorithm,
  type IssueEvent,
  type JwtOptions,
  type Lifetime,
} from '../../src/index';
import { now, opened } from '../support/forge';
import { EC, ED25519, privatePem, publicPem, RSA, type Pair } from '../support/keys';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function managerOf(options: JwtOptions = {}): JwtManager {
  return new JwtManager({ secretKey: SECRET, loaders: [], ...options });
}

const manager = managerOf();

describe('JwtManager.createAccessToken and createRefreshToken', () => {
  describe('claims', () => {
    it('makes an access token with sub, type, fresh, jti, csrf, iat, nbf and exp', async () => {
      const before = now();
      const { header, claims } = opened(await manager.createAccessToken('alice'));
      const { iat, jti, csrf, ...others } = claims;
      expect(iat).to.be.within(before, now());
      expect(jti).to.match(UUID_V4);
      expect(csrf).to.match(UUID_V4).and.to.not.equal(jti);
      expect(others).to.deep.equal({
        sub: 'alice',
        type: 'access',
        fresh: false,
        nbf: iat,
        exp: Number(iat) + 900,
      });
      expect(header).to.deep.equal({ alg: 'HS256', typ: 'JWT' });
    });

    it('makes a refresh token that lives thirty days and is never fresh', async () => {
      const { claims } = opened(await manager.createRefreshToken('alice'));
      expect(claims).to.include({ sub: 'alice', type: 'refresh', fresh: false });
      expect(Number(claims['exp']) - Number(claims['iat'])).to.equal(30 * 86_400);
    });

    it('gives no two tokens the same jti or csrf value', async () => {
      const tokens = await Promise.all(Array.from({ length: 50 }, () => manager.createAccessToken('alice')));
      const claims = tokens.map((token) => opened(token).claims);
      expect(new Set(claims.flatMap(({ jti, csrf }) => [jti, csrf])).size).to.equal(100);
    });

    const configured: { title: string; options: JwtOptions; claim: string; value: unknown }[] = [
      { title: 'omits nbf', options: { encodeNbf: false }, claim: 'nbf', value: undefined },
      { title: 'omits csrf', options: { cookieCsrfProtect: false }, claim: 'csrf', value: undefined },
      { title: 'omits exp', options: { accessTokenExpires: false }, claim: 'exp', value: undefined },
      { title: 'sets iss', options: { encodeIssuer: 'us' }, claim: 'iss', value: 'us' },
      { title: 'sets aud', options: { encodeAudience: 'api' }, claim: 'aud', value: 'api' },
      {
        title: 'sets several aud',
        options: { encodeAudience: ['a', 'b'] },
        claim: 'aud',
        value: ['a', 'b'],
      },
      {
        title: 'puts the identity into another claim',
        options: { identityClaim: 'uid' },
        claim: 'uid',
        value: 'alice',
      },
      { title: 'omits sub', options: { identityClaim: 'uid' }, claim: 'sub', value: undefined },
    ];
    for (const { title, options, claim, value } of configured) {
      it(`${title} with ${JSON.stringify(options)}`, async () => {
        const { claims } = opened(await managerOf(options).createAccessToken('alice'));
        expect(claims[claim]).to.deep.equal(value);
      });
    }

    it('makes tokens that its own decodeToken accepts, with any of these options', async () => {
      for (const { options } of configured) {
        const own = managerOf(options);
        expect((await own.decodeToken(await own.createAccessToken('alice'))).type).to.equal('access');
      }
    });
  });

  describe('expires', () => {
    const lifetimes: [Lifetime | undefined, number | undefined][] = [
      ['365 days', 365 * 86_400],
      ['15m', 900],
      [15, 15],
      [1, 1],
      [false, undefined],
      [undefined, 900],
    ];
    for (const [expires, seconds] of lifetimes) {
      it(`makes a token live ${String(seconds)} seconds with ${JSON.stringify(expires)}`, async () => {
        const { claims } = opened(await manager.createAccessToken('alice', { expires }));
        expect(claims['exp']).to.equal(seconds && Number(claims['iat']) + seconds);
      });
    }

    it('applies to refresh tokens too', async () => {
      const { claims } = opened(await manager.createRefreshToken('alice', { expires: '1h' }));
      expect(Number(claims['exp']) - Number(claims['iat'])).to.equal(3600);
    });

    const bad = ['120', '', 'soon', '0s', '-1h', '1ms', 0, -1, 1.5, NaN, Infinity, 1e15, true, null, {}, []];
    for (const option of ['expires', 'fresh'] as const) {
      for (const value of bad) {
        // For fresh, true and null are both valid.
        if (option === 'fresh' && (value === true || value === null)) continue;
        it(`refuses ${option}: ${inspect(value)}`, async () => {
          const error = await rejection(manager.createAccessToken('alice', { [option]: value }));
          expect(error).to.be.an.instanceOf(TypeError);
          expect(error.message).to.equal(
            `${option} must be a positive whole number of seconds, or a string with a unit such as "15m"`,
          );
        });
      }
    }
  });

  describe('fresh', () => {
    for (const fresh of [true, false] as const) {
      it(`is a boolean when it is given as ${String(fresh)}`, async () => {
        expect(opened(await manager.createAccessToken('alice', { fresh })).claims['fresh']).to.equal(fresh);
      });
    }

    for (const [fresh, seconds] of [
      [60, 60],
      ['5 minutes', 300],
    ] as const) {
      it(`is a time from now when it is given as ${JSON.stringify(fresh)}`, async () => {
        const { claims } = opened(await manager.createAccessToken('alice', { fresh }));
        expect(Number(claims['fresh']) - Number(claims['iat'])).to.equal(seconds);
      });
    }
  });

  describe('identity', () => {
    for (const identity of ['', 7, 0, true, null, undefined, { id: 1 }, ['alice'], Symbol('alice'), NaN]) {
      it(`refuses ${inspect(identity)}`, async () => {
        const error = await rejection(manager.createAccessToken(identity));
        expect(error).to.be.an.instanceOf(TypeError);
        expect(error.message).to.match(/^The identity of a token must be a non-empty string/);
      });
    }

    const mistakes = [
      'undefined',
      'null',
      'NaN',
      '[object Object]',
      '[object Promise]',
      ' ',
      'tenant:undefined',
      'undefined/7',
    ];
    for (const identity of mistakes) {
      it(`refuses ${JSON.stringify(identity)}, which was a mistake`, async () => {
        for (const own of [manager, managerOf({ verifySub: false })]) {
          for (const create of ['createAccessToken', 'createRefreshToken', 'createTokenPair'] as const) {
            const error = await rejection(own[create](identity));
            expect(error).to.be.an.instanceOf(TypeError);
            expect(error.message).to.contain(`must not be ${JSON.stringify(identity)}, which was passed in`);
            expect(error.message).to.contain('many users would share it');
          }
        }
      });
    }

    it('accepts names that only look like a mistake', async () => {
      for (const identity of ['undefined7', 'nullable', 'jennifer.null@example.com', 'nan', 'O:bject', '0']) {
        expect(opened(await manager.createAccessToken(identity)).claims['sub']).to.equal(identity);
      }
    });

    it('refuses an object whose id is undefined', async () => {
      const error = await rejection(managerOf({ verifySub: false }).createAccessToken({ id: undefined }));
      expect(error).to.be.an.instanceOf(TypeError);
      expect(error.message).to.contain('must not have undefined members');
    });

    it('accepts any JSON value without verifySub', async () => {
      const lenient = managerOf({ verifySub: false });
      for (const identity of [7, 0, { id: [1] }, false, '']) {
        const token = await lenient.createAccessToken(identity);
        expect((await lenient.decodeToken(token)).sub).to.deep.equal(identity);
      }
    });

    it('refuses non-JSON even without verifySub', async () => {
      const lenient = managerOf({ verifySub: false });
      for (const identity of [undefined, null, NaN, 1n, new Date()]) {
        expect(await rejection(lenient.createAccessToken(identity))).to.be.an.instanceOf(TypeError);
      }
    });
  });

  describe('additional claims', () => {
    it('are added, and may override iat, nbf, exp, iss and aud', async () => {
      const additionalClaims = {
        roles: ['admin'],
        iat: 1,
        nbf: 2,
        exp: 4_000_000_000,
        iss: 'them',
        aud: ['x'],
      };
      const { claims } = opened(await manager.createAccessToken('alice', { additionalClaims }));
      expect(claims).to.deep.include(additionalClaims);
    });

    const ours = ['sub', 'type', 'jti', 'fresh', 'csrf', 'purpose', 'sid', 'gen', 'until', 'family', 'kept'];
    for (const name of ours) {
      it(`may not override ${name}`, async () => {
        const additionalClaims = { [name]: 'mallory' };
        for (const create of ['createAccessToken', 'createRefreshToken'] as const) {
          const error = await rejection(manager[create]('alice', { additionalClaims }));
          expect(error).to.be.an.instanceOf(TypeError);
          expect(error.message).to.equal(`Claim ${name} is set by the library and cannot be overridden`);
        }
      });
    }

    it('may not override the configured identity claim, or sub beside it', async () => {
      const other = managerOf({ identityClaim: 'uid' });
      for (const name of ['uid', 'sub']) {
        const error = await rejection(
          other.createAccessToken('alice', { additionalClaims: { [name]: 'bob' } }),
        );
        expect(error.message).to.equal(`Claim ${name} is set by the library and cannot be overridden`);
      }
    });

    for (const name of ['iat', 'nbf', 'exp']) {
      for (const value of ['tomorrow', null, true, -1, [], 253_402_300_800]) {
        it(`may not make ${name} ${JSON.stringify(value)}`, async () => {
          const additionalClaims = { [name]: value };
          const error = await rejection(manager.createAccessToken('alice', { additionalClaims }));
          expect(error).to.be.an.instanceOf(TypeError);
          expect(error.message).to.equal(`Claim ${name} must be a number of seconds since 1970`);
        });
      }
    }

    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown;
    const sparse: unknown[] = [];
    sparse[1] = 'second';
    const notJson: [string, unknown][] = [
      ['a bigint', 1n],
      ['a function', (): void => undefined],
      ['a symbol', Symbol('claim')],
      ['NaN', NaN],
      ['Infinity', -Infinity],
      ['a date', new Date()],
      ['a Map', new Map([['role', 'admin']])],
      ['a class instance', new (class Role {})()],
      ['a member that is not JSON', { inner: [undefined] }],
      ['a list with a hole', sparse],
      ['a list with undefined', [undefined]],
      ['a toJSON method', { toJSON: (): string => 'something else' }],
      ['a circular reference', circular],
      ['a deeply nested value', deep],
    ];
    for (const [title, value] of notJson) {
      it(`may not hold ${title}, nor may headers`, async () => {
        for (const option of ['additionalClaims', 'additionalHeaders']) {
          const error = await rejection(manager.createAccessToken('alice', { [option]: { odd: value } }));
          expect(error, option).to.be.an.instanceOf(TypeError);
          expect(error.message).to.match(new RegExp(`^${option}\\.odd.* is (not JSON|nested too deeply)`));
        }
      });
    }

    for (const [title, value] of [
      ['text', 'admin'],
      ['a list', ['admin']],
      ['a Map', new Map([['role', 'admin']])],
      ['a class instance', new (class Role {})()],
    ] as const) {
      it(`may not be ${title}, nor may headers`, async () => {
        for (const option of ['additionalClaims', 'additionalHeaders']) {
          const error = await rejection(manager.createAccessToken('alice', { [option]: value }));
          expect(error, option).to.be.an.instanceOf(TypeError);
          expect(error.message).to.equal(`${option} must be a plain object`);
        }
      });
    }

    for (const name of ['constructor', 'toString', '__proto__', 'then', 'toJSON', 'hasOwnProperty']) {
      it(`may be named ${name}, and are signed and verified like any other`, async () => {
        const additionalClaims = JSON.parse(`{"${name}":{"polluted":true}}`) as Record<string, unknown>;
        const token = await manager.createAccessToken('alice', { additionalClaims });
        const payload = await manager.decodeToken(token);
        expect(Object.getOwnPropertyDescriptor(payload, name)?.value).to.deep.equal({ polluted: true });
        expect(Object.getPrototypeOf(payload)).to.equal(null);
        expect({}).to.not.have.property('polluted');
      });
    }
  });

  describe('times that make no sense', () => {
    const dead: [string, (sec: number) => Record<string, unknown>][] = [
      ['an exp that is a lifetime', () => ({ exp: 60 })],
      ['an exp of 0', () => ({ exp: 0 })],
      ['an exp that is now', (sec) => ({ exp: sec })],
      ['an exp that has passed', (sec) => ({ exp: sec - 5 })],
      ['an nbf after exp', (sec) => ({ nbf: sec + 86_400 * 365 })],
      ['an iat after exp', (sec) => ({ iat: sec + 86_400 * 365 })],
    ];
    for (const [title, claims] of dead) {
      it(`are refused: ${title}`, async () => {
        const additionalClaims = claims(now());
        for (const create of ['createAccessToken', 'createRefreshToken', 'createTokenPair'] as const) {
          const error = await rejection(manager[create]('alice', { additionalClaims }));
          expect(error).to.be.an.instanceOf(TypeError);
          expect(error.message).to.match(
            /^Claim exp must be later than (now|nbf|iat): it is a time in seconds/,
          );
          expect(error.message).to.contain('use the option expires');
        }
      });
    }

    it('are not an exp within the leeway, a start in the future, or an old iat', async () => {
      const lenient = managerOf({ decodeLeeway: 30 });
      const fine = [{ exp: now() - 10 }, { nbf: now() + 60 }, { iat: now() + 60 }, { iat: 60, nbf: 60 }];
      for (const additionalClaims of fine) {
        const { claims } = opened(await lenient.createAccessToken('alice', { additionalClaims }));
        expect(claims).to.include(additionalClaims);
      }
    });

    for (const option of ['expires', 'fresh', 'refreshExpires'] as const) {
      it(`are refused: ${option} that is the time when it ends`, async () => {
        const error = await rejection(manager.createTokenPair('alice', { [option]: now() + 60 }));
        expect(error).to.be.an.instanceOf(TypeError);
        expect(error.message).to.match(/ must be a lifetime in seconds, and not the time when it ends$/);
      });
    }
  });

  describe('undefined members', () => {
    it('are left out of claims and headers, as in JSON', async () => {
      const odd = { team: undefined, inner: { a: undefined, b: [{ c: undefined }] } };
      const token = await manager.createAccessToken('alice', {
        additionalClaims: odd,
        additionalHeaders: odd,
      });
      const { header, claims } = opened(token);
      for (const part of [header, claims]) {
        expect(part['inner']).to.deep.equal({ b: [{}] });
        expect(part).not.to.have.property('team');
      }
    });

    it('leave alone what would stand there otherwise', async () => {
      const configured = managerOf({ encodeIssuer: 'us' });
      const additionalClaims = {
        exp: undefined,
        iat: undefined,
        iss: undefined,
        sub: undefined,
        jti: undefined,
      };
      const { claims } = opened(await configured.createAccessToken('alice', { additionalClaims }));
      expect(claims).to.include({ iss: 'us', sub: 'alice', exp: Number(claims['iat']) + 900 });
      expect(claims['jti']).to.match(UUID_V4);
    });
  });

  describe('additional headers', () => {
    it('are added', async () => {
      const additionalHeaders = { kid: '2026', 'x-app': [1] };
      const { header } = opened(await manager.createAccessToken('alice', { additionalHeaders }));
      expect(header).to.deep.equal({ alg: 'HS256', typ: 'JWT', ...additionalHeaders });
    });

    for (const name of ['alg', 'typ', 'crit', 'b64', 'cty', 'zip', 'enc', '__proto__']) {
      it(`may not override ${name}`, async () => {
        const additionalHeaders = JSON.parse(`{"${name}":"none"}`) as Record<string, unknown>;
        const error = await rejection(manager.createAccessToken('alice', { additionalHeaders }));
        expect(error).to.be.an.instanceOf(TypeError);
        expect(error.message).to.equal(`Header ${name} is set by the library and cannot be overridden`);
      });
    }
  });

  it('do not change their arguments', async () => {
    const options = {
      expires: 60,
      additionalClaims: { roles: ['admin'], exp: now() + 1000, nested: { deep: [1] } },
      additionalHeaders: { kid: '1' },
    } as const;
    const identity = { toString: (): string => 'alice' };
    const copy = structuredClone(options);
    await manager.createAccessToken('alice', options);
    await manager.createRefreshToken('alice', options);
    await rejection(manager.createAccessToken(identity, options));
    expect(options).to.deep.equal(copy);
    expect(Object.isFrozen(options.additionalClaims)).to.equal(false);
  });

  it('refuse unknown options', async () => {
    const misspelt = { expire: 60 } as object;
    for (const making of [
      manager.createAccessToken('alice', misspelt),
      manager.createRefreshToken('alice', misspelt),
      manager.createRefreshToken('alice', { fresh: true } as object),
    ]) {
      const error = await rejection(making);
      expect(error).to.be.an.instanceOf(TypeError);
      expect(error.message).to.match(/^Unknown option (expire: did you mean expires\?|fresh: known are )/);
    }
  });

  it('accept frozen options', async () => {
    const additionalClaims = Object.freeze({ roles: Object.freeze(['admin']) });
    const token = await manager.createAccessToken('alice', Object.freeze({ additionalClaims }));
    expect(opened(token).claims['roles']).to.deep.equal(['admin']);
  });

  describe('algorithm', () => {
    const pairs: Readonly<Record<string, Pair>> = {
      RS256: RSA,
      RS384: RSA,
      RS512: RSA,
      PS256: RSA,
      PS384: RSA,
      PS512: RSA,
      ES256: EC[256],
      ES384: EC[384],
      ES512: EC[512],
      EdDSA: ED25519,
    };
    const cases: { title: string; options: JwtOptions; algorithm: Algorithm }[] = [];
    for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
      cases.push({ title: 'text', algorithm, options: { secretKey: SECRET } });
      cases.push({ title: 'bytes', algorithm, options: { secretKey: Buffer.from(SECRET) } });
    }
    for (const [name, { privateKey, publicKey }] of Object.entries(pairs)) {
      const algorithm = name as Algorithm;
      const pem = { privateKey: privatePem(privateKey), publicKey: publicPem(publicKey) };
      const bytes = { privateKey: Buffer.from(pem.privateKey), publicKey: Buffer.from(pem.publicKey) };
      cases.push({ title: 'PEM', algorithm, options: pem });
      cases.push({ title: 'PEM as bytes', algorithm, options: bytes });
      cases.push({ title: 'KeyObject', algorithm, options: { privateKey, publicKey } });
      cases.push({ title: 'a private KeyObject alone', algorithm, options: { privateKey } });
    }
    for (const { title, options, algorithm } of cases) {
      it(`signs and verifies with ${algorithm} and a key given as ${title}`, async () => {
        const own = new JwtManager({ ...options, algorithm, loaders: [] });
        const token = await own.createAccessToken('alice');
        const { kid, ...header } = opened(token).header;
        expect(header).to.deep.equal({ alg: algorithm, typ: 'JWT' });
        if (options.privateKey === undefined) expect(kid).to.equal(undefined);
        else expect(kid).to.equal(own.jwks().keys[0]?.kid);
        expect((await own.decodeToken(token)).sub).to.equal('alice');
      });
    }

    it('verifies in a manager that only has the public key and cannot sign', async () => {
      const { privateKey, publicKey } = EC[256];
      const issuer = new JwtManager({ algorithm: 'ES256', privateKey, loaders: [] });
      const verifier = new JwtManager({ algorithm: 'ES256', publicKey, loaders: [] });
      expect((await verifier.decodeToken(await issuer.createAccessToken('alice'))).sub).to.equal('alice');
      expect((await rejection(verifier.createAccessToken('alice'))).message).to.match(/^There is no key/);
    });

    it('accepts tokens of each of decodeAlgorithms, and of no other', async () => {
      const { privateKey } = RSA;
      const verifier = new JwtManager({
        algorithm: 'RS256',
        decodeAlgorithms: ['PS512'],
        privateKey,
        loaders: [],
      });
      const issuer = (algorithm: Algorithm): Promise<string> =>
        new JwtManager({ algorithm, privateKey, loaders: [] }).createAccessToken('alice');
      expect((await verifier.decodeToken(await issuer('RS256'))).sub).to.equal('alice');
      expect((await verifier.decodeToken(await issuer('PS512'))).sub).to.equal('alice');
      const error = await rejection(verifier.decodeToken(await issuer('PS256')));
      expect(error.message).to.equal('The specified alg value is not allowed');
    });
  });
});

describe('The CSRF values of a pair', () => {
  it('follow from each other in one direction, in the form of a UUID', async () => {
    const { accessToken, refreshToken } = await manager.createTokenPair('alice');
    const [access, refresh] = [opened(accessToken).claims['csrf'], opened(refreshToken).claims['csrf']];
    expect(access).to.match(UUID_V4);
    expect(refresh).to.match(UUID_V4);
    const hash = createHash('sha256')
      .update(`access ${String(refresh)}`)
      .digest('hex');
    const parts = /^(.{8})(.{4})(.{3})(.{3})(.{12})/.exec(hash)?.slice(1) ?? [];
    expect(access).to.equal(`${parts[0]}-${parts[1]}-4${parts[2]}-a${parts[3]}-${parts[4]}`);
  });

  it('are none where cookies need none', async () => {
    const { accessToken, refreshToken } = await managerOf({ cookieCsrfProtect: false }).createTokenPair(
      'alice',
    );
    for (const token of [accessToken, refreshToken])
      expect(opened(token).claims).not.to.have.property('csrf');
  });
});

describe('The loaders of a new token', () => {
  @Service()
  @UserIdentityLoader()
  class NoIdentity {
    load(): unknown {
      return '';
    }
  }
  @Service()
  @EncodeKeyLoader()
  class OtherKey {
    load({ type, purpose }: IssueEvent): string {
      return `${type} ${purpose ?? 'any'} ${SECRET}`;
    }
  }

  it('are named when they return what cannot be an identity', async () => {
    const message = (await rejection(managerOf({ loaders: [NoIdentity] }).createAccessToken('alice')))
      .message;
    expect(message).to.include('NoIdentity.load() returned');
    expect((await rejection(manager.createAccessToken(''))).message).to.include('was passed in');
  });

  it('may give the key, by the type and the purpose of the token', async () => {
    const keyed = managerOf({ loaders: [OtherKey] });
    for (const [token, secret] of [
      [await keyed.createAccessToken('alice'), `access any ${SECRET}`],
      [await keyed.createRefreshToken('alice'), `refresh any ${SECRET}`],
      [await keyed.createToken('reset', 'alice'), `purpose reset ${SECRET}`],
    ] as const) {
      const [header, claims, signature] = token.split('.');
      const expected = createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url');
      expect(signature).to.equal(expected);
    }
  });
});
