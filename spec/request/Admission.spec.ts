import { expect } from 'chai';
import Koa, { type Context } from 'koa';
import { Authorized, Ctx, CurrentUser, Get, JsonController, UseBefore } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  authorizationChecker,
  ClaimsVerificationLoader,
  currentUserChecker,
  jwtGuard,
  JwtCurrentUser,
  JwtExempt,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  TokenInBlocklistLoader,
  UserLoader,
  type VerifiedEvent,
} from '../../src/index';
import { admissionAfter, type Admission } from '../../src/request/Admission';
import { ANONYMOUS } from '../../src/request/JwtState';
import { policyFrom, type Policy } from '../../src/request/Policy';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { provide, serve, Server } from '../support/Server';

class PartnerManager extends JwtManager {}

@Service()
@UserLoader()
class Names {
  load({ identity }: VerifiedEvent): object {
    return { name: identity };
  }
}

const users = new JwtManager({
  secretKey: SECRET,
  loaders: [Names],
  tokenLocation: ['headers', 'query_string', 'cookies'],
  cookieCsrfProtect: false,
});
const partners = new PartnerManager({
  secretKey: 'the secret of partners, which users must not have',
  headerName: 'X-Partner',
  loaders: [],
});
/** What the middleware before the action does. */
let look: (ctx: Context) => Promise<unknown> = async () => undefined;
const looking: Koa.Middleware = async (ctx, next) => {
  await look(ctx);
  await next();
};
let ran = 0;

@Service()
@JsonController('/in')
class AdmittedController {
  @Get('/required')
  @JwtRequired()
  @UseBefore(looking)
  required(
    @JwtIdentity() identity: string,
    @CurrentUser() user: object,
    @JwtCurrentUser() same: object,
  ): object {
    return { identity, user, same };
  }
  @Get('/optional-headers')
  @JwtOptional({ locations: ['headers'] })
  @UseBefore(looking)
  @Authorized()
  optionalHeaders(): object {
    ran++;
    return {};
  }
  @Get('/optional-fresh')
  @JwtOptional({ fresh: true })
  @UseBefore(looking)
  @Authorized()
  optionalFresh(): object {
    ran++;
    return {};
  }
  @Get('/optional-refresh')
  @JwtOptional({ refresh: true })
  @UseBefore(looking)
  @Authorized()
  optionalRefresh(): object {
    ran++;
    return {};
  }
  @Get('/optional-headers-user')
  @JwtOptional({ locations: ['headers'] })
  @UseBefore(looking)
  user(@CurrentUser() user?: object): object {
    return { user: user ?? null };
  }
  @Get('/optional-headers-required-user')
  @JwtOptional({ locations: ['headers'] })
  @UseBefore(looking)
  requiredUser(@CurrentUser({ required: true }) user: object): object {
    ran++;
    return { user };
  }
  @Get('/optional-partner')
  @JwtOptional({ manager: PartnerManager })
  @UseBefore(looking)
  @Authorized()
  optionalPartner(): object {
    ran++;
    return {};
  }
  @Get('/exempt')
  @JwtExempt()
  @Authorized()
  exempt(): object {
    return {};
  }
  @Get('/behind')
  @JwtOptional({ manager: PartnerManager })
  behind(@JwtIdentity() identity?: string): object {
    return { identity: identity ?? null };
  }
}

