import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PUBLISHED } from '../options.mjs';
import { scenarioOf } from '../scenarios/index.mjs';
import { spread, table, whole } from './text.mjs';

const ROOT = path.join(import.meta.dirname, '../..');

export const PAGES = ['docs/performance.md', 'docs/index.md'];

/** What a page says between its marks: tables and sentences of the results of one or of all published Nodes. */
const PARTS = { 'same token': sameToken, servers, counts, goals };

/** The results of whole runs that are published. */
export function publishedResults() {
  const files = PUBLISHED.map((major) => path.join(ROOT, `bench/results/${major}.json`));
  return files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')));
}

export function writePages() {
  for (const page of PAGES) {
    const file = path.join(ROOT, page);
    writeFileSync(file, withFigures(readFileSync(file, 'utf8'), publishedResults()));
  }
}

/** A page with the figures of the results, between its marks. Without results of a Node, what was there stays. */
export function withFigures(page, all) {
  const marked = /(<!-- bench: ([a-z ]+?)(?: of (\d+))? -->\n)([^]*?)(<!-- end -->)/g;
  return page.replaceAll(marked, (_all, start, part, major, before, end) => {
    const concerned = all.filter(({ node }) => major === undefined || node.startsWith(`v${major}.`));
    if (concerned.length === 0) return `${start}${before}${end}`;
    return `${start}\n${PARTS[part](concerned)}\n\n${end}`;
  });
}

function sameToken([{ node, loopback }]) {
  const of = (key) => spread(loopback.find((each) => each.key === key)?.ratio, 2);
  return `With a token that it has seen before, a protected server handles ${of('seen')} of the requests per second of a bare one (Node ${node.slice(1)}, over
loopback, with 95 % intervals; koa-jwt on the same application: ${of('koa-jwt')}). \`npm run bench\` in a clone of the repository measures that on your machine.`;
}

function servers([{ node, cpus, rounds, seconds, loopback }]) {
  const rows = loopback.map((each) => {
    const { title, framework, kind } = scenarioOf(each.key);
    const name = kind === 'peer' ? `${framework}: ${title}` : title;
    return [node.slice(1), name, spread(each.ratio, 2), spread(each.byFloor, 2), spread(each.addedMicros, 0)];
  });
  const head = [
    'Node',
    'protection, over loopback',
    'protected / bare',
    'ours / floor by hand',
    'CPU µs added',
  ];
  const said = `On Node ${node.slice(1)}, on ${cpus} cores: medians of ${rounds} rounds of ${seconds} s, with 95 % intervals.`;
  return `${said}\n\n${table(head, rows)}`;
}

function counts([{ node, counts: measured }]) {
  const rows = measured.map(({ key, counts: { bare, guarded, floor } }) => {
    const added = (what) =>
      [floor, guarded].map((side) => (side === undefined ? '–' : whole(side[what] - bare[what]))).join(' / ');
    return [node.slice(1), scenarioOf(key).title, added('functions'), added('promises'), added('bytes')];
  });
  return table(['Node', 'a request adds, by hand / ours', 'functions entered', 'promises', 'bytes'], rows);
}

function goals(all) {
  const rows = all[0].bars.map(({ goal, bar }) => [
    goal,
    bar,
    ...all.map(({ bars }) => {
      const { value, verdict } = bars.find((each) => each.goal === goal);
      return value === undefined ? verdict : `${spread(value, 2)}, ${verdict}`;
    }),
  ]);
  return table(['goal', 'bar', ...all.map(({ node }) => `Node ${node.slice(1)}`)], rows);
}
