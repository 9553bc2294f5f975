import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Runs a script with another version of Node, which npm installs temporarily. Returns its exit code. */
export function runWith(version, script, args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'jwt-bench-node-'));
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
    const node = path.join(folder, 'node_modules', name, 'bin/node');
    return spawnSync(node, [script, ...args], { stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
