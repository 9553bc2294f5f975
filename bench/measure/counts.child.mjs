import { createHook } from 'node:async_hooks';
import { Session } from 'node:inspector/promises';
import { answer } from './Child.mjs';
import { injectAll } from './inject.mjs';
import { openListener } from './openListener.mjs';
import { Requests } from './requests.mjs';

/** How often bytes are measured. */
const TIMES = 9;

let listener;
let keys;

answer({
  async serve(key, surroundings) {
    ({ keys } = surroundings);
    listener = await openListener(key, surroundings);
  },

  /** Counts per request: what twice as many requests add to so many, because a batch takes something of its own. */
  async count(sent, size, status) {
    const supply = new Requests(sent, keys);
    const batch = (number) => {
      const requests = supply.take(number);
      return () => injectAll(listener, requests, number, status);
    };
    const perRequest = async (counted, times = 1) => {
      // Whatever is done once is done now.
      await counted(batch(size));
      const few = await least(times, () => counted(batch(size)));
      return ((await least(times, () => counted(batch(2 * size)))) - few) / size;
    };
    return {
      functions: await perRequest(functionsOf),
      promises: await perRequest(promisesOf),
      bytes: Math.round(await perRequest(bytesOf, TIMES)),
    };
  },
});

/** The least of so many results, because whatever else happens in the process adds to them. */
async function least(times, measure) {
  const results = [];
  for (let i = 0; i < times; i++) results.push(await measure());
  return Math.min(...results);
}

async function bytesOf(run) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  await run();
  return process.memoryUsage().heapUsed - before;
}

async function promisesOf(run) {
  let promises = 0;
  const hook = createHook({
    init(id, type) {
      if (type === 'PROMISE') promises++;
    },
  });
  hook.enable();
  await run();
  hook.disable();
  return promises;
}

/** All functions in JavaScript, those of Node and of the frameworks, too. */
async function functionsOf(run) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
  const counts = result.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges[0].count));
  return counts.reduce((sum, count) => sum + count, 0);
}
