import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  exchangedRefreshTokens,
  isGoodRefreshToken,
  MemoryRevocationStore,
  verdictOn,
  type RevocationStore,
  type StoreRecords,
  type TokenFacts,
} from '../../src/index';
import { MAX_CURRENT, type RefreshTokens } from '../../src/store/verdict';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { withRedisClient } from '../support/withRedisClient';

const NOW = 1_000_000_000_000;
const session = { current: ['current'], previous: 'previous', rotatedAt: NOW - 5000 };
const known: StoreRecords = { isRevoked: false, generation: 2, loggedOutAt: NOW / 1000 - 60, session };
const uncounted: TokenFacts = { identity: 'alice', type: 'access', jti: 'access', sid: 's' };
const access: TokenFacts = { ...uncounted, gen: 2 };
const sessionless: TokenFacts = { identity: 'alice', type: 'access', jti: 'access', gen: 2 };
const refresh: TokenFacts = { ...access, type: 'refresh', jti: 'current' };

describe('verdictOn(token, known, grace, now)', () => {
  const cases: [string, TokenFacts, Partial<StoreRecords>, number, string][] = [
    ['an access token of a session', access, {}, 0, 'valid'],
    ['a revoked jti', access, { isRevoked: true }, 0, 'revoked'],
    ['a revoked jti before a reused one', { ...refresh, jti: 'old' }, { isRevoked: true }, 0, 'revoked'],
    ['an older generation', { ...access, gen: 1 }, {}, 0, 'revoked'],
    ['a newer generation', { ...access, gen: 3 }, {}, 0, 'revoked'],
    ['an older generation before a reused token', { ...refresh, gen: 1, jti: 'old' }, {}, 0, 'revoked'],
    ['no session', access, { session: undefined }, 0, 'revoked'],
    ['a token without a session', sessionless, { session: undefined }, 0, 'valid'],
    ['no generation, made before the log-out', { ...uncounted, iat: NOW / 1000 - 61 }, {}, 0, 'revoked'],
    ['no generation, made in its second', { ...uncounted, iat: NOW / 1000 - 60 }, {}, 0, 'revoked'],
    ['no generation, made after it', { ...uncounted, iat: NOW / 1000 - 59 }, {}, 0, 'valid'],
    ['no generation and no iat', uncounted, {}, 0, 'revoked'],
    ['no generation, never logged out', uncounted, { generation: 0, loggedOutAt: 0 }, 0, 'valid'],
    ['the current refresh token', refresh, {}, 0, 'valid'],
    ['the previous one within the grace', { ...refresh, jti: 'previous' }, {}, 6, 'valid'],
    ['the previous one when the grace ends', { ...refresh, jti: 'previous' }, {}, 5, 'reused'],
    ['a refresh token that is too old', { ...refresh, jti: 'old' }, {}, 6, 'reused'],
  ];
  for (const [title, token, more, grace, verdict] of cases) {
    it(`is ${verdict}: ${title}`, () => {
      expect(verdictOn(token, { ...known, ...more }, grace, NOW)).to.equal(verdict);
    });
  }
});

/** One thing that may happen to the session of an identity. Numbers choose among the refresh tokens made so far. */
type Step = readonly ['rotate' | 'burst' | 'check', number, 0 | 60] | readonly ['revoke' | 'forget', number];

const steps = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom('rotate', 'rotate', 'burst', 'check'), fc.nat(9), fc.constantFrom(0, 60)),
    fc.tuple(fc.constantFrom('revoke', 'forget'), fc.nat(9)),
  ),
  { maxLength: 12 },
);

/** The verdicts of a store on a sequence of steps. */
async function verdictsOf(store: RevocationStore, sequence: readonly Step[]): Promise<string[]> {
  const [identity, sid] = [randomUUID(), randomUUID()];
  const jtis = [randomUUID()];
  const gen = await store.startSession({ identity, sid, jti: String(jtis[0]) });
  const tokenOf = (choice: number): TokenFacts => {
    // One of ten is of another generation.
    const counted = choice === 9 ? gen + 1 : gen;
    return { identity, type: 'refresh', jti: String(jtis[choice % jtis.length]), sid, gen: counted };
  };
  const verdicts: string[] = [];
  for (const [what, choice, grace = 0] of sequence) {
    if (what === 'revoke') await store.revoke(tokenOf(choice));
    else if (what === 'forget' && choice === 0) await store.revokeAll(identity);
    else if (what === 'check') verdicts.push(await store.check(tokenOf(choice), grace));
    else if (what === 'rotate' || what === 'burst') {
      const used = tokenOf(choice);
      for (let left = what === 'burst' ? MAX_CURRENT : 1; left > 0; left--) {
        const next = randomUUID();
        verdicts.push(await store.rotate(used, next, grace));
        if (left === 1) jtis.push(next);
      }
    }
  }
  return verdicts;
}

withRedisClient('The rules in Lua', (client) => {
  it('give the verdicts of verdictOn and exchangedRefreshTokens, in random sequences', async function () {
    this.timeout(30_000);
    const redis = new RedisRevocationStore(client());
    let seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const expected = await verdictsOf(new MemoryRevocationStore(), sequence);
        seen = new Set([...seen, ...expected]);
        expect(await verdictsOf(redis, sequence)).to.deep.equal(expected);
      }),
      { numRuns: 400 },
    );
    expect([...seen]).to.have.members(['valid', 'revoked', 'reused']);
  });
});

describe('exchangedRefreshTokens(tokens, used, next, grace, now)', () => {
  it('makes the next token the only current one, and the used one the previous one', () => {
    const tokens = { ...session, current: ['one', 'two'] };
    expect(exchangedRefreshTokens(tokens, 'two', 'next', 0, NOW)).to.deep.equal({
      current: ['next'],
      previous: 'two',
      rotatedAt: NOW,
    });
  });

  it('adds a token within the grace, and finds reuse after it', () => {
    expect(exchangedRefreshTokens(session, 'previous', 'next', 6, NOW)).to.deep.equal({
      ...session,
      current: ['current', 'next'],
    });
    expect(exchangedRefreshTokens(session, 'previous', 'next', 5, NOW)).to.equal('reused');
    expect(exchangedRefreshTokens(session, 'stranger', 'next', 60, NOW)).to.equal('reused');
  });

  it('refuses one more than 32 within the grace, but finds no reuse in it', () => {
    const current = Array.from({ length: 31 }, (_, i) => `current ${i}`);
    const full = exchangedRefreshTokens({ ...session, current }, 'previous', 'next', 6, NOW);
    expect(full).to.deep.equal({ ...session, current: [...current, 'next'] });
    expect(exchangedRefreshTokens(full as RefreshTokens, 'previous', 'late', 6, NOW)).to.equal('revoked');
    expect(exchangedRefreshTokens(full as RefreshTokens, 'previous', 'late', 5, NOW)).to.equal('reused');
  });

  it('has no longer grace when the clock is set back', () => {
    for (const back of [1, 6000, 3_600_000]) {
      const now = session.rotatedAt - back;
      expect(exchangedRefreshTokens(session, 'previous', 'next', 0, now)).to.equal('reused');
      expect(isGoodRefreshToken(session, 'previous', 6, now)).to.equal(back < 6000);
    }
  });
});
