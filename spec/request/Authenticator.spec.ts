import { expect } from 'chai';
import Koa from 'koa';
import { Body, Delete, Get, JsonController, Post, useKoaServer } from 'routing-controllers';
import { Service } from 'typedi';
import {
  DecodeKeyLoader,
  jwtGuard,
  JwtIdentity,
  JwtLocation,
  JwtManager,
  JwtRequired,
  RefreshJwtRequired,
  UserLoader,
  type JwtOptions,
  type VerifiedEvent,
} from '../../src/index';
import { policyFrom } from '../../src/request/Policy';
import { notesOf } from '../../src/request/RequestNotes';
import { expectRefused } from '../support/refused';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { provide, serve, Server, type Sent } from '../support/Server';

const tokens = new JwtManager({ secretKey: SECRET, loaders: [] });
let ran = 0;
const servers: Server[] = [];

async function serving(options: JwtOptions): Promise<Server> {
  provide(new JwtManager({ secretKey: SECRET, loaders: [], ...options }));
  const app = new Koa();
  app.silent = true;
  app.use(jwtGuard());
  app.use((ctx) => {
    ran++;
    ctx.body = { location: ctx.state.jwt?.location };
  });
  const server = await Server.of(app);
  servers.push(server);
  return server;
}

const JSON_TYPE = { 'content-type': 'application/json' };