describe('authorizationChecker and currentUserChecker go by the policy of the action', () => {
  let server: Server;
  let access: string;
  before(async () => {
    Container.set(PartnerManager, partners);
    server = await serve(users, {
      controllers: [AdmittedController],
      authorizationChecker,
      currentUserChecker,
    });
    access = await users.createAccessToken('alice');
  });
  after(async () => {
    await server.close();
    Container.remove(PartnerManager);
  });
  beforeEach(() => {
    ran = 0;
    look = async () => undefined;
  });

  const anonymous: [string, string][] = [
    ['/in/optional-headers', 'Missing Authorization Header'],
    ['/in/optional-headers-required-user', 'Missing Authorization Header'],
  ];
  for (const [path, msg] of anonymous) {
    it(`${path} takes no token from a cookie or query`, async () => {
      for (const sent of [
        await server.send(path, { headers: { cookie: `access_token_cookie=${access}` } }),
        await server.get(`${path}?jwt=${access}`),
      ]) {
        expectRefused(sent, 401, msg);
      }
      expect(ran).to.equal(0);
      const { status } = await server.get(path, access);
      expect([status, ran]).to.deep.equal([200, 1]);
    });

    it(`${path} takes nobody whom a check by hand has found elsewhere`, async () => {
      look = (ctx) => users.verifyJwtInRequest(ctx, { locations: ['query_string'] });
      expectRefused(await server.get(`${path}?jwt=${access}`), 401, msg);
      expect(ran).to.equal(0);
    });
  }

  it('finds no user where the guard found none', async () => {
    look = (ctx) => users.verifyJwtInRequest(ctx, { locations: ['query_string'] });
    const answer = await server.get(`/in/optional-headers-user?jwt=${access}`);
    expect([answer.status, answer.json]).to.deep.equal([200, { user: null }]);
  });

  it('takes no stale token where a fresh one was asked, and no access token where a refresh token was', async () => {
    for (const path of ['/in/optional-fresh', '/in/optional-refresh']) {
      const refused = await server.get(path, access);
      expect(refused.status, path).to.be.oneOf([401, 422]);
    }
    expect(ran).to.equal(0);
    const fresh = await users.createAccessToken('alice', { fresh: true });
    expect((await server.get('/in/optional-fresh', fresh)).status).to.equal(200);
    expect(
      (await server.get('/in/optional-refresh', await users.createRefreshToken('alice'))).status,
    ).to.equal(200);
  });

  it("takes nobody of another manager than the guard's", async () => {
    look = (ctx) => users.verifyJwtInRequest(ctx);
    expectRefused(await server.get('/in/optional-partner', access), 401, 'Missing X-Partner Header');
    expect(ran).to.equal(0);
  });

  it('is that of @JwtRequired() for an open action', async () => {
    expect((await server.get('/in/exempt', access)).status).to.equal(200);
    expectRefused(
      await server.get('/in/exempt', await users.createRefreshToken('alice')),
      422,
      'Only non-refresh tokens are allowed',
      'invalid_token',
    );
  });
});

describe('who was let in', () => {
  const servers: Server[] = [];
  before(() => {
    Container.set(PartnerManager, partners);
  });
  after(() => {
    Container.remove(PartnerManager);
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const looks: [string, (ctx: Context) => Promise<unknown>][] = [
    [
      'an optional check that finds nobody',
      (ctx) => users.verifyJwtInRequest(ctx, { optional: true, locations: ['cookies'] }),
    ],
    [
      'an optional check that finds another',
      (ctx) => users.verifyJwtInRequest(ctx, { optional: true, locations: ['query_string'] }),
    ],
    ['a check that finds another', (ctx) => users.verifyJwtInRequest(ctx, { locations: ['query_string'] })],
    [
      'a check of revoked tokens',
      (ctx) => users.verifyJwtInRequest(ctx, { locations: ['query_string'], skipRevocationCheck: true }),
    ],
    [
      'a check of either type',
      (ctx) => users.verifyJwtInRequest(ctx, { locations: ['query_string'], verifyType: false }),
    ],
    ['an optional check of another manager', (ctx) => partners.verifyJwtInRequest(ctx, { optional: true })],
    ['a check of another manager', (ctx) => partners.verifyJwtInRequest(ctx)],
    ['a check that fails', (ctx) => users.verifyJwtInRequest(ctx, { refresh: true }).catch(() => undefined)],
    [
      'an optional guard of another manager',
      (ctx) => jwtGuard({ manager: PartnerManager, optional: true })(ctx, async () => undefined),
    ],
    [
      'a guard that demands less',
      (ctx) => jwtGuard({ verifyType: false, locations: ['query_string'] })(ctx, async () => undefined),
    ],
  ];
  for (const [what, then] of looks) {
    it(`stays after ${what}`, async () => {
      look = then;
      const server = await serve(users, {
        controllers: [AdmittedController],
        authorizationChecker,
        currentUserChecker,
      });
      servers.push(server);
      const [alice, bob] = [await users.createAccessToken('alice'), await users.createAccessToken('bob')];
      const acme = await partners.createAccessToken('acme');
      const headers = { authorization: `Bearer ${alice}`, 'x-partner': `Bearer ${acme}` };
      const answer = await server.send(`/in/required?jwt=${bob}`, { headers });
      const user = { name: 'alice' };
      expect(answer.json).to.deep.equal({ identity: 'alice', user, same: user });
    });
  }

  it('stays in an action whose own guard is optional and of another manager', async () => {
    provide(users);
    const app = new Koa();
    app.use(jwtGuard());
    const inner = jwtGuard({ manager: PartnerManager, optional: true });
    app.use((ctx, next) => inner(ctx, next as () => Promise<void>));
    app.use((ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity };
    });
    const server = await Server.of(app);
    servers.push(server);
    const alice = await users.createAccessToken('alice');
    expect((await server.get('/', alice)).json).to.deep.equal({ identity: 'alice' });
  });

  it('gives way to a guard that demands as much', async () => {
    provide(users);
    const app = new Koa();
    app.use(jwtGuard());
    const inner = jwtGuard({ manager: PartnerManager });
    app.use((ctx, next) => inner(ctx, next as () => Promise<void>));
    app.use((ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity };
    });
    const server = await Server.of(app);
    servers.push(server);
    const [alice, acme] = [await users.createAccessToken('alice'), await partners.createAccessToken('acme')];
    const answer = await server.send('/', {
      headers: { authorization: `Bearer ${alice}`, 'x-partner': `Bearer ${acme}` },
    });
    expect(answer.json).to.deep.equal({ identity: 'acme' });
  });

  it('stays when neither guard nor check demands anyone, and the check finds nobody', async () => {
    provide(users);
    const app = new Koa();
    app.use(jwtGuard({ optional: true }));
    app.use(async (ctx) => {
      const found = await partners.verifyJwtInRequest(ctx, { optional: true });
      ctx.body = { found: found?.identity ?? null, state: ctx.state.jwt?.identity };
    });
    const server = await Server.of(app);
    servers.push(server);
    const answer = await server.get('/', await users.createAccessToken('alice'));
    expect(answer.json).to.deep.equal({ found: null, state: 'alice' });
  });

  it('is whom the guard lets in after a check by hand', async () => {
    provide(users);
    const app = new Koa();
    app.use(async (ctx, next) => {
      await users.verifyJwtInRequest(ctx, { fresh: true });
      await next();
    });
    app.use(jwtGuard({ locations: ['query_string'] }));
    app.use((ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity };
    });
    const server = await Server.of(app);
    servers.push(server);
    const [alice, bob] = [
      await users.createAccessToken('alice', { fresh: true }),
      await users.createAccessToken('bob'),
    ];
    expect((await server.get(`/?jwt=${bob}`, alice)).json).to.deep.equal({ identity: 'bob' });
  });

  it('is found by a check by hand where a guard has found nobody', async () => {
    provide(users);
    const app = new Koa();
    app.use(jwtGuard({ optional: true, locations: ['cookies'] }));
    app.use(async (ctx) => {
      const found = await users.verifyJwtInRequest(ctx);
      ctx.body = { found: found?.identity, state: ctx.state.jwt?.identity };
    });
    const server = await Server.of(app);
    servers.push(server);
    const answer = await server.get('/', await users.createAccessToken('alice'));
    expect(answer.json).to.deep.equal({ found: 'alice', state: 'alice' });
  });
});

