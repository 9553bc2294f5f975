import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CRITICAL, roomOf } from './rooms.mjs';
import { sources } from './sources.mjs';

const here = import.meta.dirname;
const RESULTS = path.join(here, 'results.json');
const PAGE = path.join(here, '../docs/mutation.md');

/** Of all mutants that are not proven equivalent, so many percent must be killed. */
export const FLOOR = 90;

/** By file: the blob that was mutated, how many mutants were killed or looped, and what survived. */
export function readResults() {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
}

/** Why a survivor changes nothing that anybody can see. */
export function readReasons() {
  return JSON.parse(readFileSync(path.join(here, 'equivalent.json'), 'utf8'));
}

export function writeResults(results, table) {
  const sorted = Object.fromEntries(Object.entries(results).sort(([one], [other]) => (one < other ? -1 : 1)));
  // At once, because another run may read it meanwhile.
  const written = `${RESULTS}.${process.pid}`;
  writeFileSync(written, `${JSON.stringify(sorted, undefined, 1)}\n`);
  renameSync(written, RESULTS);
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, withTable(page, table));
}

export function withTable(page, table) {
  return page.replace(
    /(<!-- figures -->\n)[^]*(<!-- end -->)/,
    (_, begin, end) => `${begin}\n${table}\n\n${end}`,
  );
}

/**
 * What the lines of the two rounds say, by file. A survivor of the first without a reason is decided by the second, unless
 * that was only for mutants that the first passed over.
 */
export function summaryOf(first, second, reasons, isNear) {
  const files = {};
  const one = linesOf(first);
  const two = new Map(linesOf(second).mutants.map((mutant) => [placeOf(mutant), mutant]));
  for (const [file, { blob, mutants: planned }] of Object.entries(one.planned))
    files[file] = { blob, killed: 0, timeout: 0, survivors: [], planned, mutants: 0 };
  for (const mutant of one.mutants) {
    const figures = files[mutant.file];
    const { status, line, mutator, code, replacement } = isOpen(mutant, reasons)
      ? (two.get(placeOf(mutant)) ?? (isNear && hasSurvived(mutant) ? mutant : {}))
      : mutant;
    if (status === undefined) continue;
    figures.mutants++;
    if (status === 'Killed') figures.killed++;
    else if (status === 'Timeout') figures.timeout++;
    else if (hasSurvived({ status }))
      figures.survivors.push({ line, mutator, mutant: `${code} → ${replacement}` });
  }
  for (const figures of Object.values(files)) figures.isWhole = figures.mutants >= figures.planned;
  return files;
}

/**
 * The mutants that the first round has left alive without a reason, or passed over: their names, and where they are.
 * `isNear`: only the ones that run on import, too.
 */
export function undecided(first, reasons, isNear) {
  const open = linesOf(first).mutants.filter(
    (mutant) => isOpen(mutant, reasons) && (!isNear || mutant.static === true),
  );
  return { names: open.map(placeOf), places: [...new Set(open.map(rangeOf))] };
}

/** As Stryker wants to be told. */
function rangeOf({ file, at }) {
  const [line, column, endLine, endColumn] = at.split(/[:-]/).map(Number);
  return `${file}:${line}:${column - 1}-${endLine}:${endColumn - 1}`;
}

function linesOf(file) {
  if (!existsSync(file)) return { planned: {}, mutants: [] };
  const all = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const lines = all.map((line) => JSON.parse(line));
  for (const { unfit = [] } of lines)
    for (const title of unfit) console.warn(`Left out, because it fails by itself or again: ${title}`);
  return {
    planned: lines.find((each) => each.planned !== undefined)?.planned ?? {},
    mutants: lines.filter((each) => each.file !== undefined),
  };
}

function placeOf({ file, at, mutator, replacement }) {
  return JSON.stringify([file, at, mutator, replacement]);
}

function hasSurvived({ status }) {
  return status === 'Survived' || status === 'NoCoverage';
}

function isOpen(mutant, reasons) {
  const known = { line: mutant.line, mutant: `${mutant.code} → ${mutant.replacement}` };
  if (mutant.status === 'Ignored') return true;
  return hasSurvived(mutant) && !reasons.some((reason) => isReasonFor(reason, mutant.file, known));
}

/** The table, and what is below the floors. */
export function judge(results, reasons, { part = false } = {}) {
  const problems = [];
  const rows = new Map();
  const used = new Set();
  for (const [file, { killed, timeout, survivors }] of Object.entries(results)) {
    const open = survivors.filter((survivor) => {
      const found = reasons.filter((reason) => isReasonFor(reason, file, survivor));
      for (const reason of found) used.add(key(reason, survivor.mutant));
      return found.length === 0;
    });
    const isCritical = CRITICAL.includes(file);
    const row = rowOf(rows, isCritical ? file : `the rest of ${roomOf(file)}`);
    row.isCritical = isCritical;
    row.killed += killed + timeout;
    row.equivalent += survivors.length - open.length;
    row.open += open.length;
    if (isCritical)
      for (const { line, mutant } of open) problems.push(`${file}: no spec notices ${mutant} in: ${line}`);
  }
  if (!part) {
    for (const reason of reasons)
      for (const mutant of reason.mutants)
        if (results[reason.file] !== undefined && !used.has(key(reason, mutant)))
          problems.push(`${reason.file}: a reason is stale, ${mutant} in: ${reason.line}`);
  }
  const all = { killed: 0, equivalent: 0, open: 0 };
  for (const row of rows.values()) for (const name of Object.keys(all)) all[name] += row[name];
  if (!part && score(all) < FLOOR)
    problems.push(`${score(all)} % of all mutants were killed: the floor is ${FLOOR}`);
  const missing = sources().filter((file) => results[file] === undefined);
  return { table: tableOf([...rows], all) + sentenceAbout(missing), problems, all };
}

/** As prettier writes it. */
function sentenceAbout(missing) {
  if (missing.length === 0) return '';
  return ['\n\nNot measured yet:\n', ...missing.map((file) => `- \`${file}\``)].join('\n');
}

function isReasonFor(reason, file, { line, mutant }) {
  return reason.file === file && reason.line === line && reason.mutants.includes(mutant);
}

function key({ file, line }, mutant) {
  return JSON.stringify([file, line, mutant]);
}

function rowOf(rows, name) {
  let row = rows.get(name);
  if (row === undefined) rows.set(name, (row = { killed: 0, equivalent: 0, open: 0 }));
  return row;
}

/** In percent, with one decimal, rounded down. */
function score({ killed, open }) {
  return killed + open === 0 ? 100 : Math.floor((1000 * killed) / (killed + open)) / 10;
}

function tableOf(rows, all) {
  const cells = rows
    .sort(
      ([one, { isCritical }], [other, row]) =>
        Number(row.isCritical) - Number(isCritical) || (one < other ? -1 : 1),
    )
    .map(([name, row]) => [
      name.startsWith('src/') ? `\`${name}\`` : name,
      row.killed,
      row.equivalent,
      row.open,
      `${score(row)} %`,
    ]);
  cells.push(['**all**', all.killed, all.equivalent, all.open, `${score(all)} %`]);
  return aligned([['mutated', 'killed', 'equivalent', 'survived', 'score'], ...cells]);
}

/** As prettier writes a table. */
function aligned(lines) {
  const texts = lines.map((cells) => cells.map(String));
  const widths = texts[0].map((_, i) => Math.max(...texts.map((cells) => cells[i].length)));
  const rows = texts.map(
    (cells) =>
      `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [rows[0], rule, ...rows.slice(1)].join('\n');
}
