import { expect } from 'chai';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import {
  JwtError,
  jwtGuard,
  JwtManager,
  MemoryRevocationStore,
  type GuardOptions,
  type JwtOptions,
  type TokenPair,
} from '../../src/index';
import { claimsOf, forge, hmac, now } from '../support/forge';
import { SECRET } from '../support/secret';
import { provide, Server, type Answer, type Sent } from '../support/Server';

/** A store that can go down. */
class Store extends MemoryRevocationStore {
  isDown = false;
  override endSession(identity: string, sid: string): Promise<void> {
    return this.isDown ? Promise.reject(new Error('down')) : super.endSession(identity, sid);
  }
}

let store: Store;
let manager: JwtManager;
let server: Server;

const start = async (options: JwtOptions = {}, locations?: GuardOptions['locations']): Promise<void> => {
  store = new Store();
  manager = new JwtManager({
    secretKey: SECRET,
    loaders: [],
    tokenLocation: ['headers', 'cookies', 'query_string', 'json'],
    revocationStore: store,
    ...options,
  });
  provide(manager);
  const app = new Koa();
  app.silent = true;
  app.use(bodyParser());
  app.use(async (ctx, next) => {
    if (ctx.path !== '/log-out') {
      await next();
      return;
    }
    try {
      await manager.logOut(ctx, locations === undefined ? {} : { locations });
      ctx.body = {};
    } catch (error) {
      // Unlike Koa's own error handler, this keeps the headers that were set before.
      if (!(error instanceof JwtError)) throw error;
      ctx.body = error.toJSON();
      ctx.status = error.status;
      ctx.set(error.headers);
    }
  });
  app.use(jwtGuard({ verifyType: false }));
  app.use((ctx) => {
    ctx.body = {};
  });
  server = await Server.of(app);
};
const UNSET = ['access_token_cookie', 'csrf_access_token', 'refresh_token_cookie', 'csrf_refresh_token'];
const unsetBy = ({ headers }: Answer): (string | undefined)[] =>
  (headers['set-cookie'] ?? []).map((line) => {
    expect(line).to.contain('Max-Age=0');
    return line.split('=', 1)[0];
  });

/** Whether a token still opens a guarded route. */
const isGood = async (token: string): Promise<boolean> => (await server.get('/', token)).status === 200;

const logOut = (sent: Sent = {}): Promise<Answer> => server.send('/log-out', { method: 'POST', ...sent });

const cookies = (access: string | undefined, refresh: string | undefined, csrf = ''): Sent => ({
  headers: {
    cookie: [
      ...(access === undefined ? [] : [`access_token_cookie=${access}`]),
      ...(refresh === undefined ? [] : [`refresh_token_cookie=${refresh}`]),
    ].join('; '),
    ...(csrf !== '' && { 'x-csrf-token': csrf }),
  },
});

const csrfOf = async (token: string): Promise<string> =>
  String((await manager.decodeToken(token, { allowExpired: true })).csrf);

const forged = (pair: TokenPair): string => `${pair.accessToken.slice(0, -4)}AAAA`;

