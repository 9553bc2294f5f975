/** The goals of the library: each with the measured value, and whether it is enough. */
const BARS = [
  {
    goal: 'same token: protected / bare req/s ≥ 0.90',
    value: (results) => ratio(results, 'seen'),
    reaches: (value) => value >= 0.9,
  },
  {
    goal: 'every token new, HS256: protected / bare req/s ≥ 0.65',
    value: (results) => ratio(results, 'new'),
    reaches: (value) => value >= 0.65,
  },
  {
    goal: 'same token: added CPU / that of koa-jwt on the same application ≤ 0.01',
    value: (results) => quotient(added(results, 'seen'), added(results, 'koa-jwt')),
    reaches: (value) => value <= 0.01,
    digits: 3,
  },
  {
    goal: 'same token: added CPU / that of @fastify/jwt with its cache ≤ 0.50',
    value: (results) => quotient(added(results, 'seen'), added(results, 'fastify-jwt-cache')),
    reaches: (value) => value <= 0.5,
  },
  {
    goal: 'verify a new HS256 token / jsonwebtoken.verify with a KeyObject ≤ 1.25',
    value: (results) => quotient(verified(results, 'ours'), verified(results, 'jsonwebtoken, KeyObject')),
    reaches: (value) => value <= 1.25,
  },
  {
    goal: 'forged tokens: refused / bare req/s ≥ 0.60',
    value: (results) => ratio(results, 'forged'),
    reaches: (value) => value >= 0.6,
  },
  {
    goal: 'Redis with the local cache / memory store, req/s ≥ 0.90',
    value: (results) => quotient(ratio(results, 'redis-local'), ratio(results, 'memory-store')),
    reaches: (value) => value >= 0.9,
  },
  {
    goal: 'memory is bounded: MB that the second half of all tokens adds to the heap ≤ 2',
    value: ({ memory }) =>
      memory === undefined ? undefined : (memory.heapGrowth.end - memory.heapGrowth.halfway) / 2 ** 20,
    reaches: (value) => value <= 2,
  },
];

/** Each goal with the measured value, which is undefined if a measurement is missing. */
export function compareWithBars(results) {
  return BARS.map(({ goal, value, reaches, digits = 2 }) => {
    const measured = value(results);
    if (measured === undefined) return { goal, verdict: 'not measured' };
    const verdict = reaches(measured) ? 'reached' : 'not reached';
    return { goal, value: Number(measured.toFixed(digits)), verdict };
  });
}

function ratio({ loopback = [] }, key) {
  return loopback.find((each) => each.key === key)?.ratio.median;
}

function added({ inProcess = [] }, key) {
  return inProcess.find((each) => each.key === key)?.addedMicros.median;
}

function verified({ alone = [] }, library) {
  const isIt = (each) =>
    each.algorithm === 'HS256' && each.operation === 'verify' && each.library === library;
  return alone.find(isIt)?.micros.median;
}

function quotient(one, other) {
  return one === undefined || other === undefined ? undefined : one / other;
}
