import { sentBy } from '../scenarios/index.mjs';
import { inTurn } from './inTurn.mjs';
import { load } from './load.mjs';
import { asBytes, Requests } from './requests.mjs';

const PART_SECONDS = 0.4;

/**
 * Has every server answer so many requests, because it is compiled in the course of them: bench/settling.mjs shows how.
 * In turns, because what else the machine does in one long time would leave one server less compiled than the other. A
 * slow server gets no more than so many seconds.
 */
export async function warmUp({ scenario, sides }, { settled, settleSeconds }, keys) {
  const supplies = suppliesOf(sentBy(scenario), keys);
  const served = Object.fromEntries(Object.keys(sides).map((name) => [name, 0]));
  for (let part = 0; part < settleSeconds / PART_SECONDS; part++) {
    const cold = Object.entries(sides).filter(([name]) => served[name] < settled);
    if (cold.length === 0) break;
    const seconds = Math.min(PART_SECONDS, settleSeconds);
    // New ones for each part, which the servers have not remembered.
    const requests = supplies[part % supplies.length].takeFor(seconds).map(asBytes);
    const named = cold.map(([name, side]) => [name, { name, ...side }]);
    await inTurn(part, Object.fromEntries(named), async ({ name, port, status }) => {
      served[name] += (await load(port, requests, { seconds, status })).served;
    });
  }
}

/** Tokens that take long to make would be too few: every second part sends one of them again and again. */
function suppliesOf(sent, keys) {
  const supply = new Requests(sent, keys);
  const isSlow = sent.algorithm !== 'HS256' && sent.token === 'new';
  return isSlow ? [new Requests({ ...sent, token: 'seen' }, keys), supply] : [supply];
}