let token: string;
before(async () => {
  token = await tokens.createAccessToken('alice');
});
beforeEach(() => {
  ran = 0;
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('the location query_string', () => {
  for (const [query, status, msg, error] of [
    ['', 401, "Missing 'jwt' query parameter"],
    ['?jwt=', 401, "Missing 'jwt' query parameter"],
    ['?JWT=T', 401, "Missing 'jwt' query parameter"],
    ['?jwt[]=T', 401, "Missing 'jwt' query parameter"],
    ['?xjwt=T&jwtx=T&=T&jwt', 401, "Missing 'jwt' query parameter"],
    ['?j%77t=T&jwt=T', 422, "Bad query parameter 'jwt'. Expected it once", 'invalid_request'],
    ['?jwt=T&jwt=T', 422, "Bad query parameter 'jwt'. Expected it once", 'invalid_request'],
    ['?jwt=T%', 422, 'Invalid base64url', 'invalid_token'],
    ['?jwt=%E0%A4%A', 422, 'Not enough segments', 'invalid_token'],
  ] as const) {
    it(`refuses ${query === '' ? 'nothing' : query} with ${status}`, async () => {
      const server = await serving({ tokenLocation: ['query_string'] });
      expectRefused(await server.get(`/${query.replaceAll('T', token)}`), status, msg, error);
      expect(ran).to.equal(0);
    });
  }

  it('accepts a token, and no cache may keep the answer', async () => {
    const server = await serving({ tokenLocation: ['query_string'], queryStringName: 'token' });
    const answer = await server.get(`/?token=${token}`);
    expect(answer.json).to.deep.equal({ location: 'query_string' });
    expect(answer.headers['cache-control']).to.equal('no-store');
  });

  it('accepts a token among any number of parameters, however its name is written', async () => {
    const server = await serving({ tokenLocation: ['query_string'], queryStringName: 'my token' });
    for (const query of [
      `my+token=${token}`,
      `my%20token=${token}`,
      `%6dy%20token=${token}`,
      `a=1&my+token=${token}&b=2&a=3`,
      `${'a&'.repeat(3_000)}my+token=${token}`,
    ]) {
      expect((await server.get(`/?${query}`)).status, query.slice(0, 20)).to.equal(200);
    }
  });

  it('requires the configured prefix', async () => {
    const server = await serving({ tokenLocation: ['query_string'], queryStringValuePrefix: 'Bearer ' });
    expect((await server.get(`/?jwt=Bearer%20${token}`)).status).to.equal(200);
    const msg = "Invalid value for query parameter 'jwt'. Expected the value to start with 'Bearer '";
    expectRefused(await server.get(`/?jwt=${token}`), 422, msg, 'invalid_request');
  });
});

describe('the location json', () => {
  @Service()
  @JsonController('/json')
  class JsonTokenController {
    @Get('/access')
    @Post('/access')
    @Delete('/access')
    @JwtRequired({ locations: ['json'] })
    access(@JwtIdentity() identity: string, @Body() body: { more?: number }): object {
      ran++;
      return { identity, more: body.more };
    }
    @Post('/refresh')
    @RefreshJwtRequired({ locations: ['json'] })
    refresh(@JwtIdentity() identity: string): object {
      ran++;
      return { identity };
    }
    @Post('/header')
    @JwtRequired({ locations: ['headers'] })
    header(@Body() body: object): object {
      ran++;
      return body;
    }
    @Post('/no-body')
    noBody(): object {
      ran++;
      return {};
    }
    @Post('/open')
    open(@Body() body: object): object {
      ran++;
      return body;
    }
  }
  const sent = (body: unknown, type = 'application/json', method = 'POST'): Sent => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return {
      method,
      headers: { 'content-type': type, 'content-length': Buffer.byteLength(text) },
      body: text,
    };
  };
  const NO_KEY = 'Missing "access_token" key in json data.';
  const NO_JSON = 'Invalid content-type. Must be application/json.';

  let server: Server;
  beforeEach(async () => {
    server = await serve(tokens, { controllers: [JsonTokenController] });
    servers.push(server);
  });

  for (const method of ['POST', 'GET', 'DELETE']) {
    it(`accepts a token from the body of a ${method}, which the action gets too`, async () => {
      const answer = await server.send(
        '/json/access',
        sent({ access_token: token, more: 1 }, undefined, method),
      );
      expect(answer.json).to.deep.equal({ identity: 'alice', more: 1 });
    });
  }

  for (const type of [
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/vnd.api+json',
    'application/ld+json',
  ]) {
    it(`accepts the content type ${type}`, async () => {
      const answer = await server.send('/json/access', sent({ access_token: token, more: 1 }, type));
      expect(answer.json, answer.text).to.deep.equal({ identity: 'alice', more: 1 });
    });
  }

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/json',
    'application/x; json',
  ]) {
    it(`refuses the content type ${type}`, async () => {
      expectRefused(await server.send('/json/access', sent({ access_token: token }, type)), 401, NO_JSON);
      expect(ran).to.equal(0);
    });
  }

  for (const body of [
    '',
    '{',
    '{"access_token":',
    'null',
    '1',
    'true',
    '"x"',
    '[1]',
    '[]',
    '{}',
    '{"__proto__":1}',
    '{"access_token":""}',
    '{"access_token":null}',
  ]) {
    it(`finds no token in the body ${JSON.stringify(body)}`, async () => {
      expectRefused(await server.send('/json/access', sent(body)), 401, NO_KEY);
      expectRefused(await server.send('/json/access', sent(body, 'application/ld+json')), 401, NO_KEY);
      expect(ran).to.equal(0);
    });
  }

  for (const value of [1, true, {}, ['x'], { toString: 'x' }]) {
    it(`refuses ${JSON.stringify(value)} as a token`, async () => {
      const answer = await server.send('/json/access', sent({ access_token: value }));
      expectRefused(answer, 422, 'Not a token', 'invalid_token');
      expect(ran).to.equal(0);
    });
  }

  it('finds no token in a body that cannot be unzipped', async () => {
    const zipped = (type: string): Sent => ({
      method: 'POST',
      headers: { 'content-type': type, 'content-encoding': 'gzip' },
      body: 'no gzip',
    });
    for (const type of ['application/json', 'application/ld+json']) {
      expectRefused(await server.send('/json/access', zipped(type)), 401, NO_KEY);
    }
  });

  it('uses a separate key for refresh tokens', async () => {
    const refresh = await tokens.createRefreshToken('alice');
    expect((await server.send('/json/refresh', sent({ refresh_token: refresh }))).status).to.equal(200);
    const msg = 'Missing "refresh_token" key in json data.';
    expectRefused(await server.send('/json/refresh', sent({ access_token: refresh })), 401, msg);
  });

  it("keeps the body parser's other answers", async () => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${token}` };
    for (const path of ['/json/open', '/json/header', '/json/no-body']) {
      const answer = await server.send(path, { method: 'POST', headers, body: '{' });
      expect(answer.status, path).to.equal(400);
    }
    const large = await server.send(
      '/json/access',
      sent({ access_token: token, more: 'x'.repeat(2_000_000) }),
    );
    expect(large.status).to.equal(413);
    expect(ran).to.equal(0);
    expect((await server.send('/json/open', sent({ a: 1 }))).json).to.deep.equal({ a: 1 });
  });

  it('leaves a broken body on a plain Koa route after the controllers a 400', async () => {
    const app = new Koa();
    app.silent = true;
    useKoaServer(app, { controllers: [JsonTokenController] });
    app.use((ctx) => {
      ran++;
      ctx.body = { got: (ctx.request as { body?: unknown }).body ?? null };
    });
    const beside = await Server.of(app);
    servers.push(beside);
    expect((await beside.send('/plain', sent('{'))).status).to.equal(400);
    expectRefused(await beside.send('/json/access', sent('{')), 401, NO_KEY);
    expect(ran).to.equal(0);
    expect((await beside.send('/plain', sent({ a: 1 }))).json).to.deep.equal({ got: { a: 1 } });
    expect((await beside.get('/plain')).status).to.equal(200);
  });

  it('works in plain Koa too, without a body parser', async () => {
    const plain = await serving({ tokenLocation: ['json'], jsonKey: 'token' });
    expect((await plain.send('/', sent({ token }))).json).to.deep.equal({ location: 'json' });
    expectRefused(await plain.send('/', sent('{')), 401, 'Missing "token" key in json data.');
    expect((await plain.send('/', sent({ token, more: 'x'.repeat(2_000_000) }))).status).to.equal(413);
  });
});

describe('several locations', () => {
  const all = { tokenLocation: ['headers', 'cookies', 'query_string', 'json'] } as const;
  const reasons = [
    'Missing Authorization Header',
    'Missing cookie "access_token_cookie"',
    "Missing 'jwt' query parameter",
    'Invalid content-type. Must be application/json.',
  ];

  it('are all named if none has a token', async () => {
    const server = await serving(all);
    const msg = `Missing JWT in headers, cookies, query_string or json (${reasons.join('; ')})`;
    expectRefused(await server.get('/'), 401, msg);
    const two = await serving({ tokenLocation: ['json', 'cookies'] });
    expectRefused(
      await two.get('/'),
      401,
      `Missing JWT in json or cookies (${String(reasons[3])}; ${String(reasons[1])})`,
    );
  });

  it('are tried in the order given, and the first token decides', async () => {
    const cookie = `access_token_cookie=${token}`;
    const authorization = `Bearer ${token}`;
    for (const [tokenLocation, location] of [
      [['headers', 'cookies'], 'headers'],
      [['cookies', 'headers'], 'cookies'],
    ] as const) {
      const server = await serving({ tokenLocation });
      expect((await server.send('/', { headers: { cookie, authorization } })).json).to.deep.equal({
        location,
      });
    }
    const server = await serving(all);
    expect((await server.send('/', { headers: { cookie } })).json).to.deep.equal({ location: 'cookies' });
    expect((await server.get(`/?jwt=${token}`)).json).to.deep.equal({ location: 'query_string' });
  });

  for (const [headers, status, msg, error] of [
    [{ authorization: 'Bearer x' }, 422, 'Not enough segments', 'invalid_token'],
    [
      { authorization: 'Bearer' },
      422,
      "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'",
      'invalid_request',
    ],
    [{ cookie: 'access_token_cookie=x' }, 422, 'Not enough segments', 'invalid_token'],
  ] as const) {
    it(`end the search at ${JSON.stringify(headers)}, even if a good token follows`, async () => {
      const server = await serving(all);
      expectRefused(await server.send(`/?jwt=${token}`, { headers }), status, msg, error);
      expect(ran).to.equal(0);
    });
  }

  it('end the search at a cookie without its CSRF value', async () => {
    const server = await serving(all);
    const headers = { cookie: `access_token_cookie=${token}` };
    const answer = await server.send(`/?jwt=${token}`, { method: 'POST', headers });
    expectRefused(answer, 401, 'Missing CSRF token', 'invalid_token');
  });

  it('are overridden by the locations of a decorator', async () => {
    @Service()
    @JsonController('/located')
    class LocatedController {
      @Get()
      @JwtRequired({ locations: ['query_string', 'headers'] })
      action(@JwtLocation() location: string): object {
        return { location };
      }
    }
    const manager = new JwtManager({ secretKey: SECRET, loaders: [], tokenLocation: ['cookies'] });
    const server = await serve(manager, { controllers: [LocatedController] });
    servers.push(server);
    expect((await server.get('/located', token)).json).to.deep.equal({ location: 'headers' });
    expect((await server.get(`/located?jwt=${token}`)).json).to.deep.equal({ location: 'query_string' });
    const headers = { cookie: `access_token_cookie=${token}` };
    const msg = `Missing JWT in query_string or headers (${String(reasons[2])}; ${String(reasons[0])})`;
    expectRefused(await server.send('/located', { headers }), 401, msg);
  });
});

describe('what was found out about a token of a request', () => {
  class OtherManager extends JwtManager {}

  let [keys, users] = [0, 0];
  @Service()
  @DecodeKeyLoader()
  class CountedKey {
    async load(): Promise<string> {
      keys++;
      await Promise.resolve();
      return SECRET;
    }
  }
  @Service()
  @UserLoader()
  class CountedUser {
    load({ context, identity }: VerifiedEvent): object {
      users++;
      return { identity, path: context.path, count: users };
    }
  }
  const loaders = [CountedKey, CountedUser];
  const manager = new JwtManager({ secretKey: SECRET, loaders });
  const other = new OtherManager({ secretKey: SECRET, loaders });

  beforeEach(() => {
    [keys, users] = [0, 0];
  });

  /** Of a request with a token: what several looks of managers find. */
  async function looked(look: (ctx: Koa.Context) => Promise<unknown>): Promise<unknown> {
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx) => {
      ctx.body = { found: await look(ctx) };
    });
    const server = await Server.of(app);
    servers.push(server);
    const answer = await server.get('/path', token);
    expect(answer.status, answer.text).to.equal(200);
    return (answer.json as { found: unknown }).found;
  }
  const userOf = async (ctx: Koa.Context, by: JwtManager = manager): Promise<unknown> =>
    (await by.authenticate(notesOf(ctx), policyFrom()))?.user;

  it('is not asked again', async () => {
    const found = await looked(async (ctx) => [await userOf(ctx), await userOf(ctx)]);
    expect(found).to.deep.equal(Array(2).fill({ identity: 'alice', path: '/path', count: 1 }));
    expect(keys).to.equal(1);
  });

  it('is not asked again by a look at the same time', async () => {
    const found = await looked((ctx) => Promise.all([userOf(ctx), userOf(ctx)]));
    expect(found).to.deep.equal(Array(2).fill({ identity: 'alice', path: '/path', count: 1 }));
  });

  it('is asked again by hand, and the answer holds from then on', async () => {
    const found = await looked(async (ctx) => {
      const counts = [await userOf(ctx)];
      counts.push((await manager.verifyJwtInRequest(ctx))?.user, await userOf(ctx));
      return (counts as { count: number }[]).map(({ count }) => count);
    });
    expect(found).to.deep.equal([1, 2, 2]);
  });

  it('is known to the manager that has asked, and to no other', async () => {
    const found = await looked(async (ctx) => {
      const counts = [
        await userOf(ctx),
        await userOf(ctx, other),
        await userOf(ctx),
        await userOf(ctx, other),
      ];
      return (counts as { count: number }[]).map(({ count }) => count);
    });
    expect(found).to.deep.equal([1, 2, 1, 2]);
    const stranger = new OtherManager({ secretKey: `another ${SECRET}`, loaders: [] });
    const code = await looked(async (ctx) => {
      await userOf(ctx);
      return (await rejection(userOf(ctx, stranger))).code;
    });
    expect(code).to.equal('ERR_JWT_INVALID');
  });
});
