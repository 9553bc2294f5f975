import { sentBy } from '../scenarios/index.mjs';
import { compareBuilds } from './compareBuilds.mjs';
import { inTurn } from './inTurn.mjs';
import { load } from './load.mjs';
import { asBytes, Requests } from './requests.mjs';
import { median, quartiles } from './statistics.mjs';

/** Requests per second over loopback, protected and bare, one scenario after the other in each round. */
export async function measureLoopback(stage, { rounds, seconds }, keys) {
  const measured = stage.scenarios.map((scenario) => ({
    scenario,
    supply: new Requests(sentBy(scenario), keys),
    slices: [],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { scenario, supply, slices } of measured) {
      const sides = stage.sides(scenario);
      // A server that has been idle for a while is slow at first, and the bare one is idle less.
      const first = supply.takeFor(seconds / 2).map(asBytes);
      await inTurn(round, sides, (side) => slice(side, first, seconds / 2));
      const requests = supply.takeFor(seconds).map(asBytes);
      slices.push(await inTurn(round, sides, (side) => slice(side, requests, seconds)));
    }
  }
  return measured.map(({ scenario, slices }) => ({
    key: scenario.key,
    ratio: quartiles(slices.map(({ bare, guarded }) => guarded.rate / bare.rate)),
    bareRate: median(slices.map(({ bare }) => bare.rate)),
    guardedRate: median(slices.map(({ guarded }) => guarded.rate)),
    addedMicros: quartiles(slices.map(({ bare, guarded }) => guarded.micros - bare.micros)),
    bareBusy: median(slices.map(({ bare }) => bare.busy)),
    builds: compareBuilds(slices.map(rates)),
  }));
}

function rates(slices) {
  return Object.fromEntries(Object.entries(slices).map(([side, { rate }]) => [side, rate]));
}

async function slice({ child, port, status }, requests, seconds) {
  const before = await child.ask('cpu');
  const { served, seconds: taken } = await load(port, requests, { seconds, status });
  const used = (await child.ask('cpu')) - before;
  return { rate: served / taken, micros: used / served, busy: used / 1e6 / taken };
}
