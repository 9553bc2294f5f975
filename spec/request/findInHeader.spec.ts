import http from 'node:http';
import { expect } from 'chai';
import Koa from 'koa';
import { InvalidHeaderError, JwtConfig, jwtGuard, JwtManager, type JwtOptions } from '../../src/index';
import { findInHeader, headerValues } from '../../src/request/findInHeader';
import type { Carrier } from '../../src/request/FoundToken';
import { expiredToken } from '../support/expiredToken';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { provide, Server } from '../support/Server';

let ran = 0;

async function serving(options: JwtOptions = {}, optional = false): Promise<[Server, JwtManager]> {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  provide(manager);
  const app = new Koa();
  app.silent = true;
  app.use(jwtGuard({ optional }));
  app.use((ctx) => {
    ran++;
    ctx.body = { identity: ctx.state.jwt?.identity ?? null };
  });
  return [await Server.of(app), manager];
}

const MISSING = 'Missing Authorization Header';
const NO_TYPE = "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'";
const BAD = "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'";

/** Header values, with T for a valid token. */
const REFUSED: [value: string, status: number, msg: string, error?: string][] = [
  ['', 401, MISSING],
  [' ', 401, MISSING],
  [', ,', 401, MISSING],
  ['Basic YWJj', 401, NO_TYPE],
  ['T', 401, NO_TYPE],
  ['BearerT', 401, NO_TYPE],
  ['Bearer\tT', 401, NO_TYPE],
  ['Bearer\u00a0T', 401, NO_TYPE],
  ['Bearer T, Bearer T', 401, NO_TYPE],
  ['Bearer T,bearer T', 401, NO_TYPE],
  ['Bearer', 422, BAD, 'invalid_request'],
  ['Bearer a b', 422, BAD, 'invalid_request'],
  ['Bearer T x', 422, BAD, 'invalid_request'],
  ['Bearer T, realm="x"', 422, BAD, 'invalid_request'],
  ['Bearer T, T', 422, BAD, 'invalid_request'],
  ['Bearer "T"', 422, 'Invalid base64url', 'invalid_token'],
  ['Bearer T=', 422, 'Invalid base64url', 'invalid_token'],
  ['Bearer T\u00a0', 422, 'Invalid base64url', 'invalid_token'],
  ['Bearer x', 422, 'Not enough segments', 'invalid_token'],
  ['Basic realm="x, Bearer T, Basic y"', 422, BAD, 'invalid_request'],
];

const ACCEPTED = [
  'Bearer T',
  'bearer T',
  'BEARER T',
  'Bearer   T',
  'Bearer T,',
  ',Bearer T',
  'Basic YWJj, Bearer T',
  'Bearer T, Basic YWJj',
  'Bearer T,Basic YWJj',
];

describe('the Authorization header', () => {
  let server: Server;
  let token: string;

  before(async () => {
    const [started, manager] = await serving();
    server = started;
    token = await manager.createAccessToken('alice');
  });
  after(() => server.close());
  beforeEach(() => {
    ran = 0;
  });

  for (const [value, status, msg, error] of REFUSED) {
    it(`${JSON.stringify(value)} is refused with ${status}`, async () => {
      const headers = { authorization: value.replaceAll('T', token) };
      expectRefused(await server.send('/', { headers }), status, msg, error);
      expect(ran).to.equal(0);
    });
  }

  for (const value of ACCEPTED) {
    it(`${JSON.stringify(value)} is accepted`, async () => {
      const headers = { authorization: value.replace('T', token) };
      expect((await server.send('/', { headers })).json).to.deep.equal({ identity: 'alice' });
    });
  }

  it('is refused if sent twice, even if one is valid (RFC 9110 §5.3)', async () => {
    for (const other of ['Bearer x', 'Basic YWJj']) {
      const [one, two] = [`Bearer ${token}`, other];
      for (const headers of [
        ['Authorization', one, 'Authorization', two, 'Host', 'x'],
        ['Authorization', two, 'authorization', one, 'Host', 'x'],
      ]) {
        expectRefused(await server.send('/', { headers }), 401, NO_TYPE);
      }
    }
    expect(ran).to.equal(0);
  });

  it('is read quickly, even if malicious', async () => {
    const spaces = ' '.repeat(15_000);
    const odd = [
      `a${spaces}a`,
      `Bearer${spaces}x y`,
      `Basic a${spaces},Bearer x`,
      ','.repeat(15_000),
      'a,'.repeat(7_500),
    ];
    for (const authorization of odd) {
      const started = process.cpuUsage();
      const { status } = await server.send('/', { headers: { authorization } });
      const { user, system } = process.cpuUsage(started);
      expect(status).to.be.within(400, 499);
      // A backtracking regular expression took half a second.
      expect((user + system) / 1000, `milliseconds for ${authorization.slice(0, 9)}`).to.be.below(150);
    }
  });

  it('is the only place that is searched', async () => {
    const headers = { cookie: `access_token_cookie=${token}`, 'x-access-token': token };
    expectRefused(await server.send(`/?jwt=${token}`, { headers }), 401, MISSING);
  });

  it('does not carry an identity over to the next request of a connection', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const headers = { authorization: `Bearer ${token}` };
    expect((await server.send('/', { agent, headers })).status).to.equal(200);
    expectRefused(await server.send('/', { agent }), 401, MISSING);
    agent.destroy();
  });
});

