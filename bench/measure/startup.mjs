import { Child } from './Child.mjs';
import { inTurn } from './inTurn.mjs';
import { median, quartiles } from './statistics.mjs';

/** Milliseconds to build a server with so many actions, guarded and open, each time in a new process. */
export async function measureStartup({ rounds, actions }, { library }) {
  const measured = actions.map((count) => ({ count, open: [], guarded: [], ratios: [] }));
  const loading = [];
  for (let round = 0; round < rounds; round++) {
    for (const { count, open, guarded, ratios } of measured) {
      const start = await inTurn(round, { open: false, guarded: true }, (isGuarded) =>
        started(library, count, isGuarded),
      );
      open.push(start.open.building);
      guarded.push(start.guarded.building);
      ratios.push(start.guarded.building / start.open.building);
      loading.push(start.guarded.loading);
    }
  }
  return {
    loadingMillis: quartiles(loading),
    rows: measured.map(({ count, open, guarded, ratios }) => ({
      actions: count,
      openMillis: median(open),
      guardedMillis: median(guarded),
      ratio: quartiles(ratios),
    })),
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
