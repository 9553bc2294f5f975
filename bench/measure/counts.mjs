import { sentBy } from '../scenarios/index.mjs';
import { Child } from './Child.mjs';

/** Without the compilers, which allocate memory of their own and spare some of the program's. */
const UNCOMPILED = ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-lazy-feedback-allocation'];
/** Large enough that nothing is collected while it is counted; in MB. */
const NURSERY = ['--min-semi-space-size=128', '--max-semi-space-size=128'];

/** Rows of ours, and a guard that does nothing. What peers do inside is not ours to count. */
export function isCounted({ kind }) {
  return kind !== 'peer';
}

export function newCountingChild() {
  return new Child('counts.child.mjs', { execArgv: [...UNCOMPILED, ...NURSERY] });
}

/** What a request takes on each side that does not vary: functions entered, promises made, bytes allocated. */
export async function measureCounts({ scenario, sides }, { counted }) {
  const counts = {};
  for (const [side, { child, status }] of Object.entries(sides)) {
    counts[side] = await child.ask('count', sentBy(scenario), counted, status);
  }
  return { key: scenario.key, node: process.version, counts };
}
