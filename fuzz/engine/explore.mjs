import { mutate } from './mutate.mjs';
import { kindOf } from './Runner.mjs';
import { shorten } from './shorten.mjs';

const RUNS_TO_SHORTEN = 40;
/** Of so many inputs the one is changed that runs what others seldom run. */
const CANDIDATES = 12;
const RUNS_TO_SHORTEN_FAILURE = 3000;

/**
 * Runs the corpus, and then changed inputs until `maxInputs` or `maxSeconds` is reached. Whatever runs code that none has run
 * before, or runs it more often, is kept and changed further, unless `isBlind`. Ends at the first failure.
 */
export async function explore({
  target,
  runner,
  random,
  corpus,
  maxInputs = Infinity,
  maxSeconds = Infinity,
  isBlind = false,
}) {
  const seen = new Set();
  const pool = [];
  /** What was new in an input, and how often each feature ran. */
  const [keptFor, hits] = [new Map(), new Map()];
  const started = performance.now();
  const report = (failure) => ({
    failure,
    pool,
    inputs: runner.runs,
    seconds: (performance.now() - started) / 1000,
  });

  for (const text of corpus) {
    const { features, error } = await runner.run(text);
    if (error !== undefined) return report(await shortened(text, error, runner));
    for (const feature of features) seen.add(feature);
    pool.push(text);
  }
  const isOver = () => runner.runs >= maxInputs || (performance.now() - started) / 1000 >= maxSeconds;
  while (!isOver()) {
    const text = mutate(parentOf(pool, random, keptFor, hits), random, pool, target.words);
    const { features, error } = await runner.run(text);
    for (const feature of features) hits.set(feature, (hits.get(feature) ?? 0) + 1);
    if (error !== undefined) return report(await shortened(text, error, runner));
    const fresh = features.filter((feature) => !seen.has(feature));
    if (fresh.length === 0 || isBlind) continue;
    const short = await shorten(text, async (candidate) => covers(candidate, fresh, runner), RUNS_TO_SHORTEN);
    for (const feature of features) seen.add(feature);
    pool.push(short);
    keptFor.set(short, fresh);
  }
  return report(undefined);
}

/** Half of the time any input, and otherwise one that runs rare code, because more is likely to be behind it. */
function parentOf(pool, random, keptFor, hits) {
  if (random.below(2) === 0) return random.pick(pool);
  let rarest = { text: random.pick(pool), count: Infinity };
  for (let i = 0; i < CANDIDATES; i++) {
    const text = random.pick(pool);
    const count = Math.min(...(keptFor.get(text) ?? []).map((feature) => hits.get(feature) ?? 0));
    if (count < rarest.count) rarest = { text, count };
  }
  return rarest.text;
}

async function covers(text, wanted, runner) {
  const { features, error } = await runner.run(text);
  const ran = new Set(features);
  return error === undefined && wanted.every((feature) => ran.has(feature));
}

async function shortened(text, error, runner) {
  const kind = kindOf(error);
  let last = error;
  const failsLikewise = async (candidate) => {
    const again = await runner.run(candidate);
    if (again.error === undefined || kindOf(again.error) !== kind) return false;
    last = again.error;
    return true;
  };
  // A hang takes seconds each time.
  const runs = kind === 'hang' || kind === 'slow' ? 10 : RUNS_TO_SHORTEN_FAILURE;
  const input = await shorten(text, failsLikewise, runs);
  return { input, kind, error: last };
}

/** Up to `max` inputs that together run most of what all of them run, each as often. Each adds the most, and then is the shortest. */
export async function smallest(texts, runner, max) {
  const left = new Map();
  for (const text of new Set(texts)) left.set(text, (await runner.run(text)).features);
  const covered = new Set();
  const chosen = [];
  while (chosen.length < max) {
    let best = { text: '', gain: 0 };
    for (const [text, features] of left) {
      const gain = features.filter((feature) => !covered.has(feature)).length;
      if (gain > best.gain || (gain > 0 && gain === best.gain && text.length < best.text.length))
        best = { text, gain };
    }
    if (best.gain === 0) break;
    for (const feature of left.get(best.text)) covered.add(feature);
    left.delete(best.text);
    chosen.push(best.text);
  }
  return chosen;
}
