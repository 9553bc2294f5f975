import { expect } from 'chai';
import { parseSetCookie, type SetCookie } from 'cookie';
import type Koa from 'koa';
import { Ctx, Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import {
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  TokenInBlocklistLoader,
  UserClaimsLoader,
  UserIdentityLoader,
  UserLoader,
  type IssueEvent,
  type JwtOptions,
  type VerifiedEvent,
} from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { expiredToken } from '../support/expiredToken';
import { claimsOf, forge, now, raw } from '../support/forge';
import { SECRET } from '../support/secret';
import { serve, type Answer, type Server } from '../support/Server';

const revoked = new Set<unknown>();

@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load({ payload }: VerifiedEvent): boolean {
    return revoked.has(payload.jti);
  }
}

interface User {
  readonly id: string;
  readonly roles: string[];
}

const users = new Map<unknown, User>();

@Service()
@UserLoader()
class FindUser {
  load({ identity }: VerifiedEvent): User | undefined {
    return users.get(identity);
  }
}
@Service()
@UserIdentityLoader()
class UserId {
  load({ identity }: IssueEvent): string {
    return (identity as User).id;
  }
}
@Service()
@UserClaimsLoader()
class UserRoles {
  load({ identity }: IssueEvent): object & Record<string, unknown> {
    return { roles: (identity as User).roles };
  }
}

let manager: JwtManager;

@Service()
@JsonController('/implicit')
@JwtRequired()
class ImplicitController {
  @Get('/read')
  read(@JwtIdentity() identity: string): object {
    return { identity };
  }
  @Get('/twice')
  async twice(@Ctx() ctx: Koa.Context): Promise<object> {
    const state = await manager.verifyJwtInRequest(ctx);
    if (state) await manager.refreshImplicitly(ctx, state);
    return {};
  }
  @Get('/log-out')
  logOut(@Ctx() ctx: Koa.Context): object {
    manager.unsetJwtCookies(ctx);
    return {};
  }
  @Get('/log-in')
  async logIn(@Ctx() ctx: Koa.Context): Promise<object> {
    await manager.setAccessCookies(ctx, await manager.createAccessToken('bob', { fresh: true }));
    return {};
  }
  @Get('/revoke')
  revoke(@Ctx() ctx: Koa.Context): object {
    revoked.add(ctx.state.jwt?.payload?.jti);
    return {};
  }
  @Get('/failing')
  failing(): object {
    throw new Error('on purpose');
  }
  @Get('/optional')
  @JwtOptional()
  optional(): object {
    return {};
  }
  @Get('/refresh')
  @RefreshJwtRequired()
  refresh(): object {
    return {};
  }
}

const cookiesOf = ({ headers }: Answer): SetCookie[] =>
  (headers['set-cookie'] ?? []).map((text) => parseSetCookie(text));

