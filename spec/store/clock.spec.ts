import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MemoryRevocationStore, type RevocationStore } from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { claimsOf, forge, now } from '../support/forge';
import { StoreGate } from '../support/StoreGate';
import { withRedisClient } from '../support/withRedisClient';

const LEEWAY = 60;

describe('MemoryRevocationStore over time', () => {
  itHoldsInTime(() => new MemoryRevocationStore());
});

withRedisClient('RedisRevocationStore over time', (client) => {
  itHoldsInTime(() => new RedisRevocationStore(client()));
});

function itHoldsInTime(makeStore: () => RevocationStore): void {
  let store: RevocationStore;
  let gate: StoreGate;
  let alice: string;

  beforeEach(async () => {
    store = makeStore();
    gate = await StoreGate.of({ revocationStore: store, decodeLeeway: LEEWAY });
    alice = randomUUID();
  });
  afterEach(() => gate.close());

  const statusOf = async (token: string): Promise<number> => (await gate.me(token)).status;

  it('keeps an expired token revoked during the leeway', async () => {
    const [one, other] = [1, 2].map(() => forge({ claims: claimsOf({ sub: alice, exp: now() - 30 }) }));
    if (one === undefined || other === undefined) throw new Error('unreachable');
    expect(await statusOf(one)).to.equal(200);
    await gate.manager.revoke(one);
    expect(await statusOf(one)).to.equal(401);
    expect(await statusOf(other)).to.equal(200);
  });

  it('keeps a token revoked that expires during its request', async () => {
    const token = {
      identity: alice,
      type: 'access',
      jti: randomUUID(),
      until: Date.now() / 1000 + 0.2,
    } as const;
    await store.revoke(token);
    await sleep(300);
    expect(await store.check(token, 0)).to.equal('revoked');
  });

  it('revokes all that another issuer made, even if its clock is ahead', async () => {
    const ahead = forge({ claims: claimsOf({ sub: alice, iat: now() + LEEWAY - 5, nbf: now() }) });
    const timeless = forge({ claims: claimsOf({ sub: alice, iat: undefined }) });
    const tokens = [ahead, timeless];
    for (const token of tokens) expect(await statusOf(token)).to.equal(200);
    await gate.manager.revokeAll(alice);
    for (const token of tokens) expect(await statusOf(token)).to.equal(401);
  });

  it('revokes tokens that never expire: one by one, by session, and all', async () => {
    const { manager } = gate;
    const endless = { expires: false } as const;
    const byItself = await manager.createAccessToken(alice, endless);
    const withAll = await manager.createAccessToken(alice, endless);
    const pair = await manager.createTokenPair(alice, { ...endless, refreshExpires: false });
    for (const token of [byItself, withAll, pair.accessToken]) expect(await statusOf(token)).to.equal(200);
    await manager.revoke(byItself);
    expect(await Promise.all([byItself, withAll].map(statusOf))).to.deep.equal([401, 200]);
    await manager.revokeSession(pair.refreshToken);
    expect(await Promise.all([pair.accessToken, withAll].map(statusOf))).to.deep.equal([401, 200]);
    await manager.revokeAll(alice);
    expect(await statusOf(withAll)).to.equal(401);
    expect(await statusOf(await manager.createAccessToken(alice, endless))).to.equal(200);
  });

  it('keeps an endless session endless through rotations', async () => {
    const { manager } = gate;
    const first = await manager.createTokenPair(alice, { refreshExpires: false });
    const { json } = await gate.rotate(first.refreshToken);
    const { refreshToken } = json as { refreshToken: string };
    expect(await manager.decodeToken(refreshToken)).to.not.have.property('exp');
    expect(await manager.sessions(alice)).to.have.length(1);
  });

  it('lists no session that has ended', async () => {
    const until = Math.floor(Date.now() / 1000) - 5;
    await store.startSession({ identity: alice, sid: randomUUID(), jti: randomUUID(), until });
    expect(await store.sessions(alice)).to.deep.equal([]);
  });
}
