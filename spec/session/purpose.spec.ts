import { expect } from 'chai';
import jsonwebtoken from 'jsonwebtoken';
import Koa from 'koa';
import { Authorized, Ctx, CurrentUser, Get, JsonController, Post, UseBefore } from 'routing-controllers';
import { Service } from 'typedi';
import {
  authorizationChecker,
  ClaimsVerificationLoader,
  currentUserChecker,
  FreshJwtRequired,
  jwtGuard,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  RevocationStore,
  UserClaimsLoader,
  UserIdentityLoader,
  UserLoader,
  type GuardOptions,
  type IssueEvent,
  type JwtOptions,
  type TokenFacts,
  type VerifiedEvent,
} from '../../src/index';
import { STORE_METHODS } from '../../src/store/RevocationStore';
import { JwtClock } from '../../src/testing/JwtClock';
import { claimsOf, forge, opened } from '../support/forge';
import { expectRefused } from '../support/refused';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { bearer, serve, Server } from '../support/Server';

const RESET = 'password-reset';
let ran: string[] = [];
let askedUsers = 0;

@Service()
@UserLoader()
class Users {
  load({ identity, payload }: VerifiedEvent): object {
    askedUsers++;
    return { name: identity, for: payload.purpose };
  }
}
@Service()
@ClaimsVerificationLoader()
class Claims {
  load({ payload }: VerifiedEvent): boolean {
    return payload['refused'] !== true;
  }
}
const told: IssueEvent[] = [];
@Service()
@UserClaimsLoader()
class GivesClaims {
  load(event: IssueEvent): Record<string, unknown> {
    told.push(event);
    return event.type === 'purpose' ? {} : { roles: ['admin'] };
  }
}
@Service()
@UserIdentityLoader()
class Ids {
  load({ identity }: IssueEvent): unknown {
    return typeof identity === 'object' ? (identity as { id: string }).id : identity;
  }
}

/** Asks by hand before the guard does. */
const look: Koa.Middleware = async (ctx, next) => {
  if (ctx.query['early'] !== undefined) {
    await manager.verifyJwtInRequest(ctx, { purpose: RESET, singleUse: true, locations: ['query_string'] });
  }
  await next();
};

function run(what: string | undefined): object {
  ran.push(String(what));
  return { identity: what ?? null };
}

@Service()
@JsonController('/purpose')
class PurposeController {
  @Get('/access')
  @JwtRequired()
  access(@JwtIdentity() identity: string): object {
    return run(identity);
  }
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(@JwtIdentity() identity: string): object {
    return run(identity);
  }
  @Get('/refresh')
  @RefreshJwtRequired()
  refresh(@JwtIdentity() identity: string): object {
    return run(identity);
  }
  @Get('/either')
  @JwtRequired({ verifyType: false })
  either(@JwtIdentity() identity: string): object {
    return run(identity);
  }
  @Get('/optional')
  @JwtOptional()
  optional(@JwtIdentity() identity?: string): object {
    return run(identity);
  }
  @Get('/authorized')
  @Authorized()
  authorized(): object {
    return run('authorized');
  }
  @Get('/reset')
  @JwtRequired({ purpose: RESET })
  show(@JwtIdentity() identity: string): object {
    return run(identity);
  }
  @Post('/reset')
  @JwtRequired({ purpose: RESET, singleUse: true })
  @Authorized()
  reset(@JwtIdentity() identity: string, @CurrentUser() user: { for: string }): object {
    run(identity);
    return user;
  }
  @Post('/reset-early')
  @UseBefore(look)
  @JwtRequired({ purpose: RESET, singleUse: true })
  early(@JwtIdentity() identity: string): object {
    return run(identity);
  }
  @Post('/reset-by-hand')
  @JwtRequired({ purpose: RESET, singleUse: true })
  async byHand(@Ctx() ctx: Koa.Context): Promise<object> {
    const state = await manager.verifyJwtInRequest(ctx, { purpose: RESET, singleUse: true });
    return run(state?.identity);
  }
  @Get('/mail')
  @JwtRequired({ purpose: 'confirm-mail', locations: ['query_string'] })
  mail(@JwtIdentity() identity: string): object {
    return run(identity);
  }
  @Post('/logout')
  async logOut(@Ctx() ctx: Koa.Context): Promise<object> {
    await manager.logOut(ctx);
    return run('logged out');
  }
}