describe('logOut(ctx)', () => {
  afterEach(() => server.close());

  for (const type of ['accessToken', 'refreshToken'] as const) {
    it(`ends the session of the ${type} wherever it came, and unsets the cookies`, async () => {
      await start();
      const sends: ((token: string, csrf: string) => Promise<Answer>)[] = [
        (token) => logOut({ headers: { authorization: `Bearer ${token}` } }),
        (token) => server.send('/log-out', { headers: { authorization: `Bearer ${token}` } }),
        (token, csrf) =>
          logOut(type === 'accessToken' ? cookies(token, undefined, csrf) : cookies(undefined, token, csrf)),
        (token) => server.send(`/log-out?jwt=${token}`),
        (token) =>
          logOut({
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ [type === 'accessToken' ? 'access_token' : 'refresh_token']: token }),
          }),
      ];
      for (const send of sends) {
        const pair = await manager.createTokenPair('alice');
        const other = await manager.createTokenPair('alice');
        const answer = await send(pair[type], await csrfOf(pair[type]));
        expect(answer.status).to.equal(200);
        expect(unsetBy(answer)).to.deep.equal(UNSET);
        expect([await isGood(pair.accessToken), await isGood(pair.refreshToken)]).to.deep.equal([
          false,
          false,
        ]);
        expect([await isGood(other.accessToken), await isGood(other.refreshToken)]).to.deep.equal([
          true,
          true,
        ]);
      }
    });
  }

  it('revokes a token that has no session', async () => {
    await start();
    const token = await manager.createAccessToken('alice');
    expect((await logOut({ headers: { authorization: `Bearer ${token}` } })).status).to.equal(200);
    expect(await isGood(token)).to.equal(false);
  });

  it('ends the session of a token that has expired or was revoked', async () => {
    await start();
    const pair = await manager.createTokenPair('alice');
    const { sid, gen, jti, csrf } = await manager.decodeToken(pair.accessToken);
    const claims = claimsOf({ sid, gen, jti, csrf, exp: now() - 60, iat: now() - 120 });
    const expired = forge({ claims });
    const answer = await logOut(cookies(expired, undefined, String(csrf)));
    expect([answer.status, unsetBy(answer)]).to.deep.equal([200, UNSET]);
    expect(await isGood(pair.refreshToken)).to.equal(false);
    for (let i = 0; i < 2; i++) {
      const again = await logOut(cookies(pair.accessToken, pair.refreshToken, String(csrf)));
      expect([again.status, unsetBy(again)]).to.deep.equal([200, UNSET]);
    }
  });

  it('ends both sessions when the two cookies are of different log-ins', async () => {
    await start();
    const [one, two] = [await manager.createTokenPair('alice'), await manager.createTokenPair('bob')];
    const csrf = await csrfOf(two.refreshToken);
    expect((await logOut(cookies(one.accessToken, two.refreshToken, csrf))).status).to.equal(200);
    for (const token of [one.accessToken, one.refreshToken, two.accessToken, two.refreshToken]) {
      expect(await isGood(token)).to.equal(false);
    }
  });

  it('resolves and unsets the cookies without a good token', async () => {
    await start();
    const pair = await manager.createTokenPair('alice');
    const foreign = forge({ claims: claimsOf({}), signer: hmac('another') });
    for (const sent of [
      {},
      { headers: { authorization: 'Bearer' } },
      { headers: { authorization: 'Basic YWJj' } },
      { headers: { authorization: 'Bearer x' } },
      { headers: { authorization: `Bearer ${forged(pair)}` } },
      { headers: { authorization: `Bearer ${foreign}` } },
      { headers: { 'content-type': 'application/json' }, body: '[]' },
      cookies('x', 'y'),
      cookies('', ''),
      cookies(forged(pair), forged(pair)),
      cookies(foreign, undefined, 'x'),
    ] as Sent[]) {
      const answer = await logOut(sent);
      expect([answer.status, unsetBy(answer)], JSON.stringify(sent)).to.deep.equal([200, UNSET]);
    }
    expect((await server.send('/log-out?jwt=a&jwt=b')).status).to.equal(200);
    expect([await isGood(pair.accessToken), await isGood(pair.refreshToken)]).to.deep.equal([true, true]);
  });

  describe('for cookies', () => {
    it('needs the CSRF value of one of them, as a guard does', async () => {
      await start();
      const { accessToken, refreshToken } = await manager.createTokenPair('alice');
      const foreign = await csrfOf((await manager.createTokenPair('mallory')).accessToken);
      for (const [csrf, msg] of [
        ['', 'Missing CSRF token'],
        ['x', 'CSRF double submit tokens do not match'],
        [foreign, 'CSRF double submit tokens do not match'],
      ] as const) {
        for (const sent of [
          cookies(accessToken, refreshToken, csrf),
          cookies(accessToken, undefined, csrf),
          cookies(undefined, refreshToken, csrf),
          cookies('x', refreshToken, csrf),
        ]) {
          const answer = await logOut(sent);
          expect([answer.status, answer.json]).to.deep.equal([401, { msg }]);
          expect(answer.headers).to.not.have.property('set-cookie');
        }
      }
      expect([await isGood(accessToken), await isGood(refreshToken)]).to.deep.equal([true, true]);
      const csrf = await csrfOf(accessToken);
      expect((await logOut(cookies(accessToken, refreshToken, csrf))).status).to.equal(200);
      expect(await isGood(refreshToken)).to.equal(false);
    });

    it('needs none for the methods and the configurations in which a guard needs none', async () => {
      for (const [options, method] of [
        [{}, 'GET'],
        [{ cookieCsrfProtect: false }, 'POST'],
        [{ csrfMethods: ['PUT'] }, 'POST'],
      ] as const) {
        await start(options);
        const { accessToken, refreshToken } = await manager.createTokenPair('alice');
        expect((await logOut({ ...cookies(accessToken, undefined), method })).status).to.equal(200);
        expect(await isGood(refreshToken)).to.equal(false);
        await server.close();
      }
      await start();
    });

    it('needs none beside a good token in a header, which other sites cannot send', async () => {
      await start();
      const [one, two] = [await manager.createTokenPair('alice'), await manager.createTokenPair('alice')];
      const cookie = `access_token_cookie=${one.accessToken}; refresh_token_cookie=${one.refreshToken}`;
      const authorization = `Bearer ${two.accessToken}`;
      expect((await logOut({ headers: { cookie, authorization } })).status).to.equal(200);
      expect([await isGood(one.accessToken), await isGood(two.accessToken)]).to.deep.equal([false, false]);
      const three = await manager.createTokenPair('alice');
      const inUrl = { ...cookies(three.accessToken, undefined), method: 'POST' };
      const attacker = await manager.createAccessToken('mallory');
      expect((await server.send(`/log-out?jwt=${attacker}`, inUrl)).status).to.equal(401);
      expect(await isGood(three.accessToken)).to.equal(true);
    });

    it('ends all, when there are several of one name', async () => {
      await start();
      const [one, two] = [await manager.createTokenPair('alice'), await manager.createTokenPair('alice')];
      const cookie = `access_token_cookie=${one.accessToken}; access_token_cookie=${two.accessToken}`;
      const headers = { cookie, 'x-csrf-token': await csrfOf(two.accessToken), host: 'app.example.com' };
      const answer = await logOut({ headers });
      expect(answer.status).to.equal(200);
      expect([await isGood(one.refreshToken), await isGood(two.refreshToken)]).to.deep.equal([false, false]);
      const lines = (answer.headers['set-cookie'] ?? []).join('\n');
      expect(lines).to.match(/^access_token_cookie=.*Path=\/log-out/m);
      expect(lines).to.match(/^access_token_cookie=.*Domain=example\.com/m);
    });

    it('is not undone by an implicit refresh', async () => {
      await start();
      const stateless = { secretKey: SECRET, loaders: [], implicitRefreshWithin: 899 };
      const refreshing = new JwtManager({ ...stateless, tokenLocation: ['cookies'] });
      provide(refreshing);
      const app = new Koa();
      app.use(jwtGuard());
      app.use(async (ctx) => {
        if (ctx.path === '/log-out') await refreshing.logOut(ctx);
        ctx.body = {};
      });
      const guarded = await Server.of(app);
      const sent = cookies(await refreshing.createAccessToken('alice', { expires: 800 }), undefined);
      const renewed = await guarded.send('/', sent);
      expect(renewed.headers['set-cookie']?.join('')).to.not.contain('Max-Age=0');
      const answer = await guarded.send('/log-out', sent);
      expect([answer.status, unsetBy(answer)]).to.deep.equal([200, UNSET]);
      await guarded.close();
    });
  });

  it('is a 503 that keeps the cookies while the store is down, and works again after', async () => {
    await start();
    const { accessToken, refreshToken } = await manager.createTokenPair('alice');
    store.isDown = true;
    const sent = cookies(accessToken, refreshToken, await csrfOf(accessToken));
    const answer = await logOut(sent);
    expect(answer.status).to.equal(503);
    expect(answer.headers).to.include({ 'retry-after': '1' });
    expect(answer.headers).to.not.have.property('set-cookie');
    store.isDown = false;
    expect(unsetBy(await logOut(sent))).to.deep.equal(UNSET);
    expect(await isGood(refreshToken)).to.equal(false);
  });

  it('without a store unsets the cookies, and refuses what it cannot end', async () => {
    store = new Store();
    const options: JwtOptions = { secretKey: SECRET, loaders: [], tokenLocation: ['headers', 'cookies'] };
    manager = new JwtManager(options);
    provide(manager);
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx) => {
      await manager.logOut(ctx);
      ctx.body = {};
    });
    server = await Server.of(app);
    const token = await manager.createAccessToken('alice');
    const answer = await logOut(cookies(token, undefined, await csrfOf(token)));
    expect([answer.status, unsetBy(answer)]).to.deep.equal([200, UNSET]);
    expect((await logOut({ headers: { authorization: `Bearer ${token}` } })).status).to.equal(500);
    expect(server.errors[0]?.message).to.contain('There is no revocation store');
  });

  it('looks in the given locations only, and unsets no cookies where it looks for none', async () => {
    await start({}, ['headers']);
    const { accessToken, refreshToken } = await manager.createTokenPair('alice');
    const answer = await logOut(cookies(accessToken, refreshToken));
    expect(answer.status).to.equal(200);
    expect(answer.headers).to.not.have.property('set-cookie');
    expect(await isGood(accessToken)).to.equal(true);
    const given = await logOut({ headers: { authorization: `Bearer ${accessToken}` } });
    expect(given.headers).to.not.have.property('set-cookie');
    expect(await isGood(refreshToken)).to.equal(false);
  });
});
