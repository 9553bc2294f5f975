import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Container, Service } from 'typedi';
import {
  MemoryRevocationStore,
  StoreUnavailableError,
  type JwtOptions,
  type NewSession,
  type RevocationStore,
  type TokenFacts,
  type TokenPair,
  type Verdict,
} from '../../src/index';
import { StoreCalls } from '../../src/session/StoreCalls';
import { Heard } from '../support/Heard';
import { rejection } from '../support/rejection';
import type { Answer } from '../support/Server';
import { StoreGate } from '../support/StoreGate';

type Fault = () => Promise<unknown>;

/** A store that fails on demand. */
@Service()
class FaultyStore extends MemoryRevocationStore {
  fault: Fault | undefined;
  asked = 0;

  override check(token: TokenFacts, grace: number): Promise<Verdict> {
    return this.answer(async () => super.check(token, grace));
  }
  override revoke(token: TokenFacts): Promise<void> {
    return this.answer(() => super.revoke(token));
  }
  override generation(identity: string): Promise<number> {
    return this.answer(() => super.generation(identity));
  }
  override startSession(session: NewSession): Promise<number> {
    return this.answer(() => super.startSession(session));
  }
  override rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    return this.answer(() => super.rotate(token, jti, grace));
  }
  override endSession(identity: string, sid: string): Promise<void> {
    return this.answer(() => super.endSession(identity, sid));
  }

  private answer<Answer>(soundly: () => Promise<Answer>): Promise<Answer> {
    this.asked++;
    // A fault returns no verdict, despite the cast.
    return this.fault === undefined ? soundly() : (this.fault() as Promise<never>);
  }
}

/** Seconds. */
const LIMIT = 0.05;

const never: Fault = () => new Promise(() => undefined);
const broken: Fault = () => Promise.reject(new Error('The store is broken'));
const FAULTS: Readonly<Record<string, Fault>> = {
  rejects: broken,
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a bad store might
  'rejects with nothing': () => Promise.reject<unknown>(undefined),
  throws: () => {
    throw new Error('The store is broken');
  },
  'never responds': never,
  'responds too late': async () => {
    await sleep(LIMIT * 1000 + 200);
    return 'valid';
  },
};
const NONSENSE: readonly unknown[] = [
  undefined,
  null,
  'ok',
  '',
  1,
  0,
  true,
  false,
  NaN,
  {},
  ['valid'],
  'VALID',
];
for (const value of NONSENSE) {
  const shown = Number.isNaN(value) ? 'NaN' : JSON.stringify(value);
  (FAULTS as Record<string, Fault>)[`returns ${shown}`] = () => Promise.resolve(value);
}

