/**
 * Changes the code of src in one place at a time, and tells which changes no spec notices:
 *
 *     npm run mutation -- [--rooms=guard,token] [--files=src/claims.ts] [--critical] [--changed] [--minutes=2] [--check]
 *
 * `--critical` takes the files of which every mutant must be killed. `--changed` takes what has
 * changed since it was measured. `--minutes` ends the run in time, whatever is left. `--check` writes nothing.
 * `--near` leaves out the second round where not every mutant counts; `--unmeasured` takes what has no figures of today.
 * Stryker needs a later Node than the library: npm installs one temporarily when this is older.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { choose } from './choose.mjs';
import { runWith } from '../bench/measure/otherNode.mjs';

if (choose().length === 0) {
  console.log('Nothing was to be measured.');
  process.exit();
}

const here = import.meta.dirname;
if (!existsSync(path.join(here, 'node_modules'))) {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm has not installed Stryker');
}

const script = path.join(here, 'run.mjs');
const args = process.argv.slice(2);
const isLateEnough = Number(process.versions.node.split('.')[0]) >= 24;
process.exitCode = isLateEnough
  ? (spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1)
  : await runWith('24', script, args);
