import Router from '@koa/router';
import { expect } from 'chai';
import Koa from 'koa';
import { jwtGuard, JwtManager, MemoryRevocationStore, type JwtOptions } from '../../src/index';
import { JwtClock, jwtCookies, jwtHeaders } from '../../src/testing/index';
import { SECRET } from '../support/secret';
import { provide, Server } from '../support/Server';

describe('jwtHeaders and jwtCookies', () => {
  let server: Server;
  let manager: JwtManager;
  afterEach(() => server.close());

  async function serving(options: JwtOptions = {}): Promise<void> {
    manager = new JwtManager({
      secretKey: SECRET,
      tokenLocation: ['headers', 'cookies'],
      revocationStore: new MemoryRevocationStore(),
      loaders: [],
      ...options,
    });
    provide(manager);
    const router = new Router();
    const say: Koa.Middleware = (ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity, location: ctx.state.jwt?.location };
    };
    router.all('/access', jwtGuard(), say);
    router.all('/fresh', jwtGuard({ fresh: true }), say);
    router.all('/refresh', jwtGuard({ refresh: true }), say);
    const app = new Koa();
    app.use(router.routes());
    server = await Server.of(app);
  }

  const post = (path: string, headers: Record<string, string>) =>
    server.send(path, { method: 'POST', headers });

  const settings: readonly (readonly [string, JwtOptions])[] = [
    ['by default', {}],
    [
      'with other names',
      { headerName: 'X-Token', headerType: '', accessCookieName: 'a', refreshCookieName: 'r' },
    ],
    ['with another CSRF header', { accessCsrfHeaderName: 'X-A', refreshCsrfHeaderName: 'X-R' }],
    ['without CSRF protection', { cookieCsrfProtect: false }],
    ['without CSRF cookies', { csrfInCookies: false }],
    ['without a store', { revocationStore: undefined }],
  ];
  for (const [title, options] of settings) {
    it(`make requests that guards let in, ${title}`, async () => {
      await serving(options);
      for (const [make, location] of [
        [jwtHeaders, 'headers'],
        [jwtCookies, 'cookies'],
      ] as const) {
        const access = await post('/access', await make(manager, 'alice'));
        expect([access.status, access.json]).to.deep.equal([200, { identity: 'alice', location }]);
        expect((await post('/fresh', await make(manager, 'alice'))).status).to.equal(401);
        expect((await post('/fresh', await make(manager, 'alice', { fresh: true }))).status).to.equal(200);
        expect((await post('/refresh', await make(manager, 'bob', { type: 'refresh' }))).json).to.deep.equal({
          identity: 'bob',
          location,
        });
        const refused = await post('/access', await make(manager, 'bob', { type: 'refresh' }));
        // Without an access cookie there is no token.
        expect(refused.status).to.equal(location === 'headers' ? 422 : 401);
      }
    });
  }

  it('begin a session, which can be ended', async () => {
    await serving();
    const headers = await jwtHeaders(manager, 'alice', { userAgent: 'a test' });
    expect(await manager.sessions('alice')).to.have.lengthOf(1);
    await manager.revokeAll('alice');
    expect((await post('/access', headers)).json).to.deep.equal({ msg: 'Token has been revoked' });
  });

  it('end when the clock says so', async () => {
    await serving({ accessTokenExpires: 60 });
    const headers = await jwtHeaders(manager, 'alice');
    const clock = new JwtClock();
    try {
      clock.advance(30);
      expect((await post('/access', headers)).status).to.equal(200);
      clock.advance(30);
      expect((await post('/access', headers)).json).to.deep.equal({ msg: 'Token has expired' });
    } finally {
      clock.restore();
    }
    expect((await post('/access', headers)).status).to.equal(200);
  });
});

describe('JwtClock', () => {
  it('gives back the clock that it found, and no other', () => {
    const before = Date.now;
    const [outer, inner] = [new JwtClock(), new JwtClock()];
    outer.advance(60);
    inner.advance(60);
    expect(Date.now() - before()).to.be.within(119_000, 121_000);
    expect(() => {
      outer.restore();
    }).to.throw(/replaced again/);
    inner.restore();
    outer.restore();
    expect(Date.now).to.equal(before);
  });
});
