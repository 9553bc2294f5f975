import { expect } from 'chai';
import Koa, { type Context } from 'koa';
import {
  Authorized,
  Controller,
  Ctx,
  CurrentUser,
  ForbiddenError,
  Get,
  getMetadataArgsStorage,
  HttpError,
  JsonController,
  Middleware,
  UseAfter,
  type KoaMiddlewareInterface,
  type RoutingControllersOptions,
} from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  authorizationChecker,
  ClaimsVerificationLoader,
  currentUserChecker,
  DecodeKeyLoader,
  ExpiredTokenLoader,
  InvalidTokenLoader,
  JwtError,
  jwtGuard,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  RefusalLoader,
  RevokedTokenError,
  TokenInBlocklistLoader,
  UnauthorizedLoader,
  UserLoader,
  type Constructor,
  type JwtAnswer,
  type JwtOptions,
  type RefusalLoaderInterface,
  type RefusedEvent,
  type RefusedTokenEvent,
  type VerifiedEvent,
} from '../../src/index';
import { expiredToken } from '../support/expiredToken';
import { SECRET } from '../support/secret';
import { bearer, provide, serve, Server, type Answer } from '../support/Server';

const tokens = new JwtManager({ secretKey: SECRET, loaders: [] });
const expired = (): Promise<string> => expiredToken(tokens);

@Service()
@ExpiredTokenLoader()
class Expired440 {
  load({ payload }: RefusedTokenEvent): JwtAnswer {
    return {
      status: 440,
      body: { ended: payload.exp },
      headers: { 'X-Ended': 'yes', 'Set-Cookie': ['gone=; Max-Age=0'] },
    };
  }
}
@Service()
@InvalidTokenLoader()
class Invalid400 {
  load({ reason }: RefusedEvent): JwtAnswer {
    return { status: 400, body: { wrong: reason }, headers: { 'X-Wrong': 'yes' } };
  }
}
@Service()
@UnauthorizedLoader()
class Unauthorized499 {
  load(): JwtAnswer {
    return { status: 499, body: 'log in', headers: { 'X-Anonymous': 'yes' } };
  }
}
@Service()
@UserLoader()
class Names {
  load({ identity }: VerifiedEvent): object {
    return { name: identity };
  }
}

/** What an action does with the token of the query. */
const calls: Record<string, (token: string, ctx: Context) => unknown> = {
  decodeToken: (token) => manager().decodeToken(token),
  getJti: (token) => manager().getJti(token),
  getCsrfToken: (token) => manager().getCsrfToken(token),
  setAccessCookies: (token, ctx) => manager().setAccessCookies(ctx, token),
  setRefreshCookies: (token, ctx) => manager().setRefreshCookies(ctx, token),
};
const onlyInvalid: typeof calls = {
  getUnverifiedHeader: (token) => manager().getUnverifiedHeader(token),
  revoke: (token) => manager().revoke(token),
  revokeSession: (token) => manager().revokeSession(token),
};
const all = { ...calls, ...onlyInvalid };

function manager(): JwtManager {
  return Container.get(JwtManager);
}

