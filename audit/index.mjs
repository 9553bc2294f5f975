/*
 * Does a spec fail without the check? Breaks the check behind each must of docs/security.md, one after the other, and runs
 * the specs that may notice. At least one that fails must be named by the page.
 *
 *     npm run audit -- [--row=N]
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { breaks } from './breaks.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { row: { type: 'string', multiple: true } } });

/** The specs that the page names, by the number of the requirement: "file › title". */
const named = new Map(
  [...readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8').matchAll(/^\| (\d+) +\|.*$/gm)].map(
    ([row, number]) => [Number(number), row],
  ),
);
const { options: compilerOptions } = ts.convertCompilerOptionsFromJson(
  JSON.parse(readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8')).compilerOptions,
  ROOT,
);

let failures = 0;
for (const each of breaks) {
  if (values.row !== undefined && !values.row.includes(String(each.row))) continue;
  const problem = await problemOf(each);
  if (problem !== undefined) failures++;
  console.log(`${String(each.row).padStart(3)}  src/${each.file}: ${problem ?? 'noticed'}`);
}
const musts = [...named].filter(([, row]) => /^\| \d+ +\| M /.test(row)).map(([number]) => number);
const missing = musts.filter((number) => !breaks.some(({ row }) => row === number));
if (missing.length > 0) console.log(`No break for ${missing.join(', ')}`);
console.log(
  `${breaks.length} breaks for ${new Set(breaks.map(({ row }) => row)).size} requirements, ${failures} not noticed`,
);
if (failures + missing.length > 0) process.exitCode = 1;

/** Why a break does not show that its requirement has a spec. Undefined when it does. */
async function problemOf({ row, file, find, put, specs }) {
  const source = readFileSync(path.join(ROOT, 'src', file), 'utf8');
  if (source.split(find).length !== 2) return `"${find}" is not there once`;
  const compiled = path.join(ROOT, 'build/src', file.replace(/ts$/, 'js'));
  const original = readFileSync(compiled);
  const broken = ts.transpileModule(
    source.replace(find, () => put),
    { compilerOptions, fileName: path.join(ROOT, 'src', file) },
  );
  try {
    writeFileSync(compiled, broken.outputText);
    const failing = await failuresIn(specs);
    if (failing.length === 0) return `nothing in ${specs.join(', ')} fails`;
    const page = named.get(row) ?? '';
    if (failing.some((title) => page.includes(title))) return undefined;
    return `the page names none of\n${failing
      .slice(0, 6)
      .map((title) => `       ${title}`)
      .join('\n')}`;
  } finally {
    writeFileSync(compiled, original);
  }
}

function failuresIn(specs) {
  const files = specs.map((spec) => `build/spec/${spec}.spec.js`);
  const args = ['node_modules/mocha/bin/mocha.js', '--no-config', '--exit', '--require', 'reflect-metadata'];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...args, '--timeout', '20000', '--reporter', 'json', ...files],
      { cwd: ROOT, maxBuffer: 1e9 },
      (_, stdout) => {
        const at = stdout.indexOf('{\n  "stats"');
        const { failures: failed } =
          at === -1 ? { failures: [] } : JSON.parse(stdout.slice(at, stdout.lastIndexOf('}') + 1));
        resolve(
          failed.map(
            ({ fullTitle, file }) =>
              `(../${path.relative(path.join(ROOT, 'build'), file).replace(/js$/, 'ts')}) › ${fullTitle}`,
          ),
        );
      },
    );
  });
}
