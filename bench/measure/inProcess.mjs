import { sentBy } from '../scenarios/index.mjs';
import { compareBuilds } from './compareBuilds.mjs';
import { inTurn } from './inTurn.mjs';
import { median, quartiles } from './statistics.mjs';

/** Microseconds of CPU that protection adds to a request in one process, without sockets. */
export async function measureInProcess(stage, { rounds, batch }) {
  const measured = stage.scenarios.map((scenario) => ({ scenario, costs: [] }));
  // The first round is not noted: without sockets there are other paths to compile.
  for (let round = -1; round < rounds; round++) {
    for (const { scenario, costs } of measured) {
      const cost = await inTurn(round, stage.sides(scenario), ({ child, status }) =>
        child.ask('batch', sentBy(scenario), sizeOf(scenario, batch), status),
      );
      if (round >= 0) costs.push(cost);
    }
  }
  return measured.map(({ scenario, costs }) => ({
    key: scenario.key,
    bareMicros: median(costs.map(({ bare }) => bare)),
    addedMicros: quartiles(costs.map(({ bare, guarded }) => guarded - bare)),
    builds: compareBuilds(costs.map(speeds)),
  }));
}

/** Smaller for RSA, because making signatures takes longer than the measurement. */
function sizeOf({ algorithm, token }, batch) {
  return algorithm === 'RS256' && token === 'new' ? Math.ceil(batch / 4) : batch;
}

/** Requests per microsecond of CPU. */
function speeds(costs) {
  return Object.fromEntries(Object.entries(costs).map(([side, micros]) => [side, 1 / micros]));
}
