import { sentBy } from '../scenarios/index.mjs';
import { inTurn } from './inProcess.mjs';
import { load } from './load.mjs';
import { asBytes, Requests } from './requests.mjs';
import { median, quartiles } from './statistics.mjs';

/** Requests per second over loopback, protected and bare, one scenario after the other in each round. */
export async function measureLoopback(stage, { rounds, seconds }, keys) {
  const measured = stage.scenarios.map((scenario) => ({
    scenario,
    supply: new Requests(sentBy(scenario), keys),
    rates: { bare: [], guarded: [] },
    ratios: [],
    added: [],
    busy: [],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { scenario, supply, rates, ratios, added, busy } of measured) {
      const { bare, guarded } = stage.sides(scenario);
      // An idle server is slow at first, and the bare one is idle less.
      const first = supply.takeFor(seconds / 2).map(asBytes);
      for (const side of [bare, guarded]) await slice(side, first, seconds / 2);
      const requests = supply.takeFor(seconds).map(asBytes);
      const rate = (side) => slice(side, requests, seconds);
      const [one, other] = await inTurn(
        round,
        () => rate(bare),
        () => rate(guarded),
      );
      rates.bare.push(one.rate);
      rates.guarded.push(other.rate);
      ratios.push(other.rate / one.rate);
      added.push(other.micros - one.micros);
      busy.push(one.busy);
    }
  }
  return measured.map(({ scenario, rates, ratios, added, busy }) => ({
    key: scenario.key,
    ratio: quartiles(ratios),
    bareRate: median(rates.bare),
    guardedRate: median(rates.guarded),
    addedMicros: quartiles(added),
    bareBusy: median(busy),
  }));
}

async function slice({ child, port, status }, requests, seconds) {
  const before = await child.ask('cpu');
  const { served, seconds: taken } = await load(port, requests, { seconds, status });
  const used = (await child.ask('cpu')) - before;
  return { rate: served / taken, micros: used / served, busy: used / 1e6 / taken };
}
