/**
 * Runs the specs with other versions of Node, and writes the counts into compat/results.json and docs/compatibility.md:
 *
 *     npm run test:nodes -- [--node=22,24,26]
 *
 * Takes about a minute for each version.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withNode } from '../bench/measure/otherNode.mjs';
import { saveRows } from './saveRows.mjs';

const ROOT = path.join(import.meta.dirname, '..');

/** What runs no code of the library in this process, and what measures time or memory. */
const LEFT_OUT = [
  'architecture',
  'bench',
  'browser',
  'docs',
  'english',
  'example-app',
  'key/rotation',
  'package',
  'readme',
  'store/redis',
  'testing',
];

const { values } = parseArgs({ options: { node: { type: 'string', default: '22,24,26' } } });

const rows = [];
for (const wanted of values.node.split(',')) await withNode(wanted, (node) => rows.push(specsWith(node)));
saveRows(rows, ['specs']);
if (rows.some(({ failed }) => failed !== undefined)) process.exitCode = 1;

function specsWith(node) {
  const report = path.join(ROOT, 'build/nodes.json');
  rmSync(report, { force: true });
  const ignored = LEFT_OUT.map((name) => `--ignore=build/spec/${name}{/**,.spec.js}`);
  const { stdout, stderr } = spawnSync(
    node,
    [
      path.join(ROOT, 'node_modules/mocha/bin/mocha.js'),
      ...ignored,
      '--timeout=60000',
      '--reporter=json',
      `--reporter-option=output=${report}`,
    ],
    {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: { ...process.env, PATH: [path.dirname(node), process.env.PATH].join(path.delimiter) },
    },
  );
  const { stats, failures } = readReport(report) ?? { stats: {}, failures: [{ fullTitle: stdout + stderr }] };
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
  const row = { group: 'specs', name: 'Node', version, specs: stats.passes };
  if (failures.length > 0) row.failed = `${failures.length} specs: ${failures[0].fullTitle}`;
  for (const { fullTitle, err } of failures) console.error(fullTitle, err?.stack);
  console.log(JSON.stringify(row), `${Math.round(stats.duration / 1000)} s, ${stats.pending} skipped`);
  return row;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