describe('implicitRefreshWithin', () => {
  let server: Server;

  async function serving(options: JwtOptions = {}): Promise<void> {
    manager = new JwtManager({
      secretKey: SECRET,
      loaders: [],
      tokenLocation: ['cookies', 'headers'],
      accessTokenExpires: '1 hour',
      implicitRefreshWithin: '59 minutes',
      ...options,
    });
    server = await serve(manager, { controllers: [ImplicitController] });
  }
  afterEach(() => server.close());

  const ending = (identity: unknown = 'alice'): Promise<string> =>
    manager.createAccessToken(identity, { expires: 600 });
  const send = (path: string, token: string, name = 'access_token_cookie'): Promise<Answer> =>
    server.send(`/implicit${path}`, { headers: { cookie: `${name}=${token}` } });

  it('renews only our own tokens, and none of a sibling that decodeIssuer accepts', async () => {
    const sibling = { encodeIssuer: 'https://sibling.example' };
    await serving({
      encodeIssuer: 'https://us.example',
      decodeIssuer: ['https://us.example', sibling.encodeIssuer],
    });
    const theirs = new JwtManager({ secretKey: SECRET, loaders: [], ...sibling });
    const answer = await send('/read', await theirs.createAccessToken('alice', { expires: 600 }));
    expect([answer.status, cookiesOf(answer)]).to.deep.equal([200, []]);
    expect(cookiesOf(await send('/read', await ending()))).to.have.length(2);
  });

  // Found by `npm run fuzz`.
  it('leaves a cookie alone whose claim is beyond all numbers, because no new token can repeat it, and says why', async () => {
    await serving();
    const ends = Math.floor(Date.now() / 1000) + 600;
    const text = JSON.stringify(claimsOf({ exp: ends, csrf: 'c', limit: 0 })).replace(
      '"limit":0',
      '"limit":1e400',
    );
    const answer = await send('/read', forge({ claims: raw(text) }));
    expect([answer.status, cookiesOf(answer)]).to.deep.equal([200, []]);
    const [error, ...others] = server.errors.map(String);
    expect(error).to.contain('additionalClaims.limit is not JSON');
    expect(others).to.deep.equal([]);
  });

  it('re-issues a cookie that is about to expire, once, and not as fresh', async () => {
    await serving();
    const old = await manager.createAccessToken('alice', {
      fresh: true,
      expires: 600,
      additionalClaims: { team: 'red', iat: Math.floor(Date.now() / 1000) - 60 },
    });
    for (const path of ['/read', '/twice', '/optional']) {
      const answer = await send(path, old);
      expect(answer.status).to.equal(200);
      const [token, csrf, ...more] = cookiesOf(answer);
      expect([token?.name, csrf?.name, more]).to.deep.equal(['access_token_cookie', 'csrf_access_token', []]);
      expect(answer.headers['cache-control']).to.equal('no-store');
      const [before, after] = [
        await manager.decodeToken(old),
        await manager.decodeToken(String(token?.value)),
      ];
      expect(after).to.include({
        sub: 'alice',
        team: 'red',
        fresh: false,
        type: 'access',
        csrf: csrf?.value,
      });
      expect(after.jti).not.to.equal(before.jti);
      // A form that was just served still has it.
      expect(after.csrf).to.equal(before.csrf);
      expect(Number(after.exp) - Number(after.iat)).to.equal(660);
      expect(after.iat).to.be.greaterThan(Number(before.iat));
    }
  });

  it('re-issues a token without a jti, where nobody can revoke one', async () => {
    await serving();
    const answer = await send('/read', forge({ claims: claimsOf({ jti: undefined, exp: now() + 600 }) }));
    expect(answer.status).to.equal(200);
    expect(cookiesOf(answer)).to.have.length(2);
  });

  for (const [what, path, token, options] of [
    [
      'a token with enough time left',
      '/read',
      () => manager.createAccessToken('a', { expires: '60 minutes' }),
      {},
    ],
    ['a token that never expires', '/read', () => manager.createAccessToken('a', { expires: false }), {}],
    ['a refresh token', '/refresh', () => manager.createRefreshToken('a', { expires: 60 }), {}],
    ['any token by default', '/read', () => manager.createAccessToken('a'), { implicitRefreshWithin: false }],
  ] as const) {
    it(`does not re-issue ${what}`, async () => {
      await serving(options);
      const name = path === '/refresh' ? 'refresh_token_cookie' : undefined;
      const answer = await send(path, await token(), name);
      expect([answer.status, cookiesOf(answer)]).to.deep.equal([200, []]);
    });
  }

  it('leaves requests with a header token and refused requests alone', async () => {
    await serving();
    const token = await ending();
    expect(cookiesOf(await server.get('/implicit/read', token))).to.deep.equal([]);
    const expired = await expiredToken(manager);
    const answer = await send('/read', expired);
    expect([answer.status, cookiesOf(answer)]).to.deep.equal([401, []]);
  });

  it('never undoes a log-out or log-in in the same request', async () => {
    await serving();
    const out = cookiesOf(await send('/log-out', await ending()));
    expect(out.map(({ value }) => value)).to.deep.equal(['', '', '', '']);
    const [token, , ...more] = cookiesOf(await send('/log-in', await ending()));
    expect(more).to.deep.equal([]);
    expect(await manager.decodeToken(String(token?.value))).to.include({ sub: 'bob', fresh: true });
  });

  it('never re-issues a token that the request has revoked', async () => {
    await serving({ loaders: [Blocklist] });
    const token = await ending();
    expect(cookiesOf(await send('/read', token))).to.have.length(2);
    expect(cookiesOf(await send('/revoke', token))).to.deep.equal([]);
    expect((await send('/read', token)).status).to.equal(401);
  });

  it('asks the claims loader again, with the user from the user loader', async () => {
    await serving({ loaders: [FindUser, UserId, UserRoles] });
    const alice = { id: '7', roles: ['admin'] };
    const old = await manager.createAccessToken(alice, { expires: 600, additionalClaims: { team: 'red' } });
    users.set('7', { id: '7', roles: [] });
    const [token] = cookiesOf(await send('/read', old));
    expect(await manager.decodeToken(String(token?.value))).to.deep.include({
      sub: '7',
      roles: [],
      team: 'red',
    });
  });

  it('never changes the identity, even if the user loader returns another shape', async () => {
    @Service()
    @UserLoader()
    class OtherShape {
      load({ identity }: VerifiedEvent): object {
        return { nick: identity };
      }
    }
    @Service()
    @UserIdentityLoader()
    class IdOrBust {
      load({ identity }: IssueEvent): string {
        return String((identity as { id?: string }).id);
      }
    }
    for (const loaders of [[IdOrBust], [IdOrBust, OtherShape]]) {
      await serving({ loaders });
      const [token] = cookiesOf(await send('/read', await ending({ id: '42' })));
      expect((await manager.decodeToken(String(token?.value))).sub).to.equal('42');
      if (loaders.length === 1) await server.close();
    }
  });

  it('leaves the cookie and the answer alone if a loader fails, and tells Koa', async () => {
    let isDown = false;
    @Service()
    @UserClaimsLoader()
    class Failing {
      load(): Record<string, unknown> {
        if (isDown) throw new Error('the database is down');
        return {};
      }
    }
    await serving({ loaders: [Failing] });
    const token = await ending();
    isDown = true;
    const answer = await send('/read', token);
    expect([answer.status, cookiesOf(answer)]).to.deep.equal([200, []]);
    expect(server.errors.map(({ message }) => message)).to.deep.equal(['the database is down']);
  });

  it('leaves the cookie alone if the answer is an error', async () => {
    await serving();
    const answer = await send('/failing', await ending());
    expect([answer.status, cookiesOf(answer)]).to.deep.equal([500, []]);
  });

  it('keeps issuer and audience, and lives no longer than configured', async () => {
    await serving({ decodeAudience: ['web', 'app'], decodeIssuer: 'us' });
    const old = await manager.createAccessToken('alice', {
      expires: 600,
      additionalClaims: { aud: 'web', iss: 'us', iat: 1 },
    });
    const [token] = cookiesOf(await send('/read', old));
    const claims = await manager.decodeToken(String(token?.value));
    expect(claims).to.include({ aud: 'web', iss: 'us' });
    expect(Number(claims.exp) - Number(claims.iat)).to.equal(3600);
  });

  it('keeps only active visitors logged in', async () => {
    await serving({ accessTokenExpires: 900, implicitRefreshWithin: 450 });
    let current = await manager.createAccessToken('alice');
    const idle = current;
    const clock = new JwtClock();
    try {
      for (let i = 0; i < 3; i++) {
        clock.advance(600);
        const answer = await send('/read', current);
        expect(answer.status).to.equal(200);
        current = String(cookiesOf(answer)[0]?.value);
      }
      expect((await send('/read', idle)).status).to.equal(401);
    } finally {
      clock.restore();
    }
  });
});
