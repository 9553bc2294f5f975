import { setTimeout as sleep } from 'node:timers/promises';
import type { LoaderMood } from './application/messages';
import { LIFE } from './application/messages';
import type { KeyRing } from './KeyRing';
import type { Process } from './Process';
import type { RedisPair } from './RedisPair';
import type { Troubles } from './Troubles';
import type { World } from './Visitor';

export interface Scene extends World {
  readonly redis: RedisPair;
  readonly keys: KeyRing;
}

export interface Fault {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/**
 * A process reconnects, and after ten time limits one call is let through to see whether the store is back, so that for
 * so long requests may still get 503.
 */
export const STORE_AFTERMATH = (10 * LIFE.storeTimeout + 1) * 1000;

const CLOCK_LEAP = 30;

/** The local cache must notice a silent link after one second. */
const SILENCE = 2500;

export const FAULTS: readonly Fault[] = [
  { name: 'keys rotate', run: rotateKeys },
  {
    name: 'Redis is killed',
    run: ({ redis, troubles }) =>
      during(troubles.begin('store', undefined, STORE_AFTERMATH), async () => {
        await redis.killAndRestart();
      }),
  },
  {
    name: 'Redis is paused',
    run: ({ redis, troubles }) =>
      during(troubles.begin('store', undefined, STORE_AFTERMATH), async () => {
        redis.pause();
        await sleep(1500);
        redis.resume();
      }),
  },
  {
    name: 'Redis fails over',
    run: ({ redis, troubles, processes }) =>
      during(troubles.begin('store', undefined, STORE_AFTERMATH), async () => {
        await redis.failOver();
        for (const { link } of processes) link.leadTo(redis.port);
      }),
  },
  {
    name: 'the memory of Redis is emptied',
    run: ({ redis, troubles }) => during(troubles.begin('data lost'), () => redis.empty()),
  },
  {
    name: 'one link to Redis is silent',
    run: ({ random, processes, troubles }) => {
      const { name, link } = random.of(processes);
      return during(troubles.begin('store', name, STORE_AFTERMATH), async () => {
        link.silence();
        await sleep(SILENCE);
        link.resume();
      });
    },
  },
  {
    name: 'all links to Redis are cut',
    run: ({ processes, troubles }) =>
      during(troubles.begin('store', undefined, STORE_AFTERMATH), () => {
        for (const { link } of processes) link.cut();
      }),
  },
  {
    name: 'the connections of clients are cut',
    run: ({ processes, client, troubles, random }) => {
      const cut = random.of(processes);
      return during(troubles.begin('clients cut', cut.name, 200), () => {
        client.cut(cut);
      });
    },
  },
  { name: 'the user loader is slow', run: (scene) => loaderIs('slow', scene) },
  {
    name: 'the user loader throws',
    run: (scene) => during(scene.troubles.begin('loader throwing'), () => loaderIs('throwing', scene)),
  },
  {
    name: 'the user loader hangs',
    run: (scene) => during(scene.troubles.begin('loader hanging'), () => loaderIs('hanging', scene)),
  },
  { name: 'a clock is ahead', run: (scene) => clockLeaps(CLOCK_LEAP, scene) },
  { name: 'a clock is behind', run: (scene) => clockLeaps(-CLOCK_LEAP, scene) },
  {
    name: 'a process is killed',
    run: ({ random, processes, keys, troubles }) => {
      const killed = random.of(processes);
      return restart(killed, keys, troubles);
    },
  },
];

async function during(trouble: { end: () => void }, run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    trouble.end();
  }
}

async function restart(process: Process, keys: KeyRing, troubles: Troubles): Promise<void> {
  const { name } = process;
  // What has just started is still being compiled, and slow.
  const isNew = troubles.begin('store', name, 1000);
  await during(troubles.begin('restart', name, 500), () => process.restart(keys.current));
  isNew.end();
}

/** Each step reaches all processes before the next: docs/keys.md. */
async function rotateKeys({ processes, keys, troubles }: Scene): Promise<void> {
  for (const step of ['add', 'swap'] as const) {
    // What the oldest key has signed is over, or is refused from now on.
    if (step === 'add' && keys.dropOldest()) troubles.begin('keys dropped');
    keys[step]();
    for (const process of processes) await restart(process, keys, troubles);
  }
}

async function loaderIs(mood: LoaderMood, { processes }: Scene): Promise<void> {
  for (const process of processes) process.tell({ kind: 'loader', mood });
  await sleep(1200);
  for (const process of processes) process.tell({ kind: 'loader', mood: 'well' });
}

async function clockLeaps(seconds: number, { random, processes, troubles }: Scene): Promise<void> {
  const process = random.of(processes);
  await during(troubles.begin('clock', process.name, 200), async () => {
    process.tell({ kind: 'clock', seconds });
    await sleep(1500);
    process.tell({ kind: 'clock', seconds: 0 });
  });
}