let manager: JwtManager;
let store: MemoryRevocationStore;
let server: Server;
const started: Server[] = [];

async function start(options: JwtOptions = {}): Promise<void> {
  store = new MemoryRevocationStore();
  manager = new JwtManager({
    secretKey: SECRET,
    loaders: [Users, Claims],
    tokenLocation: ['headers', 'cookies', 'query_string'],
    revocationStore: store,
    ...options,
  });
  server = await serve(
    manager,
    {
      controllers: [PurposeController],
      authorizationChecker,
      currentUserChecker,
    },
    (app) => app.on('error', () => undefined),
  );
  started.push(server);
}

beforeEach(() => {
  ran = [];
  askedUsers = 0;
  told.length = 0;
});
afterEach(() => Promise.all(started.splice(0).map((each) => each.close())));

const post = (path: string, token: string) => server.send(path, { method: 'POST', headers: bearer(token) });

describe('a token for one purpose', () => {
  beforeEach(() => start());

  it('lets in where its purpose is demanded, as often as it is sent', async () => {
    const token = await manager.createToken(RESET, 'alice');
    for (let i = 0; i < 2; i++) {
      expect((await server.get('/purpose/reset', token)).json).to.deep.equal({ identity: 'alice' });
      expect((await server.get(`/purpose/reset?jwt=${token}`)).json).to.deep.equal({ identity: 'alice' });
    }
    const state = await manager.verifyToken(token, { purpose: RESET });
    expect([state.identity, state.payload.purpose]).to.deep.equal(['alice', RESET]);
  });

  for (const [path, msg] of [
    ['access', 'Tokens for one purpose are not allowed'],
    ['fresh', 'Tokens for one purpose are not allowed'],
    ['refresh', 'Only refresh tokens are allowed'],
    ['either', 'Tokens for one purpose are not allowed'],
    ['optional', 'Tokens for one purpose are not allowed'],
    ['authorized', 'Tokens for one purpose are not allowed'],
    ['mail', 'Only tokens for the purpose confirm-mail are allowed'],
  ] as const) {
    it(`lets nobody in on the route /${path}`, async () => {
      const token = await manager.createToken(RESET, 'alice');
      const answer = await server.get(`/purpose/${path}?jwt=${token}`);
      expectRefused(answer, 422, msg, 'invalid_token');
      expect(ran).to.deep.equal([]);
    });
  }

  for (const [what, make] of Object.entries({
    'an access token': () => manager.createAccessToken('alice', { fresh: true }),
    'a refresh token': () => manager.createRefreshToken('alice'),
    'a token for another purpose': () => manager.createToken('confirm-mail', 'alice'),
    'a token for a purpose that begins alike': () => manager.createToken(`${RESET}-2`, 'alice'),
    'an access token with a claim of that name': async () => forge({ claims: claimsOf({ purpose: RESET }) }),
  })) {
    it(`is demanded, and ${what} does not do`, async () => {
      const token = await make();
      const msg = `Only tokens for the purpose ${RESET} are allowed`;
      expectRefused(await server.get('/purpose/reset', token), 422, msg, 'invalid_token');
      expect((await rejection(manager.verifyToken(token, { purpose: RESET }))).code).to.equal(
        'ERR_JWT_WRONG_TYPE',
      );
      expect(ran).to.deep.equal([]);
    });
  }

  it('is no log-in: verifyToken, decodeToken, cookies, rotate and logOut do without it', async () => {
    const token = await manager.createToken(RESET, 'alice');
    for (const options of [{}, { refresh: true }, { verifyType: false }, { purpose: 'other' }]) {
      expect((await rejection(manager.verifyToken(token, options))).code).to.equal('ERR_JWT_WRONG_TYPE');
    }
    expect((await rejection(manager.decodeToken(token))).code).to.equal('ERR_JWT_WRONG_TYPE');
    const ctx = {} as Koa.Context;
    for (const set of [manager.setAccessCookies(ctx, token), manager.setRefreshCookies(ctx, token)]) {
      expect((await rejection(set)).message).to.match(/^The (access|refresh) cookie takes no purpose token$/);
    }
    await post('/purpose/logout', token);
    await manager.verifyToken(token, { purpose: RESET });
  });

  it('has no CSRF value, a jti, the purpose and an end within 15 minutes', async () => {
    const long = new JwtManager({ secretKey: SECRET, loaders: [], accessTokenExpires: '365 days' });
    for (const each of [manager, long]) {
      const { claims } = opened(await each.createToken(RESET, 'alice'));
      expect(claims).to.include({ type: 'purpose', purpose: RESET, sub: 'alice', fresh: false });
      expect(claims).to.not.have.any.keys('csrf', 'sid');
      expect(Number(claims['exp']) - Number(claims['iat'])).to.equal(900);
      expect(claims['jti']).to.be.a('string');
    }
    const { claims } = opened(
      await manager.createToken(RESET, 'alice', { expires: '2 days', additionalClaims: { file: 7 } }),
    );
    expect(Number(claims['exp']) - Number(claims['iat'])).to.equal(172_800);
    expect(claims['file']).to.equal(7);
  });

  it('ends', async () => {
    const token = await manager.createToken(RESET, 'alice', { expires: 60 });
    const clock = new JwtClock();
    try {
      clock.advance(61);
      expectRefused(await server.get('/purpose/reset', token), 401, 'Token has expired', 'invalid_token');
    } finally {
      clock.restore();
    }
  });

  for (const [what, make, message] of [
    [
      'no end',
      () => manager.createToken(RESET, 'alice', { expires: false as never }),
      /^expires must be a positive/,
    ],
    ['no purpose', () => manager.createToken('', 'alice'), /^Name the purpose/],
    ['an object for a purpose', () => manager.createToken({} as never, 'alice'), /^Name the purpose/],
    ['no identity', () => manager.createToken(RESET, ''), /^The identity of a token/],
    [
      'another purpose in its claims',
      () => manager.createToken(RESET, 'alice', { additionalClaims: { purpose: 'x' } }),
      /^Claim purpose is set by the library/,
    ],
    [
      'another type in its claims',
      () => manager.createToken(RESET, 'alice', { additionalClaims: { type: 'access' } }),
      /^Claim type is set by the library/,
    ],
    [
      'a misspelt option',
      () => manager.createToken(RESET, 'alice', { expire: 60 } as never),
      /did you mean expires\?$/,
    ],
    [
      'freshness',
      () => manager.createToken(RESET, 'alice', { fresh: true } as never),
      /^Unknown option fresh/,
    ],
  ] as const) {
    it(`is not made with ${what}`, async () => {
      const error = await rejection(make());
      expect(error).to.be.an.instanceOf(TypeError);
      expect(error.message).to.match(message);
    });
  }

  it('is no claim that an access token can have', async () => {
    const error = await rejection(
      manager.createAccessToken('alice', { additionalClaims: { purpose: RESET } }),
    );
    expect(error.message).to.equal('Claim purpose is set by the library and cannot be overridden');
  });

  it('is revoked by itself, and with everything else of its identity', async () => {
    const [one, other] = [
      await manager.createToken(RESET, 'alice'),
      await manager.createToken(RESET, 'alice'),
    ];
    await manager.revoke(one);
    expectRefused(await server.get('/purpose/reset', one), 401, 'Token has been revoked', 'invalid_token');
    expect((await server.get('/purpose/reset', other)).status).to.equal(200);
    await manager.revokeAll('alice');
    expectRefused(await server.get('/purpose/reset', other), 401, 'Token has been revoked', 'invalid_token');
    expect((await server.get('/purpose/reset', await manager.createToken(RESET, 'alice'))).status).to.equal(
      200,
    );
  });

  it('in a link lets in a visitor who is logged in by cookies', async () => {
    const token = await manager.createToken(RESET, 'alice');
    const cookie = `access_token_cookie=${await manager.createAccessToken('bob')}`;
    const answer = await server.send(`/purpose/reset?jwt=${token}`, { headers: { cookie } });
    expect(answer.json).to.deep.equal({ identity: 'alice' });
    const inCookie = await server.send('/purpose/reset', {
      headers: { cookie: `access_token_cookie=${token}` },
    });
    expect(inCookie.status).to.equal(401);
    expect(ran).to.deep.equal(['alice']);
  });

  for (const [what, claims, msg] of [
    ['has no purpose', { type: 'purpose' }, 'Missing claim: purpose'],
    ['has an empty purpose', { type: 'purpose', purpose: '' }, 'Missing claim: purpose'],
    ['has a list of purposes', { type: 'purpose', purpose: [RESET] }, 'Missing claim: purpose'],
    ['never ends', { type: 'purpose', purpose: RESET, exp: undefined }, 'Missing claim: exp'],
    ['has no jti', { type: 'purpose', purpose: RESET, jti: undefined }, 'Missing claim: jti'],
  ] as const) {
    it(`of another program is refused if it ${what}`, async () => {
      const token = forge({ claims: claimsOf(claims) });
      expectRefused(await server.get('/purpose/reset', token), 422, msg, 'invalid_token');
    });
  }

  it('may be made by jsonwebtoken', async () => {
    const token = jsonwebtoken.sign({ sub: 'alice', type: 'purpose', purpose: RESET, jti: 'x' }, SECRET, {
      expiresIn: 60,
    });
    expect((await server.get('/purpose/reset', token)).json).to.deep.equal({ identity: 'alice' });
    expect((await server.get('/purpose/access', token)).status).to.equal(422);
  });
});