describe('verifyJwtInRequest(ctx) on a context that lives on', () => {
  let asked: string[] = [];
  let isRevoked = false;
  @Service()
  @TokenInBlocklistLoader()
  class Blocklist {
    load(): boolean {
      asked.push('blocklist');
      return isRevoked;
    }
  }
  @Service()
  @ClaimsVerificationLoader()
  class Verification {
    load(): boolean {
      asked.push('claims');
      return true;
    }
  }
  @Service()
  @UserLoader()
  class Users {
    load({ identity }: VerifiedEvent): object {
      asked.push('user');
      return { name: identity };
    }
  }
  class CountingStore extends MemoryRevocationStore {
    override check(
      ...given: Parameters<MemoryRevocationStore['check']>
    ): ReturnType<MemoryRevocationStore['check']> {
      asked.push('store');
      return super.check(...given);
    }
  }

  @Service()
  @JsonController('/lives')
  class LivingController {
    @Get('/plain')
    @JwtRequired()
    @Authorized()
    plain(@CurrentUser() user: object): object {
      return user;
    }
    @Get('/stream')
    @JwtRequired()
    async stream(@Ctx() ctx: Context): Promise<object> {
      const codes: string[] = [];
      for (const end of [
        async () => undefined,
        () => manager.revokeSession(ctx.get('authorization').slice(7)),
      ]) {
        await end();
        codes.push(
          await manager.verifyJwtInRequest(ctx).then(
            (state) => String(state?.identity),
            (error: unknown) => (error as { code: string }).code,
          ),
        );
      }
      return { codes, identity: ctx.state.jwt?.identity };
    }
  }

  let manager: JwtManager;
  let server: Server;
  before(async () => {
    manager = new JwtManager({
      secretKey: SECRET,
      loaders: [Blocklist, Verification, Users],
      revocationStore: new CountingStore(),
    });
    server = await serve(manager, {
      controllers: [LivingController],
      authorizationChecker,
      currentUserChecker,
    });
  });
  after(() => server.close());
  beforeEach(() => {
    asked = [];
    isRevoked = false;
  });

  it('asks the store, the blocklist and the user loader again', async () => {
    const { accessToken } = await manager.createTokenPair('alice');
    const { json } = await server.get('/lives/stream', accessToken);
    expect(json).to.deep.equal({ codes: ['alice', 'ERR_JWT_REVOKED'], identity: 'alice' });
    const once = ['blocklist', 'store', 'claims', 'user'];
    expect(asked).to.deep.equal([...once, ...once, 'blocklist', 'store']);
  });

  it('leaves a guarded request with checkers at one question each', async () => {
    const { accessToken } = await manager.createTokenPair('alice');
    expect((await server.get('/lives/plain', accessToken)).json).to.deep.equal({ name: 'alice' });
    expect(asked).to.deep.equal(['blocklist', 'store', 'claims', 'user']);
  });

  it('takes over a newer token of the same person', async () => {
    provide(manager);
    const app = new Koa();
    app.use(jwtGuard());
    const [older, newer] = [
      await manager.createAccessToken('alice', { additionalClaims: { n: 1 } }),
      await manager.createAccessToken('alice', { additionalClaims: { n: 2 } }),
    ];
    app.use(async (ctx) => {
      ctx.req.rawHeaders = ['Authorization', `Bearer ${newer}`];
      ctx.req.headers.authorization = `Bearer ${newer}`;
      await manager.verifyJwtInRequest(ctx);
      ctx.body = { n: ctx.state.jwt?.payload?.['n'] };
    });
    const living = await Server.of(app);
    expect((await living.get('/', older)).json).to.deep.equal({ n: 2 });
    await living.close();
  });
});

