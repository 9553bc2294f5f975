import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RevocationStore, TokenFacts } from '../store/RevocationStore';

/** One case of the contract, for `it(title, run)` of any test runner. */
export interface ContractCase {
  readonly title: string;
  /** Rejects with an AssertionError when the store breaks the contract. */
  readonly run: () => Promise<void>;
}

/**
 * What a revocation store must do. `makeStore` is called once for each case; the stores may share what they keep,
 * because each case has an identity of its own. The slowest case takes about two seconds.
 *
 * ```ts
 * for (const { title, run } of revocationStoreContract(() => new MyStore())) it(title, run);
 * ```
 */
export function revocationStoreContract(
  makeStore: () => RevocationStore | Promise<RevocationStore>,
): ContractCase[] {
  return Object.entries(CASES).map(([title, check]) => ({
    title,
    run: async () => check(trialOf(await makeStore())),
  }));
}

interface SessionFacts {
  readonly until?: number;
  readonly userAgent?: string;
  readonly identity?: string;
  readonly max?: number | false;
}

interface Trial {
  readonly store: RevocationStore;
  readonly identity: string;
  /** An access token with a jti of its own, as made at generation `gen`. */
  readonly token: (more?: Partial<TokenFacts>) => TokenFacts;
  /** Starts a session, and returns its first refresh token. */
  readonly session: (more?: SessionFacts) => Promise<TokenFacts>;
}

function trialOf(store: RevocationStore): Trial {
  const identity = `alice {${randomUUID()}} \u{1F511}`;
  const token: Trial['token'] = (more = {}) => ({
    identity,
    type: 'access',
    jti: randomUUID(),
    gen: 0,
    iat: now(),
    until: now() + 900,
    ...more,
  });
  const session: Trial['session'] = async ({ max, ...more } = {}) => {
    const [sid, jti] = [randomUUID(), randomUUID()];
    const gen = await store.startSession({ identity, sid, jti, until: now() + 900, ...more }, max);
    return token({ type: 'refresh', sid, jti, gen, identity: more.identity ?? identity });
  };
  return { store, identity, token, session };
}

/** Seconds. */
const GRACE = 5;

