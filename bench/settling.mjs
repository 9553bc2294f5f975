/**
 * Shows how many requests a server answers before V8 has compiled it, by the CPU time of a request. Prints Markdown.
 *
 *     npm run bench:settling -- [nothing,seen,missing] [--node=24] [--library=dist/index.js]
 *
 * `bare` is the server without protection.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Child } from './measure/Child.mjs';
import { load } from './measure/load.mjs';
import { runWith } from './measure/otherNode.mjs';
import { asBytes, Requests } from './measure/requests.mjs';
import { newKeys } from './measure/tokens.mjs';
import { table, whole } from './report/text.mjs';
import { bareKey, scenarioOf, SCENARIOS, sentBy } from './scenarios/index.mjs';

/** Where a row of the table ends, in requests that the server has answered. */
const ENDS = [1000, 2500, 5000, 10_000, 15_000, 20_000, 30_000, 50_000, 80_000];
const SLICE_SECONDS = 0.05;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string' },
    library: { type: 'string', default: path.join(import.meta.dirname, '../dist/index.js') },
  },
});
if (values.node === undefined) await show();
else {
  const args = [...positionals, `--library=${values.library}`];
  process.exitCode = await runWith(values.node, import.meta.filename, args);
}

async function show() {
  const [list = 'nothing,seen,missing'] = positionals;
  const scenarios = list.split(',').map((key) => scenarioOf(key));
  if (scenarios.includes(undefined)) throw new Error(`Any of ${SCENARIOS.map(({ key }) => key).join(', ')}`);
  const surroundings = { library: path.resolve(values.library), keys: newKeys() };
  const columns = [
    { title: 'bare', costs: await costsOf(bareKey(scenarios[0]), 200, scenarios[0], surroundings) },
  ];
  for (const scenario of scenarios) {
    const costs = await costsOf(scenario.key, scenario.status, scenario, surroundings);
    columns.push({ title: scenario.title, costs });
  }
  const rows = ENDS.map((end, i) => [
    process.version,
    `${whole(ENDS[i - 1] ?? 0)} to ${whole(end)}`,
    ...columns.map(({ costs }) => costs[i]?.toFixed(0) ?? ''),
  ]);
  console.log(table(['Node', 'CPU µs, of requests', ...columns.map(({ title }) => title)], rows));
}

/** Microseconds of CPU per request in each row of the table, of a server that is new. */
async function costsOf(key, status, scenario, surroundings) {
  const child = new Child('server.child.mjs');
  try {
    const port = await child.ask('serve', key, surroundings);
    const supply = new Requests(sentBy(scenario), surroundings.keys);
    const rows = ENDS.map(() => ({ served: 0, micros: 0 }));
    for (let total = 0; total < ENDS.at(-1);) {
      const requests = supply.takeFor(SLICE_SECONDS).map(asBytes);
      const before = await child.ask('cpu');
      const { served } = await load(port, requests, { seconds: SLICE_SECONDS, status });
      const row = rows[ENDS.findIndex((end) => total < end)];
      row.served += served;
      row.micros += (await child.ask('cpu')) - before;
      total += served;
    }
    return rows.map(({ served, micros }) => (served === 0 ? undefined : micros / served));
  } finally {
    await child.end();
  }
}