@Service()
@JsonController('/acts')
class ActingController {
  @Get('/open/:call')
  open(@Ctx() ctx: Context): Promise<unknown> {
    return act(ctx);
  }
  @Get('/guarded/:call')
  @JwtRequired()
  guarded(@Ctx() ctx: Context): Promise<unknown> {
    return act(ctx);
  }
  @Get('/caught')
  caught(@Ctx() ctx: Context): Promise<object> {
    return manager()
      .verifyJwtInRequest(ctx)
      .then(
        () => ({ in: true }),
        (error: unknown) => ({ caught: (error as JwtError).code }),
      );
  }
  @Get('/by-hand')
  async byHand(@Ctx() ctx: Context): Promise<object> {
    return { in: await manager().verifyJwtInRequest(ctx) };
  }
  @Get('/own')
  own(): object {
    throw new RevokedTokenError({
      header: { alg: 'HS256' },
      payload: {} as never,
      identity: 'alice',
    });
  }
  @Get('/visitor')
  @JwtOptional()
  visitor(@CurrentUser() user?: object): object {
    return { user: user ?? null };
  }
  @Get('/open-visitor')
  openVisitor(@CurrentUser() user?: object): object {
    return { user: user ?? null };
  }
  @Get('/member')
  @JwtOptional()
  member(@CurrentUser({ required: true }) user: object): object {
    return user;
  }
  @Get('/protected')
  @JwtRequired()
  protected(): object {
    return {};
  }
  @Get('/admin')
  @JwtRequired()
  @Authorized('admin')
  admin(): object {
    return {};
  }
  @Get('/authorized')
  @Authorized()
  authorized(): object {
    return {};
  }
  @Get('/user')
  user(@CurrentUser() user: object): object {
    return user;
  }
  @Get('/throws')
  throws(): object {
    throw thrown();
  }
}

@Service()
@Controller('/text')
class TextController {
  @Get('/open/:call')
  open(@Ctx() ctx: Context): Promise<unknown> {
    return act(ctx);
  }
  @Get('/protected')
  @JwtRequired()
  protected(): string {
    return 'in';
  }
  @Get('/throws')
  throws(): string {
    throw thrown();
  }
}

async function act(ctx: Context): Promise<unknown> {
  const { call } = ctx['params'] as { call: string };
  await all[call]?.(String(ctx.query['token']), ctx);
  return { done: call };
}

const servers: Server[] = [];

async function serving(
  options: JwtOptions = {},
  more: Partial<RoutingControllersOptions> = {},
  extend?: (app: Koa) => unknown,
): Promise<Server> {
  const made = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  const server = await serve(
    made,
    { controllers: [ActingController, TextController], authorizationChecker, currentUserChecker, ...more },
    extend,
  );
  servers.push(server);
  return server;
}

async function plain(handler: Koa.Middleware, options: JwtOptions = {}): Promise<Server> {
  provide(new JwtManager({ secretKey: SECRET, loaders: [], ...options }));
  const app = new Koa();
  app.silent = true;
  app.use(handler);
  const server = await Server.of(app);
  servers.push(server);
  return server;
}

