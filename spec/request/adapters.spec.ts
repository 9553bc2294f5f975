import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import Koa from 'koa';
import { createMocks, type RequestOptions } from 'node-mocks-http';
import { createKoaServer, Get, JsonController, Post } from 'routing-controllers';
import serverless from 'serverless-http';
import { Service } from 'typedi';
import { jwtGuard, JwtIdentity, JwtManager, JwtRequired, type JwtOptions } from '../../src/index';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { provide, Server } from '../support/Server';

@Service()
@JsonController('/me')
@JwtRequired()
class MeController {
  @Get()
  @Post()
  me(@JwtIdentity() identity: string): object {
    return { identity };
  }
}

const ALL: JwtOptions = { tokenLocation: ['headers', 'cookies', 'query_string', 'json'] };
const ALICE = { identity: 'alice' };
const NO_TYPE = "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'";

let manager: JwtManager;
let token: string;
let csrf: string;
const servers: Server[] = [];

const start = async (options: JwtOptions): Promise<void> => {
  manager = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  provide(manager);
  token = await manager.createAccessToken('alice');
  csrf = await manager.getCsrfToken(token);
};
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

const controllers = (): Koa => {
  const app = createKoaServer({ controllers: [MeController] }) as Koa;
  app.silent = true;
  return app;
};

/** A plain application, with a middleware before its guard. */
const plain = (middleware: Koa.Middleware): Koa => {
  const app = new Koa();
  app.silent = true;
  app.use(middleware);
  app.use(jwtGuard());
  app.use((ctx) => {
    ctx.body = { identity: ctx.state.jwt?.identity };
  });
  return app;
};