describe('an optional route', () => {
  it('treats no token, another scheme and two Bearer fields as anonymous', async () => {
    const [server, manager] = await serving({}, true);
    const token = await manager.createAccessToken('alice');
    for (const value of ['', 'Basic YWJj', `Bearer ${token}, Bearer ${token}`]) {
      const answer = await server.send('/', { headers: { authorization: value } });
      expect(answer.json, value).to.deep.equal({ identity: null });
    }
    expect((await server.get('/', token)).json).to.deep.equal({ identity: 'alice' });
    await server.close();
  });

  it('still refuses a malformed, expired or wrong token', async () => {
    const [server, manager] = await serving({}, true);
    const expired = await expiredToken(manager);
    const refresh = await manager.createRefreshToken('alice');
    ran = 0;
    for (const [value, status, msg, error] of [
      ['Bearer', 422, BAD, 'invalid_request'],
      ['Bearer x', 422, 'Not enough segments', 'invalid_token'],
      [`Bearer ${expired}`, 401, 'Token has expired', 'invalid_token'],
      [`Bearer ${refresh}`, 422, 'Only non-refresh tokens are allowed', 'invalid_token'],
    ] as const) {
      expectRefused(await server.send('/', { headers: { authorization: value } }), status, msg, error);
    }
    expect(ran).to.equal(0);
    await server.close();
  });
});

describe('headerName and headerType', () => {
  it('name another header and another type', async () => {
    const [server, manager] = await serving({ headerName: 'X-Auth', headerType: 'JWT' });
    const token = await manager.createAccessToken('alice');
    expect((await server.send('/', { headers: { 'x-auth': `jwt ${token}` } })).status).to.equal(200);
    const answers = [
      [{ authorization: `JWT ${token}` }, 401, 'Missing X-Auth Header', 'JWT'],
      [
        { 'x-auth': `Bearer ${token}` },
        401,
        "Missing 'JWT' type in 'X-Auth' header. Expected 'X-Auth: JWT <JWT>'",
        'JWT',
      ],
    ] as const;
    for (const [headers, status, msg, challenge] of answers) {
      const answer = await server.send('/', { headers });
      expect([answer.status, answer.json]).to.deep.equal([status, { msg }]);
      expect(answer.headers['www-authenticate']).to.equal(challenge);
    }
    await server.close();
  });

  it('can omit the type, and then the value is exactly one token', async () => {
    const [server, manager] = await serving({ headerType: '' });
    const token = await manager.createAccessToken('alice');
    expect((await server.send('/', { headers: { authorization: token } })).status).to.equal(200);
    const bad = "Bad Authorization header. Expected 'Authorization: <JWT>'";
    for (const value of [`Bearer ${token}`, `${token} ${token}`, `${token}, ${token}`]) {
      const answer = await server.send('/', { headers: { authorization: value } });
      expectRefused(answer, 422, bad, 'invalid_request');
    }
    expectRefused(await server.get('/'), 401, MISSING);
    await server.close();
  });
});

/** A request as middleware, an adapter or a test may have left it. */
function carrier(headers: object, rawHeaders?: readonly string[] | null): Carrier {
  return { req: { headers, rawHeaders } } as unknown as Carrier;
}

describe('findInHeader(ctx, config)', () => {
  const config = new JwtConfig({ secretKey: SECRET });
  const found = (authorization: string, given = config): unknown =>
    findInHeader(carrier({ authorization }), given);
  const token = { text: 'T', location: 'headers', csrfValue: undefined };

  it('finds a token however its scheme is written, alone or beside credentials of other schemes', () => {
    for (const value of ['Bearer T', 'bearer T', 'BEARER  T', 'Bearer T, Basic YWJj', 'Basic YWJj,Bearer T'])
      expect(found(value), value).to.deep.equal(token);
  });

  it('takes no other scheme of the same length for it', () => {
    for (const value of ['Digest T', 'Bearer_T', 'xBearer T'])
      expect(found(value), value).to.deep.equal({ absent: NO_TYPE });
  });

  it('refuses a scheme without a token, and one with two', () => {
    for (const value of ['Bearer', 'Bearer ', 'Bearer T U', 'Bearer T, realm="a"'])
      expect(() => found(value), value).to.throw(InvalidHeaderError, BAD);
  });

  it('takes the whole value without a scheme, and nothing that begins with a space', () => {
    const bare = new JwtConfig({ secretKey: SECRET, headerType: '' });
    for (const value of ['T', ' T']) expect(found(value, bare), value).to.deep.equal(token);
    expect(() => found('T, U', bare)).to.throw(InvalidHeaderError, "Expected 'Authorization: <JWT>'");
    expect(found(' ', bare)).to.deep.equal({ absent: MISSING });
  });
});

describe('headerValues(ctx, name)', () => {
  const values = (headers: object, raw?: readonly string[] | null): string[] =>
    headerValues(carrier(headers, raw), 'X-Name');

  it('are those of headers, whatever is there', () => {
    expect(values({ 'x-name': 'a' })).to.deep.equal(['a']);
    expect(values({ 'x-name': 'a' }, null)).to.deep.equal(['a']);
    expect(values({ 'x-name': 'a' }, ['X-Name', 'b'])).to.deep.equal(['a']);
    expect(values({ 'x-name': ['a', 7] })).to.deep.equal(['a', '7']);
    for (const nothing of [undefined, null, []]) expect(values({ 'x-name': nothing })).to.deep.equal([]);
    expect(values({})).to.deep.equal([]);
    expect(values({}, ['X-Other', 'X-Name'])).to.deep.equal([]);
  });

  it('are all that were sent, when the header came twice', () => {
    expect(values({ 'x-name': 'a' }, ['X-Name', 'a', 'x-NAME', 'b'])).to.deep.equal(['a', 'b']);
  });

  it('are what was sent, when one on Object.prototype made Node drop them', () => {
    const headers = Object.create({ 'x-name': 'polluted' }) as object;
    expect(values(headers, ['X-Name', 'a'])).to.deep.equal(['a']);
    expect(values(headers)).to.deep.equal([]);
  });
});
