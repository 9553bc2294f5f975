import { SCENARIOS } from '../scenarios/index.mjs';
import { quotientOf } from '../measure/statistics.mjs';

/**
 * The goals of the library, for each version of Node: what is measured, and how much it must be at least, or at most.
 * Ratios are of requests per second over loopback, unless they say otherwise.
 */
const BARS = [
  { goal: 'same token / floor', value: byFloor('seen'), least: 0.97 },
  { goal: 'same token / bare', value: byBare('seen'), least: 0.9 },
  { goal: 'every token new, HS256 / floor', value: byFloor('new'), least: 0.9 },
  { goal: 'forged / floor', value: byFloor('forged'), least: 0.85 },
  { goal: 'no token / floor', value: byFloor('missing'), least: 0.95 },
  { goal: 'memory store / without a store', value: byThan('memory-store'), least: 0.97 },
  { goal: 'Redis with local cache / memory store', value: byThan('redis-local'), least: 0.95 },
  { goal: 'Redis, asked each time / one MGET by hand', value: byFloor('redis-store'), least: 0.9 },
  { goal: 'cookie and CSRF, POST / floor', value: byFloor('cookies'), least: 0.9 },
  { goal: 'user loader / calling it by hand', value: byFloor('user-loader'), least: 0.95 },
  { goal: 'createTokenPair, memory store / two signatures by hand, speed', value: pairByFloor, least: 0.85 },
  { goal: 'start with 100 guarded actions / with 100 open ones, time', value: startByOpen, most: 1.15 },
  { goal: 'same token / bare, by that of the best peer on routing-controllers', value: byBestPeer, least: 1 },
  { goal: 'same token, CPU added / by @fastify/jwt with its cache', value: addedByFastify, most: 0.5 },
  {
    goal: 'MB that the second half of all tokens adds to the heap',
    value: ({ memory }) => memory && exactly((memory.heapGrowth.end - memory.heapGrowth.halfway) / 2 ** 20),
    most: 2,
  },
];

/** Each goal with the measured value and its interval, or none of them if a measurement is missing. */
export function compareWithBars(results) {
  return BARS.map(({ goal, value, least, most }) => {
    const measured = value(results);
    const bar = least === undefined ? `≤ ${most.toFixed(2)}` : `≥ ${least.toFixed(2)}`;
    if (measured === undefined) return { goal, bar, node: results.node, verdict: 'not measured' };
    return { goal, bar, node: results.node, value: measured, verdict: verdictOn(measured, { least, most }) };
  });
}

/** Undecided if the interval includes the bar. */
function verdictOn({ low, high }, { least = -Infinity, most = Infinity }) {
  if (low >= least && high <= most) return 'reached';
  return high < least || low > most ? 'not reached' : 'undecided';
}

function byFloor(key) {
  return (results) => row(results.loopback, key)?.byFloor;
}

function byBare(key) {
  return (results) => row(results.loopback, key)?.ratio;
}

function byThan(key) {
  return (results) => row(results.loopback, key)?.byThan;
}

function pairByFloor({ alone }) {
  const [ours, floor] = ['ours, memory store', 'node:crypto, two signatures by hand'].map((library) =>
    alone?.find((each) => each.operation === 'createTokenPair' && each.library === library),
  );
  return ours && floor && quotientOf(floor.samples, ours.samples);
}

function startByOpen({ startup }) {
  return startup?.rows.find(({ actions }) => actions === 100)?.whole.ratio;
}

function byBestPeer({ loopback }) {
  const ours = row(loopback, 'seen');
  const onSame = ({ key }) =>
    SCENARIOS.some(
      (each) => each.key === key && each.kind === 'peer' && each.framework === 'routing-controllers',
    );
  const peers = (loopback ?? []).filter(onSame).sort((one, other) => other.ratio.median - one.ratio.median);
  return ours && peers[0] && quotientOf(ours.samples, peers[0].samples);
}

function addedByFastify({ inProcess }) {
  const [ours, fastify] = ['seen', 'fastify-jwt-cache'].map((key) => row(inProcess, key));
  return ours && fastify && quotientOf(ours.samples, fastify.samples);
}

function row(rows, key) {
  return rows?.find((each) => each.key === key);
}

function exactly(value) {
  return { median: value, low: value, high: value };
}