describe('A manager whose revocation store fails', () => {
  let store: FaultyStore;
  let gate: StoreGate;
  let pair: TokenPair;

  const open = async (options: JwtOptions = {}, server = {}): Promise<void> => {
    store = new FaultyStore();
    gate = await StoreGate.of({ revocationStore: store, storeTimeout: LIMIT, ...options }, server);
    pair = await gate.manager.createTokenPair('alice');
  };
  afterEach(() => gate.close());

  const expectUnavailable = (answer: Answer): void => {
    expect(answer.status, answer.text).to.equal(503);
    expect(answer.json).to.deep.equal({ msg: 'Sessions cannot be checked at the moment' });
    expect(answer.headers['retry-after']).to.equal('1');
    expect(answer.headers).to.not.have.property('www-authenticate');
  };

  for (const [name, fault] of Object.entries(FAULTS)) {
    it(`lets nobody in if the store ${name}, and recovers`, async () => {
      await open();
      store.fault = fault;
      const start = performance.now();
      const answer = await gate.me(pair.accessToken);
      expect(performance.now() - start).to.be.below(LIMIT * 1000 + 500);
      expectUnavailable(answer);
      expectUnavailable(await gate.rotate(pair.refreshToken));
      expect(gate.errors.map(({ message }) => message)).to.deep.equal([
        'A token could not be checked',
        'A token could not be checked',
      ]);
      store.fault = undefined;
      expect((await gate.me(pair.accessToken)).status).to.equal(200);
      // No failure counts as theft.
      expect((await gate.rotate(pair.refreshToken)).status).to.equal(200);
    });

    it(`lets in and logs each time, if onStoreFailure is allow and the store ${name}`, async () => {
      await open({ onStoreFailure: 'allow' });
      store.fault = fault;
      for (let i = 1; i <= 3; i++) {
        expect((await gate.me(pair.accessToken)).status).to.equal(200);
        expect(gate.errors).to.have.length(i);
      }
      expect(new Set(gate.errors.map(({ message }) => message))).to.deep.equal(
        new Set(['A token was let in that could not be checked']),
      );
      for (const { cause } of gate.errors) {
        if (name !== 'rejects with nothing') expect(cause).to.be.an.instanceOf(Error);
      }
    });
  }

  it('issues no token with an invalid generation', async () => {
    await open();
    for (const value of [...NONSENSE, -1, 0.5, '0', Infinity].filter((each) => each !== 0 && each !== 1)) {
      store.fault = () => Promise.resolve(value);
      for (const made of [gate.manager.createAccessToken('alice'), gate.manager.createTokenPair('alice')]) {
        const error = await rejection(made);
        expect(error, String(value)).to.include({ code: 'ERR_JWT_STORE_UNAVAILABLE', status: 503 });
      }
    }
  });

  it('rotates nothing on a failure, even if onStoreFailure is allow', async () => {
    await open({ onStoreFailure: 'allow' });
    for (const fault of [broken, never, () => Promise.resolve('ok')]) {
      store.fault = fault;
      expectUnavailable(await gate.rotate(pair.refreshToken));
    }
    store.fault = undefined;
    expect((await gate.rotate(pair.refreshToken)).status).to.equal(200);
  });

  it('still refuses revoked tokens if onStoreFailure is allow and the store works', async () => {
    await open({ onStoreFailure: 'allow' });
    await gate.manager.revoke(pair.accessToken);
    expect((await gate.me(pair.accessToken)).status).to.equal(401);
    expect(gate.errors).to.deep.equal([]);
  });

  it('answers 503 to a log-in and a log-out that the store cannot save', async () => {
    await open();
    store.fault = broken;
    const login = await gate.login('alice');
    expect([login.status, (login.json as { msg?: string }).msg]).to.deep.equal([
      503,
      'Sessions cannot be checked at the moment',
    ]);
    expectUnavailable(await gate.logout(pair.accessToken));
    store.fault = undefined;
    expect((await gate.me(pair.accessToken)).status).to.equal(200);
  });

  it("sends Retry-After even if Koa's own error handler answers", async () => {
    await open({}, { defaultErrorHandler: false });
    store.fault = broken;
    const login = await gate.login('alice');
    expect([login.status, login.headers['retry-after']]).to.deep.equal([503, '1']);
  });

  it('hides the cause from clients, and logs it', async () => {
    await open();
    const cause = new Error('connect ECONNREFUSED redis://user:password@10.0.0.1');
    store.fault = () => Promise.reject(cause);
    const { text, headers } = await gate.me(pair.accessToken);
    expect(text + JSON.stringify(headers)).to.not.match(/ECONNREFUSED|password|10\.0/);
    expect(gate.errors[0]?.cause).to.equal(cause);
  });

  it('stops asking a store with 64 pending calls, except for a rare try', async () => {
    await open();
    store.fault = never;
    store.asked = 0;
    await Promise.all(Array.from({ length: 64 }, () => gate.me(pair.accessToken)));
    expect(store.asked).to.equal(64);
    const start = performance.now();
    for (let i = 0; i < 20; i++) expectUnavailable(await gate.me(pair.accessToken));
    // Far less than 20 timeouts in a row.
    expect(performance.now() - start).to.be.below(20 * LIMIT * 1000 * 0.9);
    expect(store.asked).to.be.within(64, 66);
  });

  it('recovers from calls that never return', async () => {
    await open();
    store.fault = never;
    await Promise.all(Array.from({ length: 80 }, () => gate.me(pair.accessToken)));
    store.fault = undefined;
    await sleep(10 * LIMIT * 1000 + 50);
    for (let i = 0; i < 70; i++) expect((await gate.me(pair.accessToken)).status).to.equal(200);
  });

  it('recovers at once when the late calls have returned', async () => {
    await open();
    const owed: (() => void)[] = [];
    store.fault = () =>
      new Promise((resolve) => {
        owed.push(() => {
          resolve('valid');
        });
      });
    await Promise.all(Array.from({ length: 64 }, () => gate.me(pair.accessToken)));
    store.fault = undefined;
    expectUnavailable(await gate.me(pair.accessToken));
    for (const answer of owed) answer();
    expect((await gate.me(pair.accessToken)).status).to.equal(200);
  });

  it('accepts a verdict that is returned without a promise', async () => {
    await open();
    store.fault = () => 'valid' as unknown as Promise<unknown>;
    expect((await gate.me(pair.accessToken)).status).to.equal(200);
    store.fault = () => 'revoked' as unknown as Promise<unknown>;
    expect((await gate.me(pair.accessToken)).status).to.equal(401);
  });

  it('waits for a slow store up to storeTimeout', async () => {
    await open({ storeTimeout: 2 });
    store.fault = async () => {
      await sleep(200);
      return 'valid';
    };
    expect((await gate.me(pair.accessToken)).status).to.equal(200);
    expect(gate.errors).to.deep.equal([]);
  });

  it('gets the store from the container if it is given by its class', async () => {
    await open({ revocationStore: FaultyStore });
    const found = Container.get(FaultyStore);
    expect(found.asked).to.be.greaterThan(0);
    expect((await gate.me(pair.accessToken)).status).to.equal(200);
    await found.revoke({
      identity: 'alice',
      type: 'access',
      jti: await gate.manager.getJti(pair.accessToken),
    });
    expect((await gate.me(pair.accessToken)).status).to.equal(401);
    found.fault = broken;
    expectUnavailable(await gate.me(pair.accessToken));
    found.fault = undefined;
  });

  it('lets nobody in if the container cannot make the store', async () => {
    await open();
    const foreign = await gate.manager.createAccessToken('alice');
    await gate.close();
    @Service()
    class Unmakeable extends MemoryRevocationStore {
      constructor() {
        super();
        throw new Error('There is no store');
      }
    }
    gate = await StoreGate.of({ revocationStore: Unmakeable });
    expectUnavailable(await gate.me(foreign));
  });
});

