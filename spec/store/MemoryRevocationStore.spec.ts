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
});

/** Used after the measurement, the store itself cannot have been collected. */
async function expectUsable(store: MemoryRevocationStore): Promise<void> {
  await store.revokeAll('alice');
  expect(await store.generation('alice')).to.equal(1);
}
