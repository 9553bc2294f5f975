import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { MemoryRevocationStore } from '../../src/index';
import { heapUsed } from '../support/heapUsed';

describe('The memory of MemoryRevocationStore', () => {
  const realNow = Date.now;
  afterEach(() => {
    Date.now = realNow;
  });

  it('holds no expired sessions or revoked tokens, for any number of identities', async () => {
    const store = new MemoryRevocationStore();
    const until = Math.floor(Date.now() / 1000) + 600;
    const fill = async (size: number, end: number): Promise<void> => {
      for (let i = 0; i < size; i++) {
        const identity = `someone-${randomUUID()}`;
        await store.startSession({ identity, sid: randomUUID(), jti: randomUUID(), until: end });
        await store.revoke({ identity, type: 'access', jti: randomUUID(), until: end });
      }
    };
    await fill(100, until);
    const before = heapUsed();
    await fill(20_000, until);
    expect(heapUsed() - before).to.be.greaterThan(10_000_000);
    Date.now = () => realNow() + 3600 * 1000;
    // Each evicts a thousand expired ones.
    await fill(50, until + 7200);
    // A few megabytes may remain, because tables do not shrink.
    expect(heapUsed() - before).to.be.below(5_000_000);
    await expectUsable(store);
  });

  it('holds no identity whose sessions have ended', async () => {
    const store = new MemoryRevocationStore();
    const before = heapUsed();
    for (let i = 0; i < 20_000; i++) {
      const [identity, sid] = [`someone-${randomUUID()}`, randomUUID()];
      await store.startSession({ identity, sid, jti: randomUUID() });
      await store.endSession(identity, sid);
    }
    expect(heapUsed() - before).to.be.below(3_000_000);
    await expectUsable(store);
  });

  it('holds no session that has ended, and no sid of it, beside one that lives on', async () => {
    const store = new MemoryRevocationStore();
    const until = Date.now() / 1000 + 3600;
    const start = async (end?: number): Promise<string> => {
      const sid = randomUUID();
      const userAgent = 'x'.repeat(300);
      await store.startSession(
        { identity: 'alice', sid, jti: randomUUID(), userAgent, ...(end && { until: end }) },
        false,
      );
      return sid;
    };
    await start();
    const before = heapUsed();
    for (let i = 0; i < 20_000; i++) await store.endSession('alice', await start(until));
    for (let i = 0; i < 20_000; i++) await start(until);
    Date.now = () => realNow() + 7200 * 1000;
    for (let i = 0; i < 50; i++) await start(until + 7200);
    expect(await store.sessions('alice')).to.have.length(51);
    expect(heapUsed() - before).to.be.below(5_000_000);
    await expectUsable(store);
  });

  it('holds 512 characters of a user agent, and no more of the request that it came in', async () => {
    const store = new MemoryRevocationStore();
    const start = async (userAgent: unknown): Promise<void> => {
      const session = { identity: 'alice', sid: randomUUID(), jti: randomUUID() };
      await store.startSession({ ...session, userAgent: userAgent as string });
    };
    const before = heapUsed();
    for (let i = 0; i < 100; i++) {
      // As large, in one piece, as a body may be; and a part of such a text.
      const text = Buffer.alloc(1_000_000, `${i}-`).toString('latin1');
      await start(text);
      await start(text.slice(20, 60));
      await start({ text });
    }
    expect(heapUsed() - before).to.be.below(5_000_000);
    const lengths = (await store.sessions('alice')).map(({ userAgent }) => userAgent?.length);
    expect(lengths.slice(0, 3)).to.deep.equal([512, 40, undefined]);
    await expectUsable(store);
  });
});

describe('The time that MemoryRevocationStore takes', () => {
  type Work = (store: MemoryRevocationStore, sid: string) => Promise<unknown>;
  const until = Math.floor(Date.now() / 1000) + 86_400;
  const start = (store: MemoryRevocationStore, sid: string, max?: number): Promise<unknown> =>
    store.startSession({ identity: 'alice', sid, jti: sid, until }, max);
  const tokenOf = (sid: string) =>
    ({ identity: 'alice', type: 'refresh', jti: sid, sid, gen: 0, until }) as const;

  async function storeOf(sessions: number): Promise<MemoryRevocationStore> {
    const store = new MemoryRevocationStore();
    for (let i = 0; i < sessions; i++) await start(store, `sid ${i}`);
    return store;
  }

  /** The least of several measurements, in milliseconds, so that a busy machine makes no difference. */
  async function timeOf(work: Work, stores: readonly MemoryRevocationStore[]): Promise<number[]> {
    const least = stores.map(() => Infinity);
    for (let round = 0; round < 10; round++) {
      for (const [i, store] of stores.entries()) {
        const begin = performance.now();
        // Of the oldest 1000 sessions, of which each round takes a hundred.
        for (let n = 0; n < 100; n++) await work(store, `sid ${round * 100 + n}`);
        least[i] = Math.min(Number(least[i]), performance.now() - begin);
      }
    }
    return least;
  }

  const operations: Record<string, Work> = {
    startSession: (store, sid) => start(store, `new ${sid}`),
    'startSession and endSession': async (store, sid) => {
      await start(store, `brief ${sid}`);
      await store.endSession('alice', `brief ${sid}`);
    },
    rotate: (store, sid) => store.rotate(tokenOf(sid), `next ${sid}`, 10),
    check: async (store, sid) => store.check(tokenOf(sid), 10),
    endSession: (store, sid) => store.endSession('alice', sid),
  };
  for (const [name, work] of Object.entries(operations)) {
    it(`${name}: as much with 100,000 sessions of one identity as with 1,000`, async () => {
      const [few, many] = await timeOf(work, [await storeOf(1000), await storeOf(100_000)]);
      // What is linear takes a hundred times as long.
      expect(Number(many) / Number(few)).to.be.below(15);
    });
  }

  it('startSession(session, max): as much with 100,000 sessions as with 1,000', async () => {
    const stores = [await storeOf(1000), await storeOf(100_000)] as const;
    const maxOf = new Map<MemoryRevocationStore, number>([
      [stores[0], 1000],
      [stores[1], 100_000],
    ]);
    const replace: Work = (store, sid) => start(store, `new ${sid}`, maxOf.get(store));
    // The places of the ended ones must not slow down the search for the oldest.
    for (const store of stores) for (let n = 0; n < 50_000; n++) await replace(store, `${n}`);
    const [few, many] = await timeOf(replace, stores);
    expect(Number(many) / Number(few)).to.be.below(15);
    for (const [store, max] of maxOf) expect(await store.sessions('alice')).to.have.length(max);
  });

  it('is short for 200,000 sessions of one identity: to list them, and to end them all', async () => {
    const store = await storeOf(200_000);
    expect(await store.sessions('alice')).to.have.length(200_000);
    await store.revokeAll('alice');
    expect(await store.sessions('alice')).to.deep.equal([]);
    await start(store, 'after');
    expect(await store.sessions('alice')).to.have.length(1);
  });
});

/** Used after the measurement, the store itself cannot have been collected. */
async function expectUsable(store: MemoryRevocationStore): Promise<void> {
  await store.revokeAll('alice');
  expect(await store.generation('alice')).to.equal(1);
}
