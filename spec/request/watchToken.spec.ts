import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Service } from 'typedi';
import {
  JwtManager,
  MemoryRevocationStore,
  TokenInBlocklistLoader,
  type JwtError,
  type JwtOptions,
  type VerifiedEvent,
} from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { SECRET } from '../support/secret';
import { provide } from '../support/Server';
import { Warnings } from '../support/Warnings';

let blocked: (event: VerifiedEvent) => boolean = () => false;

@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load(event: VerifiedEvent): boolean {
    return blocked(event);
  }
}

/** Timers that the spec fires by hand, and the clock with them. */
class Timers {
  readonly #set = globalThis.setTimeout;
  readonly #clear = globalThis.clearTimeout;
  readonly #clock = new JwtClock();
  readonly pending = new Map<object, { at: number; run: () => void; isRef: boolean }>();
  readonly delays: number[] = [];
  #now = 0;

  constructor() {
    globalThis.setTimeout = ((run: () => void, delay: number) => {
      this.delays.push(delay);
      const entry = { at: this.#now + delay, run, isRef: true };
      const timer = { unref: () => ((entry.isRef = false), timer) };
      this.pending.set(timer, entry);
      return timer;
    }) as never;
    globalThis.clearTimeout = ((timer: object) => void this.pending.delete(timer)) as never;
  }

  /** Lets so many seconds pass. */
  async pass(seconds: number): Promise<void> {
    const end = this.#now + seconds * 1000;
    for (;;) {
      const [next] = [...this.pending].sort(([, one], [, other]) => one.at - other.at);
      if (next === undefined || next[1].at > end) break;
      this.pending.delete(next[0]);
      this.#advance(next[1].at);
      next[1].run();
      for (let i = 0; i < 20; i++) await Promise.resolve();
    }
    this.#advance(end);
  }

  #advance(to: number): void {
    this.#clock.advance((to - this.#now) / 1000);
    this.#now = to;
  }

  restore(): void {
    globalThis.setTimeout = this.#set;
    globalThis.clearTimeout = this.#clear;
    this.#clock.restore();
  }
}

function managerWith(options: JwtOptions = {}): JwtManager {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  provide(manager);
  return manager;
}