/** What belongs to a refusal. */
function traces({ headers }: Answer): string[] {
  return Object.keys(headers).filter((name) =>
    ['www-authenticate', 'set-cookie', 'retry-after', 'x-ended', 'x-wrong', 'x-anonymous'].includes(name),
  );
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('a refusal that the application catches', () => {
  const loaders = [Expired440, Invalid400, Unauthorized499, Names];

  for (const [handler, more] of [
    ['with the default error handler', {}],
    ['without it', { defaultErrorHandler: false }],
  ] as const) {
    for (const [what, token] of [
      ['no token', async () => undefined],
      ['an expired token', expired],
      ['an invalid token', async () => 'x'],
    ] as const) {
      it(`leaves the response without a trace: ${what}, ${handler}`, async () => {
        for (const chosen of [[Names], loaders]) {
          const server = await serving({ loaders: chosen }, more);
          const answer = await server.get('/acts/caught', await token());
          expect([answer.status, traces(answer)]).to.deep.equal([200, []]);
          expect(answer.json).to.have.property('caught');
          expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8');
        }
      });
    }

    it(`is no refusal for an anonymous visitor of @CurrentUser(), ${handler}`, async () => {
      const server = await serving({ loaders }, more);
      for (const path of ['/acts/visitor', '/acts/open-visitor']) {
        const answer = await server.get(path);
        expect([answer.status, answer.json, traces(answer)]).to.deep.equal([200, { user: null }, []]);
      }
    });
  }

  it('leaves no trace of headers and cookies that its loader sets on the context', async () => {
    @Service()
    @ExpiredTokenLoader()
    class Unsetting {
      async load({ context }: RefusedTokenEvent): Promise<JwtAnswer> {
        await Promise.resolve();
        manager().unsetJwtCookies(context);
        context.cookies.set('seen', '1');
        context.set('X-Ended', 'yes');
        context.set('Vary', 'Cookie');
        return { body: { ended: true } };
      }
    }
    const server = await serving({ loaders: [Unsetting, Names] });
    const token = await expired();
    const caught = await server.get('/acts/caught', token);
    expect([caught.status, traces(caught), caught.headers.vary]).to.deep.equal([200, [], undefined]);
    expect(caught.headers).not.to.have.property('cache-control');
    for (const path of ['/acts/protected', '/acts/by-hand', `/acts/open/decodeToken?token=${token}`]) {
      const sent = await server.get(path, token);
      expect([sent.status, sent.json, sent.headers['x-ended']], path).to.deep.equal([
        401,
        { ended: true },
        'yes',
      ]);
      expect(sent.headers.vary).to.equal('Cookie');
      expect(sent.headers['set-cookie'], path).to.have.length(5);
    }
    const bare = await serving({ loaders: [Unsetting, Names] }, { defaultErrorHandler: false });
    const thrownOn = await bare.get('/acts/by-hand', token);
    expect([thrownOn.status, thrownOn.headers['set-cookie']?.length]).to.deep.equal([401, 5]);
  });

  it('leaves no trace of a failing store', async () => {
    const revocationStore = new MemoryRevocationStore();
    revocationStore.check = () => {
      throw new Error('down');
    };
    const server = await serving({ revocationStore, loaders: [Names] });
    const answer = await server.get('/acts/caught', await tokens.createAccessToken('alice'));
    expect(answer.json).to.deep.equal({ caught: 'ERR_JWT_STORE_UNAVAILABLE' });
    expect([answer.status, traces(answer)]).to.deep.equal([200, []]);
  });

  it('leaves no trace in plain Koa', async () => {
    const server = await plain(
      async (ctx) => {
        await manager()
          .verifyJwtInRequest(ctx)
          .catch(() => undefined);
        ctx.body = { open: true };
      },
      { loaders },
    );
    for (const token of [undefined, 'x', await expired()]) {
      const answer = await server.get('/', token);
      expect([answer.status, answer.json, traces(answer)]).to.deep.equal([200, { open: true }, []]);
    }
  });
});

describe('a refusal that nobody catches', () => {
  it('of verifyJwtInRequest is answered as a guard would', async () => {
    for (const loaders of [[], [Expired440, Invalid400, Unauthorized499]]) {
      const server = await serving({ loaders });
      for (const token of [undefined, 'x', await expired()]) {
        const guarded = await server.get('/acts/protected', token);
        expectSame(await server.get('/acts/by-hand', token), guarded);
        expect(guarded.status).to.be.oneOf([400, 401, 422, 440, 499]);
      }
    }
  });

  it('has its status and headers in plain Koa, which sends the message as text', async () => {
    const server = await plain(
      async (ctx) => {
        await manager().verifyJwtInRequest(ctx);
      },
      { loaders: [Invalid400] },
    );
    const answer = await server.get('/', 'x');
    expect([answer.status, answer.text, answer.headers['x-wrong']]).to.deep.equal([
      400,
      'Not enough segments',
      'yes',
    ]);
    const anonymous = await server.get('/');
    expect([anonymous.status, anonymous.headers['www-authenticate']]).to.deep.equal([401, 'Bearer']);
  });

  it('of @CurrentUser({ required: true }) is answered as a guard would', async () => {
    for (const [loaders, more] of [
      [[Names], {}],
      [[Names, Unauthorized499], {}],
    ] as const) {
      const server = await serving({ loaders }, more);
      expectSame(await server.get('/acts/member'), await server.get('/acts/protected'));
    }
    const bare = await serving({ loaders: [Names] }, { defaultErrorHandler: false });
    const answer = await bare.get('/acts/member');
    expect([answer.status, answer.headers['www-authenticate'], answer.text]).to.deep.equal([
      401,
      'Bearer',
      'Missing Authorization Header',
    ]);
  });

  it('keeps the cookies that the response had before', async () => {
    @Service()
    @JsonController('/cookies')
    class CookieController {
      @Get('/')
      async refused(@Ctx() ctx: Context): Promise<void> {
        ctx.append('Set-Cookie', 'kept=1');
        await manager().verifyJwtInRequest(ctx);
      }
    }
    const server = await serving({ loaders: [Expired440] }, { controllers: [CookieController] });
    const { headers } = await server.get('/cookies', await expired());
    expect(headers['set-cookie']).to.deep.equal(['kept=1', 'gone=; Max-Age=0']);
  });
});

describe('an answer of an action', () => {
  it('waits for the middlewares after it', async () => {
    let order: string[] = [];
    @Service()
    @JsonController('/after')
    class AfterController {
      @Get('/')
      @JwtOptional()
      @UseAfter(async (_: Context, next: () => Promise<void>) => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('after');
        await next();
      })
      after(): object {
        order = ['action'];
        return {};
      }
    }
    const server = await serving({}, { controllers: [AfterController] }, (app) => {
      const { middleware } = app as unknown as { middleware: Koa.Middleware[] };
      middleware.unshift(async (_, next) => {
        await next();
        order.push('sent');
      });
    });
    expect((await server.get('/after')).status).to.equal(200);
    expect(order).to.deep.equal(['action', 'after', 'sent']);
  });
});