describe('tokens for one purpose and the configuration', () => {
  it('are no access tokens with defaultTokenType', async () => {
    await start({ defaultTokenType: 'access' });
    const token = await manager.createToken(RESET, 'alice');
    expect((await server.get('/purpose/access', token)).status).to.equal(422);
    expect((await server.get('/purpose/reset', token)).status).to.equal(200);
  });

  it('need a place where cookies are the only one', async () => {
    await start({ tokenLocation: ['cookies'] });
    const token = await manager.createToken(RESET, 'alice');
    expect((await server.get(`/purpose/reset?jwt=${token}`)).status).to.equal(500);
    expect(String(server.errors[0])).to.include("locations: ['query_string']");
    const mail = await manager.createToken('confirm-mail', 'alice');
    expect((await server.get(`/purpose/mail?jwt=${mail}`)).status).to.equal(200);
  });

  it('ask the loaders for new tokens, and say what they are for', async () => {
    await start({ loaders: [GivesClaims, Ids] });
    const user = { id: 'alice' };
    const { claims } = opened(await manager.createToken(RESET, user));
    expect(claims['sub']).to.equal('alice');
    expect(claims).to.not.have.property('roles');
    expect(told).to.deep.equal([{ identity: user, type: 'purpose', purpose: RESET }]);
  });

  it('are never renewed by an implicit refresh', async () => {
    await start({ implicitRefreshWithin: 800, accessTokenExpires: 900 });
    const answer = await server.get(
      '/purpose/reset',
      await manager.createToken(RESET, 'alice', { expires: 60 }),
    );
    expect(answer.status).to.equal(200);
    expect(answer.headers['set-cookie']).to.equal(undefined);
  });

  for (const [options, message] of [
    [{ purpose: RESET, fresh: true }, 'Option purpose is at odds with fresh'],
    [{ purpose: RESET, refresh: true }, 'Option purpose is at odds with fresh'],
    [{ purpose: RESET, verifyType: false }, 'Option purpose is at odds with fresh'],
    [{ purpose: RESET, locations: ['cookies'] }, 'Option purpose is at odds with the location cookies'],
    [{ purpose: RESET, singleUse: true, skipRevocationCheck: true }, 'Option singleUse is at odds'],
    [{ singleUse: true }, 'Option singleUse needs a purpose'],
    [{ purpose: '' }, 'Option purpose must be a non-empty string'],
    [{ purpose: RESET, singleUse: 1 }, 'Option singleUse must be true or false'],
    [{ purpos: RESET }, 'did you mean purpose?'],
  ] as const) {
    it(`refuse the options ${JSON.stringify(options)}`, async () => {
      await start();
      expect(() => jwtGuard(options as never)).to.throw(message);
      const { locations, ...rest } = options as GuardOptions;
      if (locations === undefined) {
        expect((await rejection(manager.verifyToken('', rest))).message).to.include(message);
      }
    });
  }

  it('can be demanded by jwtGuard', async () => {
    await start();
    const app = new Koa();
    app.use(jwtGuard({ purpose: RESET, singleUse: true }));
    app.use((ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity };
    });
    const plain = await Server.of(app);
    try {
      const token = await manager.createToken(RESET, 'alice');
      expect((await plain.get('/', token)).json).to.deep.equal({ identity: 'alice' });
      expectRefused(await plain.get('/', token), 401, 'Token has been revoked', 'invalid_token');
    } finally {
      await plain.close();
    }
  });
});

