import { expect } from 'chai';
import { parseSetCookie } from 'cookie';
import type Koa from 'koa';
import { Ctx, Delete, Get, JsonController, Param, Post } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  JwtConfigurationError,
  JwtIdentity,
  JwtManager,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  RefreshTokenReusedLoader,
  RevocationStore,
  TokenInBlocklistLoader,
  UserClaimsLoader,
  UserIdentityLoader,
  type IssueEvent,
  type JwtOptions,
  type Session,
  type TokenFacts,
  type TokenPair,
  type Verdict,
  type VerifiedEvent,
} from '../../src/index';
import { expiredToken } from '../support/expiredToken';
import { claimsOf, forge } from '../support/forge';
import { expectRefused } from '../support/refused';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { serve, type Server } from '../support/Server';

const reused: unknown[] = [];

@Service()
@RefreshTokenReusedLoader()
class NoteReuse {
  load({ identity, payload, context }: VerifiedEvent): void {
    reused.push([identity, payload['sid'], context.path]);
  }
}

@Service()
@TokenInBlocklistLoader()
class Outlaws {
  load({ payload }: VerifiedEvent): boolean {
    return payload['outlaw'] === true;
  }
}

let manager: JwtManager;

@Service()
@JsonController('/account')
class AccountController {
  @Get()
  @JwtRequired()
  read(@JwtIdentity() identity: string): object {
    return { identity };
  }
  @Get('/unchecked')
  @JwtRequired({ skipRevocationCheck: true })
  unchecked(): object {
    return {};
  }
  @Post('/refresh')
  @RefreshJwtRequired()
  refresh(@Ctx() ctx: Koa.Context): Promise<TokenPair> {
    return manager.rotate(ctx);
  }
  @Post('/refresh-by-access')
  @JwtRequired()
  wrong(@Ctx() ctx: Koa.Context): Promise<TokenPair> {
    return manager.rotate(ctx);
  }
  @Get('/sessions')
  @JwtRequired()
  sessions(@JwtIdentity() identity: string): Promise<Session[]> {
    return manager.sessions(identity);
  }
  @Delete('/sessions/:sid')
  @JwtRequired()
  async end(@JwtIdentity() identity: string, @Param('sid') sid: string): Promise<object> {
    await manager.endSession(identity, sid);
    return {};
  }
}