describe('an error of decodeToken and its like that an action lets through', () => {
  for (const base of ['/acts', '/text']) {
    for (const loaders of [[], [Expired440, Invalid400]]) {
      it(`is answered as a guard would: ${base}, ${loaders.length} loaders`, async () => {
        const server = await serving({ loaders, errorMessageKey: 'message' });
        const ended = await expired();
        for (const [token, names] of [
          [ended, Object.keys(calls)],
          ['x', Object.keys(all)],
        ] as const) {
          const guarded = await server.get(`${base}/protected`, token);
          for (const call of names) {
            const answer = await server.get(`${base}/open/${call}?token=${token}`);
            expectSame(answer, guarded, call);
          }
        }
      });
    }
  }

  it('is answered so behind a guard', async () => {
    const server = await serving({ loaders: [Expired440] });
    const [good, ended] = [await tokens.createAccessToken('alice'), await expired()];
    const answer = await server.get(`/acts/guarded/decodeToken?token=${ended}`, good);
    expect([answer.status, answer.json, answer.headers['x-ended']]).to.deep.equal([
      440,
      { ended: 1060 },
      'yes',
    ]);
  });

  it('has the status and headers of its manager without the default error handler', async () => {
    const server = await serving({ loaders: [Invalid400] }, { defaultErrorHandler: false });
    for (const call of Object.keys(all)) {
      const answer = await server.get(`/acts/open/${call}?token=x`);
      expect([answer.status, answer.headers['x-wrong']], call).to.deep.equal([400, 'yes']);
    }
  });

  it('has the answer behind jwtGuard(), and the default answer in any other plain Koa middleware', async () => {
    const handler: Koa.Middleware = async () => {
      await manager().decodeToken('x');
    };
    const open = await plain(handler);
    const answer = await open.get('/');
    expect([answer.status, answer.text]).to.deep.equal([422, 'Not enough segments']);
    expect(answer.headers['www-authenticate']).to.match(/^Bearer error="invalid_token"/);
    const guard = jwtGuard({ optional: true });
    const guarded = await plain((ctx, next) => guard(ctx, () => handler(ctx, next) as Promise<void>), {
      loaders: [Invalid400],
    });
    const refused = await guarded.get('/');
    expect([refused.status, refused.headers['x-wrong']]).to.deep.equal([400, 'yes']);
  });

  it('is answered by the manager that has thrown it', async () => {
    const other = new JwtManager({ secretKey: SECRET, loaders: [Expired440], errorMessageKey: 'other' });
    all['others'] = (token) => other.decodeToken(token);
    const server = await serving({ loaders: [] });
    expect((await server.get(`/acts/open/others?token=${await expired()}`)).status).to.equal(440);
    expect((await server.get('/acts/open/others?token=x')).json).to.deep.equal({
      other: 'Not enough segments',
    });
  });

  it('that the application makes itself is answered by the manager of the request', async () => {
    const server = await serving({ errorMessageKey: 'message' });
    const answer = await server.get('/acts/own');
    expect([answer.status, answer.json]).to.deep.equal([401, { message: 'Token has been revoked' }]);
    expect(answer.headers['www-authenticate']).to.match(/^Bearer error="invalid_token"/);
  });

  it('is not marked by a manager when it is caught', async () => {
    const error = await tokens.decodeToken('x').catch((reason: unknown) => reason as JwtError);
    expect(error).to.be.instanceOf(JwtError);
    const { status, headers } = error as JwtError;
    expect([status, JSON.parse(JSON.stringify(error))]).to.deep.equal([422, { msg: 'Not enough segments' }]);
    expect(headers).to.have.property('WWW-Authenticate');
  });
});

