import { join } from 'node:path';
import { expect } from 'chai';
import Koa from 'koa';
import {
  All,
  Authorized,
  CurrentUser,
  Get,
  getMetadataArgsStorage,
  Head,
  HttpCode,
  JsonController,
  Method,
  Middleware,
  Param,
  UseAfter,
  UseBefore,
  useKoaServer,
  type KoaMiddlewareInterface,
} from 'routing-controllers';
import { Service } from 'typedi';
import {
  authorizationChecker,
  currentUserChecker,
  DecodeKeyLoader,
  FreshJwtRequired,
  JwtClaim,
  JwtExempt,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  JwtConfigurationError,
  RefreshJwtRequired,
  UserLoader,
  type DecodeKeyLoaderInterface,
  type UserLoaderInterface,
  type VerifiedEvent,
} from '../../src/index';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { bearer, provide, serve, Server } from '../support/Server';

const MISSING = 'Missing Authorization Header';

/** What has run, in order, since the test began. */
let ran: string[] = [];

function note(name: string): (ctx: Koa.Context, next: Koa.Next) => Promise<void> {
  return async (_ctx, next) => {
    ran.push(name);
    await next();
  };
}

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
const stale = (): Promise<string> => manager.createAccessToken('alice');
const fresh = (): Promise<string> => manager.createAccessToken('alice', { fresh: true });