describe('admissionAfter(earlier, later)', () => {
  const [one, other] = [{}, {}];
  function admission(
    policy: Partial<Policy> = {},
    {
      identity = 'alice',
      by = one,
      isByHand = false,
    }: { identity?: string; by?: object; isByHand?: boolean } = {},
  ): Admission {
    const state = { ...ANONYMOUS, identity, payload: { sub: identity } as never };
    return { by, policy: { ...policyFrom(), ...policy }, state, isByHand };
  }
  const anonymous = (isByHand = false): Admission => ({ ...admission({}, { isByHand }), state: ANONYMOUS });
  function expectLater(earlier: Admission, later: Admission, wins: boolean, why?: string): void {
    expect(admissionAfter(earlier, later), why).to.equal(wins ? later : earlier);
  }

  it('is somebody rather than nobody', () => {
    expectLater(anonymous(), admission(), true);
    expectLater(anonymous(), anonymous(), true);
    expectLater(admission(), anonymous(), false);
    expectLater(admission({}, { isByHand: true }), anonymous(), false);
  });

  it('is the later one, unless it demands less', () => {
    expectLater(admission(), admission(), true);
    for (const [weaker, stronger] of [
      [{ demand: 'optional' }, { demand: 'required' }],
      [{ fresh: false }, { fresh: true }],
      [{ checkRevocation: false }, { checkRevocation: true }],
      [{ tokenType: 'either' }, { tokenType: 'access' }],
      [{ tokenType: 'purpose' }, { tokenType: 'access' }],
    ] as const) {
      for (const isByHand of [false, true]) {
        const why = `${JSON.stringify(weaker)} ${isByHand}`;
        expectLater(admission(stronger, { isByHand }), admission(weaker, { isByHand }), false, why);
        expectLater(admission(weaker, { isByHand }), admission(stronger, { isByHand }), true, why);
        expectLater(admission(weaker, { isByHand }), admission(weaker, { isByHand }), true, why);
        expectLater(admission(stronger, { isByHand }), admission(stronger, { isByHand }), true, why);
      }
    }
  });

  it('is that of a guard rather than of a check by hand, whatever it demands', () => {
    expectLater(admission({ fresh: true }, { isByHand: true }), admission(), true);
  });

  it('may be renewed by hand, but not swapped for somebody else', () => {
    const byHand = (more: object): Admission => admission({}, { isByHand: true, ...more });
    expectLater(admission(), byHand({}), true);
    expectLater(admission(), byHand({ identity: 'bob' }), false);
    expectLater(admission(), byHand({ by: other }), false);
    expectLater(byHand({}), byHand({ identity: 'bob' }), true);
    expectLater(admission(), admission({}, { identity: 'bob' }), true);
  });
});
