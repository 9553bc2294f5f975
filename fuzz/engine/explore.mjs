import { mutate } from './mutate.mjs';
import { kindOf } from './Runner.mjs';
import { shorten } from './shorten.mjs';

const RUNS_TO_SHORTEN = 40;
/** So many of the inputs that were kept last are changed as often as all others together. */
const NEWEST = 4;
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
    // What was found last leads on more often.
    const recent = random.below(2) === 0 ? Math.max(0, pool.length - NEWEST) : 0;
    const parent = pool[recent + random.below(pool.length - recent)];
    const text = mutate(parent, random, pool, target.words);
    const { features, error } = await runner.run(text);
    if (error !== undefined) return report(await shortened(text, error, runner));
    const fresh = features.filter((feature) => !seen.has(feature));
    if (fresh.length === 0 || isBlind) continue;
    const short = await shorten(text, async (candidate) => covers(candidate, fresh, runner), RUNS_TO_SHORTEN);
    for (const feature of features) seen.add(feature);
    pool.push(short);
  }
  return report(undefined);
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

/** The fewest and shortest inputs that run what all of them run, each as often. */
export async function smallest(texts, runner) {
  const sorted = [...new Set(texts)].sort(
    (one, other) => one.length - other.length || (one < other ? -1 : 1),
  );
  const covered = new Set();
  const chosen = [];
  for (const text of sorted) {
    const { features } = await runner.run(text);
    if (features.every((feature) => covered.has(feature))) continue;
    for (const feature of features) covered.add(feature);
    chosen.push(text);
  }
  return chosen;
}
