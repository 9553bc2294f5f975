import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const ROUNDS = 4;

/** How many bytes one input leaves in memory, once caches have seen each of them. */
export async function memoryGrowth(texts, runner, minRuns = 4000) {
  const repeats = Math.max(ROUNDS, Math.ceil(minRuns / texts.length));
  const replay = async (times) => {
    for (let i = 0; i < times; i++) for (const text of texts) await runner.run(text);
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await replay(repeats);
  const after = await replay(repeats);
  return (after - before) / (repeats * texts.length);
}
