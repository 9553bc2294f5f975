import { expect } from 'chai';
import { parseSetCookie } from 'cookie';
import { Service } from 'typedi';
import {
  JwtConfig,
  JwtManager,
  MemoryRevocationStore,
  TokenInBlocklistLoader,
  type JwtClaims,
  type JwtOptions,
  type TokenFacts,
  type VerifiedEvent,
} from '../../src/index';
import { endOfFamily } from '../../src/session/family';
import { now, opened } from '../support/forge';
import { SECRET } from '../support/secret';
import type { Answer } from '../support/Server';
import { StoreGate } from '../support/StoreGate';

const blocked = new Set<unknown>();

@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load({ payload }: VerifiedEvent): boolean {
    return blocked.has(payload.jti);
  }
}

/** Notes until when it was told to remember a revoked token. */
class NotingStore extends MemoryRevocationStore {
  readonly noted: TokenFacts[] = [];
  override revoke(token: TokenFacts): Promise<void> {
    this.noted.push(token);
    return super.revoke(token);
  }
}

const claimsIn = (token: string): JwtClaims => opened(token).claims as JwtClaims;

describe('The tokens that implicit refreshes make', () => {
  let gate: StoreGate;
  const store = (): NotingStore => gate.manager.config.revocationStore as NotingStore;

  const open = async (options: JwtOptions = {}): Promise<void> => {
    gate = await StoreGate.of({
      tokenLocation: ['cookies'],
      cookieCsrfProtect: false,
      accessTokenExpires: 600,
      implicitRefreshWithin: 500,
      ...options,
    });
  };
  const clock = Date.now;
  afterEach(async () => {
    Date.now = clock;
    await gate.close();
  });

  const me = (token: string): Promise<Answer> =>
    gate.server.send('/me', { headers: { cookie: `access_token_cookie=${token}` } });
  const cookieOf = async (token: string): Promise<string | undefined> => {
    const answer = await me(token);
    expect(answer.status, answer.text).to.equal(200);
    return answer.headers['set-cookie']?.map((text) => parseSetCookie(text))[0]?.value;
  };
  const renewed = async (token: string): Promise<string> => {
    const next = await cookieOf(token);
    expect(next).to.be.a('string');
    return String(next);
  };
  const statuses = (...tokens: string[]): Promise<number[]> =>
    Promise.all(tokens.map(async (token) => (await me(token)).status));

  describe('of a token without a session', () => {
    const log = (token: string) => ({
      'revoke(token)': () => gate.manager.revoke(token),
      'revoke(claims)': () => gate.manager.revoke(claimsIn(token)),
      'revokeSession(token)': () => gate.manager.revokeSession(token),
    });
    for (const call of ['revoke(token)', 'revoke(claims)', 'revokeSession(token)'] as const) {
      it(`end with any of them: ${call}`, async () => {
        await open({ revocationStore: new NotingStore() });
        for (const which of ['the first', 'the own', 'the copied'] as const) {
          const first = await gate.manager.createAccessToken('alice', { expires: 60 });
          const own = await renewed(await renewed(first));
          const copied = await renewed(first);
          const other = await gate.manager.createAccessToken('alice');
          const ended = { 'the first': first, 'the own': own, 'the copied': copied }[which];
          await log(ended)[call]();
          expect(await statuses(first, own, copied, other), which).to.deep.equal([401, 401, 401, 200]);
        }
      });
    }

    it('carry the jti of the first, and no other token does', async () => {
      await open({ revocationStore: new NotingStore() });
      const first = await gate.manager.createAccessToken('alice', { expires: 60 });
      const second = await renewed(first);
      const { family } = claimsIn(await renewed(second));
      expect([family, claimsIn(second)['family']]).to.deep.equal([claimsIn(first).jti, claimsIn(first).jti]);
      const pair = await gate.manager.createTokenPair('alice', { expires: 60 });
      for (const token of [first, pair.accessToken, pair.refreshToken, await renewed(pair.accessToken)]) {
        expect(claimsIn(token)).not.to.have.property('family');
      }
    });

    it('stay revoked for as long as one of them may live', async () => {
      await open({ revocationStore: new NotingStore() });
      const first = await gate.manager.createAccessToken('alice', { expires: 60 });
      const later = await gate.manager.createAccessToken('alice', { expires: 7200 });
      const refresh = await gate.manager.createRefreshToken('alice', { expires: 60 });
      for (const token of [first, later]) await gate.manager.revoke(token);
      for (const [i, lifetime] of [600, 7200].entries()) {
        expect(store().noted[i]?.until).to.be.at.least(now() + lifetime);
        expect(store().noted[i]?.until).to.be.at.most(now() + lifetime + 120);
      }
      await gate.manager.revoke(refresh);
      expect(store().noted[2]?.until).to.equal(claimsIn(refresh).exp);
    });

    it('end when a blocklist loader lists the first', async () => {
      await open({ loaders: [Blocklist] });
      const first = await gate.manager.createAccessToken('alice', { expires: 60 });
      const pair = await gate.manager.createTokenPair('alice', { expires: 60 });
      for (const token of [first, pair.accessToken]) {
        const copied = await renewed(await renewed(token));
        blocked.add(claimsIn(token).jti);
        expect(await statuses(token, copied)).to.deep.equal([401, 401]);
      }
    });
  });

  it('revoke nothing longer where there are no implicit refreshes', async () => {
    await open({ revocationStore: new NotingStore(), implicitRefreshWithin: false });
    const token = await gate.manager.createAccessToken('alice', { expires: 60 });
    await gate.manager.revoke(token);
    expect(store().noted.map(({ jti, until }) => [jti, until])).to.deep.equal([
      [claimsIn(token).jti, claimsIn(token).exp],
    ]);
  });

  describe('of a pair', () => {
    it('end with the refresh token of their log-in, without a store too', async () => {
      await open();
      const { accessToken, refreshToken } = await gate.manager.createTokenPair('alice', {
        expires: 60,
        refreshExpires: 90,
      });
      const { exp: end } = claimsIn(refreshToken);
      expect(claimsIn(accessToken)['until']).to.equal(end);
      Date.now = () => clock() + 40_000;
      const next = await renewed(accessToken);
      expect(claimsIn(next)).to.include({ exp: end, until: end });
      // It would gain nothing.
      expect(await cookieOf(next)).to.equal(undefined);
    });

    it('have no end of their own without implicit refreshes, or without an end of the log-in', async () => {
      const plain = new JwtManager({ secretKey: SECRET, loaders: [] });
      const pair = await plain.createTokenPair('alice');
      for (const token of Object.values(pair)) {
        expect(claimsIn(token as string)).not.to.have.any.keys('until', 'family', 'kept');
      }
      await open();
      const { accessToken } = await gate.manager.createTokenPair('alice', { refreshExpires: false });
      expect(claimsIn(accessToken)).not.to.have.property('until');
    });

    it('keep the end of the log-in after a rotation', async () => {
      await open({ revocationStore: new NotingStore(), tokenLocation: ['headers', 'cookies'] });
      const { refreshToken } = await gate.manager.createTokenPair('alice', { refreshExpires: 90 });
      const { accessToken } = (await gate.rotate(refreshToken)).json as { accessToken: string };
      expect(claimsIn(accessToken)).to.include({
        exp: claimsIn(refreshToken).exp,
        until: claimsIn(refreshToken).exp,
      });
    });
  });
});

