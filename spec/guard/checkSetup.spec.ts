import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type Koa from 'koa';
import {
  createKoaServer,
  Get,
  JsonController,
  useContainer,
  type Action,
  type RoutingControllersOptions,
} from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  checkSetup,
  JwtConfigurationError,
  JwtIdentity,
  JwtManager,
  JwtRequired,
  TokenInBlocklistLoader,
  UserLoader,
} from '../../src/index';
import { SECRET } from '../support/secret';
import { provide, serve, Server } from '../support/Server';

/** What plain JavaScript may write. */
type Loose = (...given: unknown[]) => void;

class PartnerJwtManager extends JwtManager {}

@Service()
@UserLoader()
class FindUser {
  load(): object {
    return {};
  }
}

@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load(): boolean {
    return false;
  }
}

@TokenInBlocklistLoader()
class Unmade {
  load(): boolean {
    return false;
  }
}

@Service()
class WithoutLoad {}
UserLoader()(WithoutLoad as never);

@Service()
@JsonController('/setup')
class SetupController {
  @Get('/guarded')
  @JwtRequired()
  guarded(): object {
    return {};
  }
  @Get('/partner')
  @JwtRequired({ manager: PartnerJwtManager })
  partner(): object {
    return {};
  }
  @Get('/open')
  open(): object {
    return {};
  }
}

@Service()
@JsonController('/guarded')
class GuardedController {
  @Get()
  @JwtRequired()
  guarded(): object {
    return {};
  }
  @Get('/open')
  open(): object {
    return {};
  }
}

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
const broken = new JwtManager({ secretKey: SECRET, loaders: [Unmade, WithoutLoad] });
const PROBLEMS = [
  'WithoutLoad has no method load: a loader is asked by its load(event)',
  'The container cannot make Unmade: register it there, for TypeDI with @Service() above the class',
];

function builtWith(options: RoutingControllersOptions): Koa {
  const app = createKoaServer(options) as Koa;
  app.silent = true;
  return app;
}

function refusalOfSetup(action?: Action): string[] {
  try {
    checkSetup(action);
  } catch (error) {
    expect(error).to.be.instanceOf(JwtConfigurationError);
    return (error as Error).message.split('\n');
  }
  throw new Error('found nothing wrong');
}

describe('checkSetup(action)', () => {
  afterEach(() => {
    useContainer(Container);
    Container.remove([JwtManager, PartnerJwtManager]);
  });

  it('names the managers that guards ask, and the loaders that each of them asks', () => {
    provide(new JwtManager({ secretKey: SECRET, loaders: [FindUser, Blocklist] }));
    Container.set(PartnerJwtManager, new PartnerJwtManager({ secretKey: SECRET, loaders: [] }));
    builtWith({ controllers: [SetupController], development: false });
    expect(checkSetup()).to.deep.equal([
      { manager: 'JwtManager', loaders: { user: 'FindUser', tokenInBlocklist: 'Blocklist' } },
      { manager: 'PartnerJwtManager', loaders: {} },
    ]);
  });

  it('throws everything that is missing or cannot be made', () => {
    provide(broken);
    builtWith({ controllers: [SetupController], development: false });
    const [partner, ...others] = refusalOfSetup();
    expect(partner).to.contain('The container has no PartnerJwtManager');
    expect(others).to.deep.equal(PROBLEMS);
  });

  it('throws what production does not refuse when a server is built', () => {
    @JsonController('/misused')
    class MisusedController {
      @Get()
      action(@JwtIdentity() identity: string): object {
        return { identity };
      }
    }
    builtWith({ controllers: [MisusedController], development: false });
    expect(refusalOfSetup()).to.deep.equal([
      'MisusedController.action has @JwtIdentity(), and no guard: put @JwtRequired() or @JwtOptional() on it',
    ]);
  });

  it('takes an action for a container that has managers for requests only', () => {
    useContainer({
      get: ((wanted: unknown, action?: Action) =>
        wanted === JwtManager && action !== undefined ? manager : undefined) as never,
    });
    builtWith({ controllers: [GuardedController], development: false });
    expect(refusalOfSetup()[0]).to.contain('The container has no JwtManager');
    expect(checkSetup({ request: {}, response: {} })).to.deep.equal([{ manager: 'JwtManager', loaders: {} }]);
  });

  it('shows the line that does without a container library', () => {
    useContainer({ get: () => undefined as never }, { fallback: true });
    builtWith({ controllers: [GuardedController], development: false });
    expect(refusalOfSetup()[0]).to.contain(
      'Without TypeDI: useContainer({ get: (wanted) => (wanted === JwtManager ? manager : undefined) as never }, { fallback: true })',
    );
    useContainer(
      { get: ((wanted: unknown) => (wanted === JwtManager ? manager : undefined)) as never },
      { fallback: true },
    );
    expect(checkSetup()).to.have.length(1);
  });
});

