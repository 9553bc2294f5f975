import { expect } from 'chai';
import { parseSetCookie } from 'cookie';
import type Koa from 'koa';
import { Ctx, Get, JsonController, Post, useContainer, type Action } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  AdditionalHeadersLoader,
  JwtConfig,
  JwtManager,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  UserClaimsLoader,
  UserIdentityLoader,
  UserLoader,
  type IssueEvent,
  type JwtClaims,
  type JwtOptions,
  type TokenPair,
  type VerifiedEvent,
} from '../../src/index';
import { Loaders } from '../../src/loader/Loaders';
import type { Issuer } from '../../src/session/Issuer';
import { Renewal } from '../../src/session/Renewal';
import { opened } from '../support/forge';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { serve, type Answer, type Server } from '../support/Server';

interface User {
  readonly id: string;
}

/** What the claims loader gives at present, and what it was asked with. */
let rights: Record<string, unknown> | Error = {};
const asked: unknown[] = [];

@Service()
@UserClaimsLoader()
class Rights {
  load({ identity }: IssueEvent): Record<string, unknown> {
    asked.push(identity);
    if (rights instanceof Error) throw rights;
    return rights;
  }
}
@Service()
@UserIdentityLoader()
class IdOfUser {
  load({ identity }: IssueEvent): string {
    return (identity as User).id;
  }
}
@Service()
@UserLoader()
class FindUser {
  load({ identity }: VerifiedEvent): User & { found: true } {
    return { id: identity as string, found: true };
  }
}

let manager: JwtManager;

@Service()
@JsonController('/renewal')
class RenewalController {
  @Get()
  @JwtRequired()
  read(): object {
    return {};
  }
  @Post()
  @JwtRequired()
  submit(): object {
    return {};
  }
  @Post('/rotate')
  @RefreshJwtRequired()
  rotate(@Ctx() ctx: Koa.Context): Promise<TokenPair> {
    return manager.rotate(ctx);
  }
}

let server: Server;

async function serving(options: JwtOptions = {}): Promise<void> {
  manager = new JwtManager({
    secretKey: SECRET,
    loaders: [],
    tokenLocation: ['headers', 'cookies'],
    accessTokenExpires: '1 hour',
    implicitRefreshWithin: '59 minutes',
    revocationStore: new MemoryRevocationStore(),
    ...options,
  });
  server = await serve(manager, { controllers: [RenewalController] });
}

const rotation = (token: string): Promise<Answer> =>
  server.send('/renewal/rotate', { method: 'POST', headers: { authorization: `Bearer ${token}` } });

async function rotated(token: string): Promise<TokenPair> {
  const answer = await rotation(token);
  expect(answer.status, answer.text).to.equal(200);
  return answer.json as TokenPair;
}

/** The access token that an implicit refresh puts into the cookie. */
async function refreshed(token: string): Promise<string> {
  const answer = await server.send('/renewal', { headers: { cookie: `access_token_cookie=${token}` } });
  const cookies = (answer.headers['set-cookie'] ?? []).map((text) => parseSetCookie(text));
  return String(cookies.find(({ name }) => name === 'access_token_cookie')?.value);
}

const claimsIn = (token: string): JwtClaims => opened(token).claims as JwtClaims;

const tokensOf = ({ accessToken, refreshToken }: TokenPair): string[] => [accessToken, refreshToken];

/** Both tokens after a rotation, and the one of an implicit refresh. */
async function followersOf(pair: TokenPair): Promise<JwtClaims[]> {
  const implicit = await refreshed(pair.accessToken);
  const { accessToken, refreshToken } = await rotated(pair.refreshToken);
  return [implicit, accessToken, refreshToken].map(claimsIn);
}

const DUE = { expires: 600 };

