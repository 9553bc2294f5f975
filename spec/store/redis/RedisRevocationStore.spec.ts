import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Cluster, Redis } from 'ioredis';
import { createCluster, type RedisClientType } from 'redis';
import { JwtConfigurationError, JwtManager, type RevocationStore, type TokenFacts } from '../../../src/index';
import { RedisRevocationStore } from '../../../src/store/redis/RedisRevocationStore';
import { revocationStoreContract } from '../../../src/testing/index';
import { rejection } from '../../support/rejection';
import { describeWithRedisServer, RedisServer } from '../../support/RedisServer';
import { RedisCluster } from '../../support/RedisCluster';
import { SECRET } from '../../support/secret';
import { StoreGate } from '../../support/StoreGate';
import { connectedClient } from '../../support/withRedisClient';

const now = (): number => Math.floor(Date.now() / 1000);

describeWithRedisServer('RedisRevocationStore and its commands', () => {
  let redis: RedisServer;
  let client: RedisClientType;
  let monitor: RedisClientType;
  let store: RevocationStore;
  let lines: string[] = [];

  before(async () => {
    redis = await RedisServer.started();
    [client, monitor] = [await connectedClient(redis.url), await connectedClient(redis.url)];
    await monitor.monitor((line) => lines.push(line));
    store = new RedisRevocationStore(client);
  });
  after(async () => {
    client.destroy();
    monitor.destroy();
    await redis.remove();
  });

  /** The commands that Redis reports meanwhile, and the keys in them and in its scripts. */
  const sentBy = async (work: () => Promise<unknown>): Promise<{ commands: string[]; keys: string[] }> => {
    const [from, to] = [randomUUID(), randomUUID()];
    await client.echo(from);
    await work();
    await client.echo(to);
    const find = (mark: string): number => lines.findIndex((line) => line.includes(mark));
    for (let attempt = 0; attempt < 100 && find(to) < 0; attempt++) await sleep(10);
    const between = lines.slice(find(from) + 1, find(to));
    lines = [];
    const isOfScript = (line: string): boolean => /\[\d+ lua\]/.test(line);
    return {
      commands: between
        .filter((line) => !isOfScript(line))
        .map((line) => String(/\] "(\w+)"/.exec(line)?.[1]).toUpperCase()),
      keys: between.flatMap((line) => line.match(/(?<=")jwt:[^"]*(?=")/g) ?? []),
    };
  };

  const facts = (more: Partial<TokenFacts> = {}): TokenFacts => ({
    identity: 'alice {x} }{',
    type: 'refresh',
    jti: randomUUID(),
    sid: randomUUID(),
    gen: 0,
    iat: now(),
    until: now() + 900,
    ...more,
  });

  it('uses one command per operation', async () => {
    const token = facts();
    const { identity, jti, sid, until } = token;
    const session = { identity, jti: String(jti), sid: String(sid), until: Number(until) };
    const work: [string, string, () => Promise<unknown>][] = [
      ['startSession', 'EVAL', () => store.startSession(session)],
      ['check', 'EVAL', async () => store.check(token, 10)],
      ['check', 'MGET', async () => store.check({ ...token, type: 'access' }, 10)],
      ['rotate', 'EVAL', () => store.rotate(token, randomUUID(), 10)],
      ['generation', 'MGET', () => store.generation(identity)],
      ['revoke', 'EVAL', () => store.revoke(token)],
      ['spend', 'EVAL', () => store.spend(facts())],
      ['endSession', 'EVAL', () => store.endSession(identity, session.sid)],
      ['revokeAll', 'EVAL', () => store.revokeAll(identity)],
    ];
    for (const [name, command, run] of work) {
      expect((await sentBy(run)).commands, name).to.deep.equal([command]);
    }
  });

  it('adds one round trip to an admitted request, and one more to a rotation', async () => {
    const gate = await StoreGate.of({ revocationStore: store });
    const { accessToken, refreshToken } = await gate.manager.createTokenPair('alice');
    expect((await sentBy(() => gate.me(accessToken))).commands).to.deep.equal(['MGET']);
    expect((await sentBy(() => gate.rotate(refreshToken))).commands).to.deep.equal(['EVAL', 'EVAL']);
    expect((await sentBy(() => gate.me('no.token.atall'))).commands).to.deep.equal([]);
    await gate.close();
  });

  it('uses one hash tag per identity', async () => {
    const tags = new Map<string, Set<string>>();
    for (const identity of ['alice', 'bob', '{alice}', '{}', '}{', '', '\n"\\', '\u{1F511}']) {
      const token = facts({ identity });
      const session = {
        identity,
        jti: String(token.jti),
        sid: String(token.sid),
        until: Number(token.until),
      };
      const { keys } = await sentBy(async () => {
        await store.startSession(session);
        await store.startSession({ ...session, sid: randomUUID() });
        await store.check(token, 10);
        await store.rotate(token, randomUUID(), 10);
        await store.revoke(token);
        await store.spend(facts({ identity }));
        await store.sessions(identity);
        await store.endSession(identity, session.sid);
        await store.revokeAll(identity);
      });
      expect(keys.length).to.be.greaterThan(20);
      // Redis Cluster hashes the text from the first { to the next }.
      tags.set(identity, new Set(keys.map((key) => String(/^[^{]*\{([^}]+)\}/.exec(key)?.[1]))));
    }
    for (const [identity, each] of tags) expect([...each], identity).to.have.length(1);
    expect(new Set([...tags.values()].map((each) => [...each][0])).size).to.equal(tags.size);
  });

  it('names its keys with the given prefix', async () => {
    const other = new RedisRevocationStore(client, { prefix: 'shop:' });
    const token = facts({ identity: 'dave' });
    await other.revoke(token);
    expect(await other.check(token, 10)).to.equal('revoked');
    expect(await client.keys('shop:*')).to.have.length(1);
  });

  describe('forgets', () => {
    const LEEWAY = 100;
    let manager: JwtManager;

    beforeEach(async () => {
      await client.flushDb();
      manager = new JwtManager({
        secretKey: SECRET,
        loaders: [],
        revocationStore: store,
        decodeLeeway: LEEWAY,
        rotationGrace: 0,
      });
    });

    /** TTL in seconds (-1: none) of the one key whose name contains `part`. */
    const ttl = async (part: string): Promise<number> => {
      const keys = await client.keys(`*${part}*`);
      expect(keys, part).to.have.length(1);
      return client.ttl(String(keys[0]));
    };
    /** Not before every clock refuses the token, and not much later. */
    const expectTtl = async (part: string, lifetime: number): Promise<void> => {
      expect(await ttl(part), part).to.be.within(lifetime + LEEWAY, lifetime + LEEWAY + 62);
    };

    it('a revoked token after its expiry plus leeway', async () => {
      await manager.revoke(await manager.createAccessToken('alice', { expires: 500 }));
      await expectTtl(':token:', 500);
    });

    it('a token that was used up after its expiry plus leeway, and one that never expires not', async () => {
      const token = await manager.createToken('mail', 'alice', { expires: 500 });
      await manager.verifyToken(token, { purpose: 'mail', singleUse: true });
      await expectTtl(':token:', 500);
      await client.flushDb();
      const { identity, type, jti } = facts();
      expect(await store.spend({ identity, type, jti })).to.equal(true);
      expect(await ttl(':token:')).to.equal(-1);
    });

    it('a session after its refresh token expires, even after rotations', async () => {
      const gate = await StoreGate.of({ revocationStore: store, decodeLeeway: LEEWAY });
      const { refreshToken } = await gate.manager.createTokenPair('alice', { refreshExpires: 500 });
      await expectTtl(':session:', 500);
      await expectTtl(':sessions', 500);
      expect((await gate.rotate(refreshToken)).status).to.equal(200);
      await expectTtl(':session:', 500);
      await expectTtl(':sessions', 500);
      await gate.close();
    });

    it('the list of sessions after the last of them', async () => {
      await manager.createTokenPair('alice', { refreshExpires: 5000 });
      await manager.createTokenPair('alice', { refreshExpires: 500 });
      await expectTtl(':sessions', 5000);
      await expectTtl(':started', 5000);
      await manager.createTokenPair('alice', { refreshExpires: false });
      expect(await ttl(':sessions')).to.equal(-1);
    });

    it('nothing about tokens that never expire', async () => {
      await manager.revoke(await manager.createAccessToken('alice', { expires: false }));
      expect(await ttl(':token:')).to.equal(-1);
      await manager.createTokenPair('alice', { refreshExpires: false });
      expect(await ttl(':session:')).to.equal(-1);
      await manager.revokeAll('alice');
      expect(await ttl(':generation')).to.equal(-1);
    });

    it('a session that had to make room, and its place in the lists', async () => {
      for (let i = 0; i < 5; i++) {
        await store.startSession(
          { identity: 'alice', sid: `s${i}`, jti: randomUUID(), until: now() + 900 },
          2,
        );
      }
      const keys = await client.keys('*');
      expect(keys.map((key) => key.replace(/^.*}:/, '')).sort()).to.deep.equal([
        'session:s3',
        'session:s4',
        'sessions',
        'started',
      ]);
      const lists = keys.filter((key) => !key.includes(':session:'));
      for (const list of lists) expect(await client.zCard(list), list).to.equal(2);
    });

    it('a session that has expired, in both lists', async () => {
      for (const until of [now() + 1, now() - 5, now() + 900]) {
        await store.startSession({ identity: 'alice', sid: randomUUID(), jti: randomUUID(), until });
      }
      await sleep(1500);
      await store.startSession({ identity: 'alice', sid: randomUUID(), jti: randomUUID() });
      for (const list of ['sessions', 'started']) {
        const [name] = await client.keys(`*:${list}`);
        expect(await client.zCard(String(name)), list).to.equal(2);
        expect(await client.ttl(String(name)), list).to.equal(-1);
      }
    });

    it('everything but the generation of an identity that is logged out everywhere', async () => {
      for (let i = 0; i < 5; i++) await manager.createTokenPair('alice');
      await manager.revokeAll('alice');
      const keys = await client.keys('*');
      expect(keys.map((key) => key.replace(/^.*:/, ''))).to.deep.equal(['generation']);
    });
  });

  it('refuses values that it did not write', async () => {
    const token = facts({ identity: 'mallory' });
    const key = (await sentBy(() => store.revoke(token))).keys[0] ?? '';
    const named = (name: string): string => key.replace(/:token:.*/, `:${name}`);
    await client.del(key);
    const session = named(`session:${String(token.sid)}`);
    for (const [name, value] of [
      [session, 'nonsense'],
      [session, '{}'],
      [session, 'null'],
      [named('generation'), 'nonsense'],
      [named('generation'), ''],
      [key, 'nonsense'],
    ] as const) {
      await client.set(name, value);
      await rejection(Promise.resolve(store.check(token, 0)));
      await client.del(name);
    }
  });

  it('refuses invalid replies from a client', async () => {
    const answers: unknown[] = [
      undefined,
      null,
      'OK',
      [],
      [null],
      ['0:0', undefined, null],
      [null, null, undefined],
    ];
    answers.push([null, {}, null], [null, null, 1], [{}, null, null]);
    for (const answer of answers) {
      const odd = new RedisRevocationStore({
        mGet: () => Promise.resolve(answer as null[]),
        eval: () => Promise.resolve(answer),
      });
      const access = facts({ type: 'access' });
      await rejection(Promise.resolve(odd.check(access, 0)));
      await rejection(odd.rotate(facts(), randomUUID(), 0));
      await rejection(odd.spend(facts()));
    }
  });
});

describeWithRedisServer('RedisRevocationStore on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let client: ReturnType<typeof createCluster>;

  before(async function () {
    this.timeout(30_000);
    cluster = await RedisCluster.started();
    client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) });
    client.on('error', () => undefined);
    await client.connect();
  });
  after(async () => {
    client.destroy();
    await cluster.remove();
  });

  for (const { title, run } of revocationStoreContract(() => new RedisRevocationStore(client)))
    it(title, run);

  it('spreads identities over the nodes', async () => {
    const store = new RedisRevocationStore(client);
    for (let i = 0; i < 50; i++) await store.revokeAll(`identity ${i}`);
    const sizes = await Promise.all(
      client.masters.map(async (node) => (await client.nodeClient(node)).dbSize()),
    );
    expect(sizes).to.have.length(3);
    for (const size of sizes) expect(size).to.be.greaterThan(0);
  });
});