interface Lambda {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

describe('a request of AWS Lambda, by serverless-http', () => {
  beforeEach(() => start(ALL));

  const invoke = async (event: object): Promise<[status: number, body: unknown]> => {
    const handler = serverless(controllers());
    const defaults = { version: '2.0', rawPath: '/me', rawQueryString: '', headers: {}, body: '' };
    const method = 'body' in event ? 'POST' : 'GET';
    const requestContext = { http: { method, sourceIp: '127.0.0.1' } };
    const answer = (await handler({ ...defaults, requestContext, ...event }, {})) as Lambda;
    return [answer.statusCode, JSON.parse(answer.body)];
  };

  it('carries a token in each location', async () => {
    const cookies = [`access_token_cookie=${token}`, 'a=b'];
    const json = { 'content-type': 'application/json' };
    for (const event of [
      { headers: { authorization: `Bearer ${token}` } },
      { headers: { Authorization: `Bearer ${token}` } },
      { cookies },
      { cookies, headers: { 'X-CSRF-TOKEN': csrf }, body: '' },
      { rawQueryString: `jwt=${token}` },
      { headers: json, body: JSON.stringify({ access_token: token }) },
    ]) {
      expect(await invoke(event), JSON.stringify(Object.keys(event))).to.deep.equal([200, ALICE]);
    }
  });

  it('is refused as any other', async () => {
    const cookies = [`access_token_cookie=${token}`];
    const bad = 'Bad cookie "access_token_cookie". Expected it once';
    for (const [event, status, msg] of [
      [{}, 401, /^Missing JWT in headers, cookies, query_string or json/],
      [{ headers: { authorization: 'Bearer x' } }, 422, /^Not enough segments$/],
      [{ cookies, body: '' }, 401, /^Missing CSRF token$/],
      [{ cookies: [...cookies, 'access_token_cookie=x'] }, 422, new RegExp(bad)],
    ] as const) {
      const [answered, body] = await invoke(event);
      expect(answered).to.equal(status);
      expect((body as { msg: string }).msg).to.match(msg);
    }
    const version1 = {
      version: '1.0',
      httpMethod: 'GET',
      path: '/me',
      requestContext: { identity: {} },
      headers: {},
      multiValueHeaders: { Authorization: [`Bearer ${token}`, 'Bearer x'] },
    };
    expect((await invoke(version1))[0]).to.equal(401);
  });
});

describe('a request of node-mocks-http', () => {
  beforeEach(() => start(ALL));

  const answerTo = async (options: RequestOptions): Promise<[status: number, body: unknown]> => {
    const { req, res } = createMocks(options, { eventEmitter: EventEmitter });
    const ended = once(res, 'end');
    await plain((_, next) => next()).callback()(req as never, res as never);
    if (!res.writableEnded) await ended;
    return [res.statusCode, res._getJSONData()];
  };

  it('carries a token in a header, a cookie or the query', async () => {
    for (const options of [
      { headers: { authorization: `Bearer ${token}` } },
      { headers: { Authorization: `Bearer ${token}` } },
      { headers: { cookie: `access_token_cookie=${token}` } },
      { method: 'POST', headers: { cookie: `access_token_cookie=${token}`, 'X-CSRF-Token': csrf } },
      { url: `/?jwt=${token}` },
    ] as RequestOptions[]) {
      expect(await answerTo(options), JSON.stringify(options)).to.deep.equal([200, ALICE]);
    }
  });

  it('is refused as any other', async () => {
    const cookie = `access_token_cookie=${token}`;
    for (const [options, status] of [
      [{}, 401],
      [{ headers: { authorization: 'Bearer x' } }, 422],
      [{ method: 'POST', headers: { cookie } }, 401],
      [{ headers: { cookie: `${cookie}; access_token_cookie=x` } }, 422],
    ] as [RequestOptions, number][]) {
      expect((await answerTo(options))[0]).to.equal(status);
    }
  });
});

describe('a middleware before the guard', () => {
  beforeEach(() => start(ALL));

  const serving = async (middleware: Koa.Middleware): Promise<Server> => {
    const server = await Server.of(plain(middleware));
    servers.push(server);
    return server;
  };

  it('may set, replace and delete the headers that count', async () => {
    const bob = await manager.createAccessToken('bob');
    const sets = await serving((ctx, next) => {
      ctx.req.headers.authorization = `Bearer ${token}`;
      return next();
    });
    expect((await sets.get('/')).json).to.deep.equal(ALICE);
    expect((await sets.get('/', bob)).json).to.deep.equal(ALICE);
    const setsCookie = await serving((ctx, next) => {
      ctx.req.headers.cookie = `access_token_cookie=${token}`;
      ctx.req.headers['x-csrf-token'] = csrf;
      return next();
    });
    const post = { method: 'POST', headers: { cookie: 'access_token_cookie=a; access_token_cookie=b' } };
    expect((await setsCookie.send('/', post)).json).to.deep.equal(ALICE);
    for (const nothing of [undefined, null, []]) {
      const deletes = await serving((ctx, next) => {
        Object.assign(ctx.req.headers, { authorization: nothing, cookie: nothing });
        return next();
      });
      const headers = { authorization: `Bearer ${token}`, cookie: `access_token_cookie=${token}` };
      expect((await deletes.send('/', { headers })).status, String(nothing)).to.equal(401);
    }
  });

  it('may not choose among headers that the client has sent twice', async () => {
    const chooses = await serving((ctx, next) => {
      ctx.req.headers.authorization = `Bearer ${token}`;
      return next();
    });
    const headers = ['Host', 'x', 'Authorization', `Bearer ${token}`, 'Authorization', 'Bearer x'];
    const answer = await chooses.send('/', { headers });
    expect(answer.status).to.equal(401);
    expect((answer.json as { msg: string }).msg).to.contain(NO_TYPE);
  });

  it('may set a list', async () => {
    const lists = await serving((ctx, next) => {
      Object.assign(ctx.req.headers, {
        authorization: ctx.query['twice'] === '' ? [`Bearer ${token}`, `Bearer ${token}`] : undefined,
        cookie: ['a=b', `access_token_cookie=${token}`],
        'x-csrf-token': ctx.query['csrf'] === 'twice' ? [csrf, csrf] : [csrf],
      });
      return next();
    });
    expect((await lists.send('/', { method: 'POST' })).json).to.deep.equal(ALICE);
    const different = await lists.send('/?csrf=twice', { method: 'POST' });
    expectRefused(different, 401, 'CSRF double submit tokens do not match', 'invalid_token');
    const onlyHeaders = await serving((ctx, next) => {
      Object.assign(ctx.req.headers, { authorization: [`Bearer ${token}`, `Bearer ${token}`] });
      return next();
    });
    expect((await onlyHeaders.get('/')).status).to.equal(401);
  });
});

describe('a request with two Content-Type headers', () => {
  it('has no token in its body, because proxies may read either', async () => {
    await start({ tokenLocation: ['json'] });
    const server = await Server.of(plain((_, next) => next()));
    servers.push(server);
    const type = ['Content-Type', 'application/json'];
    const body = JSON.stringify({ access_token: token });
    const length = ['Host', 'x', 'Content-Length', String(body.length)];
    const once = await server.send('/', { method: 'POST', headers: [...length, ...type], body });
    expect(once.json).to.deep.equal(ALICE);
    const twice = await server.send('/', { method: 'POST', headers: [...length, ...type, ...type], body });
    expectRefused(twice, 401, 'Invalid content-type. Must be application/json.');
  });
});

describe('Object.prototype, if polluted', () => {
  for (const [name, value] of [
    ['authorization', () => `Bearer ${token}`],
    ['cookie', () => `access_token_cookie=${token}`],
  ] as const) {
    it(`has no ${name} header`, async () => {
      await start(ALL);
      const server = await Server.of(plain((_, next) => next()));
      servers.push(server);
      const prototype = Object.prototype as Record<string, unknown>;
      prototype[name] = value();
      try {
        expect((await server.get('/')).status).to.equal(401);
      } finally {
        Reflect.deleteProperty(prototype, name);
      }
    });
  }
});
