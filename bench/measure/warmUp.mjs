import { sentBy } from '../scenarios/index.mjs';
import { load } from './load.mjs';
import { asBytes, Requests } from './requests.mjs';

/** Has every server answer for a while, so that the compiler has seen what is measured afterwards. */
export async function warmUp(stage, { warmUpSeconds: seconds }, keys) {
  for (const scenario of stage.scenarios) {
    const requests = new Requests(sentBy(scenario), keys).takeFor(seconds).map(asBytes);
    const { bare, guarded } = stage.sides(scenario);
    await load(bare.port, requests, { seconds, status: bare.status });
    await load(guarded.port, requests, { seconds, status: guarded.status });
  }
}
