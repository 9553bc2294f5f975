/**
 * Compares the cost of the library with that of others. See bench/README.md.
 *
 *     npm run bench -- [--only=ours,loopback] [--rounds=9] [--seconds=1] [--node=24,this] [--library=dist/index.js]
 *         [--rows=seen,new] [--against=../other/dist/index.js]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { measureAll } from './measure/measureAll.mjs';
import { runWith } from './measure/otherNode.mjs';
import { installPeers, peerVersions } from './measure/peers.mjs';
import { parseOptions, THIS } from './options.mjs';
import { compareWithBars } from './report/bars.mjs';
import { chart } from './report/chart.mjs';
import { markdown } from './report/markdown.mjs';
import { writePages } from './report/pages.mjs';

const options = parseOptions(process.argv.slice(2));
for (const node of options.nodes) {
  if (node === THIS) await run();
  else {
    const code = await runWith(node, import.meta.filename, [...options.others, `--node=${THIS}`]);
    if (code !== 0) process.exitCode = code;
  }
}

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
  if (results.loopback !== undefined && files.chart !== undefined) write(files.chart, chart(results));
  if (files.isWhole) writePages();
}

function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
