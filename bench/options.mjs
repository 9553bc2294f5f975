import path from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/index.mjs';

const MAJOR = process.versions.node.split('.')[0];
const ROOT = path.join(import.meta.dirname, '..');
const MEASUREMENTS = ['inprocess', 'loopback', 'counts', 'alone', 'growth', 'startup', 'memory'];
/** The measurements with a row for each scenario. */
const BY_SCENARIO = ['inprocess', 'loopback', 'counts', 'growth'];
/** What compares two builds. */
const BY_BUILD = ['inprocess', 'loopback'];
const KINDS = ['ours', 'peers'];
/** The versions of Node that people run, whose results are published. */
export const PUBLISHED = ['24', '26'];
/** The Node that runs this, as a value of --node. */
export const THIS = 'this';

const FULL = {
  /** A multiple of the orders that two and three servers have. */
  rounds: 12,
  seconds: 0.3,
  tokens: 1_000_000,
  /** Tokens alone before measurements count. */
  warmUp: 20_000,
  /** Requests that a server answers before measurements count, and seconds that it takes for them at most. */
  settled: 50_000,
  settleSeconds: 5,
  /** Requests in process, or tokens alone, timed together. */
  batch: 2000,
  /** Requests that are counted. What is counted does not vary, so few are enough. */
  counted: 100,
  actions: [10, 100, 1000],
};

/** Enough to check that everything works, but not to quote. */
const QUICK = {
  rounds: 1,
  seconds: 0.05,
  tokens: 400,
  warmUp: 0,
  settled: 1,
  settleSeconds: 0.01,
  batch: 20,
  counted: 10,
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
      rows: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      library: { type: 'string', default: path.join(ROOT, 'dist/index.js') },
      against: { type: 'string' },
      node: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const preset = values.quick ? QUICK : FULL;
  const only = listed(values.only, '--only', [...KINDS, ...MEASUREMENTS]);
  const rows = listed(
    values.rows,
    '--rows',
    SCENARIOS.map(({ key }) => key),
  );
  const chosen = (all, otherwise) => {
    const some = all.filter((each) => only.includes(each));
    return some.length > 0 ? some : otherwise;
  };
  const kinds = chosen(KINDS, KINDS);
  // A floor is no row, unless it is asked for.
  const isRow = ({ kind, key }) => (rows.length === 0 ? kind !== 'floor' : rows.includes(key));
  const scenarios = SCENARIOS.filter((each) => kinds.includes(sideOf(each.kind)) && isRow(each));
  const against = values.against === undefined ? undefined : path.resolve(values.against);
  const ofScenarios = rows.length > 0 ? BY_SCENARIO : MEASUREMENTS;
  const byDefault = against === undefined ? ofScenarios : BY_BUILD;
  const isPart = values.quick || only.length > 0 || rows.length > 0 || against !== undefined;
  return {
    ...preset,
    rounds: positive(values.rounds, '--rounds') ?? preset.rounds,
    seconds: positive(values.seconds, '--seconds') ?? preset.seconds,
    tokens: positive(values.tokens, '--tokens') ?? preset.tokens,
    measurements: new Set(chosen(MEASUREMENTS, byDefault)),
    scenarios,
    /** Whether there is anything to compare the library with, which has to be installed. */
    peers: scenarios.some(({ kind }) => kind === 'peer'),
    library: path.resolve(values.library),
    /** Another build of the library, which is measured at its side. */
    against,
    /** Which versions of Node measure: `this`, or what npm knows it by. */
    nodes:
      values.node?.split(',') ?? (isPart ? [THIS] : [THIS, ...PUBLISHED.filter((each) => each !== MAJOR)]),
    /** The arguments for another version of Node. */
    others: tokens.filter(({ name }) => name !== 'node').map(asArgument),
    // A part of the benchmark is not what the files of a whole one say it is.
    files: filesIn(values.out, isPart),
  };
}

function asArgument({ rawName, value }) {
  return value === undefined ? rawName : `${rawName}=${value}`;
}

/** What an option lists, separated by commas, if all of it is known. */
function listed(text, name, known) {
  const list = text === '' ? [] : text.split(',');
  const unknown = list.find((each) => !known.includes(each));
  if (unknown !== undefined) throw new Error(`${name} takes ${known.join(', ')}, not ${unknown}`);
  return list;
}

function sideOf(kind) {
  return kind === 'peer' ? 'peers' : 'ours';
}

function positive(text, name) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`${name} must be a number above 0`);
}

/** What is written: nothing by a part, unless it is asked for, and nothing by a Node that is not published. */
function filesIn(out, isPart) {
  if (out === undefined && (isPart || !PUBLISHED.includes(MAJOR))) return undefined;
  const folder = out ?? ROOT;
  return {
    results: path.join(folder, `bench/results/${MAJOR}.json`),
    chart: out !== undefined || MAJOR === PUBLISHED[0] ? path.join(folder, 'docs/benchmark.svg') : undefined,
    isWhole: out === undefined,
  };
}
