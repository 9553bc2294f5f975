import { cpSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import Koa from 'koa';
import { Get, JsonController, Ctx, useContainer, createKoaServer } from 'routing-controllers';
import type * as RoutingControllers from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  DecodeKeyLoader,
  JwtConfig,
  JwtConfigurationError,
  jwtGuard,
  JwtError,
  JwtManager,
  JwtRequired,
} from '../../src/index';
import { expiredToken } from '../support/expiredToken';
import { expectRefused } from '../support/refused';
import { ROOT } from '../support/root';
import { SECRET } from '../support/secret';
import { serve, Server } from '../support/Server';

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });

@Service()
@JsonController('/managed')
class ManagedController {
  @Get('/guarded')
  @JwtRequired()
  guarded(): object {
    return {};
  }
  @Get('/by-hand')
  async byHand(@Ctx() ctx: Koa.Context): Promise<object> {
    const state = await manager.verifyJwtInRequest(ctx);
    return { identity: state?.identity, same: state === ctx.state.jwt };
  }
}

describe('verifyJwtInRequest(ctx, options)', () => {
  it('checks a request like the decorators', async () => {
    const server = await serve(manager, { controllers: [ManagedController] });
    const answer = await server.get('/managed/by-hand', await manager.createAccessToken('alice'));
    expect(answer.json).to.deep.equal({ identity: 'alice', same: true });
    expectRefused(await server.get('/managed/by-hand'), 401, 'Missing Authorization Header');
    await server.close();
  });

  it("lets Koa answer if routing-controllers' error handler is off", async () => {
    const server = await serve(manager, { controllers: [ManagedController], defaultErrorHandler: false });
    const answer = await server.get('/managed/by-hand');
    expect([answer.status, answer.text]).to.deep.equal([401, 'Missing Authorization Header']);
    expect(answer.headers['www-authenticate']).to.equal('Bearer');
    expectRefused(await server.get('/managed/guarded'), 401, 'Missing Authorization Header');
    await server.close();
  });

  it('throws a JwtError with a specific code', async () => {
    const app = new Koa();
    app.use(async (ctx) => {
      try {
        await manager.verifyJwtInRequest(ctx, { fresh: true });
      } catch (error) {
        ctx.body = error instanceof JwtError ? { code: error.code, stack: error.stack } : {};
      }
    });
    const server = await Server.of(app);
    const other = new JwtManager({ secretKey: SECRET.toUpperCase(), loaders: [] });
    for (const [token, code] of [
      [undefined, 'ERR_JWT_MISSING'],
      [await other.createAccessToken('alice'), 'ERR_JWT_INVALID'],
      [await manager.createRefreshToken('alice'), 'ERR_JWT_WRONG_TYPE'],
      [await expiredToken(manager), 'ERR_JWT_EXPIRED'],
      [await manager.createAccessToken('alice'), 'ERR_JWT_NOT_FRESH'],
    ] as const) {
      const answer = (await server.get('/', token)).json as { code: string; stack: string };
      expect(answer.code).to.equal(code);
      expect(answer.stack).not.to.contain('\n');
    }
    await server.close();
  });
});

