import { expect } from 'chai';
import Koa from 'koa';
import {
  Authorized,
  createKoaServer,
  Get,
  JsonController,
  UseAfter,
  UseBefore,
  useContainer,
  useKoaServer,
  type RoutingControllersOptions,
} from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  JwtClaim,
  JwtConfigurationError,
  JwtExempt,
  jwtGuard,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtPayload,
  JwtRequired,
  UserLoader,
} from '../../src/index';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { provide, Server } from '../support/Server';

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });

/** What plain JavaScript may write. */
type Loose = (...given: unknown[]) => never;

/** The message with which a server is refused. */
function refusal(controllers: (new () => object)[], options: RoutingControllersOptions = {}): string {
  try {
    createKoaServer({ controllers, ...options });
  } catch (error) {
    expect(error).to.be.instanceOf(JwtConfigurationError);
    return (error as Error).message;
  }
  throw new Error('was not refused');
}

/** A controller whose class and action have more decorators. */
function controllerWith(
  ofAction: (target: object, method: string, third: never) => void,
  ofClass: (target: never) => void = () => undefined,
): new () => object {
  @JsonController('/misused')
  class MisusedController {
    @Get()
    action(): object {
      return {};
    }
  }
  ofAction(MisusedController.prototype, 'action', {} as never);
  ofClass(MisusedController as never);
  return MisusedController;
}