const CASES: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  'revoke(token) revokes that token and no other': async ({ store, token }) => {
    const [one, other] = [token(), token()];
    equal(await store.check(one, GRACE), 'valid');
    await store.revoke(one);
    equal(await store.check(one, GRACE), 'revoked');
    equal(await store.check(other, GRACE), 'valid');
  },
  'revoke(token) handles odd identifiers': async ({ store, token }) => {
    for (const jti of ['__proto__', 'constructor', '{x}', ' ', '\n', '\u{1F511}']) {
      const odd = token({ jti });
      equal(await store.check(odd, GRACE), 'valid', jti);
      await store.revoke(odd);
      equal(await store.check(odd, GRACE), 'revoked', jti);
    }
  },
  'revoke(token) revokes tokens that never expire or have no generation': async ({ store, token }) => {
    const [endless, foreign] = [without(token(), 'until'), without(token(), 'gen')];
    for (const each of [endless, foreign]) {
      await store.revoke(each);
      equal(await store.check(each, GRACE), 'revoked');
    }
  },
  'revoke(token) can be called twice': async ({ store, token }) => {
    const one = token();
    await store.revoke(one);
    await store.revoke(one);
    equal(await store.check(one, GRACE), 'revoked');
  },
  'spend(token) succeeds for one of many attempts at once, and revokes the token': async ({
    store,
    token,
  }) => {
    const [one, other] = [token(), token()];
    const attempts = await Promise.all(Array.from({ length: 20 }, () => store.spend(one)));
    equal(attempts.filter((isFirst) => isFirst).length, 1);
    equal(attempts.filter((isFirst) => !isFirst).length, 19);
    equal(await store.check(one, GRACE), 'revoked');
    equal(await store.spend(one), false);
    equal(await store.check(other, GRACE), 'valid');
    equal(await store.spend(other), true);
  },
  'spend(token) refuses a token that was revoked': async ({ store, token }) => {
    const one = token();
    await store.revoke(one);
    equal(await store.spend(one), false);
  },
  'spend(token) handles odd identifiers, and tokens that never expire or have no generation': async ({
    store,
    token,
  }) => {
    const odd = ['__proto__', '{x}', ' ', '\u{1F511}'].map((jti) => token({ jti }));
    for (const each of [...odd, without(token(), 'until'), without(token(), 'gen')]) {
      equal(await store.spend(each), true);
      equal(await store.spend(each), false);
      equal(await store.check(each, GRACE), 'revoked');
    }
  },
  'revokeAll(identity) revokes every earlier token and no later one, even in the same second': async ({
    store,
    identity,
    token,
    session,
  }) => {
    const before = [token(), await session()];
    equal(await store.generation(identity), 0);
    await store.revokeAll(identity);
    for (const each of before) equal(await store.check(each, GRACE), 'revoked');
    const after = [token({ gen: await store.generation(identity) }), await session()];
    for (const each of after) equal(await store.check(each, GRACE), 'valid');
    await store.revokeAll(identity);
    for (const each of [...before, ...after]) equal(await store.check(each, GRACE), 'revoked');
  },
  'revokeAll(identity) revokes tokens without a generation by their iat': async ({
    store,
    identity,
    token,
  }) => {
    const foreign = without(token(), 'gen');
    await store.revokeAll(identity);
    equal(await store.check(foreign, GRACE), 'revoked');
    equal(await store.check({ ...foreign, iat: now() + 2 }, GRACE), 'valid');
    equal(await store.check(without(foreign, 'iat'), GRACE), 'revoked');
  },
  'revokeAll(identity) leaves other identities alone': async ({ store, identity, session }) => {
    const other = await session({ identity: `${identity}}` });
    await store.revokeAll(identity);
    equal(await store.check(other, GRACE), 'valid');
  },
  'revokeAll(identity) ends every session': async ({ store, identity, session }) => {
    const first = await session();
    await session();
    await store.revokeAll(identity);
    deepEqual(await store.sessions(identity), []);
    equal(await store.rotate(first, randomUUID(), GRACE), 'revoked');
  },
  'a session keeps its access and refresh tokens valid until it ends': async ({
    store,
    identity,
    token,
    session,
  }) => {
    const refresh = await session();
    const access = token({ sid: String(refresh.sid) });
    for (const each of [refresh, access]) equal(await store.check(each, GRACE), 'valid');
    await store.endSession(identity, String(refresh.sid));
    for (const each of [refresh, access]) equal(await store.check(each, GRACE), 'revoked');
    equal(await store.rotate(refresh, randomUUID(), GRACE), 'revoked');
  },
  'a session has no valid tokens if it is unknown': async ({ store, token }) => {
    equal(await store.check(token({ sid: randomUUID() }), GRACE), 'revoked');
    equal(await store.check(token({ sid: '' }), GRACE), 'revoked');
  },
  'a session cannot be ended, checked or rotated by another identity': async ({ store, session }) => {
    const refresh = await session();
    const eve = { ...refresh, identity: 'eve' };
    equal(await store.check(eve, GRACE), 'revoked');
    equal(await store.rotate(eve, randomUUID(), GRACE), 'revoked');
    await store.endSession('eve', String(refresh.sid));
    equal(await store.check(refresh, GRACE), 'valid');
  },
  'a session is listed with its details, oldest first': async ({ store, identity, session }) => {
    const [until, userAgent] = [now() + 900, 'Firefox "on" \u{1F5A5}'];
    const first = await session({ until, userAgent });
    await sleep(1100);
    const second = await session({ until: now() + 60 });
    await store.rotate(first, randomUUID(), GRACE);
    const [one, two, third] = await store.sessions(identity);
    deepEqual([one?.sid, two?.sid, third], [first.sid, second.sid, undefined]);
    deepEqual([one?.until, one?.userAgent], [until, userAgent]);
    equal(Object.hasOwn(two ?? {}, 'userAgent'), false);
    equal(two?.refreshed, two?.started);
    const { started = 0, refreshed = 0 } = one ?? {};
    ok(refreshed - started >= 1 && refreshed - started <= 3, `${refreshed - started} s before the exchange`);
    ok(Math.abs(started - now()) <= 3);
    await store.endSession(identity, String(first.sid));
    deepEqual(
      (await store.sessions(identity)).map(({ sid }) => sid),
      [second.sid],
    );
    deepEqual(await store.sessions('eve'), []);
  },
  'a session may be endless': async ({ store, identity, token }) => {
    const { sid, jti } = { sid: randomUUID(), jti: randomUUID() };
    const gen = await store.startSession({ identity, sid, jti });
    const refresh = token({ type: 'refresh', sid, jti, gen });
    equal(await store.rotate(refresh, 'next', GRACE), 'valid');
    const [listed] = await store.sessions(identity);
    equal(listed?.sid, sid);
    equal(Object.hasOwn(listed, 'until'), false);
  },
  'rotate(token, jti, grace) exchanges the current refresh token for the next': async ({
    store,
    session,
  }) => {
    const first = await session();
    const second = { ...first, jti: randomUUID() };
    equal(await store.rotate(first, second.jti, 0), 'valid');
    equal(await store.check(second, 0), 'valid');
    equal(await store.rotate(second, randomUUID(), 0), 'valid');
  },
  'rotate(token, jti, grace) treats a second use after the grace as theft, and ends the session': async ({
    store,
    identity,
    token,
    session,
  }) => {
    const first = await session();
    const second = { ...first, jti: randomUUID() };
    await store.rotate(first, second.jti, 0);
    equal(await store.check(first, 0), 'reused');
    equal(await store.check(token({ sid: String(first.sid) }), 0), 'valid');
    equal(await store.rotate(first, randomUUID(), 0), 'reused');
    for (const each of [first, second, token({ sid: String(first.sid) })]) {
      equal(await store.check(each, 0), 'revoked');
    }
    deepEqual(await store.sessions(identity), []);
  },
  'rotate(token, jti, grace) lets two tabs refresh at once, until one of their tokens is used': async ({
    store,
    session,
  }) => {
    const first = await session();
    const [one, other] = [randomUUID(), randomUUID()].map((jti) => ({ ...first, jti }));
    if (one === undefined || other === undefined) throw new Error('unreachable');
    equal(await store.rotate(first, one.jti, GRACE), 'valid');
    equal(await store.check(first, GRACE), 'valid');
    equal(await store.rotate(first, other.jti, GRACE), 'valid');
    for (const each of [one, other]) equal(await store.check(each, GRACE), 'valid');
    const next = { ...first, jti: randomUUID() };
    equal(await store.rotate(other, next.jti, GRACE), 'valid');
    // A repeat of this exchange is no theft.
    for (const each of [other, next]) equal(await store.check(each, GRACE), 'valid');
    // The first is two exchanges old: no tab is that late.
    equal(await store.check(first, GRACE), 'reused');
    equal(await store.check(one, GRACE), 'reused');
  },
  'rotate(token, jti, grace) ends the session when its owner and a thief both go on, even within the grace':
    async ({ store, token, session }) => {
      const first = await session();
      const [owners, thiefs] = [randomUUID(), randomUUID()].map((jti) => ({ ...first, jti }));
      if (owners === undefined || thiefs === undefined) throw new Error('unreachable');
      equal(await store.rotate(first, owners.jti, GRACE), 'valid');
      equal(await store.rotate(first, thiefs.jti, GRACE), 'valid');
      const next = { ...first, jti: randomUUID() };
      equal(await store.rotate(owners, next.jti, GRACE), 'valid');
      equal(await store.rotate(thiefs, randomUUID(), GRACE), 'reused');
      for (const each of [owners, thiefs, next, token({ sid: String(first.sid) })]) {
        equal(await store.check(each, GRACE), 'revoked');
      }
    },
  'rotate(token, jti, grace) refuses the old token after the grace': async ({ store, session }) => {
    const first = await session();
    await store.rotate(first, randomUUID(), 1);
    equal(await store.check(first, 1), 'valid');
    await sleep(1100);
    equal(await store.check(first, 1), 'reused');
    equal(await store.rotate(first, randomUUID(), 1), 'reused');
  },
  'rotate(token, jti, grace) has one winner of many without grace': async ({ store, session }) => {
    const first = await session();
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => store.rotate(first, randomUUID(), 0)),
    );
    equal(verdicts.filter((verdict) => verdict === 'valid').length, 1);
    equal(verdicts.filter((verdict) => verdict === 'reused').length, 1);
    equal(verdicts.filter((verdict) => verdict === 'revoked').length, 48);
  },
  'rotate(token, jti, grace) refuses a revoked refresh token': async ({ store, session }) => {
    const first = await session();
    await store.revoke(first);
    equal(await store.rotate(first, randomUUID(), GRACE), 'revoked');
  },
  'rotate(token, jti, grace) bounds the repeats within the grace, and keeps the session': async ({
    store,
    identity,
    token,
    session,
  }) => {
    const first = await session();
    const made = Array.from({ length: 200 }, () => ({ ...first, jti: randomUUID() }));
    const verdicts: string[] = [];
    for (const { jti } of made) verdicts.push(await store.rotate(first, jti, GRACE));
    const handedOut = made.filter((_, i) => verdicts[i] === 'valid');
    equal(verdicts.lastIndexOf('valid'), handedOut.length - 1);
    ok(handedOut.length >= 2 && handedOut.length <= 100, `${handedOut.length} current refresh tokens`);
    equal(verdicts.includes('reused'), false);
    for (const each of [first, ...handedOut, token({ sid: String(first.sid) })]) {
      equal(await store.check(each, GRACE), 'valid');
    }
    equal(await store.check(made.at(-1) ?? first, GRACE), 'reused');
    equal((await store.sessions(identity)).length, 1);
    const next = { ...first, jti: randomUUID() };
    equal(await store.rotate(handedOut.at(-1) ?? first, next.jti, GRACE), 'valid');
    equal(await store.rotate(next, randomUUID(), GRACE), 'valid');
    equal(await store.rotate(first, randomUUID(), GRACE), 'reused');
    equal(await store.check(next, GRACE), 'revoked');
  },
  'startSession(session, max) ends the sessions that started first': async ({
    store,
    identity,
    token,
    session,
  }) => {
    const other = await session({ identity: `${identity}}`, max: 2 });
    // The first to start is not the first to end.
    const first = await session({ until: now() + 900 });
    const second = await session({ until: now() + 100 });
    const jti = randomUUID();
    equal(await store.rotate(first, jti, GRACE), 'valid');
    const third = await session({ until: now() + 500, max: 2 });
    for (const ended of [{ ...first, jti }, token({ sid: String(first.sid) })]) {
      equal(await store.check(ended, GRACE), 'revoked');
      equal(await store.rotate(ended, randomUUID(), GRACE), 'revoked');
    }
    for (const each of [second, third, other]) equal(await store.check(each, GRACE), 'valid');
    const sids = async (): Promise<unknown[]> => (await store.sessions(identity)).map(({ sid }) => sid);
    deepEqual(new Set(await sids()), new Set([second.sid, third.sid]));
    const fourth = await session({ max: 1 });
    deepEqual(await sids(), [fourth.sid]);
    await session({ max: false });
    await session();
    equal((await sids()).length, 3);
  },
  'startSession(session, max) never ends the session that it starts': async ({ store, session }) => {
    // Fast enough for several in one millisecond.
    for (let i = 0; i < 50; i++) equal(await store.check(await session({ max: 1 }), GRACE), 'valid');
  },
  'startSession(session, max) counts only sessions that live': async ({ store, identity, session }) => {
    const first = await session({ max: 2 });
    await session({ until: now() - 120, max: 2 });
    equal(await store.check(first, GRACE), 'valid');
    for (let i = 0; i < 3; i++) {
      const ended = await session({ max: 2 });
      await store.endSession(identity, String(ended.sid));
    }
    const last = await session({ max: 2 });
    for (const each of [first, last]) equal(await store.check(each, GRACE), 'valid');
    await store.revokeAll(identity);
    const after = [await session({ max: 2 }), await session({ max: 2 })];
    for (const each of after) equal(await store.check(each, GRACE), 'valid');
  },
  'startSession(session, max) counts a session until it expires, and no longer': async ({
    store,
    session,
  }) => {
    const first = await session({ max: 2 });
    await session({ until: now() + 1, max: 2 });
    await sleep(1900);
    await session({ max: 2 });
    equal(await store.check(first, GRACE), 'valid');
    await session({ max: 2 });
    equal(await store.check(first, GRACE), 'revoked');
  },
  'startSession(session, max) keeps the bound when many start at once': async ({
    store,
    identity,
    session,
  }) => {
    const started = await Promise.all(Array.from({ length: 50 }, () => session({ max: 3 })));
    const verdicts = await Promise.all(started.map(async (each) => store.check(each, GRACE)));
    equal(verdicts.filter((verdict) => verdict === 'valid').length, 3);
    equal((await store.sessions(identity)).length, 3);
  },
  'lets a session end by itself': async ({ store, identity, session }) => {
    const first = await session({ until: now() - 120 });
    equal(await store.check(first, GRACE), 'revoked');
    deepEqual(await store.sessions(identity), []);
  },
};

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function without(token: TokenFacts, fact: 'until' | 'gen' | 'iat'): TokenFacts {
  return Object.fromEntries(Object.entries(token).filter(([name]) => name !== fact)) as unknown as TokenFacts;
}
