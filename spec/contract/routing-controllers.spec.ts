import { expect } from 'chai';
import type Koa from 'koa';
import {
  Authorized,
  createKoaServer,
  Get,
  getMetadataArgsStorage,
  HttpError,
  JsonController,
  Param,
  UseAfter,
  UseBefore,
  type KoaMiddlewareInterface,
} from 'routing-controllers';
import type * as RoutingControllers from 'routing-controllers';
import { Service } from 'typedi';
import { JwtManager, JwtRequired } from '../../src/index';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { serve, Server } from '../support/Server';

type Storage = ReturnType<typeof getMetadataArgsStorage>;

const pass = (_ctx: unknown, next: () => unknown): unknown => next();
const manager = new JwtManager({ secretKey: SECRET, loaders: [] });

/** What src/guard/interceptStorage.ts relies on. An upgrade of routing-controllers that changes it fails here. */
describe('routing-controllers', () => {
  it('asks its storage for the middlewares of each action, then for those of the class', () => {
    class Parent {
      @Get('/inherited')
      inherited(): void {}
    }
    @JsonController('/asked')
    @UseBefore(pass)
    class AskedController extends Parent {
      @Get('/own')
      @UseAfter(pass)
      own(@Param('id') id: string): string {
        return id;
      }
    }
    const asked: unknown[] = [];
    const storage = getMetadataArgsStorage();
    const answers = {
      filterUsesWithTargetAndMethod: storage.filterUsesWithTargetAndMethod.bind(storage),
      filterParamsWithTargetAndMethod: storage.filterParamsWithTargetAndMethod.bind(storage),
    };
    storage.filterUsesWithTargetAndMethod = (target, method) => {
      asked.push(['uses', target, method]);
      return answers.filterUsesWithTargetAndMethod(target, method);
    };
    storage.filterParamsWithTargetAndMethod = (target, method) => {
      asked.push(['params', target, method]);
      return answers.filterParamsWithTargetAndMethod(target, method);
    };
    createKoaServer({ controllers: [AskedController] });
    Object.assign(storage, answers);
    expect(asked).to.deep.equal([
      ['params', AskedController, 'own'],
      ['uses', AskedController, 'own'],
      ['params', AskedController, 'inherited'],
      ['uses', AskedController, 'inherited'],
      ['uses', AskedController, undefined],
    ]);
  });

  it('drops inherited middlewares, so a guard must not be one', async () => {
    class Parent {
      @Get()
      @UseBefore((ctx: Koa.Context) => {
        ctx.status = 401;
      })
      action(): object {
        return {};
      }
    }
    @Service()
    @JsonController('/dropped')
    class DroppedController extends Parent {}
    const server = await serve(manager, { controllers: [DroppedController] });
    expect((await server.get('/dropped')).status).to.equal(200);
    await server.close();
  });

  it('drops an inherited @Authorized, so the server must not start', () => {
    class Parent {
      @Get()
      @Authorized()
      action(): void {}
    }
    class Child extends Parent {}
    const ofType = (target: unknown): unknown[] =>
      getMetadataArgsStorage().responseHandlers.filter(
        (each) => each.type === 'authorized' && each.target === target,
      );
    expect(ofType(Parent)).to.have.length(1);
    expect(ofType(Child)).to.deep.equal([]);
    expect(getMetadataArgsStorage().filterResponseHandlersWithTargetAndMethod(Child, 'action')).to.deep.equal(
      [],
    );
  });

  it('runs a middleware class in its own try block, so the guard is a function', async () => {
    @Service()
    class Swallowing implements KoaMiddlewareInterface {
      async use(_ctx: unknown, next: () => Promise<unknown>): Promise<unknown> {
        return await next();
      }
    }
    @Service()
    @JsonController('/swallowed')
    class SwallowedController {
      @Get()
      @UseBefore(Swallowing)
      @UseBefore((ctx: Koa.Context) => ctx.throw(418))
      action(): void {}
    }
    const server = await serve(manager, { controllers: [SwallowedController] });
    expect((await server.get('/swallowed')).status).to.equal(418);
    await server.close();
  });

  it('shares one storage between two installed copies', async () => {
    const copy = secondCopy();
    expect(copy.getMetadataArgsStorage).not.to.equal(getMetadataArgsStorage);
    expect(copy.getMetadataArgsStorage()).to.equal(getMetadataArgsStorage());
    expect(copy.HttpError).not.to.equal(HttpError);

    class Parent {
      @copy.Get('/inherited')
      @JwtRequired()
      action(): object {
        return {};
      }
    }
    @copy.JsonController('/copied')
    class CopiedController extends Parent {}
    const app = copy.createKoaServer({ controllers: [CopiedController] }) as Koa;
    const server = await Server.of(app);
    expectRefused(await server.get('/copied/inherited'), 401, 'Missing Authorization Header');
    expect((await server.get('/copied/inherited', await manager.createAccessToken('alice'))).status).to.equal(
      200,
    );
    await server.close();
  });

  for (const [when, order] of [
    ['before', ['wrap', 'arm']],
    ['after', ['arm', 'wrap']],
  ] as const) {
    it(`works if another library wraps its storage ${when} this one`, async () => {
      const globals = globalThis as { routingControllersMetadataArgsStorage?: Storage };
      const original = getMetadataArgsStorage();
      delete globals.routingControllersMetadataArgsStorage;
      const seen: unknown[] = [];
      const steps = {
        wrap: () => {
          const storage = getMetadataArgsStorage();
          const wrapped = storage.filterUsesWithTargetAndMethod.bind(storage);
          storage.filterUsesWithTargetAndMethod = (target, method) => {
            seen.push(method);
            return wrapped(target, method);
          };
        },
        arm: () => {
          JwtRequired()(class {});
        },
      };
      for (const step of order) steps[step]();
      class Parent {
        @Get('/inherited')
        @JwtRequired()
        action(): object {
          return {};
        }
      }
      @Service()
      @JsonController('/wrapped')
      class WrappedController extends Parent {}
      const server = await serve(manager, { controllers: [WrappedController] });
      expectRefused(await server.get('/wrapped/inherited'), 401, 'Missing Authorization Header');
      expect(seen).to.include('action');
      await server.close();
      globals.routingControllersMetadataArgsStorage = original;
    });
  }
});

/** Loads routing-controllers again, as from another node_modules. */
function secondCopy(): typeof RoutingControllers {
  const isOurs = (file: string): boolean => /[\\/]routing-controllers[\\/](?!node_modules)/.test(file);
  const loaded = Object.entries(require.cache).filter(([file]) => isOurs(file));
  for (const [file] of loaded) Reflect.deleteProperty(require.cache, file);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a second instance is the point
  const copy = require('routing-controllers') as typeof RoutingControllers;
  Object.assign(require.cache, Object.fromEntries(loaded));
  return copy;
}
