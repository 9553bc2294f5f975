import { sentBy } from '../scenarios/index.mjs';
import { load } from './load.mjs';
import { asBytes, Requests } from './requests.mjs';

/** Sends requests to every server for a while, so that the code is compiled before it is measured. */
export async function warmUp(stage, { warmUpSeconds: seconds }, keys) {
  const warm = new Set();
  for (const scenario of stage.scenarios) {
    const requests = new Requests(sentBy(scenario), keys).takeFor(seconds).map(asBytes);
    for (const { port, status } of Object.values(stage.sides(scenario))) {
      if (warm.has(port)) continue;
      warm.add(port);
      await load(port, requests, { seconds, status });
    }
  }
}
