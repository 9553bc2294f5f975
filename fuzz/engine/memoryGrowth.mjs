import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** How many bytes so many runs leave in memory, once caches have seen each of the inputs for so many seconds. */
export async function memoryGrowth(texts, runner, seconds) {
  const end = performance.now() + seconds * 1000;
  let runs = 0;
  while (performance.now() < end) await runner.run(texts[runs++ % texts.length]);
  const before = heapUsed();
  for (let i = 0; i < runs; i++) await runner.run(texts[i % texts.length]);
  return { bytes: heapUsed() - before, runs };
}

function heapUsed() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
