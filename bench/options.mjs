import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.join(import.meta.dirname, '..');
const MEASUREMENTS = ['inprocess', 'loopback', 'alone', 'growth', 'startup', 'memory'];
const KINDS = ['ours', 'peers'];

const FULL = {
  rounds: 9,
  seconds: 1,
  tokens: 1_000_000,
  /** Requests (over loopback: seconds) before measurements count, because compilation takes that long. */
  warmUp: 20_000,
  warmUpSeconds: 4,
  /** Requests in process, or tokens alone, timed together. */
  batch: 3000,
  actions: [10, 100, 1000],
};

/** Enough to check that everything works, but not to quote. */
const QUICK = {
  rounds: 1,
  seconds: 0.05,
  tokens: 400,
  warmUp: 0,
  warmUpSeconds: 0.01,
  batch: 20,
  actions: [10],
};

/** The options on the command line. Throws if they are invalid. */
export function parseOptions(args) {
  const { values, tokens } = parseArgs({
    args,
    tokens: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      tokens: { type: 'string' },
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      library: { type: 'string', default: path.join(ROOT, 'dist/index.js') },
      node: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const preset = values.quick ? QUICK : FULL;
  const only = values.only === '' ? [] : values.only.split(',');
  for (const each of only) {
    if (![...MEASUREMENTS, ...KINDS].includes(each)) {
      throw new Error(`--only takes ${[...KINDS, ...MEASUREMENTS].join(', ')}, not ${each}`);
    }
  }
  const chosen = (all) =>
    all.some((each) => only.includes(each)) ? all.filter((each) => only.includes(each)) : all;
  return {
    ...preset,
    rounds: positive(values.rounds, '--rounds') ?? preset.rounds,
    seconds: positive(values.seconds, '--seconds') ?? preset.seconds,
    tokens: positive(values.tokens, '--tokens') ?? preset.tokens,
    measurements: new Set(chosen(MEASUREMENTS)),
    kinds: new Set(chosen(KINDS)),
    library: path.resolve(values.library),
    node: values.node,
    /** The arguments for another version of Node. */
    others: tokens.filter(({ name }) => name !== 'node').map(asArgument),
    // A partial run must not overwrite the files of a full one.
    files: filesIn(values.out ?? (values.quick || only.length > 0 ? undefined : ROOT)),
  };
}

function asArgument({ rawName, value }) {
  return value === undefined ? rawName : `${rawName}=${value}`;
}

function positive(text, name) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`${name} must be a number above 0`);
}

function filesIn(folder) {
  if (folder === undefined) return undefined;
  const major = process.versions.node.split('.')[0];
  return {
    results: path.join(folder, `bench/results/${major}.json`),
    chart: path.join(folder, 'docs/benchmark.svg'),
  };
}
