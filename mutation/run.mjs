import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { blobOf } from './blobOf.mjs';
import { choose, values } from './choose.mjs';
import { judge, readReasons, readResults, summaryOf, undecided, writeResults } from './results.mjs';
import { sources } from './sources.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const REPORTS = path.join(import.meta.dirname, 'reports');
// There may be another run.
const sandboxes = path.join(REPORTS, `sandboxes-${process.pid}`);
const concurrency = Number(values.concurrency ?? availableParallelism());

process.chdir(ROOT);
mkdirSync(REPORTS, { recursive: true });

const deadline = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const checked = {};
const measured = [];
let isCutOff = false;

for (const { room, files, isCritical } of choose()) {
  if (Date.now() >= deadline) {
    isCutOff = true;
    console.log(`No time was left for ${files.join(', ')}`);
    continue;
  }
  const name = path.join(REPORTS, isCritical ? `${room}.critical` : room);
  const [first, second] = [`${name}.first.jsonl`, `${name}.second.jsonl`];
  for (const file of [first, second]) rmSync(file, { force: true });
  let status = await stryke({ room, files, lines: first, concurrency, isNear: true });
  const isNear = values.near && !isCritical;
  const { names, places } = undecided(first, readReasons(), isNear);
  if (status === 0 && names.length > 0) {
    const open = `${name}.open.json`;
    writeFileSync(open, JSON.stringify(names));
    status = await stryke({ room, files: places, lines: second, concurrency, isNear, open });
  }
  const found = {};
  const summary = summaryOf(first, second, readReasons(), isNear);
  for (const [file, { isWhole, mutants, planned, ...figures }] of Object.entries(summary)) {
    if (!isWhole) {
      isCutOff = true;
      console.log(`${file}: the time ended after ${mutants} of ${planned} mutants`);
    }
    measured.push({ file, isWhole, ...figures });
    if (isWhole) found[file] = figures;
  }
  // Types alone have no mutants.
  const none = { killed: 0, timeout: 0, survivors: [] };
  if (status === 0)
    for (const file of files)
      if (summary[file] === undefined) found[file] = { blob: blobOf(readFileSync(file)), ...none };
  if (!values.check) note(found);
  else Object.assign(checked, found);
  if (status === 'late') isCutOff = true;
  else if (status !== 0) process.exitCode = 1;
}
// Of a run that was cut off.
rmSync(sandboxes, { recursive: true, force: true });
const { table, problems } = judge(resultsWith(checked), readReasons());
console.log(table);
// What a run that was cut off has found counts, too.
for (const { file, isWhole, ...figures } of measured)
  if (!isWhole) problems.push(...judge({ [file]: figures }, readReasons(), { part: true }).problems);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
if (isCutOff) console.log('The time ended before all was measured. What was measured stands above.');
else if (measured.length === 0) console.log('Nothing was to be measured.');

/** What was measured before, and now. Another run may have ended meanwhile. */
function resultsWith(found) {
  const results = { ...readResults(), ...found };
  for (const file of Object.keys(results)) if (!sources().includes(file)) delete results[file];
  return results;
}

function note(found) {
  const results = resultsWith(found);
  writeResults(results, judge(results, readReasons()).table);
}

/** The exit code of a run, or `late`. */
function stryke(run) {
  const what = `${run.files.length} ${run.open === undefined ? 'files' : 'places'}`;
  const specs = run.isNear ? 'the specs beside them' : 'all specs';
  console.log(`${run.room}: ${what}, with ${specs}`);
  const script = path.join(import.meta.dirname, 'strykeRoom.mjs');
  // A group of its own, so that its workers end with it.
  const child = spawn(process.execPath, [script, JSON.stringify({ ...run, sandboxes })], {
    stdio: 'inherit',
    detached: true,
  });
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  return new Promise((resolve) => {
    const left = deadline - Date.now();
    const timer = left === Infinity ? undefined : setTimeout(() => (end(), resolve('late')), left);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}
