/**
 * Mutates files of one room, and writes each result to a file as soon as it is known, a line of JSON each.
 * Started by run.mjs: `node strykeRoom.mjs '{"room":…,"files":[…],"lines":…,"concurrency":…}'`.
 */
import { Stryker } from '@stryker-mutator/core';
import { globSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { LEFT_OUT, ROOMS } from './rooms.mjs';

const here = import.meta.dirname;
const { room, files, lines, concurrency } = JSON.parse(process.argv[2]);

process.chdir(path.join(here, '..'));
process.env.MUTATION_LINES = lines;
// Sandboxes call `node`: it must be this one.
process.env.PATH = [path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
mkdirSync(path.join(here, 'reports'), { recursive: true });
rmSync(lines, { force: true });

const specs = new Set(ROOMS[room].specs.flatMap((name) => globSync(`spec/${name}.spec.ts`).sort()));
for (const name of LEFT_OUT) specs.delete(`spec/${name}.spec.ts`);
if (process.env.MUTATION_CAP > 0) {
  // A first, quick round: only the specs beside the sources.
  const folders = new Set(files.map((file) => path.dirname(file).replace(/^src/, 'spec')));
  for (const file of specs) if (!folders.has(path.dirname(file))) specs.delete(file);
  for (const name of ROOMS[room].forking ?? []) specs.delete(`spec/${name}.spec.ts`);
  if (ROOMS[room].forking) specs.add('spec/guard/policyRegistry.spec.ts');
} else for (const name of ROOMS[room].forking ?? []) specs.add(`spec/${name}.spec.ts`);

await new Stryker({
  mutate: files,
  testRunner: 'mocha12',
  mocha12: {
    specs: [...specs].map((file) => `build/${file.replace(/\.ts$/, '.js')}`),
    forking: (process.env.MUTATION_CAP > 0 ? [] : (ROOMS[room].forking ?? [])).flatMap((name) => [
      `/spec/${name}.spec.ts`,
      `/spec/${name}.spec.js`,
    ]),
  },
  plugins: ['mochaRunner.mjs', 'linesReporter.mjs'].map((name) => path.join(here, name)),
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
  ignoreStatic: process.env.MUTATION_STATIC === undefined,
  incremental: true,
  incrementalFile: path.join(here, `reports/${room}.incremental.json`),
  concurrency,
  // Specs that loaded a mutant may keep what it left behind: a new process soon forgets it.
  maxTestRunnerReuse: 40,
  // A busy machine must not be taken for a loop without an end.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  dryRunTimeoutMinutes: 10,
  tempDirName: path.join(here, 'reports/sandboxes'),
  allowConsoleColors: false,
  allowEmpty: true,
  checkers: [],
  disableTypeChecks: false,
  warnings: false,
  logLevel: process.env.MUTATION_LOG ?? 'warn',
}).runMutationTest();