/** What the loader or the action of the moment throws. */
let thrown: () => Error = () => new Error('nothing is thrown');
const HTTP_ERRORS: [string, () => Error, number, string][] = [
  ['ForbiddenError', () => new ForbiddenError('No entry'), 403, 'No entry'],
  ['HttpError(451)', () => new HttpError(451, 'Not here'), 451, 'Not here'],
  [
    'ctx.throw(403)',
    () => {
      try {
        return new Koa().createContext({} as never, {} as never).throw(403, 'Blocked');
      } catch (error) {
        return error as Error;
      }
    },
    403,
    'Blocked',
  ],
];

describe('an HTTP error of a loader', () => {
  const decorators = { UserLoader, TokenInBlocklistLoader, ClaimsVerificationLoader, DecodeKeyLoader };
  const throwing = Object.entries(decorators).map(([name, decorator]): [string, Constructor] => {
    const loader = class {
      load(): never {
        throw thrown();
      }
    };
    decorator()(loader);
    Container.set(loader, new loader());
    return [name, loader];
  });
  @Service()
  @InvalidTokenLoader()
  class ThrowingAnswer {
    load(): never {
      throw thrown();
    }
  }

  for (const [title, make, status, message] of HTTP_ERRORS) {
    for (const [name, loader] of [...throwing, ['InvalidTokenLoader', ThrowingAnswer] as const]) {
      it(`is answered as one of the action: ${title}, @${name}()`, async () => {
        thrown = make;
        const server = await serving({ loaders: [loader] }, { development: false });
        const token = name === 'InvalidTokenLoader' ? 'x' : await tokens.createAccessToken('alice');
        for (const base of ['/acts', '/text']) {
          const ofAction = await server.get(`${base}/throws`);
          const paths =
            base === '/text' ? ['/protected'] : ['/protected', '/authorized', '/user', '/by-hand'];
          for (const path of paths) {
            const answer = await server.get(base + path, token);
            expect([answer.status, answer.text], path).to.deep.equal([status, ofAction.text]);
            expect(answer.text).to.contain(message);
            expect(answer.headers['content-type']).to.equal(ofAction.headers['content-type']);
          }
        }
      });

      it(`has its status without the default error handler and in plain Koa: ${title}, @${name}()`, async () => {
        thrown = make;
        const token = name === 'InvalidTokenLoader' ? 'x' : await tokens.createAccessToken('alice');
        const server = await serving({ loaders: [loader] }, { defaultErrorHandler: false });
        const koa = await plain(jwtGuard() as Koa.Middleware, { loaders: [loader] });
        for (const answer of [await server.get('/acts/protected', token), await koa.get('/', token)]) {
          expect([answer.status, answer.text]).to.deep.equal([status, message]);
        }
      });
    }
  }

  it('is one of the application only if it is meant for the client', async () => {
    thrown = () => Object.assign(new Error('postgres://user:password@host'), { query: 'SELECT secret' });
    const server = await serving({ loaders: throwing.slice(0, 1).map(([, loader]) => loader) });
    const answer = await server.get('/acts/protected', await tokens.createAccessToken('alice'));
    expect([answer.status, answer.text]).to.deep.equal([500, 'Internal Server Error']);
    expect(server.errors.map((error) => error.message)).to.deep.equal(['postgres://user:password@host']);
  });
});

