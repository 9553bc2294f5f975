import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type Koa from 'koa';
import { Ctx, Get, JsonController, Post } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  JwtIdentity,
  JwtManager,
  JwtRequired,
  MemoryRevocationStore,
  type JwtClaims,
  type JwtOptions,
  type TokenPair,
} from '../../../src/index';
import { claimsOf, forge, hmac, now, type Claims } from '../../support/forge';
import { Gate } from '../../support/Gate';
import { gateFor, issuerOf } from '../../support/IssuerGate';
import { IssuerKey } from '../../support/IssuerKey';
import { JwksServer } from '../../support/JwksServer';
import { publicPem } from '../../support/keys';
import { rejection } from '../../support/rejection';
import { SECRET } from '../../support/secret';
import { bearer, serve, type Server } from '../../support/Server';

const BAD_SIGNATURE = { msg: 'Signature verification failed' };
const NOT_ALLOWED = { msg: 'The specified alg value is not allowed' };
const BAD_AUDIENCE = { msg: 'Invalid audience' };

@Service()
@JsonController('/renewal')
class RenewalController {
  @Get('/me')
  @JwtRequired({ locations: ['cookies'] })
  me(@JwtIdentity() identity: string): object {
    return { identity };
  }

  @Post('/rotate')
  @JwtRequired()
  rotate(@Ctx() ctx: Koa.Context): Promise<TokenPair> {
    return Container.get(JwtManager).rotate(ctx);
  }
}

