import { sentBy } from '../scenarios/index.mjs';
import { median, quartiles } from './statistics.mjs';

/** Microseconds of CPU that protection adds to a request in one process, without sockets. */
export async function measureInProcess(stage, { rounds, batch }) {
  const measured = stage.scenarios.map((scenario) => ({ scenario, bare: [], added: [] }));
  // The first round does not count: without sockets there are other paths to compile.
  for (let round = -1; round < rounds; round++) {
    for (const { scenario, bare, added } of measured) {
      const { guarded, bare: compared } = stage.sides(scenario);
      const cost = ({ child, status }) =>
        child.ask('batch', sentBy(scenario), sizeOf(scenario, batch), status);
      const [one, other] = await inTurn(
        round,
        () => cost(compared),
        () => cost(guarded),
      );
      if (round < 0) continue;
      bare.push(one);
      added.push(other - one);
    }
  }
  return measured.map(({ scenario, bare, added }) => ({
    key: scenario.key,
    bareMicros: median(bare),
    addedMicros: quartiles(added),
  }));
}

/** Smaller for RSA, because making signatures takes longer than the measurement. */
function sizeOf({ algorithm, token }, batch) {
  return algorithm === 'RS256' && token === 'new' ? Math.ceil(batch / 4) : batch;
}

/** The order of the two changes with each round. */
export async function inTurn(round, one, other) {
  if (round % 2 === 0) return [await one(), await other()];
  const second = await other();
  return [await one(), second];
}