describe('A server', () => {
  before(() => {
    provide(manager);
  });

  describe('is not built, in production neither', () => {
    const production = { development: false };

    it('with a guard on a method that is no action', () => {
      class Base {
        @JwtRequired()
        inherited(): void {}
      }
      @JsonController('/helped')
      class HelpedController extends Base {
        @Get()
        action(): object {
          return {};
        }
        @JwtRequired()
        helper(): void {}
        @JwtExempt()
        open(): void {}
      }
      const message = refusal([HelpedController], production);
      for (const name of ['HelpedController.helper', 'HelpedController.open', 'Base.inherited'])
        expect(message).to.contain(`${name} has a JWT decorator and is no action: put @Get()`);
    });

    for (const [what, middleware] of [
      ['JwtRequired()', JwtRequired()],
      ['JwtRequired', JwtRequired],
      ['JwtExempt()', JwtExempt()],
      ['JwtIdentity()', JwtIdentity()],
      ['UserLoader()', UserLoader()],
    ] as const) {
      for (const [where, use] of [
        ['@UseBefore of MisusedController.action', UseBefore],
        ['@UseAfter of MisusedController.action', UseAfter],
      ] as const) {
        it(`with ${where} that has ${what}`, () => {
          const decorate = use(middleware as never) as Loose;
          expect(refusal([controllerWith(decorate)], production)).to.contain(
            `${where} has @${what}, which is no middleware: write it as a decorator, or use jwtGuard()`,
          );
        });
      }
    }

    it('with a decorator as middleware of a class, of a base class and of the application', () => {
      const ofClass = controllerWith(() => undefined, UseBefore(JwtRequired()) as Loose);
      expect(refusal([ofClass], production)).to.contain('@UseBefore of MisusedController has @JwtRequired()');
      @JsonController('/derived')
      class DerivedController extends ofClass {}
      expect(refusal([DerivedController], production)).to.contain('@UseBefore of MisusedController has');
      const app = new Koa();
      app.use(JwtRequired() as never);
      expect(() => useKoaServer(app, { controllers: [controllerWith(() => undefined)] })).to.throw(
        JwtConfigurationError,
        'app.use has @JwtRequired(), which is no middleware',
      );
    });

    it('without telling everything that is wrong at once', () => {
      @JsonController('/first')
      class FirstController {
        @JwtRequired()
        helper(): void {}
        @Get()
        @UseBefore(JwtRequired())
        action(): object {
          return {};
        }
      }
      class Base {
        @Get('/lost')
        @Authorized()
        lost(): object {
          return {};
        }
      }
      @JsonController('/second')
      class SecondController extends Base {
        @Get('/identity')
        identity(@JwtIdentity() identity: string): object {
          return { identity };
        }
        @Get('/authorized')
        @Authorized()
        authorized(): object {
          return {};
        }
      }
      const lines = refusal([FirstController, SecondController]).split('\n');
      for (const part of [
        'FirstController.helper has a JWT decorator',
        '@UseBefore of FirstController.action has @JwtRequired()',
        'drops @Authorized of Base for SecondController.lost',
        'SecondController.identity has @JwtIdentity(), and no guard',
        'SecondController.authorized has @Authorized, and the server no authorizationChecker',
      ])
        expect(
          lines.filter((line) => line.includes(part)),
          part,
        ).to.have.length(1);
      expect(lines).to.have.length(5);
    });
  });

  it('may be built with a guarded method that becomes an action in a subclass', () => {
    class Base {
      @JwtRequired()
      action(): object {
        return {};
      }
    }
    @JsonController('/becomes')
    class BecomingController extends Base {
      @Get()
      override action(): object {
        return {};
      }
    }
    @JsonController('/never')
    class NeverController extends Base {
      override action(): object {
        return {};
      }
      @Get()
      other(): object {
        return {};
      }
    }
    createKoaServer({ controllers: [BecomingController, NeverController] });
  });

  describe('is not built in development', () => {
    it('with a parameter of the token and no guard', () => {
      @JsonController('/open')
      class OpenController {
        @Get('/silent')
        silent(@JwtIdentity() identity: string, @JwtPayload() payload: object): object {
          return { identity, payload };
        }
        @Get('/exempt')
        @JwtExempt()
        exempt(@JwtClaim('team') team: string): object {
          return { team };
        }
        @Get('/optional')
        @JwtOptional()
        optional(@JwtIdentity() identity?: string): object {
          return { identity };
        }
      }
      expect(refusal([OpenController]).split('\n')).to.have.members([
        'OpenController.silent has @JwtIdentity(), and no guard: put @JwtRequired() or @JwtOptional() on it',
        'OpenController.silent has @JwtPayload(), and no guard: put @JwtRequired() or @JwtOptional() on it',
        'OpenController.exempt has @JwtClaim(), and no guard: put @JwtRequired() or @JwtOptional() on it',
      ]);
      createKoaServer({ controllers: [OpenController], development: false });
    });

    it('with @Authorized and no authorizationChecker', () => {
      const ofClass = controllerWith(() => undefined, Authorized() as Loose);
      expect(refusal([ofClass])).to.equal(
        'MisusedController has @Authorized, and the server no authorizationChecker: ' +
          'createKoaServer({ authorizationChecker, … })',
      );
      createKoaServer({ controllers: [ofClass], authorizationChecker: () => true });
    });
  });

  it('may be made on Koa 2, which docs/compatibility.md has', () => {
    const app = new Koa();
    // What Koa 3 has and Koa 2 has not.
    Object.defineProperty(app, 'compose', { value: undefined });
    Object.defineProperty(app, 'response', { value: {} });
    useKoaServer(app, { controllers: [controllerWith(() => undefined)] });
    expect(app.middleware).to.not.deep.equal([]);
  });

  it('may have a parameter of the token behind middleware, which may have verified it', async () => {
    class Verified {
      @Get('/action')
      @UseBefore(jwtGuard())
      action(@JwtIdentity() identity: string): object {
        return { identity };
      }
    }
    (Service() as Loose)(Verified);
    (JsonController('/verified') as Loose)(Verified);
    @Service()
    @JsonController('/global')
    class GlobalController {
      @Get()
      action(@JwtIdentity() identity: string): object {
        return { identity };
      }
    }
    provide(manager);
    const token = await manager.createAccessToken('alice');
    const app = new Koa();
    app.use(jwtGuard());
    useKoaServer(app, { controllers: [GlobalController] });
    for (const [koa, path] of [
      [app, '/global'],
      [createKoaServer({ controllers: [Verified] }) as Koa, '/verified/action'],
    ] as const) {
      const server = await Server.of(koa);
      expectRefused(await server.get(path), 401, 'Missing Authorization Header');
      expect((await server.get(path, token)).json).to.deep.equal({ identity: 'alice' });
      await server.close();
    }
  });
});

describe('A decorator that is called as middleware', () => {
  for (const [name, decorator] of Object.entries({
    JwtRequired: JwtRequired(),
    JwtIdentity: JwtIdentity(),
    UserLoader: UserLoader(),
  })) {
    it(`throws, and keeps nothing of the request: @${name}()`, async () => {
      useContainer(Container);
      const app = new Koa();
      app.silent = true;
      app.use(decorator as never);
      const server = await Server.of(app);
      for (const status of [500, 500]) expect((await server.get('/')).status).to.equal(status);
      for (const error of server.errors) expect(error).to.be.instanceOf(JwtConfigurationError);
      expect(server.errors[1]?.message).to.equal(server.errors[0]?.message);
      await server.close();
    });
  }
});
