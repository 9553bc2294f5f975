import { SCENARIOS } from '../scenarios/index.mjs';
import { measureAlone } from './alone.mjs';
import { isCounted, measureCounts, newCountingChild } from './counts.mjs';
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
    await measureServers(others, options, surroundings, results, say);
    if (growing.length > 0 && measurements.has('growth')) {
      say('growth');
      await measureGrowth(growing, options, surroundings, results);
    }
    if (measurements.has('counts')) {
      say('counts');
      await countAll(others.filter(isCounted), options, surroundings, results);
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

/** In process and over loopback, with the same servers. */
async function measureServers(scenarios, options, surroundings, results, say) {
  const { measurements, against } = options;
  const [inProcess, loopback] = ['inprocess', 'loopback'].map((each) => measurements.has(each));
  if (!inProcess && !loopback) return;
  if (inProcess) results.inProcess = [];
  if (loopback) results.loopback = [];
  for (const scenario of scenarios) {
    say(scenario.title);
    await onStage(Stage.of(scenario, { ...surroundings, against }), results, async (stage) => {
      await warmUp(stage, options, surroundings.keys);
      if (loopback) results.loopback.push(await measureLoopback(stage, options, surroundings.keys));
      if (inProcess) results.inProcess.push(await measureInProcess(stage, options));
    });
  }
}

async function measureGrowth(growing, options, surroundings, results) {
  results.growth = [];
  const concerned = SCENARIOS.filter(({ key }) =>
    growing.some((each) => each.key === key || each.than === key),
  );
  for (const scenario of concerned) {
    // Besides its bare version, nothing that it is compared with.
    const single = { ...scenario, floor: undefined, than: undefined };
    await onStage(Stage.of(single, surroundings), { skipped: [] }, async (stage) => {
      await warmUp(stage, options, surroundings.keys);
      results.growth.push(await measureInProcess(stage, options));
    });
  }
}

async function countAll(scenarios, options, surroundings, results) {
  results.counts = [];
  for (const scenario of scenarios) {
    const opening = Stage.of(scenario, surroundings, newCountingChild);
    await onStage(opening, { skipped: [] }, async (stage) => {
      results.counts.push(await measureCounts(stage, options));
    });
  }
}

/** Measures with the servers of a scenario if they can run, and closes them. */
async function onStage(opening, { skipped }, measure) {
  const stage = await opening;
  try {
    skipped.push(...stage.skipped);
    if (stage.isReady) await measure(stage);
  } finally {
    await stage.close();
  }
}
