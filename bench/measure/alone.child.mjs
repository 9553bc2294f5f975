import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { contestantsFor } from '../scenarios/alone.mjs';
import { answer } from './Child.mjs';
import { inTurn } from './inTurn.mjs';
import { NOBODY } from './requests.mjs';
import { TokenMaker } from './tokens.mjs';

let contestants;
let maker;

answer({
  async prepare(algorithm, peers, surroundings) {
    maker = new TokenMaker(algorithm, surroundings.keys);
    const load = createRequire(surroundings.library);
    const prepared = await contestantsFor(algorithm, peers, { ...surroundings, load });
    ({ contestants } = prepared);
    return {
      skipped: prepared.skipped,
      contestants: contestants.map(({ library, operation }) => ({ library, operation })),
    };
  },

  /** Microseconds per operation of each contestant. Every token is new to all of them. */
  async round(number, size) {
    const tokens = Array.from({ length: size }, () => maker.valid(NOBODY));
    return Object.values(await inTurn(number, contestants, ({ run }) => timed(run, tokens)));
  },
});

async function timed(run, tokens) {
  globalThis.gc(true);
  const start = performance.now();
  for (const token of tokens) {
    const result = run(token);
    if (result instanceof Promise) await result;
  }
  return ((performance.now() - start) * 1000) / tokens.length;
}