describe('A renewal', () => {
  beforeEach(() => {
    rights = {};
    asked.length = 0;
  });
  afterEach(() => server.close());

  describe('with a claims loader', () => {
    it('takes away what the loader gave and gives no more', async () => {
      await serving({ loaders: [Rights] });
      rights = { roles: ['admin'], plan: 'gold' };
      const pair = await manager.createTokenPair('alice', DUE);
      rights = { plan: 'basic' };
      for (const claims of await followersOf(pair)) {
        expect(claims).to.include({ plan: 'basic' }).and.not.to.have.any.keys('roles', 'kept');
      }
      rights = {};
      for (const claims of await followersOf(pair)) expect(claims).not.to.have.any.keys('roles', 'plan');
    });

    it('keeps what the call added, again and again, and it wins over the loader', async () => {
      await serving({ loaders: [Rights] });
      rights = { roles: ['admin'], team: 'of the loader' };
      const additionalClaims = { team: 'red', device: { id: 1 } };
      const first = await manager.createTokenPair('alice', { ...DUE, additionalClaims });
      expect(claimsIn(first.accessToken)).to.deep.include({ ...additionalClaims, roles: ['admin'] });
      rights = { team: 'of the loader, later' };
      const second = await rotated(first.refreshToken);
      const followers = [
        await refreshed(await refreshed(first.accessToken)),
        ...tokensOf(await rotated(second.refreshToken)),
      ].map(claimsIn);
      for (const claims of followers) {
        expect(claims).to.deep.include({ ...additionalClaims, kept: ['team', 'device'] });
        expect(claims).not.to.have.property('roles');
      }
    });

    it('keeps nothing of a token that does not say what its call added', async () => {
      await serving({ loaders: [] });
      const before = await manager.createTokenPair('alice', {
        ...DUE,
        additionalClaims: { roles: ['admin'] },
      });
      expect(claimsIn(before.accessToken)).not.to.have.property('kept');
      const { revocationStore } = manager.config;
      await server.close();
      await serving({ loaders: [Rights], ...(revocationStore && { revocationStore }) });
      for (const claims of await followersOf(before)) expect(claims).not.to.have.property('roles');
    });

    it('keeps all without a loader, and still knows later what the call had added', async () => {
      const revocationStore = new MemoryRevocationStore();
      await serving({ loaders: [Rights], revocationStore });
      rights = { roles: ['admin'] };
      const first = await manager.createTokenPair('alice', { ...DUE, additionalClaims: { team: 'red' } });
      await server.close();
      await serving({ loaders: [], revocationStore });
      const second = await rotated(first.refreshToken);
      expect(claimsIn(second.accessToken)).to.deep.include({ roles: ['admin'], team: 'red' });
      await server.close();
      rights = {};
      await serving({ loaders: [Rights], revocationStore });
      const { accessToken } = await rotated(second.refreshToken);
      expect(claimsIn(accessToken)).to.include({ team: 'red' }).and.not.to.have.property('roles');
    });

    for (const [what, loaders, identity] of [
      ['the user of the user loader', [Rights, IdOfUser, FindUser], { id: '7', found: true }],
      ['the identity in the token, if there is no user loader', [Rights, IdOfUser], '7'],
    ] as const) {
      it(`asks with ${what}`, async () => {
        await serving({ loaders });
        rights = { roles: ['admin'] };
        const pair = await manager.createTokenPair({ id: '7' }, DUE);
        rights = {};
        asked.length = 0;
        for (const claims of await followersOf(pair)) {
          expect(claims).to.include({ sub: '7' }).and.not.to.have.property('roles');
        }
        expect(asked).to.deep.equal([identity, identity, identity]);
      });
    }
  });

  it('that a failing loader prevents leaves the refresh token unused', async () => {
    await serving({ loaders: [Rights], rotationGrace: 0 });
    const { refreshToken } = await manager.createTokenPair('alice');
    rights = new Error('the database is down');
    expect((await rotation(refreshToken)).status).to.equal(500);
    rights = { odd: 1n };
    expect((await rotation(refreshToken)).status).to.equal(500);
    rights = { long: 'x'.repeat(20_000) };
    expect((await rotation(refreshToken)).status).to.equal(500);
    rights = {};
    await rotated(refreshToken);
  });

  it('keeps the CSRF value, so that a form that was just served can be sent', async () => {
    await serving({ csrfCheckForm: true });
    const first = await manager.createTokenPair('alice', DUE);
    const form = `csrf_token=${claimsIn(first.accessToken).csrf}`;
    const second = await rotated(first.refreshToken);
    const third = await rotated(second.refreshToken);
    for (const token of [await refreshed(first.accessToken), second.accessToken, third.accessToken]) {
      const headers = {
        cookie: `access_token_cookie=${token}`,
        'content-type': 'application/x-www-form-urlencoded',
      };
      const answer = await server.send('/renewal', { method: 'POST', headers, body: form });
      expect(answer.status, answer.text).to.equal(200);
    }
    const csrf = [first, second, third].map(({ refreshToken }) => claimsIn(refreshToken).csrf);
    expect(new Set(csrf).size).to.equal(1);
    expect(csrf[0]).not.to.equal(claimsIn(first.accessToken).csrf);
  });

  it('gets a CSRF value if the token before had none, and none if it is off', async () => {
    const revocationStore = new MemoryRevocationStore();
    await serving({ cookieCsrfProtect: false, revocationStore });
    const first = await manager.createTokenPair('alice', DUE);
    await server.close();
    await serving({ revocationStore });
    const second = await rotated(first.refreshToken);
    for (const token of tokensOf(second)) expect(claimsIn(token).csrf).to.be.a('string');
    await server.close();
    await serving({ cookieCsrfProtect: false, revocationStore });
    const third = await rotated(second.refreshToken);
    for (const token of tokensOf(third)) expect(claimsIn(token)).not.to.have.property('csrf');
  });

  it("is refused for a sibling's refresh token, with the reason, and leaves it unused", async () => {
    const store = { revocationStore: new MemoryRevocationStore() };
    const [us, sibling] = ['https://us.example', 'https://sibling.example'];
    const theirs = { encodeIssuer: sibling, ...store };
    const { refreshToken } = await new JwtManager({
      secretKey: SECRET,
      loaders: [],
      ...theirs,
    }).createTokenPair('alice');
    for (const options of [
      { encodeIssuer: us, decodeIssuer: [us, sibling] },
      { decodeIssuer: [us, sibling] },
    ]) {
      await serving({ ...store, ...options });
      const reason = 'Only its own issuer can renew a token: log in here, or refresh there';
      expectRefused(await rotation(refreshToken), 422, reason, 'invalid_token');
      if ('encodeIssuer' in options) await rotated((await manager.createTokenPair('alice')).refreshToken);
      await server.close();
    }
    await serving(theirs);
    expect(claimsIn((await rotated(refreshToken)).accessToken).iss).to.equal(sibling);
  });

  it('asks its loaders from the container of the request', async () => {
    const paths: unknown[] = [];
    @Service()
    @AdditionalHeadersLoader()
    class Headers {
      load(): Record<string, unknown> {
        return {};
      }
    }
    await serving({ loaders: [Headers] });
    const pair = await manager.createTokenPair('alice', DUE);
    try {
      useContainer({
        get: (wanted: never, action?: Action) => {
          if (wanted === Headers) paths.push((action?.context as Koa.Context | undefined)?.path);
          return Container.get(wanted);
        },
      });
      await followersOf(pair);
    } finally {
      useContainer(Container);
    }
    expect(paths).to.deep.equal(['/renewal', '/renewal', '/renewal/rotate', '/renewal/rotate']);
  });
});

