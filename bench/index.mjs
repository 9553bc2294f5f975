/**
 * Compares the cost of the library with that of others. See bench/README.md.
 *
 *     npm run bench -- [--only=ours,loopback] [--rounds=9] [--seconds=1] [--node=24] [--library=dist/index.js]
 *         [--rows=seen,new] [--against=../other/dist/index.js]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { measureAll } from './measure/measureAll.mjs';
import { runWith } from './measure/otherNode.mjs';
import { installPeers, peerVersions } from './measure/peers.mjs';
import { parseOptions } from './options.mjs';
import { compareWithBars } from './report/bars.mjs';
import { chart } from './report/chart.mjs';
import { markdown } from './report/markdown.mjs';

const options = parseOptions(process.argv.slice(2));
if (options.node === undefined) await run();
else process.exitCode = await runWith(options.node, import.meta.filename, options.others);

async function run() {
  const { peers, library, against } = options;
  if (peers) installPeers();
  const results = {
    node: process.version,
    cpus: availableParallelism(),
    rounds: options.rounds,
    seconds: options.seconds,
    versions: peers ? peerVersions() : {},
    builds: against === undefined ? undefined : { library, against },
    ...(await measureAll(options, (what) => console.error(`Node ${process.version}: ${what}`))),
  };
  results.bars = compareWithBars(results);
  console.log(markdown(results));
  const { files } = options;
  if (files === undefined) return;
  write(files.results, `${JSON.stringify(results, undefined, 2)}\n`);
  if (results.loopback !== undefined) write(files.chart, chart(results));
}

function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
