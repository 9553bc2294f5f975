import { inherits } from 'node:util';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type Koa from 'koa';
import {
  Authorized,
  createKoaServer,
  Get,
  getMetadataArgsStorage,
  HttpCode,
  JsonController,
  Param,
  UseBefore,
} from 'routing-controllers';
import { Service } from 'typedi';
import {
  authorizationChecker,
  FreshJwtRequired,
  JwtConfigurationError,
  JwtExempt,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
} from '../../src/index';
import {
  ancestry,
  decidingFor,
  isSameMethod,
  nameOf,
  policyOf,
  prototypesOf,
} from '../../src/guard/policyRegistry';
import { throwParseError } from '../../src/guard/interceptBodyParser';
import { finishBuild, startBuild } from '../../src/guard/ServerBuild';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { serve, type Server } from '../support/Server';

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
const MISSING = 'Missing Authorization Header';

/** What plain JavaScript may write. */
type Loose = (...given: unknown[]) => void;

type AnyConstructor = new (...given: never[]) => object;

describe('A policy', () => {
  const servers: Server[] = [];
  let ran: string[] = [];

  async function serving(...controllers: AnyConstructor[]): Promise<Server> {
    const server = await serve(manager, { controllers: controllers, authorizationChecker });
    servers.push(server);
    return server;
  }

  async function expectGuarded(server: Server, path: string): Promise<void> {
    ran = [];
    expectRefused(await server.get(path), 401, MISSING);
    expect(ran).to.deep.equal([]);
    expect((await server.get(path, await manager.createAccessToken('alice'))).status).to.equal(200);
    expect(ran).to.have.length(1);
  }

  beforeEach(() => {
    ran = [];
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('takes 123 and "123" for one method, with its parameters', async () => {
    class Numbers {
      @Get('/inherited/:id')
      @JwtRequired()
      7(@Param('id') id: string): object {
        ran.push('7');
        return { id };
      }
      @Get('/number')
      @JwtRequired()
      123(): object {
        return {};
      }
      @Get('/text')
      @JwtRequired()
      '456'(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/spelt')
    class SpeltController extends Numbers {
      @Get('/number')
      override '123'(): object {
        ran.push('123');
        return {};
      }
      @Get('/text')
      override 456(): object {
        ran.push('456');
        return {};
      }
    }
    const server = await serving(SpeltController);
    await expectGuarded(server, '/spelt/number');
    await expectGuarded(server, '/spelt/text');
    await expectGuarded(server, '/spelt/inherited/x');
    const answer = await server.get('/spelt/inherited/x', await manager.createAccessToken('alice'));
    expect(answer.json).to.deep.equal({ id: 'x' });
  });

  for (const [ofBase, ofDerived] of [
    [123, '123'],
    ['123', 123],
    [-1, '-1'],
    [1e21, '1e+21'],
  ] as const) {
    it(`takes the method ${typeof ofBase} ${ofBase} and its override ${typeof ofDerived} for one`, async () => {
      // By hand, because compilers differ in what they pass.
      class Base {}
      JwtRequired()(Base.prototype, ofBase as never, {});
      class SpeltController extends Base {}
      Object.defineProperty(SpeltController.prototype, ofDerived, {
        value: (id: string, identity: string) => {
          ran.push('action');
          return { id, identity };
        },
      });
      (Get('/action/:id') as Loose)(SpeltController.prototype, ofDerived);
      (Param('id') as Loose)(SpeltController.prototype, ofBase, 0);
      JwtIdentity()(SpeltController.prototype, ofDerived as string, 1);
      (JsonController('/by-hand') as Loose)(SpeltController);
      (Service() as Loose)(SpeltController);
      const server = await serving(SpeltController);
      await expectGuarded(server, '/by-hand/action/7');
      const answer = await server.get('/by-hand/action/7', await manager.createAccessToken('alice'));
      expect(answer.json).to.deep.equal({ id: '7', identity: 'alice' });
    });
  }

  it('takes "1e3" and 1000 for two methods', async () => {
    const passing = (name: string) => (_: Koa.Context, next: Koa.Next) => {
      ran.push(name);
      return next();
    };
    @Service()
    @JsonController('/two')
    class TwoController {
      @Get('/text')
      @JwtRequired()
      @UseBefore(passing('text'))
      '1e3'(): object {
        return {};
      }
      @Get('/number')
      @JwtRequired()
      @UseBefore(passing('number'))
      1000(): object {
        return {};
      }
    }
    const server = await serving(TwoController);
    for (const name of ['text', 'number']) await expectGuarded(server, `/two/${name}`);
    ran = [];
    await server.get('/two/text', await manager.createAccessToken('alice'));
    expect(ran).to.deep.equal(['text']);
  });

  it('takes no middleware of the number 1000 for one of "1e3", however compilers write them', () => {
    class Thousand {
      '1e3'(): void {}
    }
    JwtRequired()(Thousand.prototype, '1e3', {});
    const [ofText, ofNumber] = [middleware(), middleware()];
    (UseBefore(ofText) as Loose)(Thousand.prototype, '1e3');
    (UseBefore(ofNumber) as Loose)(Thousand.prototype, 1000);
    const uses = getMetadataArgsStorage().filterUsesWithTargetAndMethod(Thousand, '1e3');
    expect(uses.map((each) => each.middleware as unknown))
      .to.include(ofText)
      .and.not.include(ofNumber);
  });

  it('asks for the parameters of an action while no server is built', () => {
    class Asked {
      @JwtRequired()
      action(@Param('id') id: string): string {
        return id;
      }
    }
    finishBuild();
    const [param] = getMetadataArgsStorage().filterParamsWithTargetAndMethod(Asked, 'action');
    expect(param).to.include({ method: 'action', index: 0 });
  });

  it('is one for a symbol, and none for a symbol of the same name', () => {
    const [one, other] = [Symbol('action'), Symbol('action')];
    class Symbols {
      [one](): void {}
      [other](): void {}
    }
    JwtRequired()(Symbols.prototype, one, {});
    JwtOptional()(Symbols.prototype, other, {});
    expect(() => {
      JwtOptional()(Symbols.prototype, one, {});
    }).to.throw(JwtConfigurationError, 'two JWT decorators');
  });

  describe('follows the prototypes', () => {
    function base(): AnyConstructor & { prototype: { action(): object } } {
      class Base {
        @JwtRequired()
        @Get('/action')
        action(): object {
          return {};
        }
      }
      return Base;
    }

    for (const [how, derive] of [
      ['of a class that extends a Proxy', (Base) => class extends (new Proxy(Base, {})) {}],
      [
        'of util.inherits',
        (Base) => {
          class Derived {}
          return inherited(Derived, Base);
        },
      ],
      [
        'of Object.setPrototypeOf',
        (Base) => {
          class Derived {}
          Object.setPrototypeOf(Derived.prototype, Base.prototype as object);
          return Derived;
        },
      ],
      ['of a mixin', (Base) => mixed(Base)],
      [
        'of a class with another constructor in front',
        (Base) => {
          function InFront(): void {}
          InFront.prototype = Base.prototype as object;
          return class extends (InFront as never as AnyConstructor) {};
        },
      ],
      [
        'of constructors only',
        (Base) => {
          class Derived {}
          Object.setPrototypeOf(Derived, Base);
          return Derived;
        },
      ],
    ] as [string, (Base: AnyConstructor) => AnyConstructor][]) {
      it(how, async () => {
        const Between = derive(base());
        @Service()
        @JsonController('/line')
        class LineController extends Between {
          @Get('/action')
          action(): object {
            ran.push('action');
            return {};
          }
        }
        await expectGuarded(await serving(LineController), '/line/action');
      });
    }

    it('of a method that a mixin copied', async () => {
      class Mixin {
        @JwtRequired()
        action(): object {
          ran.push('action');
          return {};
        }
        @Get('/mixin')
        unrelated(): void {}
      }
      @Service()
      @JsonController('/copied')
      class CopyController {}
      const copied = Object.getOwnPropertyDescriptor(Mixin.prototype, 'action') ?? {};
      Object.defineProperty(CopyController.prototype, 'action', copied);
      (Get('/action') as Loose)(CopyController.prototype, 'action');
      await expectGuarded(await serving(CopyController), '/copied/action');
    });

    for (const [title, decorate] of [
      ['exempt', JwtExempt()],
      ['optional', JwtOptional()],
    ] as const) {
      it(`of a method that a mixin copied over one of a base class that is ${title}`, async () => {
        class Mixin {
          @JwtRequired()
          action(): object {
            ran.push('action');
            return {};
          }
        }
        class Base {
          action(): object {
            return {};
          }
        }
        decorate(Base.prototype, 'action', {});
        @Service()
        @JsonController('/over')
        class OverController extends Base {}
        const copied = Object.getOwnPropertyDescriptor(Mixin.prototype, 'action') ?? {};
        Object.defineProperty(OverController.prototype, 'action', copied);
        (Get('/action') as Loose)(OverController.prototype, 'action');
        await expectGuarded(await serving(OverController), '/over/action');
      });
    }

    it('of a class policy, too', async () => {
      @JwtRequired()
      class Base {}
      @Service()
      @JsonController('/line')
      class ClassController extends (new Proxy(Base, {}) as AnyConstructor) {
        @Get('/action')
        action(): object {
          ran.push('action');
          return {};
        }
      }
      await expectGuarded(await serving(ClassController), '/line/action');
    });

    it('and the server does not start if @Authorized of one would be lost', () => {
      class Base {
        @Authorized('admin')
        action(): object {
          return {};
        }
      }
      @Service()
      @JsonController('/lost')
      class LostController extends (new Proxy(Base, {})) {
        @Get('/action')
        override action(): object {
          return {};
        }
      }
      expect(() => serve(manager, { controllers: [LostController], authorizationChecker })).to.throw(
        JwtConfigurationError,
        'routing-controllers drops @Authorized of Base for LostController.action',
      );
    });

    it('and a lost @HttpCode of one is no reason not to start', async () => {
      class Base {
        @HttpCode(202)
        action(): object {
          return {};
        }
      }
      @Service()
      @JsonController('/code')
      class CodeController extends Base {
        @Get('/action')
        override action(): object {
          return {};
        }
      }
      expect((await (await serving(CodeController)).get('/code/action')).status).to.equal(200);
    });

    it('both, when they differ: the stricter demand of each', async () => {
      class Fresh {
        @Get('/action')
        @FreshJwtRequired()
        action(): object {
          return {};
        }
      }
      class Optional {
        @JwtOptional()
        action(): object {
          ran.push('action');
          return {};
        }
      }
      @Service()
      @JsonController('/both')
      class BothController extends Fresh {}
      Object.setPrototypeOf(BothController.prototype, Optional.prototype);
      const server = await serving(BothController);
      expectRefused(await server.get('/both/action'), 401, MISSING);
      expect((await server.get('/both/action', await manager.createAccessToken('alice'))).status).to.equal(
        401,
      );
      const fresh = await manager.createAccessToken('alice', { fresh: true });
      expect((await server.get('/both/action', fresh)).status).to.equal(200);
      expect(ran).to.deep.equal(['action']);
    });
  });

  describe('of a class that a decorator below has replaced', () => {
    // Servers without a list of controllers serve all that are registered: only the ones of each test.
    const globals = globalThis as { routingControllersMetadataArgsStorage?: object };
    let original: object | undefined;
    beforeEach(() => {
      original = getMetadataArgsStorage();
      delete globals.routingControllersMetadataArgsStorage;
    });
    afterEach(() => {
      Object.assign(globals, { routingControllersMetadataArgsStorage: original });
    });

    const replacements: Record<string, (target: AnyConstructor) => AnyConstructor> = {
      'a subclass': (target) => class extends target {},
      'a Proxy': (target) => new Proxy(target, {}),
      'a function with its prototype': (target) => {
        function Replaced(this: object, ...given: never[]): object {
          return Reflect.construct(target, given, Replaced) as object;
        }
        Replaced.prototype = target.prototype as object;
        return Replaced as never;
      },
      'a class of the same name': (target) => {
        const other = class {};
        Object.defineProperty(other, 'name', { value: target.name });
        return other;
      },
      'a class without a name': () => (() => class {})(),
    };

    for (const [what, replace] of Object.entries(replacements)) {
      it(`by ${what} holds, or the server does not start: @JsonController() below`, async () => {
        @Service()
        @JwtRequired()
        @((target) => replace(target) as never)
        @JsonController('/replaced')
        class ReplacedController {
          @Get('/action')
          action(): object {
            ran.push('action');
            return {};
          }
        }
        expect(ReplacedController).to.be.a('function');
        let server: Server;
        try {
          server = await serve(manager, {});
        } catch (error) {
          expect(error).to.be.instanceOf(JwtConfigurationError);
          expect((error as Error).message).to.contain('put @JsonController() above that decorator');
          return;
        }
        servers.push(server);
        expectRefused(await server.get('/replaced/action'), 401, MISSING);
        expect(ran).to.deep.equal([]);
      });

      it(`by ${what} holds: @JsonController() above`, async () => {
        @Service()
        @JsonController('/replaced')
        @JwtRequired()
        @((target) => replace(target) as never)
        class ReplacedController {
          @Get('/action')
          action(): object {
            ran.push('action');
            return {};
          }
        }
        expect(ReplacedController).to.be.a('function');
        const server = await serve(manager, {});
        servers.push(server);
        // routing-controllers finds no action of a class that does not extend the replaced one.
        expect((await server.get('/replaced/action')).status).to.be.oneOf([401, 404]);
        expect(ran).to.deep.equal([]);
      });
    }

    it('may be on a base class that other controllers extend', async () => {
      @Service()
      @JsonController('/open')
      class OpenController {
        @Get('/action')
        action(): object {
          return {};
        }
      }
      @JwtRequired()
      class GuardedBase extends OpenController {}
      @Service()
      @JsonController('/guarded')
      class GuardedController extends GuardedBase {}
      const server = await serve(manager, { controllers: [OpenController, GuardedController] });
      servers.push(server);
      expect((await server.get('/open/action')).status).to.equal(200);
      expectRefused(await server.get('/guarded/action'), 401, MISSING);
    });
  });

  describe('that comes after the server was built', () => {
    it('is an error, on the method, on the class and on a class that it extends', () => {
      class Base {
        @Get('/base')
        base(): object {
          return {};
        }
      }
      @Service()
      @JsonController('/late')
      class LateController extends Base {
        @Get('/action')
        action(): object {
          return {};
        }
      }
      createKoaServer({ controllers: [LateController] });
      for (const decorate of [
        () => {
          JwtRequired()(LateController.prototype, 'action', {});
        },
        () => {
          JwtRequired()(LateController);
        },
        () => {
          JwtRequired()(Base.prototype, 'base', {});
        },
        () => {
          JwtExempt()(Base);
        },
      ])
        expect(decorate).to.throw(JwtConfigurationError, 'comes too late: a server was built with it');
    });
  });

  it('of an @JwtExempt() base does not cover what a subclass adds: the server does not start', async () => {
    @JwtExempt()
    class OpenBase {
      @Get('/old')
      old(): object {
        return {};
      }
      @Get('/overridden')
      overridden(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/exempt')
    class SilentController extends OpenBase {
      @Get('/new')
      added(): object {
        return {};
      }
      @Get('/property')
      property = (): object => ({});
    }
    expect(() => serve(manager, { controllers: [SilentController] }))
      .to.throw(JwtConfigurationError, '@JwtExempt() of OpenBase does not cover SilentController.added')
      .with.property('message')
      .that.contains('SilentController.property')
      .and.contains(
        'which is new in a subclass: put @JwtExempt() or @JwtRequired() on SilentController.added itself',
      );

    class Between extends OpenBase {}
    @Service()
    @JsonController('/far')
    class FarController extends Between {
      @Get('/new')
      added(): object {
        return {};
      }
    }
    expect(() => serve(manager, { controllers: [FarController] })).to.throw(
      JwtConfigurationError,
      '@JwtExempt() of OpenBase does not cover FarController.added',
    );

    @Service()
    @JsonController('/said')
    class SayingController extends OpenBase {
      override overridden(): object {
        return {};
      }
      @Get('/new')
      @JwtExempt()
      added(): object {
        return {};
      }
      @Get('/guarded')
      @JwtRequired()
      guarded(): object {
        ran.push('guarded');
        return {};
      }
    }
    const server = await serving(SayingController);
    for (const path of ['/said/old', '/said/overridden', '/said/new'])
      expect((await server.get(path)).status, path).to.equal(200);
    await expectGuarded(server, '/said/guarded');
  });

  it('of an @JwtExempt() class says nothing about what it inherits: that is as open as before', async () => {
    class Silent {
      @Get('/old')
      old(): object {
        return {};
      }
    }
    @JwtExempt()
    class Middle extends Silent {}
    @Service()
    @JsonController('/below')
    class BelowController extends Middle {}
    const server = await serving(BelowController);
    expect((await server.get('/below/old')).status).to.equal(200);
  });

  it('that is contradictory closes the action, should its server run all the same', () => {
    class Contradictory {
      @RefreshJwtRequired()
      action(): void {}
    }
    class Derived extends Contradictory {}
    FreshJwtRequired()(Derived);
    startBuild();
    try {
      const uses = getMetadataArgsStorage().filterUsesWithTargetAndMethod(Derived, 'action');
      expect(uses).to.have.length(1);
      expect(uses[0]?.middleware).to.throw(JwtConfigurationError, 'was refused when it was built');
      expect([...(finishBuild()?.errors ?? [])].join()).to.contain(
        'contradict each other for Derived.action',
      );
    } finally {
      finishBuild();
    }
  });

  it('moves middlewares: a controller without one keeps them where routing-controllers looks for them', () => {
    const [ofClass, ofMethod] = [middleware(), middleware()];
    @JsonController('/plain')
    @UseBefore(ofClass)
    class PlainController {
      @Get()
      @UseBefore(ofMethod)
      action(): void {}
    }
    class GuardedController extends PlainController {}
    JwtRequired()(GuardedController);
    const storage = getMetadataArgsStorage();
    const usesOf = (method?: string): unknown[] =>
      storage
        .filterUsesWithTargetAndMethod(PlainController, method as never)
        .map((each) => each.middleware as unknown)
        .filter((each) => each !== throwParseError);
    expect(usesOf()).to.deep.equal([ofClass]);
    expect(usesOf('action')).to.deep.equal([ofMethod]);
    class Mixin {
      @JwtRequired()
      action(): void {}
    }
    for (const guarded of [GuardedController, withCopied(Mixin)]) {
      (UseBefore(ofClass) as Loose)(guarded);
      expect(storage.filterUsesWithTargetAndMethod(guarded, undefined as never)).to.deep.equal([]);
    }
  });

  describe('of a function in several classes', () => {
    const anywhere = (): boolean => true;

    it('is the one that each class declares itself', () => {
      class One {
        @JwtOptional()
        action(): void {}
      }
      const other = withCopied(One);
      FreshJwtRequired()(other.prototype as object, 'action', {});
      expect(policyOf(One, 'action', anywhere)).to.include({ demand: 'optional', fresh: false });
      expect(policyOf(other, 'action', anywhere)).to.include({ demand: 'required', fresh: true });
    });

    it('is no exemption in a class that does not say so, so that the default holds', () => {
      class Open {
        @JwtExempt()
        action(): void {}
      }
      expect(policyOf(Open, 'action', anywhere)).to.include({ demand: 'none' });
      expect(policyOf(withCopied(Open), 'action', anywhere)).to.equal(undefined);
    });

    it('is listed once, also if classes and their prototypes are in different lines', () => {
      class Base {}
      @JwtRequired()
      class Derived {}
      Object.setPrototypeOf(Derived, Base);
      expect(decidingFor(Derived, 'action', anywhere)).to.have.length(1);
    });
  });

  it('is looked for in the prototypes that there are, whatever is between the classes', () => {
    const withoutPrototype = (): void => undefined;
    function ofNobody(): void {}
    ofNobody.prototype = null;
    for (const between of [withoutPrototype, ofNobody]) {
      class Derived {}
      Object.setPrototypeOf(Derived, between);
      expect(prototypesOf(Derived)).to.deep.equal([Derived.prototype]);
    }
    class OfNull extends null {}
    expect(prototypesOf(OfNull)).to.deep.equal([OfNull.prototype]);
    expect(prototypesOf(withoutPrototype)).to.deep.equal([]);
  });

  it('knows no class of a prototype whose constructor is none', () => {
    class Derived {}
    Object.setPrototypeOf(Derived.prototype, Object.create(null) as object);
    expect(ancestry(Derived)).to.deep.equal([Derived]);
  });

  it('takes two spellings of a number for one method, and the class for no method', () => {
    expect(isSameMethod(123, '123')).to.equal(true);
    expect(isSameMethod('one', 'other')).to.equal(false);
    expect(isSameMethod(undefined, undefined)).to.equal(true);
    expect(isSameMethod(undefined, 'undefined')).to.equal(false);
    expect(isSameMethod('undefined', undefined)).to.equal(false);
  });

  it('names a class that has no name, and a prototype without a class', () => {
    expect(nameOf(class {}, undefined)).to.equal('A class');
    expect(nameOf(Object.create(null) as object, 'action')).to.equal('A class.action');
    expect(nameOf(JwtManager, undefined)).to.equal('JwtManager');
    expect(nameOf(JwtManager.prototype, 'revoke')).to.equal('JwtManager.revoke');
  });

  it('by default covers what an exemption does not, also with a new metadata storage', async () => {
    const child = fork(join(__dirname, 'fixtures/exempt.program.js'));
    const [report] = (await once(child, 'message')) as [unknown];
    expect(report).to.deep.equal({
      '/exempt/own': 200,
      '/exempt/property': 200,
      '/exempt/inherited': 401,
      '/derived/own': 200,
      '/derived/added': 401,
      '/derived/said': 200,
      '/renewed/action': 401,
      again: 'accepted',
      other: 'requireJwtByDefault() must be called once',
    });
  });
});

function middleware(): (ctx: Koa.Context, next: Koa.Next) => unknown {
  return (_ctx, next) => next();
}

/** Another class with the method `action` of a class. */
function withCopied(from: AnyConstructor): AnyConstructor {
  class Copy {}
  const copied = Object.getOwnPropertyDescriptor(from.prototype, 'action') ?? {};
  return Object.defineProperty(Copy.prototype, 'action', copied).constructor as AnyConstructor;
}

function mixed(Base: AnyConstructor): AnyConstructor {
  return class extends Base {};
}

function inherited(Derived: AnyConstructor, Base: AnyConstructor): AnyConstructor {
  inherits(Derived, Base);
  return Derived;
}
