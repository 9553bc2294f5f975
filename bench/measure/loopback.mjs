import { sentBy } from '../scenarios/index.mjs';
import { compareSides } from './compareSides.mjs';
import { inTurn } from './inTurn.mjs';
import { load } from './load.mjs';
import { asBytes, Requests } from './requests.mjs';
import { interval, median } from './statistics.mjs';

/**
 * Requests per second of a scenario over loopback: all its servers in each round, one after the other. `byCpu` are the
 * same ratios of requests per second of CPU, which other programs on the machine disturb less.
 */
export async function measureLoopback({ scenario, sides }, { rounds, seconds }, keys) {
  const supply = new Requests(sentBy(scenario), keys);
  const slices = [];
  for (let round = 0; round < rounds; round++) {
    const requests = supply.takeFor(seconds).map(asBytes);
    slices.push(await inTurn(round, sides, (side) => slice(side, requests, seconds)));
  }
  const { guarded, floor } = addedTo(slices);
  return {
    key: scenario.key,
    node: process.version,
    ...compareSides(slices.map((each) => mapped(each, ({ rate }) => rate))),
    byCpu: compareSides(slices.map((each) => mapped(each, ({ micros }) => 1 / micros))),
    rates: mapped(sides, (_, side) => median(slices.map((each) => each[side].rate))),
    addedMicros: interval(guarded),
    floorMicros: floor && interval(floor),
    samples: slices.map(({ bare, guarded: { rate } }) => rate / bare.rate),
    settling: mapped(sides, (_, side) => settling(slices.map((each) => each[side].micros))),
    bareBusy: median(slices.map(({ bare }) => bare.busy)),
  };
}

/** Microseconds of CPU that each protection adds, round by round. */
function addedTo(slices) {
  const added = (side) => slices.map((each) => each[side].micros - each.bare.micros);
  return { guarded: added('guarded'), floor: 'floor' in slices[0] ? added('floor') : undefined };
}

/** CPU time of the second half of the rounds by that of the first: far below 1, the server was still compiled. */
function settling(micros) {
  const half = Math.ceil(micros.length / 2);
  return median(micros.slice(-half)) / median(micros.slice(0, half));
}

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}

async function slice({ child, port, status }, requests, seconds) {
  const before = await child.ask('cpu');
  const { served, seconds: taken } = await load(port, requests, { seconds, status });
  const used = (await child.ask('cpu')) - before;
  return { rate: served / taken, micros: used / served, busy: used / 1e6 / taken };
}
