import { sentBy } from '../scenarios/index.mjs';
import { inTurn } from './inTurn.mjs';
import { load } from './load.mjs';
import { asBytes, Requests } from './requests.mjs';

/** As many as three sides have orders. */
const PARTS = 6;

/**
 * Has every server answer for a while, so that the compiler has seen what is measured afterwards. In turns, for what
 * else the machine does in one long time would leave one of two builds less compiled than the other.
 */
export async function warmUp(stage, { warmUpSeconds }, keys) {
  const seconds = warmUpSeconds / PARTS;
  const warm = new Set();
  for (const scenario of stage.scenarios) {
    const supply = new Requests(sentBy(scenario), keys);
    const cold = Object.entries(stage.sides(scenario)).filter(([, { port }]) => !warm.has(port));
    for (let part = 0; part < PARTS; part++) {
      // New ones for each part, which the servers have not remembered.
      const requests = supply.takeFor(seconds).map(asBytes);
      await inTurn(part, Object.fromEntries(cold), ({ port, status }) =>
        load(port, requests, { seconds, status }),
      );
    }
    for (const [, { port }] of cold) warm.add(port);
  }
}
