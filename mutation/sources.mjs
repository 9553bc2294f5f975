import { readdirSync } from 'node:fs';
import path from 'node:path';

const SRC = path.join(import.meta.dirname, '../src');

/** All that can be mutated. */
export function sources() {
  const names = readdirSync(SRC, { recursive: true });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.split(path.sep).join('/')}`)
    .sort();
}