describe('a token for single use', () => {
  it('lets in once, and is used up before the action runs', async () => {
    await start();
    const token = await manager.createToken(RESET, 'alice');
    expect((await post('/purpose/reset', token)).json).to.deep.equal({ name: 'alice', for: RESET });
    expect(askedUsers).to.equal(1);
    expectRefused(await post('/purpose/reset', token), 401, 'Token has been revoked', 'invalid_token');
    expectRefused(await server.get('/purpose/reset', token), 401, 'Token has been revoked', 'invalid_token');
    const error = await rejection(manager.verifyToken(token, { purpose: RESET }));
    expect(error.code).to.equal('ERR_JWT_REVOKED');
    expect(ran).to.deep.equal(['alice']);
  });

  it('lets in one of many requests at once', async () => {
    await start();
    const token = await manager.createToken(RESET, 'alice');
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/purpose/reset', token)));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    expect(answers.filter(({ status }) => status === 401)).to.have.length(19);
    expect(ran).to.deep.equal(['alice']);
  });

  it('lets in one of many calls of verifyToken at once, of any manager with the store', async () => {
    await start();
    const other = new JwtManager({ secretKey: SECRET, loaders: [], revocationStore: store });
    const token = await manager.createToken(RESET, 'alice');
    const calls = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? manager : other).verifyToken(token, { purpose: RESET, singleUse: true }),
    );
    const results = await Promise.allSettled(calls);
    const refused = results.filter((each) => each.status === 'rejected');
    expect(refused).to.have.length(19);
    for (const { reason } of refused) expect((reason as { code: string }).code).to.equal('ERR_JWT_REVOKED');
  });

  it('is not used up by a look at the form, nor by a refusal', async () => {
    await start();
    const token = await manager.createToken(RESET, 'alice');
    expect((await server.get('/purpose/reset', token)).status).to.equal(200);
    const other = await rejection(manager.verifyToken(token, { purpose: 'other', singleUse: true }));
    expect(other.code).to.equal('ERR_JWT_WRONG_TYPE');
    expect((await post('/purpose/reset', token)).status).to.equal(200);

    const refused = await manager.createToken(RESET, 'alice', { additionalClaims: { refused: true } });
    expect((await post('/purpose/reset', refused)).status).to.equal(400);
    const careless = new JwtManager({ secretKey: SECRET, loaders: [], revocationStore: store });
    expect((await careless.verifyToken(refused, { purpose: RESET, singleUse: true })).identity).to.equal(
      'alice',
    );
  });

  it('is used up once by the checks of one request, by hand or not', async () => {
    await start();
    for (const path of ['/purpose/reset-early?early&jwt=T', '/purpose/reset-by-hand?jwt=T']) {
      const url = path.replace('T', await manager.createToken(RESET, 'alice'));
      expect((await server.send(url, { method: 'POST' })).json).to.deep.equal({ identity: 'alice' });
      expect((await server.send(url, { method: 'POST' })).status).to.equal(401);
    }
    expect(ran).to.deep.equal(['alice', 'alice']);
  });

  it('lets nobody in that was revoked before', async () => {
    await start();
    const token = await manager.createToken(RESET, 'alice');
    await manager.revokeAll('alice');
    expectRefused(await post('/purpose/reset', token), 401, 'Token has been revoked', 'invalid_token');
  });

  for (const onStoreFailure of ['refuse', 'allow'] as const) {
    it(`lets nobody in while the store fails, with onStoreFailure ${onStoreFailure}`, async () => {
      await start({ onStoreFailure });
      const token = await manager.createToken(RESET, 'alice');
      const spend = store.spend.bind(store);
      for (const fault of [
        () => Promise.reject(new Error('The store is broken')),
        () => Promise.resolve('OK' as never),
        () => Promise.resolve(undefined as never),
      ]) {
        store.spend = fault;
        const answer = await post('/purpose/reset', token);
        expect(answer.status).to.equal(503);
        expect(answer.headers['retry-after']).to.equal('1');
        expect(server.errors.at(-1)?.message).to.equal('A token could not be used up');
        const error = await rejection(manager.verifyToken(token, { purpose: RESET, singleUse: true }));
        expect(error.name).to.equal('StoreUnavailableError');
      }
      store.spend = spend;
      expect((await post('/purpose/reset', token)).status).to.equal(200);
      expect(ran).to.deep.equal(['alice']);
    });
  }

  it('is a mistake without a store', async () => {
    await start({ revocationStore: undefined });
    const token = await manager.createToken(RESET, 'alice');
    expect((await server.get('/purpose/reset', token)).status).to.equal(200);
    expect((await post('/purpose/reset', token)).status).to.equal(500);
    expect(ran).to.deep.equal(['alice']);
    const error = await rejection(manager.verifyToken(token, { purpose: RESET, singleUse: true }));
    expect(error.name).to.equal('JwtConfigurationError');
    expect(error.message).to.match(/^There is no revocation store/);
  });

  it('is a mistake with a store that has no method for it, which works for everything else', async () => {
    class OldStore extends MemoryRevocationStore {
      override spend(token: TokenFacts): Promise<boolean> {
        return RevocationStore.prototype.spend.call(this, token);
      }
    }
    const old = new OldStore();
    // As a store of another copy of this package.
    const foreign = Object.fromEntries(
      STORE_METHODS.map((name) => [name, (old[name] as () => unknown).bind(old)]),
    ) as never as RevocationStore;
    for (const [each, message] of [
      [old, /^OldStore has no method spend/],
      [foreign, /^The revocation store has no method spend/],
    ] as const) {
      const theirs = new JwtManager({ secretKey: SECRET, loaders: [], revocationStore: each });
      const token = await theirs.createToken(RESET, 'alice');
      expect((await theirs.verifyToken(token, { purpose: RESET })).identity).to.equal('alice');
      const error = await rejection(theirs.verifyToken(token, { purpose: RESET, singleUse: true }));
      expect(error.name).to.equal('JwtConfigurationError');
      expect(error.message).to.match(message);
    }
    await start();
  });

  it('is an access token to a store', async () => {
    await start();
    const seen: TokenFacts[] = [];
    const spend = store.spend.bind(store);
    store.spend = (facts) => {
      seen.push(facts);
      return spend(facts);
    };
    const token = await manager.createToken(RESET, 'alice', { expires: 60 });
    await manager.verifyToken(token, { purpose: RESET, singleUse: true });
    const [facts] = seen;
    expect(facts).to.include({ identity: 'alice', type: 'access', gen: 0 });
    expect(facts?.until).to.equal(Number(facts?.iat) + 60);
  });
});
