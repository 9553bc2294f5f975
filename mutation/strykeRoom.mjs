/**
 * Mutates files of one room, and writes each result to a file as soon as it is known, a line of JSON each.
 * Started by run.mjs. `isNear`: without specs that start processes. `open` has the mutants of a second round.
 */
import { Stryker } from '@stryker-mutator/core';
import { globSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { LEFT_OUT, ROOMS } from './rooms.mjs';

const here = import.meta.dirname;
const { room, files, lines, concurrency, isNear, open, sandboxes } = JSON.parse(process.argv[2]);
const isFirst = open === undefined;

process.chdir(path.join(here, '..'));
process.env.MUTATION_LINES = lines;
process.env.MUTATION_ROOT = process.cwd();
if (!isFirst) process.env.MUTATION_OPEN = open;
// Sandboxes call `node`: it must be this one.
process.env.PATH = [path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
// A mutant of what runs on import needs a process of its own: this halves the time to load one.
process.env.NODE_COMPILE_CACHE = path.join(here, 'reports/compiled');
mkdirSync(path.join(here, 'reports'), { recursive: true });
rmSync(lines, { force: true });

const specs = new Set(ROOMS[room].specs.flatMap((name) => globSync(`spec/${name}.spec.ts`).sort()));
for (const name of LEFT_OUT) specs.delete(`spec/${name}.spec.ts`);
const forking = (ROOMS[room].forking ?? []).map((name) => `spec/${name}.spec.ts`);
for (const file of forking) specs.add(file);
if (isNear) {
  const beside = files.map((file) => file.replace(/^src/, 'spec').replace(/\.ts.*$/, '.spec.ts'));
  for (const file of forking) if (!beside.includes(file)) specs.delete(file);
}

await new Stryker({
  mutate: files,
  testRunner: 'mocha12',
  mocha12: {
    specs: [...specs].map((file) => `build/${file.replace(/\.ts$/, '.js')}`),
    forking: isNear ? [] : forking.flatMap((file) => [`/${file}`, `/${file.replace(/\.ts$/, '.js')}`]),
    budget: isFirst ? 3000 : 0,
    isFirst,
  },
  plugins: ['mochaRunner.mjs', 'linesReporter.mjs', 'decided.mjs'].map((name) => path.join(here, name)),
  reporters: ['lines'],
  ignorePatterns: [
    'build',
    'dist',
    'coverage',
    'bench',
    'compat',
    'docs/images',
    'mutation/reports',
    '.stryker-tmp',
  ],
  buildCommand: 'node mutation/transpile.mjs',
  coverageAnalysis: 'perTest',
  // A mutant of what runs on import needs a process of its own, so it waits for the second round. If it runs in a test
  // too, that may kill it before.
  ignoreStatic: isFirst,
  concurrency,
  // Specs that loaded a mutant may keep what it left behind: a new process soon forgets it.
  maxTestRunnerReuse: 40,
  // A busy machine must not be taken for a loop without an end.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  dryRunTimeoutMinutes: 10,
  tempDirName: sandboxes,
  allowConsoleColors: false,
  allowEmpty: true,
  checkers: isFirst ? [] : ['decided'],
  disableTypeChecks: false,
  warnings: false,
  logLevel: process.env.MUTATION_LOG ?? 'warn',
}).runMutationTest();
