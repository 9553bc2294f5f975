import { channel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { parseSetCookie } from 'cookie';
import type Koa from 'koa';
import {
  Authorized,
  Ctx,
  CurrentUser,
  Get,
  JsonController,
  NotFoundError,
  Post,
  QueryParam,
  UseBefore,
} from 'routing-controllers';
import { Service } from 'typedi';
import {
  authorizationChecker,
  currentUserChecker,
  ExpiredTokenLoader,
  FreshJwtRequired,
  jwtEvents,
  jwtGuard,
  JwtExempt,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  UserLoader,
  type JwtErrorCode,
  type JwtOptions,
  type TokenFacts,
  type TokenPair,
  type Verdict,
  type VerifiedEvent,
} from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { claimsOf, forge, hmac } from '../support/forge';
import { Heard } from '../support/Heard';
import { gateFor } from '../support/IssuerGate';
import { IssuerKey } from '../support/IssuerKey';
import { JwksServer } from '../support/JwksServer';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { bearer, provide, serve, type Answer, type Server } from '../support/Server';
import { Warnings } from '../support/Warnings';

@Service()
@UserLoader()
class KnownUsers {
  load({ identity }: VerifiedEvent): object | undefined {
    return identity === 'nobody' ? undefined : { name: identity };
  }
}

@Service()
@ExpiredTokenLoader()
class Gone {
  load(): object {
    return { status: 410 };
  }
}

@Service()
@ExpiredTokenLoader()
class Missing {
  load(): object {
    throw new NotFoundError('Nothing here');
  }
}

let manager: JwtManager;

@JwtRequired()
abstract class BaseController {
  @Get('/me')
  me(): object {
    return {};
  }
}

@Service()
@JsonController('/events')
class EventsController extends BaseController {
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return {};
  }
  @Post('/fresh')
  @FreshJwtRequired()
  postFresh(): object {
    return {};
  }
  @Get('/optional')
  @JwtOptional()
  optional(): object {
    return {};
  }
  @Get('/staff')
  @JwtRequired()
  @Authorized('staff')
  staff(@CurrentUser() user: object): object {
    return user;
  }
  @Get('/twice')
  @JwtRequired()
  @UseBefore(jwtGuard())
  twice(): object {
    return {};
  }
  @Get('/by-hand')
  @JwtRequired()
  async byHand(@Ctx() ctx: Koa.Context): Promise<object> {
    await manager.verifyJwtInRequest(ctx);
    await manager.verifyJwtInRequest(ctx);
    return {};
  }
  @Get('/tolerant')
  @JwtExempt()
  async tolerant(): Promise<object> {
    await manager.decodeToken('x.y.z').catch(() => undefined);
    return {};
  }
  @Get('/intolerant')
  @JwtExempt()
  async intolerant(): Promise<object> {
    return { claims: await manager.decodeToken('x.y.z') };
  }
  @Get('/verify')
  @JwtExempt()
  async verify(): Promise<object> {
    return await manager.verifyToken('x.y.z');
  }
  @Get('/download/:token')
  download(): object {
    return {};
  }
  @Post('/rotate')
  @RefreshJwtRequired()
  rotate(@Ctx() ctx: Koa.Context): Promise<TokenPair> {
    return manager.rotate(ctx);
  }
  @Post('/log-out')
  @JwtExempt()
  async logOut(@Ctx() ctx: Koa.Context): Promise<object> {
    await manager.logOut(ctx);
    return {};
  }
  @Get('/cookie')
  @JwtExempt()
  async cookie(@Ctx() ctx: Koa.Context, @QueryParam('name') name: string): Promise<object> {
    await manager.setAccessCookies(ctx, await manager.createAccessToken(name));
    return {};
  }
}

@Service()
@JsonController('/open')
class OpenController {
  @Get('/authorized')
  @Authorized()
  authorized(): object {
    return {};
  }
  @Get('/user')
  user(@CurrentUser() user?: object): object {
    return { user: user ?? null };
  }
  @Get('/:id')
  any(): object {
    return {};
  }
}

/** A store that may fail. */
class TestStore extends MemoryRevocationStore {
  fault: Error | undefined;

