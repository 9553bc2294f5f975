import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, '..');

/** Installs the peers, unless they are installed as in the lock file. */
export function installPeers() {
  const lock = path.join(FOLDER, 'package-lock.json');
  const installed = path.join(FOLDER, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  const { status } = spawnSync('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm ci --prefix bench has failed');
}

/** Versions by name. */
export function peerVersions() {
  const { dependencies } = manifestIn(FOLDER);
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => [
      name,
      manifestIn(path.join(FOLDER, 'node_modules', name)).version,
    ]),
  );
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
