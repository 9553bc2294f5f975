import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  MemoryRevocationStore,
  type NewSession,
  type RevocationStore,
  type TokenFacts,
  type Verdict,
} from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { JwtClock } from '../../src/testing/JwtClock';
import { withRedisClient } from '../support/withRedisClient';
import { COMMANDS, type Real } from './model/commands';
import { MovableRedis } from './model/MovableRedis';
import { SessionModel } from './model/SessionModel';
import { SessionSystem } from './model/SessionSystem';

/** MODEL_SECONDS runs for longer; MODEL_SEED, MODEL_PATH and MODEL_REPLAY run a failure again, as it tells. */
const { MODEL_SECONDS: SECONDS = '8', MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env;

/** A point in time that is no whole second. */
const START = Date.UTC(2030, 0, 1) + 250;

/** Real time may pass, but a clock that stands still makes each boundary exact. */
class Clock {
  readonly #now = Date.now;
  #moved: JwtClock | undefined;

  set(): JwtClock {
    this.restore();
    Date.now = () => START;
    this.#moved = new JwtClock();
    return this.#moved;
  }

  restore(): void {
    this.#moved?.restore();
    this.#moved = undefined;
    Date.now = this.#now;
  }
}

const clock = new Clock();

interface Compared {
  readonly systems: readonly SessionSystem[];
  /** Moves what does not follow Date.now. */
  readonly advance?: (seconds: number) => Promise<void>;
}

function modelRun(
  commands: Iterable<(typeof COMMANDS)[number] extends fc.Arbitrary<infer Command> ? Command : never>,
  { systems, advance }: Compared,
): Promise<void> {
  return fc.asyncModelRun((): { model: SessionModel; real: Real } => {
    const moved = clock.set();
    for (const system of systems) system.reset();
    const real: Real = {
      systems,
      advance: async (seconds) => {
        moved.advance(seconds);
        await advance?.(seconds);
      },
    };
    return { model: new SessionModel(), real };
  }, commands);
}

const sequences = (maxCommands: number, replayPath?: string) =>
  fc.commands(COMMANDS, { maxCommands, size: 'max', ...(replayPath !== undefined && { replayPath }) });

describe('Sessions', () => {
  afterEach(() => {
    clock.restore();
  });

  withRedisClient('in memory and on Redis, compared with a model', (client) => {
    let systems: SessionSystem[];
    let redis: MovableRedis;

    before(async () => {
      systems = [
        await SessionSystem.of('memory', () => new MemoryRevocationStore()),
        await SessionSystem.of('Redis', () => {
          const prefix = `${randomUUID()}:`;
          redis = new MovableRedis(client(), prefix);
          return new RedisRevocationStore(redis, { prefix });
        }),
      ];
    });
    after(async () => {
      for (const system of systems) await system.close();
    });

    it('do the same after each step', async function () {
      const seconds = Number(SECONDS);
      this.timeout(seconds * 1000 + 60_000);
      await fc.assert(
        fc.asyncProperty(sequences(40, MODEL_REPLAY), async (commands) => {
          await modelRun(commands, { systems, advance: (by) => redis.advance(by) });
        }),
        {
          numRuns: 1_000_000,
          interruptAfterTimeLimit: seconds * 1000,
          ...(MODEL_SEED !== undefined && { seed: Number(MODEL_SEED) }),
          ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
        },
      );
    });
  });

  describe('of a store with a fault', () => {
    for (const [fault, { make, steps }] of Object.entries(faults())) {
      it(`differ from the model: ${fault}`, async function () {
        this.timeout(60_000);
        const system = await SessionSystem.of(fault, make);
        try {
          const { failed, counterexample, numRuns } = await fc.check(
            fc.asyncProperty(sequences(40), async (commands) => {
              await modelRun(commands, { systems: [system] });
            }),
            { numRuns: 3000, interruptAfterTimeLimit: 30_000, seed: 1 },
          );
          expect(failed, `${numRuns} sequences`).to.equal(true);
          // Shrunk to what the fault needs.
          const shrunk = fc.stringify(counterexample?.[0]);
          const left = shrunk.split('),').length;
          expect(left, shrunk).to.be.at.most(steps);
        } finally {
          await system.close();
        }
      });
    }
  });
});

/** How stores may be wrong, and how many steps show it at most. */
function faults(): Record<string, { make: () => RevocationStore; steps: number }> {
  class LongGrace extends MemoryRevocationStore {
    override check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
      return super.check(token, grace + 0.5);
    }
    override rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
      return super.rotate(token, jti, grace + 0.5);
    }
  }
  class ForgivesReuse extends MemoryRevocationStore {
    override check(token: TokenFacts, grace: number): Verdict {
      const verdict = super.check(token, grace) as Verdict;
      return verdict === 'reused' ? 'revoked' : verdict;
    }
  }
  class LogsOutSessionsOnly extends MemoryRevocationStore {
    override async revokeAll(identity: string): Promise<void> {
      for (const { sid } of await this.sessions(identity)) await this.endSession(identity, sid);
    }
  }
  class OneMore extends MemoryRevocationStore {
    override startSession(session: NewSession, max: number | false = false): Promise<number> {
      return super.startSession(session, max === false ? max : max + 1);
    }
  }
  class SpendsTwice extends MemoryRevocationStore {
    override async spend(token: TokenFacts): Promise<boolean> {
      await this.revoke(token);
      return true;
    }
    override check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
      return super.check(token.sid === undefined ? { ...token, jti: null } : token, grace);
    }
  }
  class EndsAnybodys extends MemoryRevocationStore {
    readonly #owners = new Map<string, string>();
    override startSession(session: NewSession, max?: number | false): Promise<number> {
      this.#owners.set(session.sid, session.identity);
      return super.startSession(session, max);
    }
    override endSession(identity: string, sid: string): Promise<void> {
      return super.endSession(this.#owners.get(sid) ?? identity, sid);
    }
  }
  return {
    'the grace is half a second longer': { make: () => new LongGrace(), steps: 4 },
    'a reused token does not end its session': { make: () => new ForgivesReuse(), steps: 4 },
    'a log-out everywhere spares tokens without a session': {
      make: () => new LogsOutSessionsOnly(),
      steps: 2,
    },
    'one more session than the maximum': { make: () => new OneMore(), steps: 3 },
    'a token is spent twice': { make: () => new SpendsTwice(), steps: 3 },
    'anybody ends the session of another': { make: () => new EndsAnybodys(), steps: 2 },
  };
}
