/**
 * Runs an application of several processes on Redis under load, while what can fail does, and holds each answer
 * against what is promised.
 *
 *     npm run soak -- [--minutes=5] [--processes=2] [--visitors=16] [--seed=1] [--plant=forgets-revocations]
 *
 * Ends with status 1 when an answer was wrong. `--plant` breaks the application, so that the run must fail.
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plant } from './application/messages';
import { Client } from './Client';
import { FAULTS, STORE_AFTERMATH, type Scene } from './faults';
import { Growth } from './Growth';
import { Judge } from './Judge';
import { KeyRing } from './KeyRing';
import { Process } from './Process';
import { Random } from './Random';
import { RedisPair } from './RedisPair';
import { print } from './report';
import { Troubles } from './Troubles';
import { Visitor } from './Visitor';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    processes: { type: 'string', default: '2' },
    visitors: { type: 'string', default: '16' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    plant: { type: 'string' },
  },
});

/** Between faults, so that what was broken is well again and can be measured. */
const PAUSE = 400;
/** At the end, when every good request must succeed. */
const CALM = 1500;
const BETWEEN_ACTS = 8;
const WARM_UP = 2000;

async function main(): Promise<void> {
  const troubles = new Troubles();
  const judge = new Judge(troubles);
  const keys = new KeyRing();
  const redis = await RedisPair.start();
  const wrong = (what: string): void => {
    judge.complain(what);
  };
  const processes = await Promise.all(
    Array.from({ length: Number(values.processes) }, (_, i) =>
      Process.start(`process ${i + 1}`, redis.port, keys.current, wrong),
    ),
  );
  const random = new Random(Number(values.seed));
  const scene: Scene = { processes, client: new Client(), judge, redis, troubles, random, keys };
  try {
    // What has just started is still being compiled, and slow.
    troubles.begin('store', undefined, WARM_UP).end();
    const growth = new Growth();
    const run = { isOver: false };
    const visits = Array.from({ length: Number(values.visitors) }, (_, i) =>
      visit(new Visitor(`visitor ${i + 1}`, scene), run),
    );
    await sleep(WARM_UP);
    const end = performance.now() + Number(values.minutes) * 60_000;
    const plant = values.plant as Plant | undefined;
    const happened =
      plant === undefined
        ? await breakThings(scene, end - STORE_AFTERMATH - CALM, growth)
        : await breakApplication(plant, scene, end, growth);
    run.isOver = true;
    await Promise.all(visits);
    for (const complaint of growth.complaints()) judge.complain(complaint);
    print({ seed: values.seed, judge, happened, growth, entries: await redis.count() });
    process.exitCode = judge.wrong.length === 0 ? 0 : 1;
  } finally {
    for (const each of processes) await each.stop();
    await redis.remove();
  }
}

async function visit(visitor: Visitor, run: { readonly isOver: boolean }): Promise<void> {
  while (!run.isOver) {
    await visitor.act();
    await sleep(BETWEEN_ACTS);
  }
}

/** Each fault once by chance, then each once again, until the time is up. Returns how often each happened. */
async function breakThings(scene: Scene, end: number, growth: Growth): Promise<Map<string, number>> {
  const happened = new Map<string, number>();
  while (performance.now() < end) {
    for (const { name, run } of scene.random.shuffled(FAULTS)) {
      if (performance.now() > end) break;
      await run(scene);
      happened.set(name, (happened.get(name) ?? 0) + 1);
      await sleep(PAUSE);
      await measure(scene, growth);
    }
  }
  // Everything works again, without a restart.
  await sleep(STORE_AFTERMATH + CALM);
  return happened;
}

/** Nothing but the application is broken. */
async function breakApplication(
  plant: Plant,
  scene: Scene,
  end: number,
  growth: Growth,
): Promise<Map<string, number>> {
  for (const each of scene.processes) each.tell({ kind: 'plant', plant });
  while (performance.now() < end) {
    await sleep(PAUSE);
    await measure(scene, growth);
  }
  return new Map([[plant, 1]]);
}

async function measure({ processes }: Scene, growth: Growth): Promise<void> {
  for (const each of processes) growth.add(each, await each.measure());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
