import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { MemoryRevocationStore } from '../../src/index';
import { heapUsed } from '../support/heapUsed';

describe('MemoryRevocationStore and what it keeps', () => {
  const realNow = Date.now;
  afterEach(() => {
    Date.now = realNow;
  });

  it('is nothing of sessions and revoked tokens whose time has come, of whatever identities', async () => {
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
    // Each lets a thousand go that have ended.
    await fill(50, until + 7200);
    // A few megabytes may be those of tables that do not shrink.
    expect(heapUsed() - before).to.be.below(5_000_000);
    await expectUsable(store);
  });

  it('is nothing of an identity whose sessions it was told to end', async () => {
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

/** Used after it was measured, a store cannot have been taken for garbage itself. */
async function expectUsable(store: MemoryRevocationStore): Promise<void> {
  await store.revokeAll('alice');
  expect(await store.generation('alice')).to.equal(1);
}
