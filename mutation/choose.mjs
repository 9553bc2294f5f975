import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { blobOf } from './blobOf.mjs';
import { readResults } from './results.mjs';
import { CRITICAL, ROOMS, roomOf } from './rooms.mjs';
import { sources } from './sources.mjs';

const ROOT = path.join(import.meta.dirname, '..');

export const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: Object.keys(ROOMS).join() },
    files: { type: 'string' },
    critical: { type: 'boolean', default: false },
    changed: { type: 'boolean', default: false },
    unmeasured: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    near: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    concurrency: { type: 'string' },
  },
});

/** The files to mutate, by room. Those where every mutant counts come first. */
export function choose() {
  const results = readResults();
  const wanted = values.files?.split(',');
  const isWanted = (file) =>
    (wanted === undefined || wanted.includes(file)) &&
    (!values.critical || CRITICAL.includes(file)) &&
    (!values.changed || results[file] !== undefined) &&
    (!(values.changed || values.unmeasured) || results[file]?.blob !== blobIn(file));
  const all = sources().filter(isWanted);
  const runs = values.rooms.split(',').flatMap((room) => {
    if (ROOMS[room] === undefined)
      throw new Error(`No room ${room}: there are ${Object.keys(ROOMS).join(', ')}`);
    return [true, false].map((isCritical) => ({
      room,
      isCritical,
      files: all.filter((file) => roomOf(file) === room && CRITICAL.includes(file) === isCritical),
    }));
  });
  return runs
    .filter(({ files }) => files.length > 0)
    .sort((one, other) => Number(other.isCritical) - Number(one.isCritical));
}

function blobIn(file) {
  return blobOf(readFileSync(path.join(ROOT, file)));
}
