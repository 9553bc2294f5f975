import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createClient, createCluster, createClientPool, type RedisClientOptions } from 'redis';
import { JwtConfigurationError, type TokenFacts, type Verdict } from '../../../src/index';
import { RedisRevocationStore, type RedisCommands } from '../../../src/store/redis/RedisRevocationStore';
import { revocationStoreContract } from '../../../src/testing/index';
import { rejection } from '../../support/rejection';
import { describeWithRedisServer, RedisServer } from '../../support/RedisServer';
import { StoreGate } from '../../support/StoreGate';

type Client = ReturnType<typeof trackingClient>;

/** Milliseconds: a generous limit for what takes a few, on a busy machine. */
const SOON = 250;
/** Milliseconds for which a silent connection is trusted, and more for a busy machine. */
const BOUND = 1000;
const MARGIN = 300;

const now = (): number => Math.floor(Date.now() / 1000);

function trackingClient(url: string) {
  const client = createClient({
    url,
    RESP: 3,
    emitInvalidate: true,
    socket: { reconnectStrategy: () => 30 },
  });
  client.on('error', () => undefined);
  return client;
}

describeWithRedisServer('RedisRevocationStore with the local cache', () => {
  let redis: RedisServer;
  /** Two processes in effect: each has its own connection and store. */
  let clients: { here: Client; there: Client };
  let here: RedisRevocationStore;
  let there: RedisRevocationStore;
  let session: { identity: string; sid: string; jti: string; until: number };
  let token: TokenFacts;

  before(async () => {
    redis = await RedisServer.started();
  });
  after(() => redis.remove());

  beforeEach(async () => {
    clients = { here: trackingClient(redis.url), there: trackingClient(redis.url) };
    await Promise.all([clients.here.connect(), clients.there.connect()]);
    here = new RedisRevocationStore(clients.here, { localCache: true });
    there = new RedisRevocationStore(clients.there, { localCache: true });
    ({ session, token } = await logIn());
  });
  afterEach(() => {
    for (const client of Object.values(clients)) client.destroy();
  });

  const logIn = async (until = now() + 900) => {
    const started = { identity: `alice {${randomUUID()}}`, sid: randomUUID(), jti: randomUUID(), until };
    const { identity, sid } = started;
    const gen = await there.startSession(started);
    return { session: started, token: access({ identity, sid, gen }) };
  };
  const access = (more: Partial<TokenFacts> = {}): TokenFacts => ({
    identity: 'bob',
    type: 'access',
    jti: randomUUID(),
    gen: 0,
    iat: now(),
    until: now() + 900,
    ...more,
  });

  const isLocal = (store: RedisRevocationStore, one: TokenFacts): boolean => {
    const verdict = store.check(one, 0);
    if (typeof verdict === 'string') return true;
    // Redis may be down: what matters is that it was asked.
    verdict.catch(() => undefined);
    return false;
  };
  /** Waits until the cache has an entry for a token. */
  const learned = async (store: RedisRevocationStore, one: TokenFacts, wanted: Verdict): Promise<void> => {
    for (let attempt = 0; attempt < 200; attempt++) {
      expect(await store.check(one, 0)).to.equal(wanted);
      if (isLocal(store, one)) return;
      await sleep(5);
    }
    throw new Error('No entry is kept');
  };
  /** Milliseconds until the verdict is revoked. */
  const delayOf = async (one: TokenFacts, change: () => Promise<unknown>): Promise<number> => {
    const done = change();
    const start = performance.now();
    while ((await here.check(one, 0)) !== 'revoked') {
      if (performance.now() - start > 5000) throw new Error('The change is not seen');
      await new Promise(setImmediate);
    }
    const delay = performance.now() - start;
    await done;
    return delay;
  };
  const commands = async (name: string): Promise<number> => {
    const stats = await clients.there.info('commandstats');
    return Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  };

  it('lets one of two processes use up a token, although both have its verdict cached', async () => {
    const one = access();
    await learned(here, one, 'valid');
    await learned(there, one, 'valid');
    const attempts = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? here : there).spend(one)),
    );
    expect(attempts.filter((isFirst) => isFirst)).to.have.length(1);
    await learned(here, one, 'revoked');
    await learned(there, one, 'revoked');
  });

  describe('behaves like any store', () => {
    let client: Client;
    let store: RedisRevocationStore;

    before(async () => {
      client = trackingClient(redis.url);
      await client.connect();
      store = new RedisRevocationStore(client, { localCache: true });
    });
    after(() => {
      client.destroy();
    });

    for (const { title, run } of revocationStoreContract(() => store)) it(title, run);
  });

  describe('with a working connection', () => {
    it('asks Redis once per token', async () => {
      await learned(here, token, 'valid');
      const before = await commands('mget');
      for (let i = 0; i < 10_000; i++) expect(here.check(token, 0)).to.equal('valid');
      expect(await commands('mget')).to.equal(before);
      // It checks the connection only a few times a second.
      const asked = await commands('client\\|trackinginfo');
      for (const end = performance.now() + 1000; performance.now() < end;) {
        await sleep(1);
        expect(here.check(token, 0)).to.equal('valid');
      }
      expect((await commands('client\\|trackinginfo')) - asked).to.be.within(2, 5);
    });

    it('keeps no entry for a refresh token', async () => {
      const refresh = { ...token, type: 'refresh' as const, jti: session.jti };
      await learned(here, token, 'valid');
      for (let i = 0; i < 5; i++) {
        expect(isLocal(here, refresh)).to.equal(false);
        expect(await here.check(refresh, 0)).to.equal('valid');
      }
    });

    it('never uses an entry for another token with the same jti', async () => {
      for (const other of [{ identity: 'eve' }, { sid: randomUUID() }, { gen: 1 }]) {
        await learned(here, token, 'valid');
        expect(await here.check({ ...token, ...other }, 0)).to.equal('revoked');
      }
      await there.revokeAll('carol');
      const foreign = without(access({ identity: 'carol', iat: now() + 5 }));
      await learned(here, foreign, 'valid');
      expect(await here.check({ ...foreign, iat: now() - 5 }, 0)).to.equal('revoked');
      await learned(here, { ...token, jti: null }, 'valid').then(
        () => expect.fail('A token without a jti is kept'),
        () => undefined,
      );
    });

    const changes: Record<string, (store: RedisRevocationStore) => Promise<unknown>> = {
      'revoke(token)': (store) => store.revoke(token),
      'endSession(identity, sid)': (store) => store.endSession(session.identity, session.sid),
      'revokeAll(identity)': (store) => store.revokeAll(session.identity),
      'reuse of a refresh token': async (store) => {
        const refresh = { ...token, type: 'refresh' as const, jti: session.jti };
        await store.rotate(refresh, randomUUID(), 0);
        await store.rotate(refresh, randomUUID(), 0);
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      it(`sees changes by another process within milliseconds: ${name}`, async () => {
        await learned(here, token, 'valid');
        expect(await delayOf(token, () => change(there))).to.be.below(SOON);
        await learned(here, token, 'revoked');
      });

      it(`sees its own changes at once: ${name}`, async () => {
        await learned(here, token, 'valid');
        await change(here);
        expect(await here.check(token, 0)).to.equal('revoked');
      });
    }

    it('sees its own changes at once, even if Redis reports late', async () => {
      const late = lateTo(clients.here);
      const store = new RedisRevocationStore(late.client, { localCache: true });
      await learned(store, token, 'valid');
      late.isDeaf = true;
      await store.endSession(session.identity, session.sid);
      expect(await store.check(token, 0)).to.equal('revoked');
    });

    it('sees a new session under a sid that was unknown', async () => {
      const { identity } = session;
      const early = access({ identity, sid: randomUUID() });
      await learned(here, early, 'revoked');
      await there.startSession({ identity, sid: String(early.sid), jti: randomUUID(), until: now() + 900 });
      await sleep(SOON);
      expect(await here.check(early, 0)).to.equal('valid');
    });

    it('handles odd identifiers', async () => {
      for (const jti of ['\uD800', '\u{1F511}', '}{', '\n', '__proto__']) {
        const odd = { ...token, jti };
        await learned(here, odd, 'valid');
        expect(await delayOf(odd, () => there.revoke(odd)), jti).to.be.below(SOON);
      }
    });

    it('keeps no verdict that was in flight while the token was revoked', async () => {
      const held = holding(clients.here);
      const store = new RedisRevocationStore(held.client, { localCache: true });
      await learned(store, { ...token, jti: randomUUID() }, 'valid');
      held.isHolding = true;
      const inFlight = store.check(token, 0);
      await held.answered();
      await there.revoke(token);
      await sleep(SOON);
      held.release();
      // It was valid when Redis was asked.
      expect(await inFlight).to.equal('valid');
      expect(isLocal(store, token)).to.equal(false);
      expect(await store.check(token, 0)).to.equal('revoked');
    });

    it('never accepts a token after it was seen as revoked, in many races', async () => {
      await learned(here, token, 'valid');
      for (let round = 0; round < 100; round++) {
        const one = { ...token, jti: randomUUID() };
        const checks = Array.from({ length: 5 }, async () => here.check(one, 0));
        const revoked = there.revoke(one);
        checks.push(...Array.from({ length: 5 }, async () => here.check(one, 0)));
        await revoked;
        await Promise.all(checks);
        await delayOf(one, () => Promise.resolve());
        for (let i = 0; i < 5; i++) expect(await here.check(one, 0)).to.equal('revoked');
      }
    });
  });

  describe('over time', () => {
    it('asks again when a session has ended', async () => {
      const short = await logIn(now() + 2);
      await learned(here, short.token, 'valid');
      await sleep(short.session.until * 1000 - Date.now() + 20);
      await learned(here, token, 'valid');
      expect(isLocal(here, short.token)).to.equal(false);
    });

    it('drops an entry when its session expires in Redis', async () => {
      await learned(here, token, 'valid');
      const [key] = await clients.there.keys(`*:session:${session.sid}`);
      await clients.there.pExpire(String(key), 300);
      await learned(here, token, 'valid');
      await sleep(300);
      const start = performance.now();
      // Redis is not asked, which would expire the key at once. It still expires.
      while (isLocal(here, token)) {
        expect(performance.now() - start).to.be.below(2000);
        await sleep(20);
      }
      expect(await here.check(token, 0)).to.equal('revoked');
    });

    it('asks again when the token has expired', async () => {
      const short = { ...token, until: now() + 2 };
      await learned(here, short, 'valid');
      await sleep(short.until * 1000 - Date.now() + 20);
      await learned(here, { ...token, jti: randomUUID() }, 'valid');
      expect(isLocal(here, short)).to.equal(false);
    });
  });

  describe('with a low limit', () => {
    it('keeps `max` entries, the ones in use', async () => {
      const store = new RedisRevocationStore(clients.here, { localCache: { max: 100 } });
      await learned(store, token, 'valid');
      const tokens = Array.from({ length: 1000 }, () => access({ identity: randomUUID() }));
      for (const one of tokens) {
        await store.check(one, 0);
        expect(isLocal(store, token)).to.equal(true);
      }
      expect(tokens.filter((one) => isLocal(store, one))).to.have.length(99);
    });
  });

  describe('when Redis fails', () => {
    /** Once Redis is down, the cache returns no verdict. */
    const expectUnanswered = async (): Promise<void> => {
      expect(isLocal(here, token)).to.equal(false);
      await sleep(50);
      expect(isLocal(here, token)).to.equal(false);
    };
    const event = (name: string): Promise<void> =>
      new Promise((resolve) => {
        clients.here.once(name, () => {
          resolve();
        });
      });
    const back = async (): Promise<void> => {
      for (let attempt = 0; !clients.here.isReady || !clients.there.isReady; attempt++) {
        if (attempt > 200) throw new Error('The clients are not back');
        await sleep(20);
      }
    };

    it('drops all entries when the connection is lost, and keeps new ones when it is back', async () => {
      await learned(here, token, 'valid');
      const lost = event('reconnecting');
      await clients.there.sendCommand(['CLIENT', 'KILL', 'ID', String(await clients.here.clientId())]);
      await lost;
      await expectUnanswered();
      await back();
      await learned(here, token, 'valid');
      expect(await delayOf(token, () => there.revoke(token))).to.be.below(SOON);
    });

    it('has no old entries after a reconnect', async () => {
      await learned(here, token, 'valid');
      const lost = event('reconnecting');
      const ready = event('ready');
      await clients.there.sendCommand(['CLIENT', 'KILL', 'ID', String(await clients.here.clientId())]);
      await lost;
      await there.revoke(token);
      await ready;
      for (let i = 0; i < 20; i++) {
        expect(await here.check(token, 0)).to.equal('revoked');
        await sleep(5);
      }
    });

    it('lets nobody in while Redis is down, and ends the sessions that it lost', async () => {
      const gate = await StoreGate.of({ revocationStore: here, storeTimeout: 0.3 });
      const { accessToken } = await gate.manager.createTokenPair('alice');
      await learned(here, token, 'valid');
      for (let i = 0; i < 3; i++) expect((await gate.me(accessToken)).status).to.equal(200);
      const lost = event('reconnecting');
      await redis.kill();
      await lost;
      await expectUnanswered();
      expect((await gate.me(accessToken)).status).to.equal(503);
      await redis.start();
      await back();
      expect((await gate.me(accessToken)).status).to.equal(401);
      expect(await here.check(token, 0)).to.equal('revoked');
      await gate.close();
    });

    it('trusts entries for at most a second while Redis is silent', async () => {
      const gate = await StoreGate.of({ revocationStore: here, storeTimeout: 0.3 });
      const { accessToken } = await gate.manager.createTokenPair('alice');
      await learned(here, token, 'valid');
      expect((await gate.me(accessToken)).status).to.equal(200);
      redis.pause();
      const start = performance.now();
      while (isLocal(here, token)) {
        expect(performance.now() - start).to.be.below(BOUND + MARGIN);
        await sleep(5);
      }
      // Entries stay valid for a while: they are not dropped too early.
      expect(performance.now() - start).to.be.greaterThan(BOUND / 2);
      await expectUnanswered();
      expect((await gate.me(accessToken)).status).to.equal(503);
      redis.resume();
      await learned(here, token, 'valid');
      expect((await gate.me(accessToken)).status).to.equal(200);
      expect(await delayOf(token, () => there.revoke(token))).to.be.below(SOON);
      await gate.close();
    });

    it('trusts no entry after the process was blocked', async () => {
      await learned(here, token, 'valid');
      for (const end = performance.now() + BOUND; performance.now() < end;);
      expect(isLocal(here, token)).to.equal(false);
      await learned(here, token, 'valid');
    });

    it('drops all entries on FLUSHALL', async () => {
      await learned(here, token, 'valid');
      expect(await delayOf(token, () => clients.there.flushAll())).to.be.below(SOON);
    });

    it('notices that its connection was replaced', async () => {
      await learned(here, token, 'valid');
      const lost = lateTo(clients.here);
      const store = new RedisRevocationStore(lost.client, { localCache: true });
      await learned(store, token, 'valid');
      lost.isDeaf = true;
      lost.id = 1;
      await there.revoke(token);
      await sleep(BOUND);
      await learned(store, { ...token, jti: randomUUID() }, 'valid');
      expect(await store.check(token, 0)).to.equal('revoked');
    });

    it('refuses checks while tracking is switched off, and works again when it is on', async () => {
      await learned(here, token, 'valid');
      const check = async (): Promise<Verdict> => here.check(token, 0);
      for (const mode of [['OFF'], ['ON', 'OPTIN'], ['ON', 'NOLOOP'], ['ON', 'BCAST']]) {
        await clients.here.sendCommand(['CLIENT', 'TRACKING', 'OFF']);
        await clients.here.sendCommand(['CLIENT', 'TRACKING', ...mode]);
        await sleep(BOUND / 2);
        await check().catch(() => undefined);
        await sleep(50);
        const error = await rejection(check());
        expect(error, mode.join(' ')).to.be.an.instanceOf(JwtConfigurationError);
        expect(error.message).to.include('does not track');
        await clients.here.sendCommand(['CLIENT', 'TRACKING', 'OFF']);
        await clients.here.sendCommand(['CLIENT', 'TRACKING', 'ON']);
        await sleep(BOUND / 2);
        await check().catch(() => undefined);
        await sleep(50);
        await learned(here, token, 'valid');
      }
    });

    it('lets nobody in without tracking, even if onStoreFailure is allow', async () => {
      const gate = await StoreGate.of({ revocationStore: here, onStoreFailure: 'allow' });
      const { accessToken } = await gate.manager.createTokenPair('alice');
      await clients.here.sendCommand(['CLIENT', 'TRACKING', 'OFF']);
      expect((await gate.me(accessToken)).status).to.equal(200);
      await sleep(SOON);
      expect((await gate.me(accessToken)).status).to.equal(503);
      expect(gate.errors.at(-1)?.cause).to.be.an.instanceOf(JwtConfigurationError);
      await gate.close();
    });

    it('refuses checks if it may not ask whether tracking is on', async () => {
      await clients.there.sendCommand([
        'ACL',
        'SETUSER',
        'shy',
        'on',
        'nopass',
        '~*',
        '&*',
        '+@all',
        '-client|trackinginfo',
      ]);
      const client = createClient({ url: redis.url, username: 'shy', password: 'x', emitInvalidate: true });
      client.on('error', () => undefined);
      await client.connect();
      const store = new RedisRevocationStore(client, { localCache: true });
      await store.check(token, 0);
      await sleep(SOON);
      const error = await rejection(Promise.resolve(store.check(token, 0)));
      expect(error).to.be.an.instanceOf(JwtConfigurationError);
      expect((error.cause as Error).message).to.include('NOPERM');
      client.destroy();
    });
  });
});