describe('the manager of a request', () => {
  /** The status, and what Koa logs. */
  async function failure(useIt: () => void): Promise<[status: number, message: string]> {
    useIt();
    const app = createKoaServer({ controllers: [ManagedController] }) as Koa;
    app.silent = true;
    let message = '';
    app.on('error', (error: Error) => {
      message = error.message;
    });
    const server = await Server.of(app);
    const { status } = await server.get('/managed/guarded');
    await server.close();
    return [status, message];
  }

  /** What Koa logs for a request that middleware fails. */
  async function failureOf(middleware: Koa.Middleware): Promise<string> {
    const app = new Koa().use(middleware);
    app.silent = true;
    const server = await Server.of(app);
    expect((await server.get('/')).status).to.equal(500);
    await server.close();
    return String(server.errors.at(-1)?.message);
  }

  const HOW_TO = 'The container has no JwtManager: call useContainer(Container)';

  it('causes a clear error if it is missing', async () => {
    const container = (found: () => unknown) => () => {
      useContainer({ get: found as never });
    };
    for (const missing of [
      container(() => undefined),
      container(() => ({})),
      () => {
        useContainer(Container);
        Container.remove(JwtManager);
      },
      () => {
        useContainer({ get: () => undefined as never }, { fallback: true });
      },
    ]) {
      const [status, message] = await failure(missing);
      expect(status).to.equal(500);
      expect(message).to.contain(HOW_TO);
    }
  });

  it('is missed for a reason that the error tells', async () => {
    class PartnerJwtManager extends JwtManager {}
    const another = { ...methodsOf(JwtManager) };
    const NOT_CALLED = 'routing-controllers tried to make one itself: useContainer(…) was not called';
    for (const [useIt, reason] of [
      [
        () => {
          Container.remove(JwtManager);
          Container.set(JwtManager, manager);
          useContainer({ get: (type, action) => Container.of(action?.context as never).get(type) });
        },
        'Container.set({ id: JwtManager, value: new JwtManager({ … }), global: true })',
      ],
      [
        () => {
          useContainer({ get: (async () => manager) as never });
        },
        'its get(…) returns a promise',
      ],
      [
        () => {
          useContainer({ get: () => another as never });
        },
        'one of another copy of this package',
      ],
      [
        () => {
          useContainer(undefined as never);
        },
        NOT_CALLED,
      ],
      [
        () => {
          useContainer({ get: () => undefined as never }, { fallback: true });
        },
        NOT_CALLED,
      ],
    ] as const) {
      const [status, message] = await failure(useIt);
      expect(status, reason).to.equal(500);
      expect(message).to.contain(reason);
    }
    const partners = jwtGuard({ manager: PartnerJwtManager });
    useContainer({ get: () => manager as never });
    expect(await failureOf(partners)).to.contain('it gives JwtManager for it, which does not extend Partner');
  });

  it('is asked for once, even if the container fails, and the error tells what it said', async () => {
    const asked: unknown[] = [];
    useContainer({
      get: (type) => {
        asked.push(type);
        throw new Error('the database of tenants is down');
      },
    });
    expect(await failureOf(jwtGuard())).to.match(/It said: Error: the database of tenants is down$/);
    expect(asked).to.deep.equal([JwtManager]);
  });

  it('is looked for by a name that a minifier has changed, says the error', async () => {
    const [a] = [class extends JwtManager {}];
    Object.defineProperty(a, 'name', { value: 'a' });
    useContainer({
      get: ({ name }: { name: string }) => {
        throw new Error(`Could not resolve ${name}`);
      },
    });
    expect(await failureOf(jwtGuard({ manager: a }))).to.contain(
      'The bundler has renamed the class to a, so a container that finds classes by their names cannot find it',
    );
    expect(await failureOf(jwtGuard())).to.not.contain('bundler');
  });

  it('is given to one of two copies of routing-controllers, says the error, and names both', async () => {
    // In a copy of the repository, node_modules may be a link.
    const ours = realpathSync(path.join(ROOT, 'node_modules/routing-controllers'));
    const copied = path.join(ROOT, `build/two-copies-${process.pid}/node_modules/routing-controllers`);
    cpSync(path.join(ours, 'cjs'), path.join(copied, 'cjs'), { recursive: true });
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a second copy is the point
    const copy = require(path.join(copied, 'cjs/index.js')) as typeof RoutingControllers;
    try {
      useContainer(undefined as never);
      copy.useContainer({
        get: (type) => (type === JwtManager ? manager : new ManagedController()) as never,
      });
      const app = copy.createKoaServer({ controllers: [ManagedController] }) as Koa;
      app.silent = true;
      const server = await Server.of(app);
      expect((await server.get('/managed/guarded')).status).to.equal(500);
      await server.close();
      expect(server.errors.at(-1)?.message)
        .to.contain('Two copies of routing-controllers')
        .and.to.contain(
          `the server is of ${path.join(copied, 'cjs')}, this library uses ${path.join(ours, 'cjs')}.`,
        );
    } finally {
      rmSync(path.join(ROOT, `build/two-copies-${process.pid}`), { recursive: true });
    }
  });

  it('cannot be made by a container without options', () => {
    @DecodeKeyLoader()
    class AnyKey {
      load(): string {
        return SECRET;
      }
    }
    expect(AnyKey).to.be.a('function');
    const Bare = JwtManager as unknown as new () => JwtManager;
    expect(() => new Bare()).to.throw(JwtConfigurationError, 'A JwtManager needs a configuration');
  });

  it('can be made from an existing JwtConfig', async () => {
    const built = new JwtManager(new JwtConfig({ secretKey: SECRET, loaders: [] }));
    expect(await built.decodeToken(await manager.createAccessToken('alice'))).to.include({ sub: 'alice' });
  });

  it('can be chosen per request by an adapter, and none accepts tokens of another', async () => {
    const tenants = new Map(
      ['red', 'blue'].map((tenant) => [tenant, new JwtManager({ secretKey: SECRET + tenant, loaders: [] })]),
    );
    useContainer({
      get: (_class, action) => {
        const { headers } = (action?.context as Koa.Context).request;
        return tenants.get(String(headers['x-tenant'])) as never;
      },
    });
    const app = new Koa();
    app.use(jwtGuard());
    app.use((ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity };
    });
    const server = await Server.of(app);
    for (const [tenant, status] of [
      ['red', 200],
      ['blue', 422],
    ] as const) {
      const token = await tenants.get('red')?.createAccessToken('alice');
      const headers = { 'x-tenant': tenant, authorization: `Bearer ${String(token)}` };
      expect((await server.send('/', { headers })).status).to.equal(status);
    }
    await server.close();
  });
});

function methodsOf({ prototype }: { readonly prototype: object }): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([name, { value }]) => [
      name,
      value as unknown,
    ]),
  );
}
