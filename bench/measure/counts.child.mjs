import { createHook } from 'node:async_hooks';
import { Session } from 'node:inspector/promises';
import { answer } from './Child.mjs';
import { injectAll } from './inject.mjs';
import { openListener } from './openListener.mjs';
import { Requests } from './requests.mjs';

/** How often bytes are measured. The least counts, because whatever else happens in the process adds to it. */
const TIMES = 9;

let listener;
let keys;

answer({
  async serve(key, surroundings) {
    ({ keys } = surroundings);
    listener = await openListener(key, surroundings);
  },

  /** Counts per request, of so many requests. */
  async count(sent, size, status) {
    const supply = new Requests(sent, keys);
    const send = async () => {
      const requests = supply.take(size);
      return { run: () => injectAll(listener, requests, size, status) };
    };
    // Whatever is done once is done now.
    await (await send()).run();
    const bytes = [];
    for (let i = 0; i < TIMES; i++) bytes.push(await bytesOf(await send()));
    return {
      functions: (await functionsOf(await send())) / size,
      promises: (await promisesOf(await send())) / size,
      bytes: Math.round(Math.min(...bytes) / size),
    };
  },
});

async function bytesOf({ run }) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  await run();
  return process.memoryUsage().heapUsed - before;
}

async function promisesOf({ run }) {
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
async function functionsOf({ run }) {
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