  override async check(token: TokenFacts, grace: number): Promise<Verdict> {
    if (this.fault !== undefined) throw this.fault;
    return super.check(token, grace);
  }
  override async endSession(identity: string, sid: string): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    return super.endSession(identity, sid);
  }
}

describe('jwtEvents', () => {
  let server: Server;
  let store: TestStore;
  let heard: Heard;

  async function start(options: JwtOptions = {}): Promise<void> {
    await (server as Server | undefined)?.close();
    store = new TestStore();
    manager = new JwtManager({ secretKey: SECRET, revocationStore: store, loaders: [], ...options });
    server = await serve(manager, {
      controllers: [EventsController, OpenController],
      currentUserChecker,
      authorizationChecker,
    });
  }

  const get = (path: string, token?: string): Promise<Answer> => server.get(path, token);
  const post = (path: string, token: string): Promise<Answer> =>
    server.send(path, { method: 'POST', headers: bearer(token) });

  beforeEach(async () => {
    heard = new Heard();
    await start();
    heard.forget();
  });
  afterEach(() => {
    heard.stop();
  });
  after(() => server.close());

  it('are diagnostics channels of Node, which tracers find by their names', () => {
    expect(Object.values(jwtEvents).map(({ name }) => name)).to.deep.equal(
      Object.keys(jwtEvents).map((name) => `jwt:${name}`),
    );
    for (const each of Object.values(jwtEvents)) expect(channel(each.name)).to.equal(each);
  });

  describe('issued', () => {
    it('tells of each token that was made, with its session and its end', async () => {
      const access = await manager.decodeToken(await manager.createAccessToken('alice'));
      const refresh = await manager.decodeToken(await manager.createRefreshToken('bob'));
      expect(heard.of('issued')).to.deep.equal([
        { type: 'access', identity: 'alice', jti: access.jti, exp: access.exp },
        { type: 'refresh', identity: 'bob', jti: refresh.jti, sid: refresh['sid'], exp: refresh.exp },
      ]);
    });

    it('has no exp for a token that never ends, and the identity of identityClaim', async () => {
      await start({ identityClaim: 'user', verifySub: false });
      await manager.createAccessToken({ id: 7 }, { expires: false });
      const [message] = heard.of('issued');
      expect(message).to.have.all.keys('type', 'identity', 'jti');
      expect(message?.identity).to.deep.equal({ id: 7 });
    });

    it('tells of both tokens of a pair', async () => {
      await manager.createTokenPair('alice');
      expect(heard.of('issued').map(({ type }) => type)).to.have.members(['access', 'refresh']);
      expect(new Set(heard.of('issued').map(({ sid }) => sid)).size).to.equal(1);
    });

    it('tells of the tokens of a rotation only when somebody gets them', async () => {
      const { refreshToken } = await manager.createTokenPair('alice');
      heard.forget();
      expect((await post('/events/rotate', refreshToken)).status).to.equal(200);
      expect(heard.of('issued').map(({ type }) => type)).to.have.members(['access', 'refresh']);
      heard.forget();
      const second = await manager.createTokenPair('alice');
      heard.forget();
      store.rotate = () => Promise.resolve('revoked');
      expect((await post('/events/rotate', second.refreshToken)).status).to.equal(401);
      expect(heard.of('issued')).to.deep.equal([]);
      expect(heard.of('refused')).to.have.length(1);
    });

    it('is silent about a token that could not be made', async () => {
      store.startSession = () => {
        throw new Error('Down');
      };
      await rejection(manager.createTokenPair('alice'));
      await rejection(manager.createAccessToken(7));
      expect(heard.of('issued')).to.deep.equal([]);
    });

    it('tells of an implicit refresh', async () => {
      const clock = new JwtClock();
      try {
        await start({ tokenLocation: ['cookies'], implicitRefreshWithin: 600 });
        const [line = ''] = (await get('/events/cookie?name=alice')).headers['set-cookie'] ?? [];
        const { name, value } = parseSetCookie(line);
        heard.forget();
        const read = (): Promise<Answer> =>
          server.send('/events/me', { headers: { cookie: `${name}=${String(value)}` } });
        await read();
        expect(heard.names).to.deep.equal(['admitted']);
        clock.advance(500);
        expect((await read()).headers['set-cookie']).to.have.length(2);
        expect(heard.names).to.deep.equal(['admitted', 'admitted', 'issued']);
      } finally {
        clock.restore();
      }
    });
  });

  describe('admitted', () => {
    it('says which token, request and action, without the query string', async () => {
      await start({ tokenLocation: ['headers', 'query_string'] });
      const token = await manager.createAccessToken('alice');
      const { jti, exp } = await manager.decodeToken(token);
      const request = { method: 'GET', path: '/events/me', action: 'EventsController.me' };
      const common = { type: 'access', identity: 'alice', jti, exp, ...request };
      await get('/events/me?page=2', token);
      await get(`/events/me?jwt=${token}`);
      expect(heard.of('admitted')).to.deep.equal([
        { ...common, location: 'headers' },
        { ...common, location: 'query_string' },
      ]);
    });

    it('comes once for a guard and its checkers, and for two guards', async () => {
      await start({ loaders: [KnownUsers] });
      const token = await manager.createAccessToken('alice', { additionalClaims: { roles: ['staff'] } });
      expect((await get('/events/staff', token)).status).to.equal(200);
      expect(heard.of('admitted')).to.have.length(1);
      await get('/events/twice', token);
      expect(heard.of('admitted').map(({ action }) => action)).to.deep.equal([
        'EventsController.staff',
        'EventsController.twice',
      ]);
    });

    it('comes for each check by hand', async () => {
      await get('/events/by-hand', await manager.createAccessToken('alice'));
      expect(heard.of('admitted')).to.have.length(3);
    });

    it('comes from a checker where there is no guard', async () => {
      await start({ loaders: [KnownUsers] });
      const token = await manager.createAccessToken('alice');
      await get('/open/user', token);
      await get('/open/authorized', token);
      expect(heard.of('admitted').map(({ action }) => action)).to.deep.equal([
        'OpenController.user',
        'OpenController.authorized',
      ]);
    });

    it('is silent about anonymous requests', async () => {
      await get('/events/optional');
      await get('/open/user');
      expect(heard.names).to.deep.equal([]);
    });

    it('shows no token that is part of a path', async () => {
      const token = await manager.createAccessToken('alice');
      for (const part of [token, token.replaceAll('.', '%2E'), `link-${token}`]) {
        await get(`/events/download/${part}`, token);
      }
      const paths = heard.of('admitted').map(({ path }) => path);
      expect(paths).to.deep.equal(Array(3).fill('/events/download/…'));
      const slug = 'how-to-keep-a-very-long-title-that-is-no-token-in-a-path-for-people.html';
      await get(`/events/download/${slug}`, token);
      expect(heard.of('admitted').at(-1)?.path).to.equal(`/events/download/${slug}`);
    });
  });

  describe('refused', () => {
    /** Sends a request that is refused, and returns the one message about it. */
    async function refusal(path: string, token?: string, status?: number): Promise<object> {
      heard.forget();
      const answer = await get(path, token);
      if (status !== undefined) expect(answer.status, answer.text).to.equal(status);
      expect(heard.of('refused')).to.have.length(1);
      expect(heard.of('admitted').length).to.be.at.most(1);
      return heard.of('refused')[0] ?? {};
    }
    const at = (action: string, path: string): object => ({
      method: 'GET',
      path,
      action: `EventsController.${action}`,
      location: 'headers',
    });
    const me = at('me', '/events/me');

    it('tells of a missing, a malformed and a forged token, and trusts nothing in it', async () => {
      const forged = forge({ claims: claimsOf({ sub: 'admin' }), signer: hmac('another secret') });
      const bad: [string | undefined, JwtErrorCode, number, string][] = [
        [undefined, 'ERR_JWT_MISSING', 401, 'Missing Authorization Header'],
        [
          'x y',
          'ERR_JWT_BAD_REQUEST',
          422,
          "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'",
        ],
        ['x', 'ERR_JWT_INVALID', 422, 'Not enough segments'],
        [forged, 'ERR_JWT_INVALID', 422, 'Signature verification failed'],
      ];
      for (const [token, code, status, reason] of bad) {
        expect(await refusal('/events/me', token, status)).to.deep.equal({ ...me, code, status, reason });
      }
    });

    it('tells of a verified token whose it was', async () => {
      const clock = new JwtClock();
      try {
        const token = await manager.createAccessToken('alice');
        const { jti, exp } = await manager.decodeToken(token);
        const facts = { token: { type: 'access', identity: 'alice', jti, exp } };
        const fresh = at('fresh', '/events/fresh');
        const told = { code: 'ERR_JWT_NOT_FRESH', status: 401, reason: 'Fresh token required' };
        expect(await refusal('/events/fresh', token)).to.deep.equal({ ...fresh, ...facts, ...told });
        await manager.revoke(token);
        const revoked = { code: 'ERR_JWT_REVOKED', status: 401, reason: 'Token has been revoked' };
        expect(await refusal('/events/me', token)).to.deep.equal({ ...me, ...facts, ...revoked });
        clock.advance(900);
        const expired = { code: 'ERR_JWT_EXPIRED', status: 401, reason: 'Token has expired' };
        expect(await refusal('/events/me', token)).to.deep.equal({ ...me, ...facts, ...expired });
      } finally {
        clock.restore();
      }
    });

    it('tells of a missing role, with the token that a guard has let in', async () => {
      await start({ loaders: [KnownUsers] });
      const message = await refusal('/events/staff', await manager.createAccessToken('alice'), 403);
      expect(message).to.include({ code: 'ERR_JWT_FORBIDDEN', action: 'EventsController.staff' });
      expect(message).to.have.nested.property('token.identity', 'alice');
    });

    it('has no identity in its reason', async () => {
      await start({ loaders: [KnownUsers] });
      const message = await refusal('/events/me', await manager.createAccessToken('nobody'), 401);
      expect(message).to.include({ code: 'ERR_JWT_NO_USER', reason: 'Error loading the user' });
    });

    it('names the action of the method, of a checker without a guard, and of a base class', async () => {
      await post('/events/fresh', 'x');
      expect(heard.of('refused')[0]).to.include({ method: 'POST', action: 'EventsController.postFresh' });
      expect(await refusal('/open/authorized', undefined, 401)).to.include({
        action: 'OpenController.authorized',
      });
      expect(await refusal('/open/user', 'x')).to.include({ action: 'OpenController.user' });
      expect(await refusal('/events/me')).to.include({ action: 'EventsController.me' });
    });

    it('has the status that the answer loader gives, and none when it throws', async () => {
      const clock = new JwtClock();
      try {
        await start({ loaders: [Gone] });
        const token = await manager.createAccessToken('alice');
        clock.advance(900);
        expect(await refusal('/events/me', token, 410)).to.include({ code: 'ERR_JWT_EXPIRED', status: 410 });
        await start({ loaders: [Missing] });
        const message = await refusal('/events/me', token, 404);
        expect(message).to.include({ code: 'ERR_JWT_EXPIRED' }).and.not.have.property('status');
      } finally {
        clock.restore();
      }
    });

    it('comes for what decodeToken throws only when the request is refused', async () => {
      await get('/events/tolerant');
      expect(heard.names).to.deep.equal([]);
      expect(await refusal('/events/intolerant')).to.include({ code: 'ERR_JWT_INVALID' });
    });

    it('comes with throwRefusals too', async () => {
      await start({ throwRefusals: true });
      expect(await refusal('/events/me')).to.include({ code: 'ERR_JWT_MISSING', status: 401 });
    });
  });

  it('tell of verifyToken and verifyUpgrade, and of a refusal once', async () => {
    const token = await manager.createToken('invitation', 'alice');
    const access = await manager.createAccessToken('alice');
    expect(heard.of('issued').map(({ type }) => type)).to.deep.equal(['purpose', 'access']);
    heard.forget();
    await manager.verifyToken(token, { purpose: 'invitation' });
    await manager.verifyUpgrade({ headers: bearer(access), socket: {} } as never);
    expect(heard.of('admitted').map(({ identity, path }) => [identity, path])).to.deep.equal(
      Array(2).fill(['alice', undefined]),
    );
    await rejection(manager.verifyToken(token));
    expect(heard.of('refused').map(({ code }) => code)).to.deep.equal(['ERR_JWT_WRONG_TYPE']);
    heard.forget();
    expect((await get('/events/verify')).status).to.equal(422);
    expect(heard.of('refused')).to.have.length(1);
  });

  describe('revoked', () => {
    it('tells of one token, one session, and an identity', async () => {
      const { accessToken } = await manager.createTokenPair('alice');
      const claims = await manager.decodeToken(accessToken);
      const sid = String(claims['sid']);
      const alone = await manager.createAccessToken('alice');
      heard.forget();
      await manager.revoke(accessToken);
      await manager.revokeSession(claims);
      await manager.revokeSession(alone);
      await manager.endSession('alice', sid);
      await manager.revokeAll('alice');
      expect(heard.of('revoked')).to.deep.equal([
        { scope: 'token', identity: 'alice', sid, jti: claims.jti },
        { scope: 'session', identity: 'alice', sid },
        { scope: 'token', identity: 'alice', jti: await manager.getJti(alone) },
        { scope: 'session', identity: 'alice', sid },
        { scope: 'identity', identity: 'alice' },
      ]);
      expect(new Set(heard.names)).to.deep.equal(new Set(['revoked']));
    });

    it('tells of a log-out', async () => {
      const { refreshToken } = await manager.createTokenPair('alice');
      heard.forget();
      await post('/events/log-out', refreshToken);
      expect(heard.of('revoked').map(({ scope }) => scope)).to.deep.equal(['session']);
    });

    it('is silent when the store has failed', async () => {
      store.fault = new Error('Down');
      await rejection(manager.endSession('alice', 'x'));
      expect(heard.of('revoked')).to.deep.equal([]);
    });
  });

  it('reused tells of the refresh token, before its session ends', async () => {
    await start({ rotationGrace: 0 });
    const { refreshToken } = await manager.createTokenPair('alice');
    const { jti, sid, exp } = await manager.decodeToken(refreshToken);
    await post('/events/rotate', refreshToken);
    heard.forget();
    await post('/events/rotate', refreshToken);
    expect(heard.names).to.deep.equal(['reused', 'revoked', 'refused']);
    expect(heard.of('reused')).to.deep.equal([{ type: 'refresh', identity: 'alice', jti, sid, exp }]);
    expect(heard.of('revoked')).to.deep.equal([{ scope: 'session', identity: 'alice', sid }]);
  });

  it('store tells once that it fails, and once that it is back', async () => {
    const token = await manager.createAccessToken('alice');
    const cause = new Error('connect redis://admin:hunter2@cache:6379/?password=hunter3');
    store.fault = Object.assign(new Error('Down', { cause }), { command: ['AUTH', 'hunter4'] });
    for (let i = 0; i < 3; i++) expect((await get('/events/me', token)).status).to.equal(503);
    expect(heard.of('store')).to.deep.equal([
      { isAvailable: false, reason: 'Down: connect redis://…@cache:6379/?…' },
    ]);
    expect(heard.of('refused').map(({ code }) => code)).to.deep.equal(
      Array(3).fill('ERR_JWT_STORE_UNAVAILABLE'),
    );
    store.fault = undefined;
    for (let i = 0; i < 3; i++) expect((await get('/events/me', token)).status).to.equal(200);
    expect(heard.of('store').slice(1)).to.deep.equal([{ isAvailable: true }]);
  });

  it('issuer tells once that its keys cannot be fetched, and once that they can', async () => {
    const warnings = new Warnings();
    const key = IssuerKey.fresh('one');
    const issuer = await JwksServer.of(key.jwk());
    const gate = await gateFor(issuer, { jwksCooldown: 0 });
    try {
      const token = key.token(issuer.issuer);
      issuer.misbehaviour = (response) => void response.writeHead(500).end();
      for (let i = 0; i < 3; i++)
        expect((await gate.server.get('/gate/protected', token)).status).to.equal(503);
      issuer.misbehaviour = undefined;
      for (let i = 0; i < 3; i++)
        expect((await gate.server.get('/gate/protected', token)).status).to.equal(200);
      const reason = `${issuer.jwksUri} answered 500`;
      expect(heard.of('issuer')).to.deep.equal([
        { issuer: issuer.issuer, isAvailable: false, reason },
        { issuer: issuer.issuer, isAvailable: true },
      ]);
    } finally {
      warnings.stop();
      await gate.close();
      await issuer.stop();
      provide(manager);
    }
  });
});