describe('StoreCalls', () => {
  const FACTS = { identity: 'alice', jti: 'a', type: 'access' } as TokenFacts;
  /** The reason of a call that fails, whether it throws or rejects. */
  async function reasonOf(call: () => unknown): Promise<string> {
    const error = await rejection((async () => call())());
    expect(error).to.be.instanceOf(StoreUnavailableError);
    return (error.cause as Error).message;
  }
  function callsOf(methods: Partial<Record<keyof RevocationStore, () => unknown>>): StoreCalls {
    return new StoreCalls(methods as unknown as RevocationStore, LIMIT);
  }

  it('says what was wrong with a response', async () => {
    for (const response of ['nonsense', Promise.resolve('nonsense'), -1, 1.5, undefined]) {
      const calls = callsOf({
        check: () => response,
        rotate: () => response,
        spend: () => response,
        generation: () => response,
        startSession: () => response,
      });
      const verdict = "The revocation store's verdict must be 'valid', 'revoked' or 'reused'";
      expect(await reasonOf(() => calls.call('check', FACTS, 10))).to.equal(verdict);
      expect(await reasonOf(() => calls.call('rotate', FACTS, 'b', 10))).to.equal(verdict);
      expect(await reasonOf(() => calls.call('spend', FACTS))).to.equal(
        'The revocation store must say whether it has spent a token: true or false',
      );
      expect(await reasonOf(() => calls.call('generation', 'alice'))).to.equal(
        "The revocation store's generation must be 0 or a positive whole number",
      );
    }
    expect(await reasonOf(() => callsOf({}).call('spend', FACTS))).to.equal(
      'The revocation store has no method spend',
    );
    expect(await reasonOf(() => callsOf({ check: never }).call('check', FACTS, 10))).to.equal(
      `The revocation store took longer than ${LIMIT} s`,
    );
  });

  it('tells once that a store fails, and once that it is back', async () => {
    let response: unknown = 'valid';
    const calls = callsOf({ check: () => response });
    const ask = (): Promise<unknown> => (async () => calls.call('check', FACTS, 10))().catch(() => undefined);
    const heard = new Heard();
    try {
      await ask();
      expect(heard.of('store')).to.deep.equal([]);
      response = 'nonsense';
      await ask();
      await ask();
      expect(heard.of('store').map(({ isAvailable }) => isAvailable)).to.deep.equal([false]);
      response = 'valid';
      await ask();
      await ask();
      expect(heard.of('store').map(({ isAvailable }) => isAvailable)).to.deep.equal([false, true]);
    } finally {
      heard.stop();
    }
    response = 'nonsense';
    await ask();
    expect(heard.of('store')).to.have.length(2);
  });

  it('lets no timer live on', async () => {
    const calls = new StoreCalls({ check: async () => 'valid' } as unknown as RevocationStore, 60);
    for (let i = 0; i < 50; i++) await calls.call('check', FACTS, 10);
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    expect(timers).to.have.length.below(20);
  });
});