describe('endOfFamily(claims, config)', () => {
  const config = (implicitRefreshWithin: number | false, accessTokenExpires: number | false): JwtConfig =>
    new JwtConfig({ secretKey: SECRET, implicitRefreshWithin, accessTokenExpires });
  /** Times are seconds from now. */
  const access = { type: 'access', iat: 0, exp: 100 };

  for (const [what, claims, given, seconds] of [
    ['a refresh token', { ...access, type: 'refresh' }, config(50, 600), 100],
    ['a session', { ...access, sid: 'a', gen: 0 }, config(50, 600), 100],
    ['a token without renewals', access, config(false, 600), 100],
    ['a token that may be renewed', access, config(50, 600), 660],
    ['a token that may be renewed, of a configuration with longer renewals', access, config(900, false), 960],
    ['a long token that may be renewed', { ...access, exp: 5000 }, config(50, 600), 5060],
    ['a token without a beginning', { type: 'access', exp: 100 }, config(50, 600), 660],
    ['a token whose family was renewed before', { ...access, family: 'a' }, config(false, 600), 660],
    ['a token whose family is no text', { ...access, family: 7 }, config(false, 600), 100],
    ['a token that lives for long, and is half over', { ...access, iat: -9000 }, config(50, 600), 9160],
  ] as const) {
    it(`is in ${seconds} seconds for ${what}`, () => {
      const start = now();
      const times = {
        ...('iat' in claims && { iat: start + claims.iat }),
        exp: start + claims.exp,
      };
      const end = endOfFamily({ ...claims, ...times } as unknown as JwtClaims, given);
      expect(Number(end) - start).to.be.within(seconds, seconds + 3);
    });
  }

  it('never comes for a token without an end', () => {
    for (const type of ['access', 'refresh'])
      expect(endOfFamily({ type, iat: now() } as JwtClaims, config(50, 600))).to.equal(undefined);
  });
});