describe('@RefusalLoader()', () => {
  @Service()
  @RefusalLoader()
  class OneFormat implements RefusalLoaderInterface {
    load({ error, reason, context }: RefusedEvent): JwtAnswer {
      return {
        status: error.status === 422 ? 401 : error.status,
        body: { error: { code: error.code, reason, path: context.path } },
        headers: { 'X-Format': 'one' },
      };
    }
  }
  @Service()
  @TokenInBlocklistLoader()
  class Blocklist {
    load({ payload }: VerifiedEvent): boolean {
      return payload['revoked'] === true;
    }
  }
  @Service()
  @ClaimsVerificationLoader()
  class Verification {
    load({ payload }: VerifiedEvent): boolean {
      return payload['bad'] !== true;
    }
  }
  const withClaims = (additionalClaims: Record<string, unknown>): Promise<string> =>
    tokens.createAccessToken('alice', { additionalClaims });

  for (const [token, path, status, code] of [
    [async () => undefined, '/acts/protected', 401, 'ERR_JWT_MISSING'],
    [async () => 'x', '/acts/protected', 401, 'ERR_JWT_INVALID'],
    [expired, '/acts/protected', 401, 'ERR_JWT_EXPIRED'],
    [() => withClaims({ revoked: true }), '/acts/protected', 401, 'ERR_JWT_REVOKED'],
    [() => withClaims({ bad: true }), '/acts/protected', 400, 'ERR_JWT_CLAIMS'],
    [() => withClaims({}), '/acts/admin', 403, 'ERR_JWT_FORBIDDEN'],
    [async () => undefined, '/acts/member', 401, 'ERR_JWT_MISSING'],
    [async () => undefined, '/acts/authorized', 401, 'ERR_JWT_MISSING'],
    [async () => 'x', '/acts/by-hand', 401, 'ERR_JWT_INVALID'],
    [async () => undefined, '/acts/open/decodeToken?token=x', 401, 'ERR_JWT_INVALID'],
  ] as const) {
    it(`decides the format of every refusal: ${path}, ${code}`, async () => {
      const server = await serving({ loaders: [OneFormat, Names, Blocklist, Verification] });
      const answer = await server.get(path, await token());
      expect([answer.status, answer.headers['x-format']]).to.deep.equal([status, 'one']);
      const { error } = answer.json as { error: { code: string; path: string } };
      expect([error.code, error.path]).to.deep.equal([code, path.split('?')[0]]);
      expect(answer.headers['www-authenticate'] !== undefined).to.equal(true);
    });
  }

  it('decides the format of 503, which keeps its Retry-After', async () => {
    const revocationStore = new MemoryRevocationStore();
    revocationStore.check = () => {
      throw new Error('down');
    };
    const server = await serving({ revocationStore, loaders: [OneFormat] });
    const answer = await server.get('/acts/protected', await withClaims({}));
    expect([answer.status, answer.headers['retry-after'], answer.headers['x-format']]).to.deep.equal([
      503,
      '1',
      'one',
    ]);
  });

  it('gives way to the loader of the event', async () => {
    const server = await serving({ loaders: [OneFormat, Expired440] });
    expect((await server.get('/acts/protected', await expired())).status).to.equal(440);
    expect((await server.get('/acts/protected', 'x')).headers['x-format']).to.equal('one');
  });
});

