import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withTables } from './tables.mjs';

const RESULTS = path.join(import.meta.dirname, 'results.json');
const PAGE = path.join(import.meta.dirname, '../docs/compatibility.md');

export const GROUPS = ['specs', 'Node', 'koa', '@koa/router', 'routing-controllers', 'TypeScript', 'tools'];

/** Writes the rows of some groups into the results, which replace their earlier ones, and into the page. */
export function saveRows(rows, groups) {
  const { rows: before } = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const all = [...before.filter(({ group }) => !groups.includes(group)), ...rows];
  all.sort((one, other) => GROUPS.indexOf(one.group) - GROUPS.indexOf(other.group));
  const results = { on: `${process.platform}-${process.arch}`, rows: all };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), results));
}