describe('RedisRevocationStore where the local cache cannot work', () => {
  const url = 'redis://127.0.0.1:1';
  const noMatterWhat = (client: unknown): (() => unknown) => {
    return () => new RedisRevocationStore(client as RedisCommands, { localCache: true });
  };

  it('refuses clients that get no notice of changes', () => {
    const plain: RedisClientOptions = { url };
    const unable = [
      createClient(plain),
      createClient({ url, RESP: 2 }),
      createClient({ url, RESP: 3, clientSideCache: {} }),
      createClientPool({ url, emitInvalidate: true }),
      createCluster({ rootNodes: [{ url }], defaults: { emitInvalidate: true } }),
      { mGet: () => undefined, eval: () => undefined },
    ];
    for (const client of unable) {
      expect(noMatterWhat(client)).to.throw(JwtConfigurationError, 'emitInvalidate: true');
    }
  });

  it('refuses a client with a key prefix', () => {
    const client = createClient({ url, emitInvalidate: true, keyPrefix: 'app:' });
    expect(noMatterWhat(client)).to.throw(JwtConfigurationError, 'keyPrefix');
  });

  it('refuses an invalid `max`', () => {
    const client = createClient({ url, emitInvalidate: true });
    for (const max of [0, -1, 1.5, NaN, Infinity, '10' as unknown as number]) {
      expect(() => new RedisRevocationStore(client, { localCache: { max } })).to.throw(
        JwtConfigurationError,
        'localCache.max',
      );
    }
  });
});

