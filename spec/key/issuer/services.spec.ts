import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import Koa from 'koa';
import { Container } from 'typedi';
import { JwtManager, MemoryRevocationStore, serveJwks, type JwtKey } from '../../../src/index';
import { opened } from '../../support/forge';
import { expectUnavailable } from '../../support/IssuerGate';
import { Gate } from '../../support/Gate';
import { EC, ED25519, RSA } from '../../support/keys';
import { rejection } from '../../support/rejection';
import { Server } from '../../support/Server';
import { skipTime } from '../../support/skipTime';
import { Warnings } from '../../support/Warnings';

/** The manager of the service where people log in. */
class AccountsJwtManager extends JwtManager {}

const ISSUER = 'https://accounts.example';

describe('Two services with this library', () => {
  let accounts: AccountsJwtManager;
  let server: Server;
  let gate: Gate;

  before(async () => {
    const app = new Koa();
    app.use(serveJwks({ manager: AccountsJwtManager }));
    server = await Server.of(app);
    useKeys([{ algorithm: 'EdDSA', privateKey: ED25519.privateKey }]);
  });

  beforeEach(async () => {
    gate = await Gate.of({
      issuers: [
        {
          issuer: ISSUER,
          audience: 'services',
          algorithms: ['EdDSA', 'ES256', 'RS256'],
          jwksUri: `http://127.0.0.1:${server.port}/.well-known/jwks.json`,
        },
      ],
    });
  });

  afterEach(() => gate.close());
  after(() => server.close());

  function useKeys(keys: readonly JwtKey[], revocationStore?: MemoryRevocationStore): void {
    accounts = new AccountsJwtManager({
      keys,
      revocationStore,
      encodeIssuer: ISSUER,
      encodeAudience: 'services',
      loaders: [],
    });
    Container.set(AccountsJwtManager, accounts);
  }

  for (const key of [
    { algorithm: 'EdDSA', privateKey: ED25519.privateKey },
    { algorithm: 'ES256', privateKey: EC[256].privateKey },
    { algorithm: 'RS256', privateKey: RSA.privateKey },
  ] as const) {
    it(`share access tokens signed with ${key.algorithm}, fresh or not`, async () => {
      useKeys([key]);
      const token = await accounts.createAccessToken('alice');
      await gate.expectAdmitted(token);
      await gate.expectRefused(token, {
        status: 401,
        msg: 'Fresh token required',
        error: 'insufficient_user_authentication',
        path: '/gate/fresh',
      });
      for (const fresh of [true, 60])
        await gate.expectAdmitted(
          await accounts.createAccessToken('alice', { fresh }),
          'alice',
          '/gate/fresh',
        );
    });
  }

  it('share no refresh tokens', async () => {
    const token = await accounts.createRefreshToken('alice');
    for (const path of ['/gate/refresh', '/gate/protected', '/gate/optional'])
      await gate.expectRefused(token, { msg: 'Claim type must be access', path });
  });

  it('share sessions only through a shared store', async () => {
    const revocationStore = new MemoryRevocationStore();
    useKeys([{ algorithm: 'EdDSA', privateKey: ED25519.privateKey }], revocationStore);
    const { accessToken } = await accounts.createTokenPair('alice');
    await gate.expectAdmitted(accessToken);
    const revoked = { status: 401, msg: 'Token has been revoked' };
    for (const [store, isKnown] of [
      [revocationStore, true],
      [new MemoryRevocationStore(), false],
    ] as const) {
      const open = await Gate.of({ issuers: gate.manager.config.issuers, revocationStore: store });
      try {
        if (isKnown) {
          await open.expectAdmitted(accessToken);
          await accounts.revokeSession(accessToken);
        }
        await open.expectRefused(accessToken, revoked);
      } finally {
        await open.close();
      }
    }
  });

  it('accept only tokens meant for them', async () => {
    // The trust goes one way only.
    const own = await gate.manager.createAccessToken('alice');
    expect((await rejection(accounts.decodeToken(own))).message).to.match(/alg value is not allowed/);
    const elsewhere = new AccountsJwtManager({
      keys: [{ algorithm: 'EdDSA', privateKey: ED25519.privateKey }],
      encodeIssuer: ISSUER,
      encodeAudience: 'elsewhere',
      loaders: [],
    });
    await gate.expectRefused(await elsewhere.createAccessToken('alice'), { msg: 'Invalid audience' });
  });

  it('keep working during a key rotation', async () => {
    const old = { algorithm: 'EdDSA', privateKey: ED25519.privateKey } as const;
    const { privateKey } = generateKeyPairSync('ed25519');
    const fresh = { algorithm: 'EdDSA', privateKey } as const;
    useKeys([old]);
    const before = await accounts.createAccessToken('alice');
    await gate.expectAdmitted(before);
    // Publish the key before it signs.
    useKeys([old, fresh]);
    skipTime(601);
    await gate.expectAdmitted(before);
    useKeys([fresh, old]);
    const after = await accounts.createAccessToken('alice');
    expect(opened(after).header['kid']).to.not.equal(opened(before).header['kid']);
    await gate.expectAdmitted(after);
    await gate.expectAdmitted(before);
    useKeys([fresh]);
    skipTime(601);
    await gate.expectAdmitted(after);
    await gate.expectRefused(before, { msg: 'Signature verification failed' });
  });

  it('do not need each other once the keys are known', async () => {
    const warnings = new Warnings();
    const app = new Koa();
    app.use(serveJwks({ manager: AccountsJwtManager, path: '/jwks' }));
    const away = await Server.of(app);
    const jwksUri = `http://127.0.0.1:${away.port}/jwks`;
    const issuers = [{ issuer: ISSUER, audience: 'services', algorithms: ['EdDSA'], jwksUri }] as const;
    const known = await Gate.of({ issuers });
    const cold = await Gate.of({ issuers });
    try {
      useKeys([{ algorithm: 'EdDSA', privateKey: ED25519.privateKey }]);
      const token = await accounts.createAccessToken('alice');
      await known.expectAdmitted(token);
      await away.close();
      skipTime(601);
      await known.expectAdmitted(token);
      await expectUnavailable(cold, token);
    } finally {
      warnings.stop();
      await known.close();
      await cold.close();
    }
  });
});