describe('sessions', () => {
  let server: Server;
  const REVOKED = 'Token has been revoked';

  async function serving(options: JwtOptions = {}): Promise<void> {
    const revocationStore = new MemoryRevocationStore();
    manager = new JwtManager({
      secretKey: SECRET,
      loaders: [NoteReuse, Outlaws],
      revocationStore,
      ...options,
    });
    server = await serve(manager, { controllers: [AccountController] });
  }
  beforeEach(async () => {
    reused.length = 0;
    await serving();
  });
  afterEach(() => server.close());

  const rotate = async (token: string): Promise<TokenPair> => {
    const answer = await server.send('/account/refresh', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status, answer.text).to.equal(200);
    return answer.json as TokenPair;
  };
  const expectIn = async (token: string): Promise<void> => {
    expect((await server.get('/account', token)).status).to.equal(200);
  };
  const expectOut = async (...tokens: string[]): Promise<void> => {
    for (const token of tokens) {
      const { type } = await manager.decodeToken(token);
      const path = type === 'access' ? '/account' : '/account/refresh';
      const method = type === 'access' ? 'GET' : 'POST';
      const answer = await server.send(path, { method, headers: { authorization: `Bearer ${token}` } });
      expectRefused(answer, 401, REVOKED, 'invalid_token');
    }
  };

  describe('createTokenPair(identity, options)', () => {
    it('makes two tokens that share a session, but no jti or csrf', async () => {
      const { accessToken, refreshToken } = await manager.createTokenPair('alice', {
        fresh: true,
        additionalClaims: { team: 'red' },
      });
      const [access, refresh] = [
        await manager.decodeToken(accessToken),
        await manager.decodeToken(refreshToken),
      ];
      expect(access).to.include({ sub: 'alice', type: 'access', fresh: true, team: 'red', gen: 0 });
      expect(refresh).to.include({ sub: 'alice', type: 'refresh', fresh: false, team: 'red', gen: 0 });
      expect(access['sid']).to.be.a('string').and.to.equal(refresh['sid']);
      expect(access.jti).not.to.equal(refresh.jti);
      expect(access.csrf).not.to.equal(refresh.csrf);
      await expectIn(accessToken);
    });

    it('never lets the access token outlive the refresh token', async () => {
      const { accessToken, refreshToken } = await manager.createTokenPair('alice', {
        expires: false,
        refreshExpires: 60,
      });
      const [access, refresh] = [
        await manager.decodeToken(accessToken),
        await manager.decodeToken(refreshToken),
      ];
      expect(access.exp).to.equal(refresh.exp);
    });

    it('needs no store if nothing is revoked', async () => {
      const plain = new JwtManager({ secretKey: SECRET, loaders: [] });
      const { accessToken, refreshToken } = await plain.createTokenPair('alice');
      const [access, refresh] = [await plain.decodeToken(accessToken), await plain.decodeToken(refreshToken)];
      expect(access['sid']).to.be.a('string').and.to.equal(refresh['sid']);
      expect(access).not.to.have.property('gen');
      for (const promise of [plain.revoke(accessToken), plain.revokeAll('alice'), plain.sessions('alice')]) {
        const error = await rejection(promise);
        expect(error).to.be.instanceOf(JwtConfigurationError);
        expect(error.message).to.contain('There is no revocation store: give one');
      }
    });

    it('starts no session for tokens that cannot be made', async () => {
      let makes = 0;
      let isDown = true;
      @Service()
      @UserClaimsLoader()
      class SecondTimeDown {
        load(): Record<string, unknown> {
          if (isDown && ++makes % 2 === 0) throw new Error('the database is down');
          return {};
        }
      }
      await server.close();
      await serving({ loaders: [SecondTimeDown] });
      expect((await rejection(manager.createTokenPair('alice'))).message).to.equal('the database is down');
      isDown = false;
      for (const additionalClaims of [{ odd: 1n }, { long: 'x'.repeat(20_000) }]) {
        for (const create of ['createTokenPair', 'createRefreshToken'] as const) {
          expect(await rejection(manager[create]('alice', { additionalClaims }))).to.be.instanceOf(TypeError);
        }
      }
      expect(await manager.sessions('alice')).to.deep.equal([]);
    });

    it('makes good tokens for an identity that was logged out everywhere', async () => {
      await manager.revokeAll('alice');
      await manager.revokeAll('alice');
      const { accessToken, refreshToken } = await manager.createTokenPair('alice');
      const single = await manager.createRefreshToken('alice');
      expect((await manager.decodeToken(accessToken))['gen']).to.equal(2);
      await expectIn(accessToken);
      for (const token of [refreshToken, single]) await rotate(token);
    });

    it('refuses unknown options', async () => {
      const error = await rejection(manager.createTokenPair('alice', { refreshExpire: 1 } as object));
      expect(error.message).to.contain('Unknown option refreshExpire');
    });
  });

  describe('revoke(token)', () => {
    it('revokes one token, given as text or as claims', async () => {
      const [one, two, other] = [
        await manager.createAccessToken('alice'),
        await manager.createAccessToken('alice'),
        await manager.createAccessToken('alice'),
      ];
      await manager.revoke(one);
      await manager.revoke(await manager.decodeToken(two));
      await expectOut(one, two);
      await expectIn(other);
    });

    it('has no effect on a route that skips the check', async () => {
      const token = await manager.createAccessToken('alice');
      await manager.revoke(token);
      expect((await server.get('/account/unchecked', token)).status).to.equal(200);
    });

    it('accepts an expired token, but no forged one', async () => {
      await manager.revoke(await expiredToken(manager));
      const forged = await new JwtManager({ secretKey: SECRET.toUpperCase(), loaders: [] }).createAccessToken(
        'alice',
      );
      expect((await rejection(manager.revoke(forged))).message).to.equal('Signature verification failed');
    });
  });

  describe('revokeSession(token)', () => {
    it('revokes both tokens of a log-in, given either, and no other log-in', async () => {
      const other = await manager.createTokenPair('alice');
      for (const which of ['accessToken', 'refreshToken'] as const) {
        const pair = await manager.createTokenPair('alice');
        await manager.revokeSession(pair[which]);
        await expectOut(pair.accessToken, pair.refreshToken);
      }
      await expectIn(other.accessToken);
      await rotate(other.refreshToken);
    });

    it('revokes tokens that joined the session later', async () => {
      const pair = await manager.createTokenPair('alice');
      const next = await rotate(pair.refreshToken);
      const { sid } = await manager.decodeToken(next.refreshToken);
      const joined = await manager.createAccessToken('alice', { sid: String(sid) });
      await manager.revokeSession(pair.accessToken);
      await expectOut(pair.accessToken, next.accessToken, next.refreshToken, joined);
    });

    it('revokes the token by itself if no store knows its session', async () => {
      const plain = new JwtManager({ secretKey: SECRET, loaders: [] });
      const { accessToken } = await plain.createTokenPair('alice');
      expect(await plain.decodeToken(accessToken))
        .to.include.keys('sid')
        .and.not.include.keys('gen');
      await manager.revokeSession(accessToken);
      await expectOut(accessToken);
    });

    it('revokes only the token if it has no session', async () => {
      const token = await manager.createAccessToken('alice');
      await manager.revokeSession(token);
      await expectOut(token);
    });
  });

  describe('revokeAll(identity)', () => {
    it('revokes every earlier token and no later one, in the same second', async () => {
      const before = [
        await manager.createAccessToken('alice'),
        await manager.createRefreshToken('alice'),
        await manager.createAccessToken('alice', { expires: false }),
      ];
      const pair = await manager.createTokenPair('alice');
      const bob = await manager.createAccessToken('bob');
      await manager.revokeAll('alice');
      const after = await manager.createTokenPair('alice');
      const plain = await manager.createAccessToken('alice');
      await expectOut(...before, pair.accessToken, pair.refreshToken);
      for (const token of [after.accessToken, plain, bob]) await expectIn(token);
      await rotate(after.refreshToken);
      expect(await manager.sessions('alice')).to.have.length(1);
    });
  });

  describe('an identity', () => {
    @Service()
    @UserIdentityLoader()
    class IdOfUser {
      load({ identity }: IssueEvent): string {
        return String((identity as { id: number }).id);
      }
    }

    it('may be given in the same form as to createTokenPair', async () => {
      await server.close();
      await serving({ loaders: [IdOfUser] });
      const [user, other] = [{ id: 7 }, { id: 8 }];
      const [pair, others] = [await manager.createTokenPair(user), await manager.createTokenPair(other)];
      expect(await manager.sessions(user)).to.deep.equal(await manager.sessions('7'));
      await manager.revokeAll(user);
      await expectOut(pair.accessToken);
      await expectIn(others.accessToken);
    });

    it('may be the very string that createTokenPair was given, or the one in its tokens', async () => {
      const ids = new Map([['alice', '7']]);
      @Service()
      @UserIdentityLoader()
      class IdOfName {
        load({ identity }: IssueEvent): string | undefined {
          return ids.get(identity as string);
        }
      }
      await server.close();
      await serving({ loaders: [IdOfName] });
      for (const name of ['alice', '7']) {
        const one = await manager.createTokenPair('alice');
        const two = await manager.createTokenPair('alice');
        const [session, ...others] = await manager.sessions(name);
        expect(others).to.have.length(1);
        await manager.endSession(name, String(session?.sid));
        await expectOut(one.accessToken, one.refreshToken);
        await expectIn(two.accessToken);
        await manager.revokeAll(name);
        await expectOut(two.accessToken, two.refreshToken);
      }
    });

    it('that may be either is taken for both when it is ended', async () => {
      const ids = new Map([
        ['7', '8'],
        ['bob', '7'],
      ]);
      @Service()
      @UserIdentityLoader()
      class Crossing {
        load({ identity }: IssueEvent): string | undefined {
          return ids.get(identity as string);
        }
      }
      await server.close();
      await serving({ loaders: [Crossing] });
      const [eight, seven] = [await manager.createTokenPair('7'), await manager.createTokenPair('bob')];
      // An account page of identity 7 lists no session of another.
      const { sid } = await manager.decodeToken(seven.accessToken);
      expect((await manager.sessions('7')).map((session) => session.sid)).to.deep.equal([sid]);
      await manager.revokeAll('7');
      await expectOut(eight.accessToken, seven.accessToken);
    });

    it('in a token is understood although the identity loader trips over it', async () => {
      @Service()
      @UserIdentityLoader()
      class Nested {
        load({ identity }: IssueEvent): string {
          return (identity as { profile: { id: string } }).profile.id;
        }
      }
      await server.close();
      await serving({ loaders: [Nested] });
      const { accessToken } = await manager.createTokenPair({ profile: { id: '7' } });
      await manager.revokeAll('7');
      await expectOut(accessToken);
      expect(await rejection(manager.revokeAll({ id: '7' }))).to.be.instanceOf(TypeError);
    });

    it('is asked of the identity loader as for an access token, and its failures are told', async () => {
      let failure: Error = new TypeError('That user has no id');
      const types: unknown[] = [];
      @Service()
      @UserIdentityLoader()
      class Failing {
        load({ type }: IssueEvent): string {
          types.push(type);
          throw failure;
        }
      }
      await server.close();
      await serving({ loaders: [Failing] });
      expect((await rejection(manager.revokeAll({ id: '7' }))).message).to.equal('That user has no id');
      failure = new Error('The database is down');
      for (const identity of ['7', { id: '7' }])
        expect((await rejection(manager.revokeAll(identity))).message).to.equal('The database is down');
      expect(types).to.deep.equal(['access', 'access', 'access']);
    });

    it('may be any string, because old tokens may have any', async () => {
      expect(await manager.sessions('')).to.deep.equal([]);
      await manager.revokeAll('');
    });

    it('without verifySub is the same in any order of members, and 7 is not "7"', async () => {
      await server.close();
      await serving({ verifySub: false });
      const forms = [
        [
          { tenant: 'a', id: { x: 1, y: [2] } },
          { id: { y: [2], x: 1 }, tenant: 'a' },
        ],
        [7, 7],
        ['7', '7'],
        [true, true],
        ['json:7', 'json:7'],
      ] as const;
      for (const [made, ended] of forms) {
        const all = await Promise.all(forms.map(([identity]) => manager.createTokenPair(identity)));
        await manager.revokeAll(ended);
        for (const [i, { accessToken }] of all.entries()) {
          if (forms[i]?.[0] === made) await expectOut(accessToken);
          else await expectIn(accessToken);
        }
        const again = await manager.createTokenPair(made);
        const { sid } = await manager.decodeToken(again.accessToken);
        expect((await manager.sessions(ended)).map((session) => session.sid)).to.deep.equal([sid]);
        await manager.endSession(ended, String(sid));
        await expectOut(again.accessToken);
      }
    });

    it('must become a string, because anything else would silently revoke nothing', async () => {
      for (const promise of [
        manager.revokeAll(7),
        manager.sessions({ id: 7 }),
        manager.endSession(null, 'x'),
      ]) {
        const error = await rejection(promise);
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.equal('The identity must be the string that stands in its tokens');
      }
    });
  });

  describe('rotate(ctx)', () => {
    it('returns a new pair of the same session, with the same end and not fresh', async () => {
      const options = { fresh: true, additionalClaims: { team: 'red' }, refreshExpires: 600 } as const;
      const first = await manager.createTokenPair('alice', options);
      const second = await rotate(first.refreshToken);
      const [before, access, refresh] = [
        await manager.decodeToken(first.refreshToken),
        await manager.decodeToken(second.accessToken),
        await manager.decodeToken(second.refreshToken),
      ];
      expect(access).to.include({
        sub: 'alice',
        type: 'access',
        fresh: false,
        team: 'red',
        sid: before['sid'],
      });
      expect(refresh).to.include({
        sub: 'alice',
        type: 'refresh',
        team: 'red',
        sid: before['sid'],
        exp: before.exp,
      });
      expect(access.exp).to.be.at.most(Number(before.exp));
      expect(new Set([before.jti, access.jti, refresh.jti]).size).to.equal(3);
      // Forms that were just served still have these.
      expect(access.csrf).to.equal((await manager.decodeToken(first.accessToken)).csrf);
      expect(refresh.csrf).to.equal(before.csrf).and.not.to.equal(access.csrf);
      await expectIn(second.accessToken);
      await rotate(second.refreshToken);
    });

    it('keeps the end of the session even if a claims loader returns a later one', async () => {
      @Service()
      @UserClaimsLoader()
      class EverLater {
        load(): Record<string, unknown> {
          return { exp: 2_000_000_000 };
        }
      }
      await server.close();
      await serving({ loaders: [EverLater] });
      const end = Math.floor(Date.now() / 1000) + 600;
      const { refreshToken } = await manager.createTokenPair('alice', { additionalClaims: { exp: end } });
      const second = await rotate(refreshToken);
      for (const token of [second.accessToken, second.refreshToken]) {
        expect((await manager.decodeToken(token)).exp).to.equal(end);
      }
    });

    it('keeps an endless session endless', async () => {
      const pair = await manager.createTokenPair('alice', { refreshExpires: false });
      const { refreshToken } = await rotate(pair.refreshToken);
      expect(await manager.decodeToken(refreshToken)).not.to.have.property('exp');
    });

    it('lets two tabs refresh at once', async () => {
      const { refreshToken } = await manager.createTokenPair('alice');
      const [one, two] = await Promise.all([rotate(refreshToken), rotate(refreshToken)]);
      for (const { accessToken } of [one, two]) await expectIn(accessToken);
      expect(reused).to.deep.equal([]);
    });

    it('ends the session if a refresh token is reused later, and tells the application', async () => {
      await server.close();
      await serving({ rotationGrace: 0 });
      const first = await manager.createTokenPair('alice');
      const second = await rotate(first.refreshToken);
      await expectIn(second.accessToken);
      const { sid } = await manager.decodeToken(first.refreshToken);
      await expectOut(first.refreshToken);
      await expectOut(second.accessToken, second.refreshToken, first.accessToken);
      expect(reused).to.deep.equal([['alice', sid, '/account/refresh']]);
      expect(await manager.sessions('alice')).to.deep.equal([]);
    });

    it('refuses a refresh token from before there was a store', async () => {
      const plain = new JwtManager({ secretKey: SECRET, loaders: [] });
      await expectOut(await plain.createRefreshToken('alice'));
    });

    for (const verdict of ['revoked', 'reused'] as const) {
      it(`refuses what the store calls ${verdict} only when it is exchanged`, async () => {
        const store = new MemoryRevocationStore();
        await server.close();
        await serving({ revocationStore: store });
        const { accessToken, refreshToken } = await manager.createTokenPair('alice');
        store.rotate = () => Promise.resolve(verdict);
        await expectOut(refreshToken);
        if (verdict === 'revoked') await expectIn(accessToken);
        else await expectOut(accessToken);
        expect(reused).to.have.length(verdict === 'reused' ? 1 : 0);
      });
    }

    it('needs a store', async () => {
      await server.close();
      manager = new JwtManager({ secretKey: SECRET, loaders: [] });
      server = await serve(manager, { controllers: [AccountController] });
      const headers = { authorization: `Bearer ${(await manager.createTokenPair('alice')).refreshToken}` };
      const answer = await server.send('/account/refresh', { method: 'POST', headers });
      expect(answer.status).to.equal(500);
      expect(answer.text).to.contain('There is no revocation store');
    });

    it('works only for refresh tokens', async () => {
      const access = await manager.createAccessToken('alice');
      const headers = { authorization: `Bearer ${access}` };
      const answer = await server.send('/account/refresh-by-access', { method: 'POST', headers });
      expect(answer.status).to.equal(500);
      expect(answer.text).to.contain('rotate(ctx) is for @RefreshJwtRequired() routes');
    });
  });

  describe('sessions(identity) and endSession(identity, sid)', () => {
    it('list the log-ins of an identity and end one of them', async () => {
      const phone = await manager.createTokenPair('alice', { userAgent: 'Phone' });
      const laptop = await manager.createTokenPair('alice', { userAgent: 'Laptop' });
      const bob = await manager.createTokenPair('bob');
      const listed = (await server.get('/account/sessions', phone.accessToken)).json as Session[];
      expect(listed.map(({ userAgent }) => userAgent)).to.deep.equal(['Phone', 'Laptop']);
      const end = (sid: unknown, token: string) =>
        server.send(`/account/sessions/${String(sid)}`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${token}` },
        });
      await end(listed[1]?.sid, bob.accessToken);
      await expectIn(laptop.accessToken);
      await end(listed[1]?.sid, phone.accessToken);
      await expectOut(laptop.accessToken, laptop.refreshToken);
      await expectIn(phone.accessToken);
      expect(await manager.sessions('alice')).to.have.length(1);
    });
  });

  it('tell the store what it must know about a token, leeway included', async () => {
    const asked: [TokenFacts, number?][] = [];
    class Listening extends MemoryRevocationStore {
      override check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
        asked.push([{ ...token }, grace]);
        return super.check(token, grace);
      }
      override async revoke(token: TokenFacts): Promise<void> {
        asked.push([{ ...token }]);
        await super.revoke(token);
      }
    }
    const one = new JwtManager({
      secretKey: SECRET,
      loaders: [],
      revocationStore: new Listening(),
      decodeLeeway: 30,
      rotationGrace: 7,
    });
    const { accessToken } = await one.createTokenPair('alice');
    await one.verifyToken(accessToken);
    const { jti, sid, iat = 0, exp = 0 } = await one.decodeToken(accessToken);
    const times = { iat: iat - 30, until: exp + 30 };
    expect(asked).to.deep.equal([[{ identity: 'alice', type: 'access', jti, sid, gen: 0, ...times }, 7]]);
    asked.length = 0;

    const little = { sub: 'alice', type: 'access', jti: 'j' };
    for (const more of [{}, { sid: 7, gen: '0' }]) {
      await one.verifyToken(forge({ claims: { ...little, ...more } }));
      expect(asked.pop()).to.deep.equal([{ identity: 'alice', type: 'access', jti: 'j' }, 7]);
    }
    await one.verifyToken(forge({ claims: { ...little, type: 'refresh' } }), { refresh: true });
    expect(asked.pop()).to.deep.equal([{ identity: 'alice', type: 'refresh', jti: 'j' }, 7]);
    const reset = await one.createToken('reset', 'alice');
    await one.verifyToken(reset, { purpose: 'reset' });
    expect(asked.pop()?.[0]).to.include({ type: 'access' });
    await one.revoke(forge({ claims: { ...little, iat, exp } }));
    expect(asked.pop()).to.deep.equal([{ identity: 'alice', type: 'access', jti: 'j', ...times }]);
  });

  it('know a token without a jti by nothing', async () => {
    const anonymous = forge({ claims: claimsOf({ jti: undefined }) });
    expect((await rejection(manager.verifyToken(anonymous))).message).to.equal('Missing claim: jti');
    const error = await rejection(manager.revoke(anonymous));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.equal('A token without a jti cannot be revoked by itself');
    const plain = new JwtManager({ secretKey: SECRET, loaders: [] });
    expect((await plain.verifyToken(anonymous)).identity).to.equal('alice');
  });

  it('work next to the blocklist loader: either may refuse', async () => {
    const token = await manager.createAccessToken('alice', { additionalClaims: { outlaw: true } });
    await expectOut(token);
    const other = await manager.createAccessToken('alice');
    await manager.revoke(other);
    await expectOut(other);
  });

  it('show a blocklist loader the event itself', async () => {
    const seen: string[][] = [];
    @Service()
    @TokenInBlocklistLoader()
    class Spreading {
      load(event: VerifiedEvent): boolean {
        seen.push(Object.keys({ ...event }));
        return false;
      }
    }
    await server.close();
    await serving({ loaders: [Spreading] });
    await expectIn(await manager.createAccessToken('alice'));
    expect(seen).to.have.length(1);
    expect(seen[0]).to.have.members(['context', 'header', 'payload', 'identity']);
  });

  it('get their store from the container if the option is a class', async () => {
    await server.close();
    Container.set(RevocationStore, new MemoryRevocationStore());
    await serving({ revocationStore: RevocationStore });
    const token = await manager.createAccessToken('alice');
    await expectIn(token);
    await manager.revoke(token);
    await expectOut(token);
  });

  it('survive an implicit refresh of the cookie', async () => {
    await server.close();
    await serving({
      tokenLocation: ['cookies'],
      accessTokenExpires: '1 hour',
      implicitRefreshWithin: '59 minutes',
    });
    const { accessToken } = await manager.createTokenPair('alice', { expires: 600 });
    const send = (token: string) =>
      server.send('/account', { headers: { cookie: `access_token_cookie=${token}` } });
    const [cookie] = ((await send(accessToken)).headers['set-cookie'] ?? []).map((text) =>
      parseSetCookie(text),
    );
    const [before, after] = [
      await manager.decodeToken(accessToken),
      await manager.decodeToken(String(cookie?.value)),
    ];
    expect(after).to.include({ sid: before['sid'], gen: 0 });
    await manager.revokeSession(accessToken);
    expectRefused(await send(String(cookie?.value)), 401, REVOKED, 'invalid_token');
  });

  for (const [options, message] of [
    [
      { revocationStore: {} },
      'Option revocationStore must be a RevocationStore, such as new MemoryRevocationStore()',
    ],
    [{ storeTimeout: 0 }, 'Option storeTimeout must be a number of seconds from 0.01 to 60'],
    [{ onStoreFailure: 'ignore' }, 'Option onStoreFailure must be one of refuse, allow'],
    [{ rotationGrace: '5s' }, 'Option rotationGrace must be a number of seconds from 0 to 60'],
  ] as const) {
    it(`refuse ${JSON.stringify(options)}`, () => {
      expect(
        () => new JwtManager({ secretKey: SECRET, loaders: [], ...(options as unknown as JwtOptions) }),
      ).to.throw(JwtConfigurationError, message);
    });
  }
});
