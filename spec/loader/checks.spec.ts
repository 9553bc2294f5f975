import { expect } from 'chai';
import Koa from 'koa';
import { Service } from 'typedi';
import {
  ClaimsVerificationLoader,
  jwtGuard,
  JwtManager,
  TokenInBlocklistLoader,
  UserLoader,
  type Constructor,
} from '../../src/index';
import { forge } from '../support/forge';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { provide, Server } from '../support/Server';

const tokens = new JwtManager({ secretKey: SECRET, loaders: [] });

let ran = 0;
let logged: string[] = [];

async function serving(...loaders: Constructor[]): Promise<Server> {
  provide(new JwtManager({ secretKey: SECRET, loaders }));
  const app = new Koa();
  app.silent = true;
  app.on('error', (error: Error) => logged.push(error.message));
  app.use(jwtGuard());
  app.use((ctx) => {
    ran++;
    ctx.body = {};
  });
  return Server.of(app);
}

/** A loader class with the given `load`. */
function doing(decorator: () => (loader: never) => void, load: () => unknown): Constructor {
  @Service()
  class Doing {
    load(): unknown {
      return load();
    }
  }
  decorator()(Doing as never);
  return Doing;
}

const DECORATORS = { TokenInBlocklistLoader, ClaimsVerificationLoader, UserLoader };

describe('a loader that checks', () => {
  beforeEach(() => {
    ran = 0;
    logged = [];
  });

  for (const [name, decorator] of Object.entries(DECORATORS)) {
    for (const [how, fail] of [
      [
        'throws',
        () => {
          throw new Error('the database is down');
        },
      ],
      ['rejects', () => Promise.reject(new Error('the database is down'))],
    ] as const) {
      it(`@${name}() lets nobody in when it ${how}, and the error is logged`, async () => {
        const server = await serving(doing(decorator, fail));
        const answer = await server.get('/', await tokens.createAccessToken('alice'));
        expect([answer.status, answer.text]).to.deep.equal([500, 'Internal Server Error']);
        expect(logged).to.deep.equal(['the database is down']);
        expect(ran).to.equal(0);
        await server.close();
      });
    }
  }

  for (const [what, thrown] of [
    ['a frozen error', Object.freeze(new Error('x'))],
    ['an error with a read-only status', Object.defineProperty(new Error('x'), 'status', { get: () => 503 })],
    [
      'an error of a class with a read-only status',
      new (class extends Error {
        get status(): number {
          return this.message.length;
        }
      })(),
    ],
    ['a string', 'x'],
    ['undefined', undefined],
    ['null', null],
  ] as const) {
    it(`lets nobody in when it throws ${what}, and the process stays up`, async () => {
      const server = await serving(
        doing(UserLoader, () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- the point
          throw thrown;
        }),
      );
      const token = await tokens.createAccessToken('alice');
      for (let i = 0; i < 2; i++) expect((await server.get('/', token)).status).to.equal(500);
      expect(logged[0]).to.equal('Doing.load() threw a value that Koa cannot turn into a response');
      expect(ran).to.equal(0);
      await server.close();
    });
  }

  for (const [name, verdict] of [
    ['TokenInBlocklistLoader', undefined],
    ['TokenInBlocklistLoader', null],
    ['TokenInBlocklistLoader', 0],
    ['TokenInBlocklistLoader', ''],
    ['ClaimsVerificationLoader', undefined],
    ['ClaimsVerificationLoader', 1],
    ['ClaimsVerificationLoader', 'false'],
    ['ClaimsVerificationLoader', {}],
  ] as const) {
    it(`@${name}() lets nobody in with ${JSON.stringify(verdict)}: it must return true or false`, async () => {
      const server = await serving(doing(DECORATORS[name], () => verdict));
      expect((await server.get('/', await tokens.createAccessToken('alice'))).status).to.equal(500);
      expect(logged).to.deep.equal(['Doing.load() must return true or false']);
      expect(ran).to.equal(0);
      await server.close();
    });
  }

  it('is asked once for each request', async () => {
    let asked = 0;
    const counting = doing(TokenInBlocklistLoader, () => ++asked === 3);
    const server = await serving(counting);
    const token = await tokens.createAccessToken('alice');
    expect((await server.get('/', token)).status).to.equal(200);
    expect((await server.get('/', token)).status).to.equal(200);
    expectRefused(await server.get('/', token), 401, 'Token has been revoked', 'invalid_token');
    await server.close();
  });

  it('never accepts a token without a jti, because no blocklist can list it', async () => {
    const token = forge({ claims: { sub: 'alice', type: 'access' } });
    const without = await serving();
    expect((await without.get('/', token)).status).to.equal(200);
    await without.close();
    const server = await serving(doing(TokenInBlocklistLoader, () => false));
    expectRefused(await server.get('/', token), 422, 'Missing claim: jti', 'invalid_token');
    await server.close();
  });

  it('lets nobody in if the container cannot make it, and says so', async () => {
    @TokenInBlocklistLoader()
    class Unregistered {
      load(): boolean {
        return false;
      }
    }
    const server = await serving(Unregistered);
    expect((await server.get('/', await tokens.createAccessToken('alice'))).status).to.equal(500);
    expect(logged).to.deep.equal([
      'The container cannot make Unregistered: register it there, for TypeDI with @Service() above the class',
    ]);
    await server.close();
  });
});
