import { sentBy } from '../scenarios/index.mjs';
import { compareSides } from './compareSides.mjs';
import { inTurn } from './inTurn.mjs';
import { interval, median } from './statistics.mjs';

/** Microseconds of CPU that protection adds to a request in one process, without sockets. */
export async function measureInProcess({ scenario, sides }, { rounds, batch }) {
  const costs = [];
  // The first round is not noted: without sockets there are other paths to compile.
  for (let round = -1; round < rounds; round++) {
    const cost = await inTurn(Math.abs(round), sides, ({ child, status }) =>
      child.ask('batch', sentBy(scenario), sizeOf(scenario, batch), status),
    );
    if (round >= 0) costs.push(cost);
  }
  const added = (side) => costs.map((each) => each[side] - each.bare);
  return {
    key: scenario.key,
    node: process.version,
    ...compareSides(costs.map(speeds)),
    bareMicros: median(costs.map(({ bare }) => bare)),
    addedMicros: interval(added('guarded')),
    floorMicros: 'floor' in sides ? interval(added('floor')) : undefined,
    samples: added('guarded'),
  };
}

/** Smaller for RSA, because making signatures takes longer than the measurement. */
function sizeOf({ algorithm, token }, batch) {
  return algorithm === 'RS256' && token === 'new' ? Math.ceil(batch / 4) : batch;
}

/** Requests per microsecond of CPU. */
function speeds(costs) {
  return Object.fromEntries(Object.entries(costs).map(([side, micros]) => [side, 1 / micros]));
}