describe('Tokens of another issuer', () => {
  const key = new IssuerKey('key', 'ES256');
  const otherKey = IssuerKey.fresh('key');
  let server: JwksServer;
  let other: JwksServer;
  let gate: Gate;

  before(async () => {
    server = await JwksServer.of(key.jwk());
    // With the same kid.
    other = await JwksServer.of(otherKey.jwk());
    gate = await Gate.of({ issuers: [issuerOf(server), issuerOf(other, { audience: ['shop', 'till'] })] });
  });

  after(async () => {
    await gate.close();
    await server.stop();
    await other.stop();
  });

  const token = (claims: Claims = {}, header: Claims = {}): string =>
    key.token(server.issuer, claims, header);

  /** Opens another gate for a test. */
  async function within(
    options: JwtOptions | Promise<Gate>,
    test: (gate: Gate) => Promise<void>,
  ): Promise<void> {
    const opened = await (options instanceof Promise ? options : Gate.of(options));
    try {
      await test(opened);
    } finally {
      await opened.close();
    }
  }

  describe('are access tokens', () => {
    it('that need no type, fresh, jti or csrf', async () => {
      await gate.expectAdmitted(token());
      await gate.expectAdmitted(token(), 'alice', '/gate/optional');
      const { type, fresh, jti, csrf } = await gate.manager.decodeToken(token());
      expect({ type, fresh, jti, csrf }).to.deep.equal({
        type: 'access',
        fresh: false,
        jti: null,
        csrf: undefined,
      });
    });

    it('that are not fresh, unless they say so', async () => {
      const refusal = {
        status: 401,
        msg: 'Fresh token required',
        error: 'insufficient_user_authentication',
        path: '/gate/fresh',
      };
      for (const fresh of [undefined, null, false, 'true', 1, now() - 1, {}])
        await gate.expectRefused(token({ fresh }), refusal);
      await gate.expectAdmitted(token({ fresh: true }), 'alice', '/gate/fresh');
    });

    it('that need an exp', async () => {
      await gate.expectRefused(token({ exp: undefined }), { msg: 'Missing claim: exp' });
    });

    it('and no tokens for one purpose', async () => {
      const forOne = token({ type: 'purpose', purpose: 'reset', jti: 'x' });
      await gate.expectRefused(forOne, { msg: 'Claim type must be access' });
      const error = await rejection(gate.manager.verifyToken(forOne, { purpose: 'reset' }));
      expect(error.code).to.equal('ERR_JWT_INVALID');
    });

    it('that never refresh anything', async () => {
      const path = '/gate/refresh';
      await gate.expectRefused(token(), { msg: 'Only refresh tokens are allowed', path });
      for (const type of ['refresh', 'Refresh', 'id', '', null, ['refresh']]) {
        await gate.expectRefused(token({ type }), { msg: 'Claim type must be access', path });
        await gate.expectRefused(token({ type }), { msg: 'Claim type must be access' });
      }
    });

    it('if their typ is JWT, at+jwt or missing', async () => {
      for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'at+JWT', 'application/at+jwt'])
        await gate.expectAdmitted(token({}, { typ }));
      for (const typ of [
        'logout+jwt',
        'dpop+jwt',
        'JOSE',
        'JOSE+JSON',
        'id+jwt',
        'rt+jwt',
        'secevent+jwt',
        'token-introspection+jwt',
        'application/jwt',
        'at',
        '',
        null,
        ['at+jwt'],
      ])
        await gate.expectRefused(token({}, { typ }), { msg: 'Header parameter typ must be JWT' });
    });

    it('while own tokens cannot be at+jwt', async () => {
      const own = forge({ header: { alg: 'HS256', typ: 'at+jwt' } });
      await gate.expectRefused(own, { msg: 'Header parameter typ must be JWT' });
    });
  });

  describe('must be meant for this application', () => {
    it('by their aud, which may list others too', async () => {
      await gate.expectAdmitted(token({ aud: ['https://id.example/userinfo', 'api'] }));
      await gate.expectAdmitted(otherKey.token(other.issuer, { aud: 'till' }));
    });

    it('and not for a client of the issuer, like an ID token', async () => {
      for (const aud of ['client', ['client'], [], '', 'api ', 'API', 'shop', 'api/'])
        await gate.expectRefused(token({ aud, nonce: 'n-0S6' }), BAD_AUDIENCE);
      await gate.expectRefused(token({ aud: undefined }), { msg: 'Missing claim: aud' });
      for (const aud of [null, 7, { api: true }, ['api', 7]])
        await gate.expectRefused(token({ aud }), { msg: 'Claim aud must be a string or a list of strings' });
      await gate.expectRefused(otherKey.token(other.issuer), BAD_AUDIENCE);
    });

    it('unless audience is false', () =>
      within(gateFor(server, { audience: false }), async (open) => {
        for (const aud of [undefined, 'client', ['client', 'another']])
          await open.expectAdmitted(token({ aud }));
      }));

    it('even if own tokens have another audience', () =>
      within({ issuers: [issuerOf(server)], encodeAudience: 'own' }, async (open) => {
        await open.expectAdmitted(token());
        await open.expectRefused(token({ aud: 'own' }), BAD_AUDIENCE);
        await open.expectRefused(forge({ claims: claimsOf({ aud: 'api' }) }), BAD_AUDIENCE);
      }));
  });

  describe('must have a valid signature', () => {
    it('by a key of their own issuer, even if another has the same kid', async () => {
      await gate.expectAdmitted(token());
      await gate.expectAdmitted(otherKey.token(other.issuer, { aud: 'shop' }));
      for (const aud of ['api', 'shop', ['api', 'shop']]) {
        await gate.expectRefused(key.token(other.issuer, { aud }), BAD_SIGNATURE);
        await gate.expectRefused(otherKey.token(server.issuer, { aud }), BAD_SIGNATURE);
      }
    });

    for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
      it(`and not an HMAC with a published ${algorithm} key (CVE-2015-9235)`, async () => {
        const published = new IssuerKey('published', algorithm);
        const publisher = await JwksServer.of(published.jwk());
        const claims = { iss: publisher.issuer, aud: 'api', sub: 'alice', exp: now() + 300 };
        try {
          await within(gateFor(publisher, { algorithms: [algorithm] }), async (open) => {
            await open.expectAdmitted(published.sign(claims));
            for (const secret of encodingsOf(published, publisher)) {
              for (const [alg, hash] of [
                ['HS256', 'sha256'],
                ['HS384', 'sha384'],
                ['HS512', 'sha512'],
              ] as const) {
                const header = { alg, typ: 'JWT', kid: 'published' };
                await open.expectRefused(forge({ header, claims, signer: hmac(secret, hash) }), NOT_ALLOWED);
              }
              for (const kid of ['published', undefined]) {
                const header = { alg: algorithm, typ: 'JWT', kid };
                await open.expectRefused(forge({ header, claims, signer: hmac(secret) }), BAD_SIGNATURE);
              }
            }
          });
        } finally {
          await publisher.stop();
        }
      });
    }

    it('and not one by the own secret', async () => {
      for (const alg of ['HS256', 'ES256']) {
        const header = { alg, typ: 'JWT', kid: 'key' };
        const claims = claimsOf({ iss: server.issuer, aud: 'api' });
        const refusal = alg === 'HS256' ? NOT_ALLOWED : BAD_SIGNATURE;
        await gate.expectRefused(forge({ header, claims, signer: hmac(SECRET) }), refusal);
      }
    });

    it('and not one by an own key, nor the other way round', () => {
      // Same kid and kind, so that only the key differs.
      const own = IssuerKey.fresh('key');
      const keys = [{ kid: 'key', algorithm: 'ES256', privateKey: own.pair.privateKey }] as const;
      return within({ secretKey: undefined, keys, issuers: [issuerOf(server)] }, async (open) => {
        await open.expectAdmitted(token());
        await open.expectAdmitted(own.sign(claimsOf()));
        await open.expectRefused(own.token(server.issuer), BAD_SIGNATURE);
        await open.expectRefused(key.sign(claimsOf()), BAD_SIGNATURE);
        await open.expectRefused(key.sign(claimsOf({ type: 'refresh' })), {
          ...BAD_SIGNATURE,
          path: '/gate/refresh',
        });
      });
    });

    it('and not one of an unknown issuer', async () => {
      for (const iss of [
        'https://unknown.example',
        `${server.issuer}/`,
        server.issuer.toUpperCase(),
        ` ${server.issuer}`,
        '',
        undefined,
        null,
        7,
        [server.issuer],
        { [server.issuer]: true },
        '__proto__',
        'constructor',
      ])
        await gate.expectRefused(token({ iss }), NOT_ALLOWED);
    });
  });

  describe('without own tokens', () => {
    it('are refused if their issuer is unknown', () =>
      within(gateWithoutSecret(), async (open) => {
        await open.expectAdmitted(token());
        for (const bad of [
          key.token('https://unknown.example'),
          forge(),
          forge({ claims: claimsOf({ iss: 7 }) }),
        ])
          await expectRefusedWithoutOwn(open, bad, 'Invalid issuer');
        expect((await rejection(open.manager.createAccessToken('alice'))).message).to.match(/no key/);
      }));
  });

  describe('are never renewed', () => {
    let renewing: Server;
    let manager: JwtManager;

    before(async () => {
      manager = new JwtManager({
        secretKey: SECRET,
        loaders: [],
        tokenLocation: ['headers', 'cookies'],
        accessTokenExpires: 300,
        implicitRefreshWithin: 299,
        issuers: [issuerOf(server)],
      });
      renewing = await serve(manager, { controllers: [RenewalController] });
    });

    after(() => renewing.close());

    it('by the implicit refresh of cookies', async () => {
      const due = { exp: now() + 5, iat: now() - 200 };
      const send = (cookie: string) =>
        renewing.send('/renewal/me', { headers: { cookie: `access_token_cookie=${cookie}` } });
      const own = await send(forge({ claims: claimsOf(due) }));
      expect([own.status, own.headers['set-cookie']?.length]).to.deep.equal([200, 2]);
      for (const claims of [due, { ...due, csrf: 'x'.repeat(36), type: 'access', jti: 'x' }]) {
        const foreign = await send(token(claims));
        expect(foreign.json).to.deep.equal({ identity: 'alice' });
        expect(foreign.headers).to.not.have.property('set-cookie');
      }
      // It was not tried.
      expect(renewing.errors).to.deep.equal([]);
    });

    it('by rotation', async () => {
      for (const claims of [{}, { sid: 'a', gen: 0, jti: 'x' }]) {
        const headers = { authorization: `Bearer ${token(claims)}` };
        const answer = await renewing.send('/renewal/rotate', { method: 'POST', headers });
        expect(answer.status).to.equal(500);
        expect(answer.text).to.not.match(/accessToken|eyJ/);
      }
    });
  });

  describe('with a revocation store', () => {
    const withStore = (): Promise<Gate> =>
      gateFor(server, {}, { revocationStore: new MemoryRevocationStore() });

    it('need a jti', () =>
      within(withStore(), async (open) => {
        await open.expectRefused(token(), { msg: 'Missing claim: jti' });
        await open.expectAdmitted(token({ jti: 'x' }));
      }));

    it('may have a sid of their issuer, which names no session here', () =>
      within(withStore(), async (open) => {
        await open.expectAdmitted(token({ jti: 'x', sid: 'a session of the issuer' }));
        const { accessToken } = await open.manager.createTokenPair('alice');
        const { sid } = await open.manager.decodeToken(accessToken);
        const claims = await open.manager.decodeToken(token({ jti: 'y', sid }));
        // Revokes this token, not the session that it names.
        await open.manager.revokeSession(claims);
        await open.expectAdmitted(accessToken);
        await open.expectRefused(token({ jti: 'y' }), { status: 401, msg: 'Token has been revoked' });
      }));

    it('can be revoked one by one, or all of an identity', () =>
      within(withStore(), async (open) => {
        const refusal = { status: 401, msg: 'Token has been revoked' };
        const [one, two] = [token({ jti: 'one' }), token({ jti: 'two' })];
        await open.manager.revoke(one);
        await open.expectRefused(one, refusal);
        await open.expectAdmitted(two);
        await open.manager.revokeAll('alice');
        await open.expectRefused(two, refusal);
        await sleep(1100);
        await open.expectAdmitted(token({ jti: 'three' }));
      }));
  });

  it('take their identity from the identity claim', () =>
    within(gateFor(server, {}, { identityClaim: 'oid' }), async (open) => {
      await open.expectAdmitted(token({ oid: 'bob' }), 'bob');
      await open.expectRefused(token(), { msg: 'Missing claim: oid' });
    }));

  describe('with a type of their own', () => {
    it('are access tokens if tokenTypes has it, and nothing else', () =>
      within(gateFor(server, { tokenTypes: 'app' }), async (open) => {
        for (const type of ['app', 'access', undefined]) await open.expectAdmitted(token({ type }));
        const refusal = { msg: 'Claim type must be access or app' };
        for (const type of ['refresh', 'App', 'org', '', 7, null, ['app'], { app: 1 }])
          await open.expectRefused(token({ type }), refusal);
        expect((await open.manager.decodeToken(token({ type: 'app' }))).type).to.equal('access');
      }));

    it('may be several, and are never fresh by that', () =>
      within(gateFor(server, { tokenTypes: ['app', 'org'] }), async (open) => {
        for (const type of ['app', 'org']) {
          const fresh = token({ type, jti: 'x', fresh: false, csrf: 'x' });
          await open.expectAdmitted(fresh);
          const { answer, ran } = await open.knock('/gate/fresh', { headers: bearer(fresh) });
          expect([answer.status, ran]).to.deep.equal([401, []]);
          const refresh = await open.knock('/gate/refresh', { headers: bearer(fresh) });
          expect([refresh.answer.status, refresh.ran]).to.deep.equal([422, []]);
        }
      }));

    it('are refused without tokenTypes, and own tokens never have them', () =>
      within(gateFor(server, { tokenTypes: 'app' }), async (open) => {
        await gate.expectRefused(token({ type: 'app' }), { msg: 'Claim type must be access' });
        const own = forge({ claims: claimsOf({ type: 'app' }) });
        await open.expectRefused(own, { msg: 'Claim type must be access or refresh' });
      }));
  });

  it('need a valid identity', async () => {
    await gate.expectRefused(token({ sub: undefined }), { msg: 'Missing claim: sub' });
    await gate.expectRefused(token({ sub: '' }), { msg: 'Subject must not be empty' });
    for (const sub of [7, null, ['alice']])
      await gate.expectRefused(token({ sub }), { msg: 'Subject must be a string' });
  });

  it('get the same leeway as own ones', () =>
    within(gateFor(server, {}, { decodeLeeway: 30 }), async (open) => {
      await open.expectAdmitted(token({ iat: now() + 20, nbf: now() + 20 }));
      await open.expectAdmitted(token({ exp: now() - 20 }));
      await open.expectRefused(token({ exp: now() - 40 }), { status: 401, msg: 'Token has expired' });
    }));

  function gateWithoutSecret(): Promise<Gate> {
    return gateFor(server, {}, { secretKey: undefined });
  }

  /** For gates that cannot issue tokens. */
  async function expectRefusedWithoutOwn(open: Gate, bad: string, msg: string): Promise<void> {
    const { answer, ran } = await open.knock('/gate/protected', {
      headers: { authorization: `Bearer ${bad}` },
    });
    expect([answer.status, answer.json, ran]).to.deep.equal([422, { msg }, []]);
    await open.expectAdmitted(token());
  }

  it('keep all their claims', async () => {
    const claims: JwtClaims = await gate.manager.decodeToken(token({ scope: 'read', roles: ['admin'] }));
    expect(claims).to.include({ iss: server.issuer, aud: 'api', scope: 'read' });
    expect(claims['roles']).to.deep.equal(['admin']);
  });
});

/** Encodings of a public key that somebody might use as a secret. */
function encodingsOf(key: IssuerKey, publisher: JwksServer): (string | Buffer)[] {
  const { publicKey } = key.pair;
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const pem = publicPem(publicKey);
  const pkcs1 =
    key.algorithm === 'RS256'
      ? (['pem', 'der'] as const).map((format) =>
          publicKey.export({ format: format as 'pem', type: 'pkcs1' }),
        )
      : [];
  return [
    pem,
    pem.trimEnd(),
    pem.replaceAll('\n', '\r\n'),
    spki,
    ...['base64', 'base64url', 'hex'].map((encoding) => spki.toString(encoding as BufferEncoding)),
    ...pkcs1,
    JSON.stringify(key.jwk()),
    JSON.stringify(publicKey.export({ format: 'jwk' })),
    JSON.stringify(publisher.set),
    '',
  ];
}