describe('a guarded action', () => {
  const servers: Server[] = [];

  async function serving(...controllers: (new () => object)[]): Promise<Server> {
    const server = await serve(manager, { controllers, authorizationChecker, currentUserChecker });
    servers.push(server);
    return server;
  }

  async function expectGuarded(server: Server, path: string): Promise<void> {
    ran = [];
    expectRefused(await server.get(path), 401, MISSING);
    expect(ran).to.deep.equal([]);
    const answer = await server.get(path, await fresh());
    expect(answer.status, answer.text).to.equal(200);
    expect(ran).to.deep.equal(['action']);
  }

  beforeEach(() => {
    ran = [];
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('is guarded by a decorator on its method', async () => {
    @Service()
    @JsonController('/a')
    class MethodController {
      @Get()
      @JwtRequired()
      action(): object {
        ran.push('action');
        return {};
      }
    }
    await expectGuarded(await serving(MethodController), '/a');
  });

  it('is guarded by a decorator on its class, above or below @JsonController', async () => {
    @Service()
    @JwtRequired()
    @JsonController('/above')
    class AboveController {
      @Get()
      action(): object {
        ran.push('action');
        return {};
      }
    }
    @Service()
    @JsonController('/below')
    @JwtRequired()
    class BelowController {
      @Get()
      action(): object {
        ran.push('action');
        return {};
      }
    }
    const server = await serving(AboveController, BelowController);
    await expectGuarded(server, '/above');
    await expectGuarded(server, '/below');
  });

  it('follows its method if method and class differ', async () => {
    @Service()
    @JsonController('/a')
    @JwtRequired()
    class MixedController {
      @Get('/optional')
      @JwtOptional()
      optional(): object {
        return {};
      }
      @Get('/exempt')
      @JwtExempt()
      exempt(): object {
        return {};
      }
      @Get('/fresh')
      @FreshJwtRequired()
      fresh(): object {
        return {};
      }
      @Get('/refresh')
      @RefreshJwtRequired()
      refresh(): object {
        return {};
      }
    }
    const server = await serving(MixedController);
    expect((await server.get('/a/optional')).status).to.equal(200);
    expect((await server.get('/a/exempt', 'not.a.token')).status).to.equal(200);
    const challenge = 'insufficient_user_authentication';
    expectRefused(await server.get('/a/fresh', await stale()), 401, 'Fresh token required', challenge);
    const message = 'Only refresh tokens are allowed';
    expectRefused(await server.get('/a/refresh', await stale()), 422, message, 'invalid_token');
    expect((await server.get('/a/refresh', await manager.createRefreshToken('alice'))).status).to.equal(200);
  });

  it('is guarded when inherited from two levels up, with its parameters', async () => {
    class Grandparent {
      @Get('/:id')
      @JwtRequired()
      action(
        @JwtIdentity() identity: string,
        @JwtClaim('type') type: string,
        @Param('id') id: string,
      ): object {
        ran.push('action');
        return { identity, type, id };
      }
    }
    class Parent extends Grandparent {}
    @Service()
    @JsonController('/a')
    class ChildController extends Parent {}
    const server = await serving(ChildController);
    await expectGuarded(server, '/a/7');
    const answer = await server.get('/a/7', await stale());
    expect(answer.json).to.deep.equal({ identity: 'alice', type: 'access', id: '7' });
  });

  it('is guarded when the decorator is on a class that its controller extends', async () => {
    @JwtRequired()
    class Parent {
      @Get('/inherited')
      inherited(): object {
        ran.push('action');
        return {};
      }
    }
    @Service()
    @JsonController('/a')
    class ChildController extends Parent {
      @Get('/own')
      own(): object {
        ran.push('action');
        return {};
      }
    }
    const server = await serving(ChildController);
    await expectGuarded(server, '/a/inherited');
    await expectGuarded(server, '/a/own');
  });

  it('stays guarded when a subclass overrides it, with or without a route', async () => {
    class Parent {
      @Get('/bare')
      @JwtRequired()
      bare(): object {
        return {};
      }
      @Get('/routed')
      @JwtRequired()
      routed(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/a')
    class ChildController extends Parent {
      override bare(): object {
        ran.push('action');
        return {};
      }
      @Get('/routed')
      override routed(): object {
        ran.push('action');
        return {};
      }
    }
    const server = await serving(ChildController);
    await expectGuarded(server, '/a/bare');
    await expectGuarded(server, '/a/routed');
  });

  it('can be tightened but never loosened by an inheriting class', async () => {
    class Parent {
      @Get('/fresh')
      @FreshJwtRequired()
      fresh(): object {
        return {};
      }
      @Get('/optional')
      @JwtOptional()
      optional(): object {
        return {};
      }
      @Get('/exempt')
      @JwtExempt()
      exempt(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/required')
    @JwtRequired()
    class TighteningController extends Parent {}
    @Service()
    @JsonController('/loose')
    @JwtExempt()
    class LooseningController extends Parent {}

    const server = await serving(TighteningController, LooseningController);
    const challenge = 'insufficient_user_authentication';
    expectRefused(await server.get('/required/fresh', await stale()), 401, 'Fresh token required', challenge);
    expectRefused(await server.get('/required/optional'), 401, MISSING);
    expectRefused(await server.get('/required/exempt'), 401, MISSING);
    expectRefused(await server.get('/loose/fresh', await stale()), 401, 'Fresh token required', challenge);
    expect((await server.get('/loose/optional')).status).to.equal(200);
    expectRefused(await server.get('/loose/optional', 'x'), 422, 'Not enough segments', 'invalid_token');
    expect((await server.get('/loose/exempt')).status).to.equal(200);
  });

  it('keeps its purpose in an inheriting class, which can leave nothing of it away', async () => {
    class Parent {
      @Get('/reset')
      @JwtRequired({ purpose: 'reset' })
      reset(): object {
        return {};
      }
      @Get('/exempt')
      @JwtExempt()
      exempt(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/loose')
    @JwtExempt()
    class LooseningController extends Parent {}
    @Service()
    @JsonController('/same')
    @JwtRequired({ purpose: 'reset' })
    class SameController extends Parent {}
    const server = await serving(LooseningController, SameController);
    const good = await manager.createToken('reset', 'alice');
    for (const path of ['/loose/reset', '/same/reset', '/same/exempt']) {
      expect((await server.get(path, good)).status, path).to.equal(200);
      const message = 'Only tokens for the purpose reset are allowed';
      expectRefused(await server.get(path, await stale()), 422, message, 'invalid_token');
    }

    for (const [policy, other] of [
      [JwtRequired(), 'an access or refresh token'],
      [JwtRequired({ verifyType: false }), 'an access or refresh token'],
      [FreshJwtRequired(), 'an access or refresh token'],
      [JwtRequired({ purpose: 'mail' }), 'a token for the purpose mail'],
    ] as const) {
      @Service()
      @JsonController('/contradicting')
      @policy
      class ContradictingController extends Parent {}
      expect(() => serve(manager, { controllers: [ContradictingController] })).to.throw(
        JwtConfigurationError,
        `ContradictingController.reset: one demands ${other}, the other a token for the purpose reset.`,
      );
    }
  });

  it('stops the server from starting if it contradicts its class', () => {
    class Parent {
      @Get('/refresh')
      @RefreshJwtRequired()
      refresh(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/contradicting')
    @JwtRequired()
    class ContradictingController extends Parent {}
    expect(() => serve(manager, { controllers: [ContradictingController] })).to.throw(
      JwtConfigurationError,
      'ContradictingController.refresh: one demands an access token, the other a refresh token. ' +
        'Put the one that is meant on ContradictingController.refresh itself',
    );
  });

  it('is guarded on each of its routes, and keeps the order of its middlewares', async () => {
    @Service()
    @JsonController('/a')
    @UseBefore(note('class before'))
    @UseAfter(note('class after'))
    class TwoRoutesController {
      @Get('/one')
      @Get('/two')
      @JwtRequired()
      @UseBefore(note('method before'))
      @UseAfter(note('method after'))
      action(): object {
        ran.push('action');
        return {};
      }
    }
    const server = await serving(TwoRoutesController);
    for (const path of ['/a/one', '/a/two']) {
      ran = [];
      expectRefused(await server.get(path), 401, MISSING);
      expect(ran).to.deep.equal([]);
      expect((await server.get(path, await stale())).status).to.equal(200);
      expect(ran).to.deep.equal(['class before', 'method before', 'action', 'class after', 'method after']);
    }
  });

  it('provides the identity to every @UseBefore, in any position', async () => {
    const identify = (name: string) => async (ctx: Koa.Context, next: Koa.Next) => {
      ran.push(`${name} ${String(ctx.state.jwt?.identity)}`);
      await next();
    };
    @Service()
    @UseBefore(identify('class above'))
    @JsonController('/a')
    @UseBefore(identify('class below'))
    class BeforeController {
      @UseBefore(identify('above'))
      @Get()
      @JwtRequired()
      @UseBefore(identify('below'))
      action(): object {
        return {};
      }
    }
    const server = await serving(BeforeController);
    expectRefused(await server.get('/a'), 401, MISSING);
    expect(ran).to.deep.equal([]);
    await server.get('/a', await stale());
    expect(ran).to.have.members(['class above alice', 'class below alice', 'above alice', 'below alice']);
  });

  it('verifies the token once and loads the user once', async () => {
    @Service()
    @DecodeKeyLoader()
    class CountingKeyLoader implements DecodeKeyLoaderInterface {
      load(): string {
        ran.push('verified');
        return SECRET;
      }
    }
    @Service()
    @UserLoader()
    class CountingUserLoader implements UserLoaderInterface {
      load({ identity }: VerifiedEvent): object {
        ran.push('loaded');
        return { name: identity };
      }
    }
    @Service()
    @JsonController('/a')
    class AuthorizedController {
      @Get()
      @JwtRequired()
      @Authorized()
      action(@CurrentUser({ required: true }) user: object, @JwtIdentity() identity: string): object {
        ran.push('action');
        return { user, identity };
      }
    }
    const counting = new JwtManager({
      secretKey: SECRET,
      loaders: [CountingKeyLoader, CountingUserLoader],
    });
    const options = { controllers: [AuthorizedController], authorizationChecker, currentUserChecker };
    const server = await serve(counting, options);
    servers.push(server);
    const answer = await server.get('/a', await stale());
    expect(answer.json).to.deep.equal({ user: { name: 'alice' }, identity: 'alice' });
    expect(ran).to.deep.equal(['verified', 'loaded', 'action']);
  });

  it('leaves the errors of other middlewares as they are', async () => {
    @Service()
    @JsonController('/a')
    class TeapotController {
      @Get()
      @JwtRequired()
      @UseBefore((ctx: Koa.Context) => ctx.throw(418, 'short and stout'))
      action(): object {
        return {};
      }
    }
    const answer = await (await serving(TeapotController)).get('/a', await stale());
    expect([answer.status, answer.text]).to.deep.equal([418, 'short and stout']);
  });

  it('is guarded on HEAD but not on OPTIONS', async () => {
    @Service()
    @JsonController('/a')
    @JwtRequired()
    class HeadController {
      @Head('/head')
      head(): object {
        ran.push('action');
        return {};
      }
      @Get('/get')
      get(): object {
        ran.push('action');
        return {};
      }
    }
    const server = await serving(HeadController);
    for (const path of ['/a/head', '/a/get']) {
      const refused = await server.send(path, { method: 'HEAD' });
      expect([refused.status, refused.headers['www-authenticate'], refused.text]).to.deep.equal([
        401,
        'Bearer',
        '',
      ]);
      expect((await server.send(path, { method: 'OPTIONS' })).status).to.equal(200);
    }
    expect(ran).to.deep.equal([]);
    expect(
      (await server.send('/a/head', { method: 'HEAD', headers: bearer(await stale()) })).status,
    ).to.equal(200);
  });

  it('does not run on OPTIONS under @All(), because OPTIONS passes every guard', async () => {
    class Parent {
      @All('/inherited')
      @JwtRequired()
      inherited(): object {
        ran.push('action');
        return {};
      }
    }
    @Service()
    @JsonController('/a')
    class AllController extends Parent {
      @All('/all')
      @JwtRequired()
      all(): object {
        ran.push('action');
        return {};
      }
      @Method('options', '/options')
      @JwtRequired()
      options(): object {
        ran.push('options');
        return {};
      }
    }
    const server = await serving(AllController);
    for (const path of ['/a/all', '/a/inherited']) {
      const answer = await server.send(path, { method: 'OPTIONS' });
      expect([answer.status, answer.text]).to.deep.equal([204, '']);
      expect((await server.send(path, { method: 'PATCH' })).status).to.equal(401);
    }
    expect(ran).to.deep.equal([]);
    await server.send('/a/options', { method: 'OPTIONS' });
    expect(ran).to.deep.equal(['options']);
  });

  it('may be a property that holds a function', async () => {
    @Service()
    @JsonController('/a')
    @JwtRequired()
    class PropertyController {
      @Get()
      action = (): object => {
        ran.push('action');
        return {};
      };
    }
    await expectGuarded(await serving(PropertyController), '/a');
  });

  it('stays guarded if Object.prototype is polluted', async () => {
    const polluted = {
      optional: true,
      text: 'x.y.z',
      jwt: { identity: 'eve' },
      verifyType: false,
      fresh: true,
    };
    for (const [name, value] of Object.entries(polluted)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    }
    try {
      @Service()
      @JsonController('/a')
      class PollutedController {
        @Get()
        @JwtRequired()
        action(): object {
          ran.push('action');
          return {};
        }
        @Get('/unguarded')
        unguarded(@JwtIdentity() identity: string): object {
          return { identity };
        }
      }
      // Development would refuse the unguarded @JwtIdentity().
      const server = await serve(manager, { controllers: [PollutedController], development: false });
      servers.push(server);
      await expectGuarded(server, '/a');
      expect((await server.get('/a', await manager.createRefreshToken('alice'))).status).to.equal(422);
      expect((await server.get('/a/unguarded')).status).to.equal(500);
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it('is guarded on every server of the process', async () => {
    @Service()
    @JsonController('/shared')
    class SharedController {
      @Get()
      @JwtRequired()
      action(): object {
        ran.push('action');
        return {};
      }
    }
    @Service()
    @JsonController('/own')
    class OwnController extends SharedController {}
    const first = await serving(SharedController);
    const second = await serving(SharedController, OwnController);
    await expectGuarded(first, '/shared');
    await expectGuarded(second, '/shared');
    await expectGuarded(second, '/own');
  });

  it('is guarded on a server with listed middlewares, which may ask for the identity', async () => {
    @Service()
    @Middleware({ type: 'before' })
    class AskingMiddleware implements KoaMiddlewareInterface {
      async use(ctx: Koa.Context, next: Koa.Next): Promise<void> {
        const state = await manager.verifyJwtInRequest(ctx, { optional: true });
        ran.push(`middleware ${String(state?.identity)}`);
        await next();
      }
    }
    @Service()
    @JsonController('/a')
    class ListedController {
      @Get()
      @JwtRequired()
      action(): object {
        ran.push('action');
        return {};
      }
    }
    const server = await serve(manager, { controllers: [ListedController], middlewares: [AskingMiddleware] });
    servers.push(server);
    // Servers without a list get every global middleware, even of other specs.
    getMetadataArgsStorage().middlewares.pop();
    expectRefused(await server.get('/a'), 401, MISSING);
    expect((await server.get('/a', await stale())).status).to.equal(200);
    expect(ran).to.deep.equal(['middleware undefined', 'middleware alice', 'action']);
  });

  it('is guarded in controllers found by glob', async () => {
    const server = await serve(manager, { controllers: [join(__dirname, 'fixtures/*.controller.js')] });
    servers.push(server);
    expectRefused(await server.get('/glob/inherited'), 401, MISSING);
    expect((await server.get('/glob/inherited', await stale())).json).to.deep.equal({ identity: 'alice' });
  });

  it('is guarded under useKoaServer, on an application with its own middlewares', async () => {
    @Service()
    @JsonController('/a')
    class OwnAppController {
      @Get()
      @JwtRequired()
      action(): object {
        ran.push('action');
        return {};
      }
    }
    provide(manager);
    const app = new Koa();
    app.use(note('own'));
    useKoaServer(app, { controllers: [OwnAppController] });
    const server = await Server.of(app);
    servers.push(server);
    expectRefused(await server.get('/a'), 401, MISSING);
    expect(ran).to.deep.equal(['own']);
    expect((await server.get('/a', await stale())).status).to.equal(200);
  });

  describe('with a new metadata storage', () => {
    const globals = globalThis as { routingControllersMetadataArgsStorage?: object };
    const original = getMetadataArgsStorage();
    const contents = Object.fromEntries(Object.entries(original));
    afterEach(() => {
      globals.routingControllersMetadataArgsStorage = Object.assign(original, contents);
    });

    for (const [event, cause] of [
      ['was reset', original.reset.bind(original)],
      ['was replaced', () => delete globals.routingControllersMetadataArgsStorage],
    ] as const) {
      it(`is guarded after the storage ${event}`, async () => {
        cause();
        class Parent {
          @Get('/inherited')
          @JwtRequired()
          action(): object {
            ran.push('action');
            return {};
          }
        }
        @Service()
        @JsonController('/a')
        class LateController extends Parent {}
        await expectGuarded(await serving(LateController), '/a/inherited');
      });
    }
  });

  it('stops the server from starting if routing-controllers would drop an inherited @Authorized', () => {
    class MethodParent {
      @Get()
      @Authorized('admin')
      action(): object {
        return {};
      }
    }
    @Authorized('admin')
    class ClassParent {
      @Get()
      action(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/lost-method')
    class LostMethodController extends MethodParent {}
    @Service()
    @JsonController('/lost-class')
    class LostClassController extends ClassParent {}
    @Service()
    @JsonController('/weaker')
    @Authorized()
    class WeakerController extends MethodParent {}

    for (const [controller, base] of [
      [LostMethodController, 'MethodParent'],
      [LostClassController, 'ClassParent'],
      [WeakerController, 'MethodParent'],
    ] as const) {
      const action = `${controller.name}.action`;
      expect(() => serve(manager, { controllers: [controller] })).to.throw(
        JwtConfigurationError,
        `drops @Authorized of ${base} for ${action}, which inherits it: write @Authorized(…) on ${action} itself`,
      );
    }
  });

  it('can repeat @Authorized where it would be dropped', async () => {
    class Parent {
      @Get()
      @Authorized('admin')
      action(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/a')
    class SayingController extends Parent {
      @Authorized('admin')
      @HttpCode(202)
      override action(): object {
        return super.action();
      }
    }
    const server = await serving(SayingController);
    expectRefused(await server.get('/a'), 401, MISSING);
    const denied = await server.get('/a', await stale());
    expect(denied.status).to.equal(403);
    expect(denied.headers['www-authenticate']).to.match(/^Bearer error="insufficient_scope"/);
    const roles = await manager.createAccessToken('alice', { additionalClaims: { roles: ['admin'] } });
    expect((await server.get('/a', roles)).status).to.equal(202);
  });
});