describeWithRedisServer('RedisRevocationStore on ioredis', () => {
  let redis: RedisServer;
  let client: Redis;
  before(async () => {
    redis = await RedisServer.started();
    client = new Redis(redis.url);
    client.on('error', () => undefined);
  });
  after(async () => {
    client.disconnect();
    await redis.remove();
  });

  for (const { title, run } of revocationStoreContract(() => new RedisRevocationStore(client)))
    it(title, run);

  it('guards, rotates and logs out', async () => {
    const gate = await StoreGate.of({ revocationStore: new RedisRevocationStore(client) });
    const { refreshToken } = await gate.manager.createTokenPair('ioredis');
    const pair = await gate.rotate(refreshToken);
    const { accessToken } = pair.json as { accessToken: string };
    expect((await gate.me(accessToken)).status).to.equal(200);
    await gate.manager.revokeAll('ioredis');
    expect((await gate.me(accessToken)).status).to.equal(401);
    expect(await client.keys('*ioredis*session:*')).to.deep.equal([]);
    await gate.close();
  });

  it('refuses a keyPrefix, which scripts would not know', () => {
    const prefixed = new Redis({ lazyConnect: true, keyPrefix: 'app:' });
    const cluster = new Cluster([{ port: 1 }], { lazyConnect: true, redisOptions: { keyPrefix: 'app:' } });
    for (const odd of [prefixed, cluster]) {
      expect(() => new RedisRevocationStore(odd)).to.throw(JwtConfigurationError, 'without keyPrefix');
    }
    expect(() => new RedisRevocationStore(client, { localCache: true })).to.throw(
      JwtConfigurationError,
      'localCache needs a client made by createClient',
    );
  });
});

describeWithRedisServer('RedisRevocationStore on a Redis Cluster, by ioredis', () => {
  let cluster: RedisCluster;
  let client: Cluster;
  before(async function () {
    this.timeout(30_000);
    cluster = await RedisCluster.started();
    client = new Cluster(cluster.urls);
    client.on('error', () => undefined);
  });
  after(async () => {
    client.disconnect();
    await cluster.remove();
  });

  for (const { title, run } of revocationStoreContract(() => new RedisRevocationStore(client)))
    it(title, run);
});

describe('new RedisRevocationStore(client)', () => {
  const none = (): void => undefined;
  for (const [title, client] of [
    ['nothing', undefined],
    ['null', null],
    ['a URL', 'redis://localhost'],
    ['an empty object', {}],
    ['the promise of a client', Promise.resolve({ mGet: none, eval: none })],
    ['a client of redis 3, which has callbacks', { mget: none, eval: none, get: none }],
    ['a client without eval', { mGet: none }],
  ] as const) {
    it(`refuses ${title} at once`, () => {
      expect(() => new RedisRevocationStore(client as never)).to.throw(
        JwtConfigurationError,
        'RedisRevocationStore needs a client: createClient() or createCluster() of redis, or new Redis() of ioredis',
      );
    });
  }
});