describe('manager.watchToken(state, options)', () => {
  let timers: Timers;
  beforeEach(() => {
    timers = new Timers();
    blocked = () => false;
  });
  afterEach(() => {
    timers.restore();
  });

  /** What a watch has resolved with, or 'waiting'. */
  async function said(watch: Promise<JwtError | undefined>): Promise<string> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    const error = await Promise.race([watch, Promise.resolve('waiting')]);
    return error instanceof Error ? `${error.code}: ${error.message}` : String(error);
  }

  it('resolves when the token has expired, and not before', async () => {
    const manager = managerWith();
    const state = await manager.verifyToken(await manager.createAccessToken('alice', { expires: 60 }));
    const watch = manager.watchToken(state);
    await timers.pass(58);
    expect(await said(watch)).to.equal('waiting');
    await timers.pass(2);
    expect(await said(watch)).to.equal('ERR_JWT_EXPIRED: Token has expired');
    expect((await watch)?.toJSON()).to.deep.equal({ msg: 'Token has expired' });
    expect(timers.pending.size).to.equal(0);
  });

  it('accepts the leeway that guards accept', async () => {
    const manager = managerWith({ decodeLeeway: 30 });
    const state = await manager.verifyToken(await manager.createAccessToken('alice', { expires: 60 }));
    const watch = manager.watchToken(state);
    await timers.pass(88);
    expect(await said(watch)).to.equal('waiting');
    await timers.pass(2);
    expect(await said(watch)).to.equal('ERR_JWT_EXPIRED: Token has expired');
  });

  for (const [what, end] of Object.entries({
    revoke: (manager: JwtManager, token: string) => manager.revoke(token),
    revokeSession: (manager: JwtManager, token: string) => manager.revokeSession(token),
    revokeAll: (manager: JwtManager) => manager.revokeAll('alice'),
  })) {
    it(`resolves when ${what} has ended the token, at the next question`, async () => {
      const manager = managerWith({ revocationStore: new MemoryRevocationStore() });
      const { accessToken } = await manager.createTokenPair('alice');
      const watch = manager.watchToken(await manager.verifyToken(accessToken), { every: 10 });
      await timers.pass(25);
      expect(await said(watch)).to.equal('waiting');
      await end(manager, accessToken);
      await timers.pass(4);
      expect(await said(watch)).to.equal('waiting');
      await timers.pass(1);
      expect(await said(watch)).to.equal('ERR_JWT_REVOKED: Token has been revoked');
      expect(timers.pending.size).to.equal(0);
    });
  }

  it('asks the blocklist loader, with an event without a context', async () => {
    const manager = managerWith({ loaders: [Blocklist] });
    const watch = manager.watchToken(await manager.verifyToken(await manager.createAccessToken('alice')));
    blocked = ({ identity }) => identity === 'alice';
    await timers.pass(30);
    expect(await said(watch)).to.equal('ERR_JWT_REVOKED: Token has been revoked');
  });

  it('counts a blocklist loader that throws as unavailable, and never rejects', async () => {
    const manager = managerWith({ loaders: [Blocklist] });
    const watch = manager.watchToken(await manager.verifyToken(await manager.createAccessToken('alice')));
    blocked = ({ context }) => context.path === '/';
    await timers.pass(30);
    expect(await said(watch)).to.match(/^ERR_JWT_STORE_UNAVAILABLE/);
    expect(((await watch)?.cause as Error).message).to.include('there is no context');
  });

  it('follows onStoreFailure when the store fails', async () => {
    for (const onStoreFailure of ['refuse', 'allow'] as const) {
      const store = new MemoryRevocationStore();
      const manager = managerWith({ revocationStore: store, onStoreFailure });
      const watch = manager.watchToken(await manager.verifyToken(await manager.createAccessToken('alice')));
      store.check = () => {
        throw new Error('The store is broken');
      };
      const warnings = new Warnings();
      await timers.pass(300);
      warnings.stop();
      if (onStoreFailure === 'refuse') expect(await said(watch)).to.match(/^ERR_JWT_STORE_UNAVAILABLE/);
      else expect(await said(watch)).to.equal('waiting');
      expect(warnings.told.length).to.equal(onStoreFailure === 'refuse' ? 0 : 1);
    }
  });

  it('ends when its signal is aborted, and leaves no timer and no listener', async () => {
    const manager = managerWith({ revocationStore: new MemoryRevocationStore() });
    const state = await manager.verifyToken(await manager.createAccessToken('alice'));
    const connection = new AbortController();
    const watch = manager.watchToken(state, { signal: connection.signal });
    expect(timers.pending.size).to.equal(1);
    connection.abort();
    expect(await said(watch)).to.equal('undefined');
    expect(timers.pending.size).to.equal(0);
    expect(await said(manager.watchToken(state, { signal: connection.signal }))).to.equal('undefined');
    expect(timers.pending.size).to.equal(0);
  });

  it('ends when its signal is aborted while the store is asked', async () => {
    const store = new MemoryRevocationStore();
    const manager = managerWith({ revocationStore: store });
    const state = await manager.verifyToken(await manager.createAccessToken('alice'));
    const connection = new AbortController();
    const watch = manager.watchToken(state, { signal: connection.signal });
    let answer: (verdict: 'valid') => void = () => undefined;
    store.check = () => new Promise((resolve) => (answer = resolve));
    await timers.pass(30);
    connection.abort();
    answer('valid');
    expect(await said(watch)).to.equal('undefined');
    for (let i = 0; i < 20; i++) await Promise.resolve();
    expect(timers.pending.size).to.equal(0);
  });

  it('has one timer for each of 10,000 connections, which keeps no process alive', async () => {
    const manager = managerWith({ revocationStore: new MemoryRevocationStore() });
    const state = await manager.verifyToken(await manager.createAccessToken('alice'));
    const connections = Array.from({ length: 10_000 }, () => new AbortController());
    const watches = connections.map(({ signal }) => manager.watchToken(state, { signal }));
    expect(timers.pending.size).to.equal(10_000);
    expect([...timers.pending.values()].some(({ isRef }) => isRef)).to.equal(false);
    for (const connection of connections) connection.abort();
    await Promise.all(watches);
    expect(timers.pending.size).to.equal(0);
  });

  it('waits for a token that ends in years, although setTimeout takes 24 days', async () => {
    const manager = managerWith();
    const state = await manager.verifyToken(
      await manager.createAccessToken('alice', { expires: 100 * 86_400 }),
    );
    const watch = manager.watchToken(state);
    await timers.pass(99 * 86_400);
    expect(await said(watch)).to.equal('waiting');
    expect(Math.max(...timers.delays)).to.equal(2 ** 31 - 1);
    await timers.pass(86_400);
    expect(await said(watch)).to.equal('ERR_JWT_EXPIRED: Token has expired');
  });

  it('has no timer for a token that nothing can end, and for nobody', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice', { expires: false });
    const endless = manager.watchToken(await manager.verifyToken(token));
    expect(await said(endless)).to.equal('waiting');
    const nobody = {
      identity: undefined,
      payload: undefined,
      header: undefined,
      location: undefined,
      user: undefined,
      token: undefined,
    };
    expect(await said(manager.watchToken(nobody))).to.equal('waiting');
    expect(timers.pending.size).to.equal(0);
  });

  it('is no use of a refresh token: when its owner exchanges it, the session lives on', async () => {
    const store = new MemoryRevocationStore();
    const manager = managerWith({ revocationStore: store, rotationGrace: 0 });
    const { refreshToken } = await manager.createTokenPair('alice');
    const state = await manager.verifyToken(refreshToken, { refresh: true });
    const watch = manager.watchToken(state);
    const { jti, ...claims } = state.payload;
    const [sid, gen] = [String(claims['sid']), Number(claims['gen'])];
    await store.rotate({ identity: 'alice', type: 'refresh', jti, sid, gen }, 'next', 0);
    await timers.pass(30);
    expect(await said(watch)).to.equal('ERR_JWT_REVOKED: Token has been revoked');
    expect(await manager.sessions('alice')).to.have.length(1);
  });

  for (const [options, message] of [
    [{ every: 0 }, 'Option every must be a number of seconds from 1 to 86400'],
    [{ every: '30s' }, 'Option every must be a number of seconds from 1 to 86400'],
    [{ evry: 30 }, 'Unknown option evry: did you mean every?'],
    [{ signal: {} }, 'Option signal must be an AbortSignal'],
  ] as const) {
    it(`refuses the options ${JSON.stringify(options)} at once`, async () => {
      const manager = managerWith();
      const state = await manager.verifyToken(await manager.createAccessToken('alice'));
      expect(() => void manager.watchToken(state, options as never)).to.throw(message);
    });
  }
});

describe('manager.watchToken(state, options) with the timers of Node', () => {
  it('resolves within a second of the end', async () => {
    const manager = managerWith({ revocationStore: new MemoryRevocationStore() });
    const token = await manager.createAccessToken('alice');
    const watch = manager.watchToken(await manager.verifyToken(token), { every: 1 });
    await manager.revoke(token);
    const error = await Promise.race([watch, sleep(5000)]);
    expect(error?.code).to.equal('ERR_JWT_REVOKED');
  });
});
