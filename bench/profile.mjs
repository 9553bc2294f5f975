/**
 * Profiles one scenario over loopback: the functions with the most self time. Prints Markdown.
 *
 *     npm run bench:profile -- [new] [--node=24] [--library=dist/index.js]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Child } from './measure/Child.mjs';
import { load } from './measure/load.mjs';
import { runWith } from './measure/otherNode.mjs';
import { asBytes, Requests } from './measure/requests.mjs';
import { newKeys } from './measure/tokens.mjs';
import { scenarioOf, SCENARIOS, sentBy } from './scenarios/index.mjs';

const SECONDS = 4;
const SHOWN = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string' },
    library: { type: 'string', default: path.join(import.meta.dirname, '../dist/index.js') },
  },
});
const [key = 'new'] = positionals;
if (values.node !== undefined) {
  process.exit(await runWith(values.node, import.meta.filename, [key, `--library=${values.library}`]));
}
const scenario = scenarioOf(key);
if (scenario === undefined) throw new Error(`One of ${SCENARIOS.map((each) => each.key).join(', ')}`);
const surroundings = { library: path.resolve(values.library), keys: newKeys() };
const folder = mkdtempSync(path.join(tmpdir(), 'jwt-profile-'));
try {
  const child = new Child('server.child.mjs', { execArgv: ['--cpu-prof', `--cpu-prof-dir=${folder}`] });
  const port = await child.ask('serve', key, surroundings);
  const supply = new Requests(sentBy(scenario), surroundings.keys);
  let served = 0;
  for (let second = 0; second < SECONDS; second++) {
    const requests = supply.takeFor(1).map(asBytes);
    served += (await load(port, requests, { seconds: 1, status: scenario.status })).served;
  }
  await child.leave();
  const profile = JSON.parse(readFileSync(path.join(folder, readdirSync(folder)[0]), 'utf8'));
  console.log(`Node ${process.version}, ${scenario.title}: µs per request, of ${served} requests\n`);
  console.log('| function | µs |\n| --- | --- |');
  for (const [name, micros] of selfTimes(profile).slice(0, SHOWN)) {
    console.log(`| ${name} | ${(micros / served).toFixed(1)} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function selfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map();
  samples.forEach((id, i) => {
    const name = names.get(id);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]);
  });
  times.delete('(idle)');
  return [...times].sort(([, one], [, other]) => other - one);
}

function nameOf({ functionName, url }) {
  const file = url.replace(/.*(?:node_modules|dist)\//, '').replace('node:', '');
  return file === '' ? functionName : `${functionName} (${file})`;
}
