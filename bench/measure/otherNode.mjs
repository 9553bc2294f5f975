import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Calls back with the file of another version of Node, which npm installs temporarily. */
export async function withNode(version, use) {
  const folder = mkdtempSync(path.join(tmpdir(), 'jwt-other-node-'));
  try {
    const name = `node-${process.platform}-${process.arch}`;
    const install = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      `${name}@${version}`,
    ];
    const { status } = spawnSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`npm has not installed ${name}@${version}`);
    return await use(path.join(folder, 'node_modules', name, 'bin/node'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a script with another version of Node. Returns its exit code. */
export function runWith(version, script, args) {
  return withNode(version, (node) => spawnSync(node, [script, ...args], { stdio: 'inherit' }).status ?? 1);
}