describe('Renewal', () => {
  /** With an issuer that only notes what it is asked for. */
  function renewalOf(options: JwtOptions): { renewal: Renewal; lifetimes: unknown[]; csrf: unknown[] } {
    const [lifetimes, csrf]: [unknown[], unknown[]] = [[], []];
    const issuer = {
      nextAccessToken: (_identity: unknown, _claims: unknown, lifetime: unknown, from: { csrf: unknown }) => {
        lifetimes.push(lifetime);
        csrf.push(from.csrf);
        return Promise.resolve({});
      },
    } as unknown as Issuer;
    const config = new JwtConfig({ secretKey: SECRET, ...options });
    return { renewal: new Renewal(config, new Loaders([]), issuer), lifetimes, csrf };
  }

  it('gives a token the lifetime that the log-in chose, but no longer than configured', async () => {
    for (const [accessTokenExpires, times, expected] of [
      [600, { iat: 1000, exp: 1300 }, 300],
      [600, { iat: 1000, exp: 1600 }, 600],
      [600, { iat: 1000, exp: 5000 }, 600],
      [false, { iat: 1000, exp: 5000 }, 4000],
      [600, { iat: 1000, exp: 1000.5 }, 1],
      [600, { iat: 1000, exp: 1002.5 }, 2],
      [600, { iat: 1000, exp: 1000 }, undefined],
      [600, { iat: 1001, exp: 1000 }, undefined],
      [600, { iat: 1000 }, undefined],
      [false, { iat: 1000 }, undefined],
      [600, { exp: 1000 }, undefined],
      [600, {}, undefined],
    ] as const) {
      const { renewal, lifetimes } = renewalOf({ accessTokenExpires });
      const payload = { type: 'access', ...times } as unknown as JwtClaims;
      await renewal.accessToken({ payload, identity: 'alice', user: undefined, action: {} as Action });
      expect(lifetimes, JSON.stringify(times)).to.deep.equal([expected]);
    }
  });

  it('hands down a CSRF value that is a text', async () => {
    const { renewal, csrf } = renewalOf({});
    for (const value of ['a', 7, undefined]) {
      const payload = { type: 'access', csrf: value } as unknown as JwtClaims;
      await renewal.accessToken({ payload, identity: 'alice', user: undefined, action: {} as Action });
    }
    expect(csrf).to.deep.equal(['a', undefined, undefined]);
  });

  it('knows which tokens are in our name', () => {
    for (const [options, iss, isOurs] of [
      [{}, undefined, true],
      [{}, 'a', false],
      [{ encodeIssuer: 'a' }, 'a', true],
      [{ encodeIssuer: 'a' }, undefined, false],
      [{ encodeIssuer: 'a', decodeIssuer: ['b', 'c'] }, 'a', true],
      [{ encodeIssuer: 'a', decodeIssuer: ['b', 'c'] }, 'b', false],
      [{ decodeIssuer: 'a' }, 'a', true],
      [{ decodeIssuer: 'a' }, 'b', false],
      [{ decodeIssuer: ['a', 'b'] }, 'a', false],
    ] as const)
      expect(
        renewalOf(options).renewal.isOurs({ iss } as JwtClaims),
        JSON.stringify([options, iss]),
      ).to.equal(isOurs);
  });
});
