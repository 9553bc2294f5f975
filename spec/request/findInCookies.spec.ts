import { expect } from 'chai';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { JwtConfig, jwtGuard, JwtManager, type GuardOptions, type JwtOptions } from '../../src/index';
import { cookieValues, csrfValueOf, needsCsrfValue } from '../../src/request/findInCookies';
import type { Carrier } from '../../src/request/FoundToken';
import { expiredToken } from '../support/expiredToken';
import { claimsOf, forge } from '../support/forge';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { provide, Server, type Sent } from '../support/Server';

const tokens = new JwtManager({ secretKey: SECRET, loaders: [] });
let ran = 0;
const servers: Server[] = [];

async function serving(options: JwtOptions = {}, guard: GuardOptions = {}): Promise<Server> {
  provide(new JwtManager({ secretKey: SECRET, loaders: [], tokenLocation: ['cookies'], ...options }));
  const app = new Koa();
  app.silent = true;
  app.use(bodyParser());
  app.use(jwtGuard(guard));
  app.use((ctx) => {
    ran++;
    ctx.body = { identity: ctx.state.jwt?.identity ?? null, location: ctx.state.jwt?.location ?? null };
  });
  const server = await Server.of(app);
  servers.push(server);
  return server;
}

const cookie = (token: string, name = 'access_token_cookie') => ({ cookie: `${name}=${token}` });
const ALICE = { identity: 'alice', location: 'cookies' };

