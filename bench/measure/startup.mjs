import { Child } from './Child.mjs';
import { inTurn } from './inTurn.mjs';
import { interval, median } from './statistics.mjs';

/**
 * Milliseconds to start a server with so many actions, guarded and open, each time in a new process: the whole of it,
 * and its parts.
 */
export async function measureStartup({ rounds, actions }, { library }) {
  const loading = [];
  const rows = [];
  for (const count of actions) {
    const starts = [];
    for (let round = 0; round < rounds; round++) {
      const sides = { open: false, guarded: true };
      starts.push(await inTurn(round, sides, (isGuarded) => started(library, count, isGuarded)));
    }
    loading.push(...starts.map(({ guarded }) => guarded.loading));
    rows.push({
      actions: count,
      node: process.version,
      building: partOf(starts, 'building'),
      whole: partOf(starts, 'whole'),
    });
  }
  return { node: process.version, loadingMillis: interval(loading), rows };
}

function partOf(starts, part) {
  return {
    openMillis: median(starts.map(({ open }) => open[part])),
    guardedMillis: median(starts.map(({ guarded }) => guarded[part])),
    ratio: interval(starts.map(({ open, guarded }) => guarded[part] / open[part])),
  };
}

async function started(library, count, isGuarded) {
  const child = new Child('startup.child.mjs');
  try {
    return await child.ask('start', library, count, isGuarded);
  } finally {
    await child.end();
  }
}