/** A client that can hide changes from its store, and report another connection id. */
function lateTo(client: Client) {
  const late = { isDeaf: false, id: undefined as number | undefined, client: client as RedisCommands };
  late.client = new Proxy(client, {
    get: (target, name) => {
      if (name === 'on') {
        return (event: string, listener: (key: unknown) => void) =>
          target.on(event, (key: unknown) => {
            if (!late.isDeaf) listener(key);
          });
      }
      if (name === 'clientId' && late.id !== undefined) return () => Promise.resolve(late.id);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return late;
}

/** A client that can hold back replies to MGET. */
function holding(client: Client) {
  let answers: (() => void)[] = [];
  let pending: Promise<unknown> = Promise.resolve();
  const held = {
    isHolding: false,
    client: client as RedisCommands,
    answered: () => pending,
    release: () => {
      held.isHolding = false;
      for (const answer of answers) answer();
      answers = [];
    },
  };
  held.client = new Proxy(client, {
    get: (target, name) => {
      if (name === 'mGet' && held.isHolding) {
        return async (keys: string[]) => {
          const answer = target.mGet(keys);
          pending = answer;
          await Promise.all([answer, new Promise<void>((resolve) => answers.push(resolve))]);
          return answer;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return held;
}

function without(token: TokenFacts): TokenFacts {
  const { gen, ...rest } = token;
  return gen === undefined ? token : rest;
}
