import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { RevocationStore, TokenFacts } from '../../src/index';

const now = (): number => Math.floor(Date.now() / 1000);
const GRACE = 5;

/** Specs for every store. Call it in a `describe`, with a function that makes a store. */
export function itIsARevocationStore(makeStore: () => RevocationStore): void {
  let store: RevocationStore;
  let identity: string;

  beforeEach(() => {
    store = makeStore();
    identity = `alice {${randomUUID()}} \u{1F511}`;
  });

  /** A new access token of generation `gen`. */
  const token = (more: Partial<TokenFacts> = {}): TokenFacts => ({
    identity,
    type: 'access',
    jti: randomUUID(),
    gen: 0,
    iat: now(),
    until: now() + 900,
    ...more,
  });

  /** A session and its first refresh token. */
  const session = async (
    more: { until?: number; userAgent?: string; identity?: string } = {},
  ): Promise<TokenFacts> => {
    const { sid, jti } = { sid: randomUUID(), jti: randomUUID() };
    const gen = await store.startSession({ identity, sid, jti, until: now() + 900, ...more });
    return token({
      type: 'refresh',
      sid,
      jti,
      gen,
      ...(more.identity !== undefined && { identity: more.identity }),
    });
  };

  describe('revoke(token)', () => {
    it('revokes that token and no other', async () => {
      const [one, other] = [token(), token()];
      expect(await store.check(one, GRACE)).to.equal('valid');
      await store.revoke(one);
      expect(await store.check(one, GRACE)).to.equal('revoked');
      expect(await store.check(other, GRACE)).to.equal('valid');
    });

    it('handles odd identifiers', async () => {
      for (const jti of ['__proto__', 'constructor', '{x}', ' ', '\n', '\u{1F511}']) {
        const odd = token({ jti });
        expect(await store.check(odd, GRACE), jti).to.equal('valid');
        await store.revoke(odd);
        expect(await store.check(odd, GRACE), jti).to.equal('revoked');
      }
    });

    it('revokes tokens that never expire or have no generation', async () => {
      const [endless, foreign] = [without(token(), 'until'), without(token(), 'gen')];
      for (const each of [endless, foreign]) {
        await store.revoke(each);
        expect(await store.check(each, GRACE)).to.equal('revoked');
      }
    });

    it('can be called twice', async () => {
      const one = token();
      await store.revoke(one);
      await store.revoke(one);
      expect(await store.check(one, GRACE)).to.equal('revoked');
    });
  });

  describe('revokeAll(identity)', () => {
    it('revokes every earlier token and no later one, even in the same second', async () => {
      const before = [token(), await session()];
      expect(await store.generation(identity)).to.equal(0);
      await store.revokeAll(identity);
      for (const each of before) expect(await store.check(each, GRACE)).to.equal('revoked');
      const after = [token({ gen: await store.generation(identity) }), await session()];
      for (const each of after) expect(await store.check(each, GRACE)).to.equal('valid');
      await store.revokeAll(identity);
      for (const each of [...before, ...after]) expect(await store.check(each, GRACE)).to.equal('revoked');
    });

    it('revokes tokens without a generation by their iat', async () => {
      const foreign = without(token(), 'gen');
      await store.revokeAll(identity);
      expect(await store.check(foreign, GRACE)).to.equal('revoked');
      expect(await store.check({ ...foreign, iat: now() + 2 }, GRACE)).to.equal('valid');
      expect(await store.check(without(foreign, 'iat'), GRACE)).to.equal('revoked');
    });

    it('leaves other identities alone', async () => {
      const other = await session({ identity: `${identity}}` });
      await store.revokeAll(identity);
      expect(await store.check(other, GRACE)).to.equal('valid');
    });

    it('ends every session', async () => {
      const first = await session();
      await session();
      await store.revokeAll(identity);
      expect(await store.sessions(identity)).to.deep.equal([]);
      expect(await store.rotate(first, randomUUID(), GRACE)).to.equal('revoked');
    });
  });

  describe('a session', () => {
    it('keeps its access and refresh tokens valid until it ends', async () => {
      const refresh = await session();
      const access = token({ sid: String(refresh.sid) });
      for (const each of [refresh, access]) expect(await store.check(each, GRACE)).to.equal('valid');
      await store.endSession(identity, String(refresh.sid));
      for (const each of [refresh, access]) expect(await store.check(each, GRACE)).to.equal('revoked');
      expect(await store.rotate(refresh, randomUUID(), GRACE)).to.equal('revoked');
    });

    it('has no valid tokens if it is unknown', async () => {
      expect(await store.check(token({ sid: randomUUID() }), GRACE)).to.equal('revoked');
      expect(await store.check(token({ sid: '' }), GRACE)).to.equal('revoked');
    });

    it('cannot be ended, checked or rotated by another identity', async () => {
      const refresh = await session();
      const eve = { ...refresh, identity: 'eve' };
      expect(await store.check(eve, GRACE)).to.equal('revoked');
      expect(await store.rotate(eve, randomUUID(), GRACE)).to.equal('revoked');
      await store.endSession('eve', String(refresh.sid));
      expect(await store.check(refresh, GRACE)).to.equal('valid');
    });

    it('is listed with its details, oldest first', async () => {
      const [until, userAgent] = [now() + 900, 'Firefox "on" \u{1F5A5}'];
      const first = await session({ until, userAgent });
      await sleep(1100);
      const second = await session({ until: now() + 60 });
      await store.rotate(first, randomUUID(), GRACE);
      const sessions = await store.sessions(identity);
      expect(sessions.map(({ sid }) => sid)).to.deep.equal([first.sid, second.sid]);
      expect(sessions[0]).to.include({ until, userAgent });
      expect(sessions[1]).not.to.have.property('userAgent');
      const [one, two] = sessions;
      expect(Number(one?.refreshed) - Number(one?.started)).to.be.within(1, 3);
      expect(two?.refreshed).to.equal(two?.started);
      expect(Math.abs(Number(one?.started) - now())).to.be.at.most(3);
      await store.endSession(identity, String(first.sid));
      expect((await store.sessions(identity)).map(({ sid }) => sid)).to.deep.equal([second.sid]);
      expect(await store.sessions('eve')).to.deep.equal([]);
    });

    it('may be endless', async () => {
      const { sid, jti } = { sid: randomUUID(), jti: randomUUID() };
      const gen = await store.startSession({ identity, sid, jti });
      const refresh = token({ type: 'refresh', sid, jti, gen });
      expect(await store.rotate(refresh, 'next', GRACE)).to.equal('valid');
      const [listed] = await store.sessions(identity);
      expect(listed).to.include({ sid }).and.not.have.property('until');
    });
  });

  describe('rotate(token, jti, grace)', () => {
    it('exchanges the current refresh token for the next', async () => {
      const first = await session();
      const second = { ...first, jti: randomUUID() };
      expect(await store.rotate(first, second.jti, 0)).to.equal('valid');
      expect(await store.check(second, 0)).to.equal('valid');
      expect(await store.rotate(second, randomUUID(), 0)).to.equal('valid');
    });

    it('treats a second use after the grace as theft, and ends the session', async () => {
      const first = await session();
      const second = { ...first, jti: randomUUID() };
      await store.rotate(first, second.jti, 0);
      expect(await store.check(first, 0)).to.equal('reused');
      expect(await store.check(token({ sid: String(first.sid) }), 0)).to.equal('valid');
      expect(await store.rotate(first, randomUUID(), 0)).to.equal('reused');
      for (const each of [first, second, token({ sid: String(first.sid) })]) {
        expect(await store.check(each, 0)).to.equal('revoked');
      }
      expect(await store.sessions(identity)).to.deep.equal([]);
    });

    it('lets two tabs refresh at once, until one of their tokens is used', async () => {
      const first = await session();
      const [one, other] = [randomUUID(), randomUUID()].map((jti) => ({ ...first, jti }));
      if (one === undefined || other === undefined) throw new Error('unreachable');
      expect(await store.rotate(first, one.jti, GRACE)).to.equal('valid');
      expect(await store.check(first, GRACE)).to.equal('valid');
      expect(await store.rotate(first, other.jti, GRACE)).to.equal('valid');
      for (const each of [one, other]) expect(await store.check(each, GRACE)).to.equal('valid');
      expect(await store.rotate(one, randomUUID(), GRACE)).to.equal('valid');
      // The first is two exchanges old: no tab is that late.
      expect(await store.check(first, GRACE)).to.equal('reused');
      expect(await store.check(other, GRACE)).to.equal('valid');
      expect(await store.check(other, 0)).to.equal('reused');
      expect(await store.rotate(other, randomUUID(), 0)).to.equal('reused');
    });

    it('refuses the old token after the grace', async () => {
      const first = await session();
      await store.rotate(first, randomUUID(), 1);
      expect(await store.check(first, 1)).to.equal('valid');
      await sleep(1100);
      expect(await store.check(first, 1)).to.equal('reused');
      expect(await store.rotate(first, randomUUID(), 1)).to.equal('reused');
    });

    it('has one winner of many without grace', async () => {
      const first = await session();
      const verdicts = await Promise.all(
        Array.from({ length: 50 }, () => store.rotate(first, randomUUID(), 0)),
      );
      expect(verdicts.filter((verdict) => verdict === 'valid')).to.have.length(1);
      expect(verdicts.filter((verdict) => verdict === 'reused')).to.have.length(1);
      expect(verdicts.filter((verdict) => verdict === 'revoked')).to.have.length(48);
    });

    it('refuses a revoked refresh token', async () => {
      const first = await session();
      await store.revoke(first);
      expect(await store.rotate(first, randomUUID(), GRACE)).to.equal('revoked');
    });

    it('limits the uses within the grace', async () => {
      const first = await session();
      const verdicts: string[] = [];
      for (let i = 0; i < 40; i++) verdicts.push(await store.rotate(first, randomUUID(), GRACE));
      expect(verdicts.indexOf('reused')).to.equal(32);
    });
  });

  describe('time', () => {
    it('lets a session end by itself', async () => {
      const first = await session({ until: now() - 120 });
      expect(await store.check(first, GRACE)).to.equal('revoked');
      expect(await store.sessions(identity)).to.deep.equal([]);
    });
  });
}

function without(token: TokenFacts, fact: 'until' | 'gen' | 'iat'): TokenFacts {
  const facts = { ...token };
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- of a copy
  delete (facts as Partial<Record<typeof fact, unknown>>)[fact];
  return facts;
}