describe('throwRefusals', () => {
  const refused: [string, string | undefined, number, string][] = [
    ['/acts/protected', undefined, 401, 'ERR_JWT_MISSING'],
    ['/acts/protected', 'x', 422, 'ERR_JWT_INVALID'],
    ['/acts/by-hand', 'x', 422, 'ERR_JWT_INVALID'],
    ['/acts/authorized', undefined, 401, 'ERR_JWT_MISSING'],
    ['/acts/member', undefined, 401, 'ERR_JWT_MISSING'],
    ['/acts/open/decodeToken?token=x', undefined, 422, 'ERR_JWT_INVALID'],
  ];
  const caughtBy = (caught: JwtError[]) => {
    @Service()
    @Middleware({ type: 'before' })
    class Catching implements KoaMiddlewareInterface {
      async use(ctx: Context, next: () => Promise<unknown>): Promise<void> {
        try {
          await next();
        } catch (error) {
          const refusal = error as JwtError;
          caught.push(refusal);
          ctx.status = refusal.status;
          ctx.set(refusal.headers);
          ctx.body = { own: refusal.message };
        }
      }
    }
    return Catching;
  };
  // Servers without a list would take the middlewares of this spec.
  afterEach(() => {
    const { middlewares } = getMetadataArgsStorage();
    const others = middlewares.filter(({ target }) => target.name !== 'Catching');
    middlewares.splice(0, middlewares.length, ...others);
  });

  for (const defaultErrorHandler of [true, false]) {
    it(`lets the application's own error middleware answer, defaultErrorHandler: ${defaultErrorHandler}`, async () => {
      const caught: JwtError[] = [];
      const server = await serving(
        { throwRefusals: true, loaders: [Names] },
        { defaultErrorHandler, middlewares: [caughtBy(caught)] },
      );
      for (const [path, token, status, code] of refused) {
        const answer = await server.get(path, token);
        const error = caught.pop();
        expect([answer.status, error?.code], path).to.deep.equal([status, code]);
        expect(answer.json).to.deep.equal({ own: error?.message });
        expect(answer.headers['www-authenticate']).to.match(/^Bearer/);
      }
      const answer = await server.get('/acts/admin', await tokens.createAccessToken('alice'));
      expect([answer.status, answer.json]).to.deep.equal([403, { own: 'Access is denied' }]);
    });

    it(`tells Koa's error event, defaultErrorHandler: ${defaultErrorHandler}`, async () => {
      const server = await serving(
        { throwRefusals: true, loaders: [Names, Invalid400] },
        { defaultErrorHandler },
      );
      const answer = await server.get('/acts/protected', 'x');
      expect([answer.status, answer.text, answer.headers['x-wrong']]).to.deep.equal([
        400,
        'Not enough segments',
        'yes',
      ]);
      expect(server.errors.map((error) => 'code' in error && error.code)).to.deep.equal(['ERR_JWT_INVALID']);
    });
  }

  it('is for jwtGuard() too, and off by default', async () => {
    for (const throwRefusals of [true, false]) {
      const guard = jwtGuard();
      const server = await plain((ctx, next) => guard(ctx, next as never), { throwRefusals });
      const answer = await server.send('/', { headers: bearer() });
      expect([answer.status, server.errors.length]).to.deep.equal([401, throwRefusals ? 1 : 0]);
    }
  });
});

function expectSame(answer: Answer, guarded: Answer, message?: string): void {
  const told = ({ status, text, headers }: Answer): unknown => [status, text, { ...headers, date: '' }];
  expect(told(answer), message).to.deep.equal(told(guarded));
}
