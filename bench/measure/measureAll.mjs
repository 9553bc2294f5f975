import { SCENARIOS } from '../scenarios/index.mjs';
import { measureAlone } from './alone.mjs';
import { measureInProcess } from './inProcess.mjs';
import { measureLoopback } from './loopback.mjs';
import { measureMemory } from './memory.mjs';
import { startRedis } from './redisServer.mjs';
import { Stage } from './Stage.mjs';
import { measureStartup } from './startup.mjs';
import { newKeys } from './tokens.mjs';
import { warmUp } from './warmUp.mjs';

/** Runs the chosen measurements. `say` reports progress. */
export async function measureAll(options, say) {
  const { measurements } = options;
  const redis = await startRedis();
  const surroundings = { library: options.library, keys: newKeys(), redis: redis?.url };
  const growing = options.scenarios.filter(({ kind }) => kind === 'growth');
  const others = options.scenarios.filter(({ kind }) => kind !== 'growth');
  const results = { skipped: [] };
  try {
    if (others.length > 0 && (measurements.has('inprocess') || measurements.has('loopback'))) {
      const { against } = options;
      await onStage(others, { ...surroundings, against }, results, async (stage) => {
        say('warming up');
        await warmUp(stage, options, surroundings.keys);
        if (measurements.has('inprocess')) {
          say('requests in process');
          results.inProcess = await measureInProcess(stage, options);
        }
        if (measurements.has('loopback')) {
          say('requests over loopback');
          results.loopback = await measureLoopback(stage, options, surroundings.keys);
        }
      });
    }
    if (growing.length > 0 && measurements.has('growth')) {
      say('growth');
      await onStage(withCompared(growing), surroundings, results, async (stage) => {
        await warmUp(stage, options, surroundings.keys);
        results.growth = await measureInProcess(stage, options);
      });
    }
    if (measurements.has('alone')) {
      say('tokens alone');
      const { rows, skipped } = await measureAlone(options, surroundings);
      results.alone = rows;
      results.skipped.push(...skipped);
    }
    if (measurements.has('startup')) {
      say('starting servers');
      results.startup = await measureStartup(options, surroundings);
    }
    if (measurements.has('memory')) {
      say(`memory, ${options.tokens} tokens`);
      results.memory = await measureMemory(options, surroundings);
    }
    return results;
  } finally {
    await redis?.stop();
  }
}

/** Opens the servers that can run, measures with them, and closes them. */
async function onStage(scenarios, surroundings, results, measure) {
  const stage = await Stage.of(scenarios, surroundings);
  try {
    results.skipped.push(...stage.skipped);
    await measure(stage);
  } finally {
    await stage.close();
  }
}

function withCompared(growing) {
  return SCENARIOS.filter(({ key }) => growing.some((each) => each.key === key || each.than === key));
}