describe('The first request in development', () => {
  afterEach(() => {
    useContainer(Container);
  });

  it('is refused with everything that the container cannot make, until it can', async () => {
    const server = await serve(broken, { controllers: [GuardedController] });
    for (const path of ['/guarded', '/guarded/open']) expect((await server.get(path)).status).to.equal(500);
    for (const { message } of server.errors) expect(message.split('\n')).to.deep.equal(PROBLEMS);
    provide(manager);
    expect((await server.get('/guarded')).status).to.equal(401);
    expect((await server.get('/guarded/open')).status).to.equal(200);
    await server.close();
  });

  it('may find a manager that came after the server was built', async () => {
    useContainer(Container);
    Container.remove(JwtManager);
    const server = await Server.of(builtWith({ controllers: [GuardedController] }));
    provide(manager);
    expect((await server.get('/guarded', await manager.createAccessToken('alice'))).status).to.equal(200);
    await server.close();
  });

  it('to an open action is answered without a manager', async () => {
    useContainer(Container);
    Container.remove(JwtManager);
    const server = await Server.of(builtWith({ controllers: [GuardedController] }));
    expect((await server.get('/guarded/open')).status).to.equal(200);
    expect((await server.get('/guarded')).status).to.equal(500);
    expect(server.errors[0]?.message).to.contain(
      'The container has no JwtManager: call useContainer(Container)',
    );
    await server.close();
  });

  it('is not looked at in production', async () => {
    const server = await serve(broken, { controllers: [GuardedController], development: false });
    expect((await server.get('/guarded/open')).status).to.equal(200);
    expect((await server.get('/guarded', await manager.createAccessToken('alice'))).status).to.equal(500);
    await server.close();
  });

  describe('of a controller that was compiled without types', () => {
    /** As tsx and esbuild leave a class: with its decorators, and without emitDecoratorMetadata. */
    function withoutTypes(): new (jwt: JwtManager) => object {
      class LogInController {
        jwt: JwtManager;
        constructor(jwt: JwtManager) {
          this.jwt = jwt;
        }
        async logIn(): Promise<object> {
          return { token: await this.jwt.createAccessToken('alice') };
        }
      }
      (Get('/log-in') as Loose)(LogInController.prototype, 'logIn');
      (JsonController() as Loose)(LogInController);
      (Service() as Loose)(LogInController);
      return LogInController;
    }

    for (const [container, use] of [
      ['TypeDI', () => undefined],
      [
        'no container',
        () => {
          useContainer({ get: () => undefined as never }, { fallback: true });
        },
      ],
    ] as const) {
      it(`is refused, and told why: ${container}`, async () => {
        const LogInController = withoutTypes();
        provide(manager);
        use();
        const server = await Server.of(builtWith({ controllers: [LogInController] }));
        expect((await server.get('/log-in')).status).to.equal(500);
        expect(server.errors[0]?.message).to.contain(
          'The constructor of LogInController gets nothing injected, because the compiler emits no types: ' +
            'set emitDecoratorMetadata',
        );
        await server.close();
      });
    }

    it('is answered when the container knows it anyway', async () => {
      const LogInController = withoutTypes();
      provide(manager);
      Container.set(LogInController, new LogInController(manager));
      const server = await Server.of(builtWith({ controllers: [LogInController] }));
      expect((await server.get('/log-in')).status).to.equal(200);
      await server.close();
    });
  });
});

describe('reflect-metadata', () => {
  async function reportOf(when: string): Promise<string> {
    const child = fork(join(__dirname, 'fixtures/reflection.program.js'), [when]);
    const [report] = (await once(child, 'message')) as [string];
    return report;
  }

  it('is not asked for when no action has parameters', async () => {
    expect(await reportOf('needless')).to.equal('was built');
  });

  for (const [when, message] of [
    [
      'never',
      "routing-controllers needs reflect-metadata: write import 'reflect-metadata' in the first line",
    ],
    ['late', "reflect-metadata is imported too late: write import 'reflect-metadata' in the first line"],
  ] as const) {
    it(`is asked for when it was imported ${when}`, async () => {
      expect(await reportOf(when)).to.contain(`JwtConfigurationError: ${message}`);
    });
  }
});
