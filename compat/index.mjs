/**
 * Runs one application, packed as users get it, with everything that they run it with, and writes what it has found
 * into compat/results.json and the tables of docs/compatibility.md:
 *
 *     npm run test:compat -- [--only=Node,koa,…]
 *
 * With `--only`, the other rows stay as they are. Takes about ten minutes, most of them for npm.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withNode } from '../bench/measure/otherNode.mjs';
import { ALSO, NODE, NODES, PACKAGES, TOOL_PACKAGES, TYPESCRIPTS, VERSIONS } from './rows.mjs';
import { GROUPS as ALL, saveRows } from './saveRows.mjs';
import { TOOLS } from './tools.mjs';
import { Workshop } from './Workshop.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const GROUPS = ALL.filter((group) => group !== 'specs');

const { values } = parseArgs({ options: { only: { type: 'string', default: GROUPS.join() } } });
const only = values.only.split(',');
const unknown = only.find((group) => !GROUPS.includes(group));
if (unknown !== undefined) throw new Error(`--only takes ${GROUPS.join()}, not ${unknown}`);

const rows = [];
const packed = mkdtempSync(path.join(tmpdir(), 'jwt-compat-packed-'));
try {
  const library = path.join(packed, pack());
  await withNode(NODE, async (node) => {
    if (only.includes('Node')) await runNodes({ library, node });
    for (const name of Object.keys(VERSIONS))
      if (only.includes(name)) await runVersions(name, { library, node });
    if (only.includes('TypeScript') || only.includes('tools')) await runTools({ library, node });
  });
} finally {
  rmSync(packed, { recursive: true });
}

function pack() {
  const printed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', packed], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return JSON.parse(printed)[0].filename;
}

/** Adds a row with the result of a run: how many checks it has passed, or why it has failed. */
async function row(facts, run) {
  const added = { ...facts };
  try {
    added.checks = await run();
  } catch (error) {
    added.failed = whatItSays(error.message);
    console.error(error.message);
  }
  console.log(JSON.stringify(added));
  rows.push(added);
  // At once, because a later row may stop the run.
  saveRows(rows, [...new Set(rows.map(({ group }) => group))]);
}

/** The message of the error that a program has ended with. */
function whatItSays(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const [said = lines[0]] = lines.filter((line) => /^\w*Error\b.*?: /.test(line));
  return said.replace(/^\w*Error\b.*?: /, '');
}

async function runNodes({ library, node }) {
  await inWorkshop(withTypes(PACKAGES), { library, node }, async (workshop) => {
    for (const wanted of NODES) {
      await withNode(wanted, async (other) => {
        const version = execFileSync(other, ['--version'], { encoding: 'utf8' }).trim().slice(1);
        await row({ group: 'Node', name: 'Node', version }, () => workshop.serve(['build/app.js'], other));
      });
    }
  });
}

async function runVersions(name, surroundings) {
  for (const wanted of VERSIONS[name]) {
    const packages = withTypes({ ...PACKAGES, ...ALSO[`${name} ${wanted}`], [name]: wanted });
    const overrides = { koa: packages.koa, '@koa/router': packages['@koa/router'] };
    await inWorkshop(packages, { ...surroundings, overrides }, async (workshop) => {
      const version = workshop.versionOf(name);
      if (workshop.loadedVersionOf(name) !== version)
        throw new Error(`Another ${name} than ${version} is loaded`);
      await row({ group: name, name, version }, () => workshop.serve(['build/app.js']));
    });
  }
}

async function runTools({ library, node }) {
  const aliases = TYPESCRIPTS.map((version) => [`typescript-${version}`, `npm:typescript@~${version}.0`]);
  const packages = { ...PACKAGES, ...TOOL_PACKAGES, ...Object.fromEntries(aliases) };
  await inWorkshop(packages, { library, node }, async (workshop) => {
    if (only.includes('TypeScript')) {
      for (const [alias] of aliases) {
        const facts = { group: 'TypeScript', name: 'TypeScript', version: workshop.versionOf(alias) };
        await row(facts, async () => {
          await workshop.run(node, [`node_modules/${alias}/bin/tsc`, '--outDir', alias]);
          return workshop.serve([`${alias}/app.js`]);
        });
      }
    }
    if (!only.includes('tools')) return;
    for (const [name, { package: of, isWritten = false, run }] of Object.entries(TOOLS)) {
      const facts = {
        group: 'tools',
        name,
        version: workshop.versionOf(of),
        ...(isWritten && { isWritten }),
      };
      await row(facts, () => run(workshop));
    }
  });
}

function withTypes(packages) {
  return { ...packages, typescript: TOOL_PACKAGES.typescript, '@types/node': TOOL_PACKAGES['@types/node'] };
}

/** Calls back with a workshop that has the application in build, as tsc makes it. */
async function inWorkshop(packages, surroundings, use) {
  const workshop = await Workshop.with(packages, surroundings);
  try {
    await workshop.run('tsc', ['-p', '.']);
    await use(workshop);
  } finally {
    workshop.remove();
  }
}
