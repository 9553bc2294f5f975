import { expect } from 'chai';
import Koa from 'koa';
import Router from '@koa/router';
import { Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import {
  getJwtState,
  JwtClaim,
  JwtCurrentUser,
  jwtGuard,
  JwtHeader,
  JwtIdentity,
  JwtLocation,
  JwtManager,
  JwtOptional,
  JwtPayload,
  JwtRequired,
  UserLoader,
  type JwtClaims,
  type UserLoaderInterface,
  type VerifiedEvent,
} from '../../src/index';
import { expectRefused } from '../support/refused';
import { claimsOf, forge } from '../support/forge';
import { SECRET } from '../support/secret';
import { provide, serve, Server } from '../support/Server';

@Service()
@UserLoader()
class NameLoader implements UserLoaderInterface {
  async load({ identity }: VerifiedEvent): Promise<object | null> {
    return identity === 'nobody' ? null : { name: identity };
  }
}

const manager = new JwtManager({ secretKey: SECRET, loaders: [NameLoader] });

@Service()
@JsonController('/state')
class StateController {
  @Get('/required')
  @JwtRequired()
  required(
    @JwtIdentity() identity: string,
    @JwtPayload() payload: JwtClaims,
    @JwtClaim('team') team: unknown,
    @JwtClaim('toString') inherited: unknown,
    @JwtHeader() header: object,
    @JwtLocation() location: string,
    @JwtCurrentUser() user: object,
  ): object {
    const isFrozen = Object.isFrozen(payload) && Object.isFrozen(payload['team']);
    return {
      identity,
      type: payload.type,
      team,
      inherited: inherited ?? null,
      header,
      location,
      user,
      isFrozen,
    };
  }

  @Get('/optional')
  @JwtOptional()
  optional(
    @JwtIdentity() identity: unknown,
    @JwtPayload() payload: unknown,
    @JwtClaim('sub') sub: unknown,
    @JwtHeader() header: unknown,
    @JwtLocation() location: unknown,
    @JwtCurrentUser() user: unknown,
  ): object {
    return {
      undefined: [identity, payload, sub, header, location, user].every((each) => each === undefined),
    };
  }

  @Get('/unguarded')
  unguarded(@JwtIdentity() identity: unknown): object {
    return { identity };
  }
}

describe('the parameter decorators', () => {
  let server: Server;
  before(async () => {
    server = await serve(manager, { controllers: [StateController], development: false });
  });
  after(() => server.close());

  it('read identity, payload, one claim, header, location and user', async () => {
    const token = await manager.createAccessToken('alice', { additionalClaims: { team: ['red'] } });
    expect((await server.get('/state/required', token)).json).to.deep.equal({
      identity: 'alice',
      type: 'access',
      team: ['red'],
      inherited: null,
      header: { alg: 'HS256', typ: 'JWT' },
      location: 'headers',
      user: { name: 'alice' },
      isFrozen: true,
    });
  });

  it('are undefined for an anonymous request', async () => {
    expect((await server.get('/state/optional')).json).to.deep.equal({ undefined: true });
  });

  it('throw a clear error if no guard has run', async () => {
    const answer = await server.get('/state/unguarded', await manager.createAccessToken('alice'));
    expect(answer.status).to.equal(500);
    expect(answer.text).to.contain('No JWT guard has seen this request: put @JwtRequired()');
  });

  it('refuse the request if the user loader finds no user', async () => {
    const answer = await server.get('/state/required', await manager.createAccessToken('nobody'));
    expectRefused(answer, 401, 'Error loading the user nobody', 'invalid_token');
    expect(answer.headers['www-authenticate']).not.to.contain('nobody');
  });
});

@Service()
@JsonController('/typed')
@JwtRequired()
class TypedController {
  @Get('/number')
  number(@JwtIdentity() id: number): object {
    return { type: typeof id, id };
  }
  @Get('/bigint')
  bigint(@JwtIdentity() id: bigint): object {
    return { type: typeof id, id: String(id) };
  }
  @Get('/sub')
  sub(@JwtClaim('sub') id: number): object {
    return { type: typeof id, id };
  }
  @Get('/boolean')
  boolean(@JwtIdentity() id: boolean): object {
    return { type: typeof id };
  }
  @Get('/date')
  date(@JwtIdentity() id: Date): object {
    return { type: typeof id };
  }
  @Get('/optional')
  @JwtOptional()
  optional(@JwtIdentity() id?: number): object {
    return { type: typeof id };
  }
}

describe('@JwtIdentity() of a type that is no string', () => {
  const plain = new JwtManager({ secretKey: SECRET, loaders: [] });
  let server: Server;
  before(async () => {
    server = await serve(plain, { controllers: [TypedController], development: false });
  });
  after(() => server.close());

  const answered = async (path: string, identity: string): Promise<unknown> =>
    (await server.get(`/typed/${path}`, await plain.createAccessToken(identity))).json;

  for (const id of ['7', '0', '-1', '1.5', String(Number.MAX_SAFE_INTEGER)]) {
    it(`converts ${id}`, async () => {
      for (const path of ['number', 'sub'])
        expect(await answered(path, id)).to.deep.equal({ type: 'number', id: Number(id) });
    });
  }

  it('converts to a bigint', async () => {
    const id = '9007199254740993';
    expect(await answered('bigint', id)).to.deep.equal({ type: 'bigint', id });
  });

  for (const [path, identity] of [
    ...['alice', '007', '7.0', ' 7', '0x7', '1e1', 'NaN', 'Infinity', '9007199254740993'].map((each) => [
      'number',
      each,
    ]),
    ['bigint', '7n'],
    ['bigint', '07'],
    ['boolean', 'true'],
    ['date', '2026-01-01'],
  ] as [string, string][]) {
    it(`refuses ${identity} as a ${path}`, async () => {
      const answer = await server.get(`/typed/${path}`, forge({ claims: claimsOf({ sub: identity }) }));
      expect(answer.status).to.equal(500);
      expect(answer.text).to.contain(
        'The identity of the token is a string, and the parameter has the type ',
      );
    });
  }

  it('is undefined for an anonymous request', async () => {
    expect((await server.get('/typed/optional')).json).to.deep.equal({ type: 'undefined' });
  });

  it('leaves an identity that is a number as it is', async () => {
    const numbers = new JwtManager({ secretKey: SECRET, loaders: [], verifySub: false });
    provide(numbers);
    const answer = await server.get('/typed/number', await numbers.createAccessToken(7));
    expect(answer.json).to.deep.equal({ type: 'number', id: 7 });
    provide(plain);
  });
});

describe('jwtGuard(options)', () => {
  it('guards a route of @koa/router, which reads ctx.state.jwt', async () => {
    provide(manager);
    const router = new Router();
    router.get('/required', jwtGuard(), (ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity, user: getJwtState(ctx).user };
    });
    router.get('/fresh', jwtGuard({ fresh: true }), (ctx) => {
      ctx.body = {};
    });
    const app = new Koa();
    app.use(router.routes());
    const server = await Server.of(app);
    const token = await manager.createAccessToken('alice');
    expect((await server.get('/required', token)).json).to.deep.equal({
      identity: 'alice',
      user: { name: 'alice' },
    });
    expectRefused(await server.get('/required'), 401, 'Missing Authorization Header');
    const challenge = 'insufficient_user_authentication';
    expectRefused(await server.get('/fresh', token), 401, 'Fresh token required', challenge);
    await server.close();
  });

  it('refuses to run under Express', () => {
    const response = {};
    expect(() => jwtGuard()({} as Koa.Context, response as Koa.Next)).to.throw('The JWT guard is for Koa');
  });
});
