/**
 * Feeds the library with inputs that are changed again and again, guided by the code that they run. See fuzz/README.md.
 *
 *     npm run fuzz -- [--target=token] [--minutes=5] [--inputs=10000] [--seed=7] [--save] [--replay] [--blind]
 *         [--library=dist] [--json]
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readCorpus, writeCorpus } from './engine/corpus.mjs';
import { explore, smallest } from './engine/explore.mjs';
import { loadLibrary } from './engine/loadLibrary.mjs';
import { memoryGrowth } from './engine/memoryGrowth.mjs';
import { Random } from './engine/Random.mjs';
import { Runner } from './engine/Runner.mjs';
import { Watchdog } from './engine/Watchdog.mjs';
import { exploreSessions } from './sessions.mjs';
import { TARGETS } from './targets/index.mjs';

const ROOT = path.join(import.meta.dirname, '..');
/** Bytes that an input may leave in memory on average, and all of them: code is compiled meanwhile, too. */
const MAX_GROWTH = 100;
const MAX_GROWTH_IN_ALL = 5_000_000;
/** The corpus of a target is small enough to run with the specs. */
const MAX_KEPT = 36;
/** Less says nothing about memory. */
const SECONDS_OF_MEMORY = 5;

const { values: options } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '1' },
    inputs: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    library: { type: 'string', default: path.join(ROOT, 'dist') },
    save: { type: 'boolean', default: false },
    replay: { type: 'boolean', default: false },
    blind: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const wanted = options.target ?? [...Object.keys(TARGETS), 'sessions'];
const unknown = wanted.filter((name) => name !== 'sessions' && TARGETS[name] === undefined);
if (unknown.length > 0) {
  throw new Error(`There is no target ${unknown.join()}: use ${Object.keys(TARGETS).join(', ')} or sessions`);
}

const seconds = Number(options.minutes) * 60;
const { library, coverage } = loadLibrary(path.resolve(options.library));
const watchdog = new Watchdog();
const results = [];
for (const name of wanted) {
  const result = name === 'sessions' ? exploreSessions(seconds, options.seed) : await fuzzed(name);
  results.push(result);
  if (!options.json) console.log(lineOf(result));
  if (result.failure !== undefined) process.exitCode = 1;
}
if (options.json) console.log(JSON.stringify(results));
await watchdog.stop();

async function fuzzed(name) {
  coverage.forget();
  const target = await TARGETS[name](library);
  const runner = new Runner(target, coverage, watchdog);
  const seed = Number(options.seed);
  try {
    const { pool, failure, ...rest } = await explore({
      target,
      runner,
      random: new Random(seed),
      corpus: [...target.seeds, ...readCorpus(name)],
      maxInputs: options.replay ? 0 : Number(options.inputs ?? Infinity),
      maxSeconds: seconds,
      isBlind: options.blind,
    });
    const result = {
      target: name,
      seed,
      ...rest,
      ...coverage.reached(),
      ofFiles: coverage.reached(target.files),
      kept: pool.length,
    };
    if (failure !== undefined) return { ...result, failure: told(failure, name) };
    if (options.save) {
      const chosen = await smallest(pool, runner, MAX_KEPT);
      writeCorpus(
        name,
        chosen.filter((text) => !target.seeds.includes(text)),
      );
      result.kept = chosen.length;
    }
    if (options.blind || options.replay || seconds < 2 * SECONDS_OF_MEMORY) return result;
    const { bytes, runs } = await memoryGrowth(pool, runner, SECONDS_OF_MEMORY);
    result.growth = bytes / runs;
    if (bytes <= MAX_GROWTH_IN_ALL || result.growth <= MAX_GROWTH) return result;
    return {
      ...result,
      failure: { input: '', kind: 'memory growth', message: `${bytes} bytes after ${runs} inputs` },
    };
  } finally {
    runner.close();
  }
}

function told({ input, kind, error }, name) {
  const folder = path.join(ROOT, 'build', 'fuzz');
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}-${kind.replace(/\W+/g, '-').slice(0, 40)}.txt`);
  writeFileSync(file, input);
  return { input, kind, message: String(error?.stack ?? error), file };
}

function lineOf({ target, seed, inputs, seconds: took, kept, growth, failure, ...counts }) {
  if (failure !== undefined) {
    const { kind, input, message } = failure;
    return `${target}: FAILED ${kind} (seed ${seed}) after ${inputs} inputs\n${JSON.stringify(input)}\n${message}`;
  }
  if (target === 'sessions') return `sessions: ${took.toFixed(1)} s, no difference (seed ${seed})`;
  const { branches, ofBranches, points, ofPoints, ofFiles } = counts;
  return [
    `${target}: ${inputs} inputs in ${took.toFixed(1)} s, ${Math.round(inputs / took)} a second (seed ${seed});`,
    `${kept} kept; branches ${branches}/${ofBranches} of the library, ${ofFiles.branches}/${ofFiles.ofBranches}`,
    `of its own files; ${points}/${ofPoints} points${growth === undefined ? '' : `; ${growth.toFixed(1)} bytes an input stay`}`,
  ].join(' ');
}