describe('the location cookies', () => {
  let token: string;
  let csrf: string;
  before(async () => {
    token = await tokens.createAccessToken('alice');
    csrf = await tokens.getCsrfToken(token);
  });
  beforeEach(() => {
    ran = 0;
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('reads the access cookie, and on refresh routes the refresh cookie', async () => {
    const access = await serving();
    expect((await access.send('/', { headers: cookie(token) })).json).to.deep.equal(ALICE);
    expectRefused(await access.get('/'), 401, 'Missing cookie "access_token_cookie"');
    const refreshToken = await tokens.createRefreshToken('alice');
    const refresh = await serving({}, { refresh: true });
    const headers = cookie(refreshToken, 'refresh_token_cookie');
    expect((await refresh.send('/', { headers })).json).to.deep.equal(ALICE);
    expectRefused(
      await refresh.send('/', { headers: cookie(refreshToken) }),
      401,
      'Missing cookie "refresh_token_cookie"',
    );
  });

  it('refuses a token of the other type in either cookie', async () => {
    const refreshToken = await tokens.createRefreshToken('alice');
    expectRefused(
      await (await serving()).send('/', { headers: cookie(refreshToken) }),
      422,
      'Only non-refresh tokens are allowed',
      'invalid_token',
    );
    expectRefused(
      await (
        await serving({}, { refresh: true })
      ).send('/', { headers: cookie(token, 'refresh_token_cookie') }),
      422,
      'Only refresh tokens are allowed',
      'invalid_token',
    );
    expect(ran).to.equal(0);
  });

  it('reads cookies with exactly the configured names', async () => {
    const server = await serving({ accessCookieName: '__Host-access' });
    expect((await server.send('/', { headers: cookie(token, '__Host-access') })).json).to.deep.equal(ALICE);
    for (const name of ['__host-access', 'access_token_cookie', '__Host-access_']) {
      expectRefused(
        await server.send('/', { headers: cookie(token, name) }),
        401,
        'Missing cookie "__Host-access"',
      );
    }
  });

  const BAD_COOKIES: [cookie: string, status: number, msg: string, error?: string][] = [
    ['access_token_cookie=', 401, 'Missing cookie "access_token_cookie"'],
    ['access_token_cookie', 401, 'Missing cookie "access_token_cookie"'],
    [';;;=;', 401, 'Missing cookie "access_token_cookie"'],
    ['__proto__=T', 401, 'Missing cookie "access_token_cookie"'],
    ['access_token_cookie=%', 422, 'Not enough segments', 'invalid_token'],
    ['access_token_cookie=%E0%A4%A', 422, 'Not enough segments', 'invalid_token'],
    ['access_token_cookie=T%00', 422, 'Invalid base64url', 'invalid_token'],
    ['access_token_cookie=j:{"a":1}', 422, 'Not enough segments', 'invalid_token'],
    [`access_token_cookie=${'x'.repeat(12_000)}`, 422, 'Not enough segments', 'invalid_token'],
  ];
  for (const [value, status, msg, error] of BAD_COOKIES) {
    it(`${value.slice(0, 60)} is refused with ${status}`, async () => {
      const server = await serving();
      const answer = await server.send('/', { headers: { cookie: value.replaceAll('T', token) } });
      expectRefused(answer, status, msg, error);
      expect(answer.headers['set-cookie']).to.equal(undefined);
      expect(ran).to.equal(0);
      expect((await server.send('/', { headers: cookie(token) })).status).to.equal(200);
    });
  }

  const TWICE = 'Bad cookie "access_token_cookie". Expected it once';
  for (const value of [
    'access_token_cookie=; access_token_cookie=T',
    'access_token_cookie=x;access_token_cookie=T',
    'access_token_cookie=T; a=1; access_token_cookie=x',
    'access_token_cookie;access_token_cookie=T',
  ]) {
    it(`${value} is refused with 422, and all of them are ended`, async () => {
      const server = await serving();
      const answer = await server.send('/', { headers: { cookie: value.replaceAll('T', token) } });
      expectRefused(answer, 422, TWICE, 'invalid_request');
      expect(answer.headers['set-cookie']).to.include('access_token_cookie=; Max-Age=0; Path=/; Secure');
      expect(ran).to.equal(0);
    });
  }

  it('takes equal values for one cookie', async () => {
    const server = await serving();
    for (const value of ['T; access_token_cookie=T', 'T;access_token_cookie= T ;access_token_cookie=T']) {
      const headers = { cookie: `access_token_cookie=${value.replaceAll('T', token)}` };
      expect((await server.send('/', { headers })).json).to.deep.equal(ALICE);
      const post = { method: 'POST', headers: { ...headers, 'x-csrf-token': csrf } };
      expect((await server.send('/', post)).json).to.deep.equal(ALICE);
    }
    const twice = ['Host', 'x', 'Cookie', `access_token_cookie=${token}`];
    const again = [...twice, 'Cookie', `access_token_cookie=${token}`];
    expect((await server.send('/', { headers: again })).json).to.deep.equal(ALICE);
    const other = [...twice, 'Cookie', 'access_token_cookie=x'];
    expectRefused(await server.send('/', { headers: other }), 422, TWICE, 'invalid_request');
  });

  describe('with CSRF protection', () => {
    const MISSING = 'Missing CSRF token';
    const DIFFERENT = 'CSRF double submit tokens do not match';

    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      it(`requires the CSRF value on ${method}`, async () => {
        const server = await serving();
        const send = (headers: object) =>
          server.send('/', { method, headers: { ...cookie(token), ...headers } });
        expectRefused(await send({}), 401, MISSING, 'invalid_token');
        expectRefused(await send({ 'x-csrf-token': '' }), 401, MISSING, 'invalid_token');
        expectRefused(await send({ 'x-csrf-token': 'other' }), 401, DIFFERENT, 'invalid_token');
        expect(ran).to.equal(0);
        expect((await send({ 'x-csrf-token': csrf })).json).to.deep.equal(ALICE);
      });
    }

    it('requires no CSRF value on safe methods', async () => {
      const server = await serving();
      for (const method of ['GET', 'HEAD', 'TRACE']) {
        expect((await server.send('/', { method, headers: cookie(token) })).status, method).to.equal(200);
      }
    });

    it('never trusts the CSRF cookie, a list or another header', async () => {
      const server = await serving();
      const cookies = `access_token_cookie=${token}; csrf_access_token=${csrf}`;
      for (const [headers, msg] of [
        [{ cookie: cookies }, MISSING],
        [{ cookie: cookies.replace(csrf, 'known'), 'x-csrf-token': 'known' }, DIFFERENT],
        [{ ...cookie(token), 'x-csrf-token': [csrf, csrf] }, DIFFERENT],
        [{ ...cookie(token), 'x-csrf-token': `${csrf}, ${csrf}` }, DIFFERENT],
        [{ ...cookie(token), 'x-csrf-token': `${csrf}é` }, DIFFERENT],
        [{ ...cookie(token), 'x-csrf-token': 'é' }, DIFFERENT],
        [{ ...cookie(token), 'x-xsrf-token': csrf }, MISSING],
      ] as const) {
        const headersSent = headers as unknown as NonNullable<Sent['headers']>;
        expectRefused(
          await server.send('/', { method: 'POST', headers: headersSent }),
          401,
          msg,
          'invalid_token',
        );
      }
      expect(ran).to.equal(0);
    });

    it('cannot be switched off by a request', async () => {
      const server = await serving();
      for (const headers of [
        { 'x-http-method-override': 'GET' },
        { 'content-type': 'text/plain' },
        { origin: 'null' },
        { 'sec-fetch-site': 'same-origin' },
      ]) {
        const answer = await server.send('/?_method=GET', {
          method: 'POST',
          headers: { ...cookie(token), ...headers },
        });
        expectRefused(answer, 401, MISSING, 'invalid_token');
      }
      expect(ran).to.equal(0);
    });

    it('ignores tokens in the Authorization header, which no other site can send', async () => {
      const server = await serving({ tokenLocation: ['headers', 'cookies'] });
      const headers = { authorization: `Bearer ${token}` };
      const answer = await server.send('/', { method: 'POST', headers });
      expect(answer.json).to.deep.equal({ identity: 'alice', location: 'headers' });
    });

    it('refuses a token without a csrf claim that is text, with any header', async () => {
      const server = await serving();
      for (const claim of [undefined, null, '', 1, true, {}, ['x']]) {
        const without = forge({ claims: claimsOf({ csrf: claim }) });
        for (const value of ['undefined', 'null', '1', 'true', '[object Object]', 'x']) {
          const headers = { ...cookie(without), 'x-csrf-token': value };
          const answer = await server.send('/', { method: 'POST', headers });
          expectRefused(answer, 422, 'Missing claim: csrf', 'invalid_token');
        }
      }
      expect(ran).to.equal(0);
    });

    it('applies to an optional route, where only a missing cookie means anonymous', async () => {
      const server = await serving({}, { optional: true });
      const anonymous = await server.send('/', { method: 'POST' });
      expect(anonymous.json).to.deep.equal({ identity: null, location: null });
      expectRefused(
        await server.send('/', { method: 'POST', headers: cookie(token) }),
        401,
        MISSING,
        'invalid_token',
      );
    });

    it('reports a wrong CSRF value before an expired token', async () => {
      const expired = await expiredToken(tokens);
      const server = await serving();
      const send = (value: string) =>
        server.send('/', { method: 'POST', headers: { ...cookie(expired), 'x-csrf-token': value } });
      expectRefused(await send('other'), 401, DIFFERENT, 'invalid_token');
      const claims = await tokens.decodeToken(expired, { allowExpired: true });
      expectRefused(await send(String(claims.csrf)), 401, 'Token has expired', 'invalid_token');
    });

    it('applies to the methods in csrfMethods, in any case', async () => {
      const server = await serving({ csrfMethods: ['get', 'Post'] });
      for (const [method, status] of [
        ['GET', 401],
        ['POST', 401],
        ['PUT', 200],
      ] as const) {
        expect((await server.send('/', { method, headers: cookie(token) })).status, method).to.equal(status);
      }
    });

    it('can be switched off', async () => {
      const server = await serving({ cookieCsrfProtect: false });
      expect((await server.send('/', { method: 'POST', headers: cookie(token) })).status).to.equal(200);
    });

    it('reads the configured header and form field, for either type of token', async () => {
      const server = await serving(
        {
          refreshCsrfHeaderName: 'X-Refresh-Csrf',
          csrfCheckForm: true,
          refreshCsrfFieldName: 'refresh_csrf',
        },
        { refresh: true },
      );
      const refreshToken = await tokens.createRefreshToken('alice');
      const value = await tokens.getCsrfToken(refreshToken);
      const headers = cookie(refreshToken, 'refresh_token_cookie');
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      const sent = [
        { headers: { ...headers, 'x-refresh-csrf': value } },
        { headers: form, body: `refresh_csrf=${value}` },
      ];
      for (const each of sent)
        expect((await server.send('/', { method: 'POST', ...each })).status).to.equal(200);
      const wrong = { headers: form, body: `csrf_token=${value}` };
      expectRefused(await server.send('/', { method: 'POST', ...wrong }), 401, MISSING, 'invalid_token');
    });

    it('reads a form field only if switched on, and prefers the header', async () => {
      const form = (
        body: string,
        headers: object = {},
        type = 'application/x-www-form-urlencoded',
      ): Sent => ({
        method: 'POST',
        headers: { ...cookie(token), 'content-type': type, ...headers },
        body,
      });
      const off = await serving();
      expectRefused(await off.send('/', form(`csrf_token=${csrf}`)), 401, MISSING, 'invalid_token');
      const server = await serving({ csrfCheckForm: true });
      expect((await server.send('/', form(`csrf_token=${csrf}`))).status).to.equal(200);
      expect((await server.send('/', form('csrf_token=x', { 'x-csrf-token': csrf }))).status).to.equal(200);
      const json = JSON.stringify({ csrf_token: csrf });
      for (const [sent, msg] of [
        [form(`csrf_token=${csrf}`, { 'x-csrf-token': 'x' }), DIFFERENT],
        [form('csrf_token=x'), DIFFERENT],
        [form('csrf_token='), MISSING],
        [form(''), MISSING],
        [form(`csrf_token=${csrf}&csrf_token=${csrf}`), MISSING],
        [form(`csrf_token[a]=${csrf}`), MISSING],
        [form(json, {}, 'application/json'), MISSING],
        [form(`csrf_token=${csrf}`, {}, 'text/plain'), MISSING],
        [form('%%%', {}), MISSING],
        [form('--x\r\n', {}, 'multipart/form-data; boundary=x'), MISSING],
      ] as const) {
        expectRefused(await server.send('/', sent), 401, msg, 'invalid_token');
      }
    });
  });
});

/** A request as middleware, an adapter or a test may have left it. */
function carrier(headers: object, more: { rawHeaders?: string[]; body?: unknown } = {}): Carrier {
  const { rawHeaders = [], body } = more;
  return { method: 'POST', req: { headers, rawHeaders }, request: { body } } as unknown as Carrier;
}

describe('cookieValues(ctx, name)', () => {
  const values = (cookie: unknown): string[] => cookieValues(carrier({ cookie }), 'a');

  it('finds the different values of a name, whatever is around it', () => {
    expect(values('a=1; b=2;a=1; a = 3 ;aa=4; A=5')).to.deep.equal(['1', '3']);
    // trim() and parsers of cookies differ in what white space is.
    expect(values('a=1;\u00a0a=2;\u000ba=3')).to.deep.equal(['1', '2', '3']);
  });

  it('reads a list of headers as one', () => {
    expect(values(['b=1; a=1', 'a=2'])).to.deep.equal(['1', '2']);
    expect(values([])).to.deep.equal([]);
  });
});

describe('csrfValueOf(ctx, config, type)', () => {
  const config = new JwtConfig({ secretKey: SECRET, csrfCheckForm: true });
  const FORM = 'application/x-www-form-urlencoded';
  const valueIn = (headers: object, more: { rawHeaders?: string[]; body?: unknown }): string =>
    csrfValueOf(carrier(headers, more), config, 'access');

  it('is nothing that two headers are together', () => {
    const rawHeaders = ['X-CSRF-TOKEN', 'first', 'x-csrf-token', 'second'];
    expect(valueIn({ 'x-csrf-token': 'first' }, { rawHeaders })).to.equal('first, second');
  });

  it('reads a field of a form, and no form of two types', () => {
    const body = { csrf_token: 'value' };
    expect(valueIn({ 'content-type': FORM }, { body })).to.equal('value');
    const rawHeaders = ['Content-Type', FORM, 'Content-Type', 'text/plain'];
    expect(valueIn({ 'content-type': FORM }, { rawHeaders, body })).to.equal('');
    expect(valueIn({}, { body })).to.equal('');
  });

  it('reads a form whatever follows its type, and no other type that has the name of a form in it', () => {
    const body = { csrf_token: 'value' };
    for (const type of [
      `${FORM};charset=utf-8`,
      `${FORM} ; charset=utf-8`,
      'multipart/form-data\t;boundary=x',
    ])
      expect(valueIn({ 'content-type': type }, { body }), type).to.equal('value');
    for (const type of [`${FORM}x`, `x${FORM}`, `text/plain; ${FORM}`])
      expect(valueIn({ 'content-type': type }, { body }), type).to.equal('');
  });

  for (const body of [
    undefined,
    null,
    'csrf_token',
    7,
    [],
    Object.create({ csrf_token: 'value' }) as unknown,
  ]) {
    it(`finds none in a body that is ${JSON.stringify(body)}`, () => {
      expect(valueIn({ 'content-type': FORM }, { body })).to.equal('');
    });
  }
});

describe('needsCsrfValue(method, config)', () => {
  it('spares the methods that change nothing (RFC 9110 §9.2.1), and no other', () => {
    const config = new JwtConfig({ secretKey: SECRET });
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE'])
      expect(needsCsrfValue(method, config), method).to.equal(false);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'QUERY', ''])
      expect(needsCsrfValue(method, config), method).to.equal(true);
  });
});
