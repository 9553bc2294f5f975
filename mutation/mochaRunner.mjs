import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  determineHitLimitReached,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { appendFileSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, flushCompileCache } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

const TEST_TIMEOUT = 6_000;
/** What a test costs besides, in milliseconds: its hooks, and the tests that are passed over. */
const TEST_OVERHEAD = 10;
const HOOKS = 'before the tests of ';

/**
 * Stryker's own runner cannot load mocha 12. This one also has a time limit for each test, counts what `before` covers
 * for the tests behind it, and counts a mutant with which nothing loads as killed.
 */
class MochaRunner {
  static inject = ['options'];
  #specs;
  #isForking;
  /** With a number: so many milliseconds of the nearest tests are held to a mutant. What survives is no survivor yet. */
  #budget;
  #known;
  #near;
  #isFirst;
  #mocha;
  #loaded = false;
  // Where Stryker's instrumented code looks for the active mutant.
  #mutants = (globalThis.__stryker__ ??= {});

  constructor({ mocha12 }) {
    this.#specs = mocha12.specs;
    this.#budget = mocha12.budget;
    this.#isFirst = mocha12.isFirst;
    this.#isForking = (file) => mocha12.forking.some((each) => file?.endsWith(path.normalize(each)));
  }

  /** In the first round no mutant is active while specs load, so nothing has to be loaded again. */
  capabilities() {
    return { reloadEnvironment: this.#isFirst };
  }

  async init() {
    const require = createRequire(path.join(process.cwd(), 'package.json'));
    const { default: Mocha } = await import(require.resolve('mocha'));
    require('reflect-metadata');
    this.#mocha = new Mocha({ reporter: class {}, timeout: TEST_TIMEOUT });
    this.#mocha.cleanReferencesAfterRun(false);
  }

  async dryRun({ coverageAnalysis }) {
    await this.#load(this.#specs);
    // For the processes that come: they are killed before they would write it.
    flushCompileCache();
    // All tests, because one that fails is left out.
    const result = await this.#run({ disableBail: true, coverageAnalysis });
    if (coverageAnalysis !== 'off') result.mutantCoverage = this.#coverage(result.tests);
    const failed = result.tests.filter(({ status }) => status === TestStatus.Failed);
    const times = Object.fromEntries(result.tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]));
    writeFileSync(factsFile(), JSON.stringify({ times, failed: failed.map(({ id }) => id) }));
    const unfit = [...failed.map(({ id }) => id), ...(await this.#unfit(result.tests))];
    for (const test of failed)
      Object.assign(test, {
        status: TestStatus.Skipped,
        failureMessage: undefined,
      });
    for (const id of unfit) delete result.mutantCoverage?.perTest[id];
    appendFileSync(process.env.MUTATION_LINES, `${JSON.stringify({ unfit })}\n`);
    return result;
  }

  /** Tests that fail by themselves, or again: they would kill every mutant. */
  async #unfit(tests) {
    const unfit = [];
    for (const { id, status, fileName } of tests) {
      if (status !== TestStatus.Success || this.#isForking(fileName)) continue;
      this.#select([id]);
      const alone = await this.#run({ disableBail: false });
      if (alone.tests.some((test) => test.status === TestStatus.Failed)) unfit.push(id);
    }
    return unfit;
  }

  /** Without titles: all tests but the ones that fail anyway. */
  #select(titles) {
    const pattern =
      titles === undefined ? `^(?!(?:${anyOf(this.#facts.failed)})$)` : `^(?:${anyOf(titles)})$`;
    this.#mocha.grep(new RegExp(pattern));
  }

  /** What the run without a mutant has told about the tests. */
  get #facts() {
    this.#known ??= existsSync(factsFile()) ? JSON.parse(readFileSync(factsFile(), 'utf8')) : undefined;
    return this.#known ?? { times: {}, failed: [] };
  }

  async mutantRun({ activeMutant, testFilter, disableBail, hitLimit, mutantActivation }) {
    Object.assign(this.#mutants, { hitLimit, hitCount: hitLimit && 0 });
    const near = (this.#near = nearnessTo(activeMutant.fileName));
    if (mutantActivation === 'static') {
      try {
        await this.#load(
          this.#specs.filter((file) => this.#budget === 0 || near(file) > 0),
          activeMutant.id,
        );
      } catch (error) {
        return {
          status: MutantRunStatus.Killed,
          killedBy: [],
          failureMessage: String(error),
          nrOfTests: 0,
        };
      }
    } else await this.#load(this.#specs);
    const rank = (file) => (this.#isForking(file) ? -1 : near(file));
    this.#mocha.suite.suites.sort((one, other) => rank(other.file) - rank(one.file));
    this.#select(this.#nearest(testFilter));
    return toMutantRunResult(await this.#run({ disableBail, mutant: activeMutant.id }));
  }

  async #load(specs, mutant) {
    if (this.#loaded) return;
    this.#loaded = true;
    for (const file of specs) this.#mocha.addFile(path.resolve(file));
    this.#mutants.activeMutant = mutant;
    await this.#mocha.loadFilesAsync();
  }

  /** The nearest tests, and of those the fastest, as far as the budget allows. */
  #nearest(titles) {
    if (titles === undefined || this.#budget === 0) return titles;
    const { times } = this.#facts;
    const timeOf = (title) => times[title] ?? 0;
    const files = new Map();
    this.#mocha.suite.eachTest((test) => files.set(test.fullTitle(), test.file));
    const rank = (title) => this.#near(files.get(title));
    const sorted = [...titles].sort((one, other) => rank(other) - rank(one) || timeOf(one) - timeOf(other));
    let spent = 0;
    return sorted.filter((title) => (spent += timeOf(title) + TEST_OVERHEAD) <= this.#budget);
  }

  async #run({ disableBail, mutant, coverageAnalysis }) {
    this.#mutants.activeMutant = mutant;
    // For the processes that specs start.
    if (mutant !== undefined) process.env.__STRYKER_ACTIVE_MUTANT__ = mutant;
    bail(this.#mocha.suite, !disableBail);

    const tests = new Map();
    await new Promise((resolve) => {
      let started = performance.now();
      const runner = this.#mocha.run(resolve);
      const note = (test, rest) => {
        const id = test.fullTitle();
        const timeSpentMs = performance.now() - started;
        tests.set(id, {
          id,
          name: id,
          fileName: sourceOf(test.file),
          suites: suitesOf(test),
          timeSpentMs,
          ...rest,
        });
        started = performance.now();
      };
      runner.on('pass', (test) => note(test, { status: TestStatus.Success }));
      runner.on('pending', (test) => note(test, { status: TestStatus.Skipped }));
      runner.on('fail', (test, error) =>
        note(test.ctx?.currentTest ?? test, {
          status: TestStatus.Failed,
          failureMessage: String(error?.message),
        }),
      );
      if (coverageAnalysis !== 'perTest') return;
      const cover = (id) => (this.#mutants.currentTestId = id);
      runner.on('suite', (suite) => cover(HOOKS + suite.fullTitle()));
      runner.on('test', (test) => cover(test.fullTitle()));
      runner.on('hook', (hook) => {
        if (hook.title.startsWith('"before all"')) cover(HOOKS + hook.parent.fullTitle());
        else if (hook.ctx.currentTest !== undefined) cover(hook.ctx.currentTest.fullTitle());
      });
    });
    delete this.#mutants.currentTestId;
    delete process.env.__STRYKER_ACTIVE_MUTANT__;

    const { hitCount, hitLimit } = this.#mutants;
    return (
      determineHitLimitReached(hitCount, hitLimit) ?? {
        status: DryRunStatus.Complete,
        tests: [...tests.values()].map(({ suites, ...test }) =>
          coverageAnalysis ? { ...test, suites } : test,
        ),
      }
    );
  }

  /** A test is covered by what runs before its suites, too. */
  #coverage(tests) {
    const { static: atLoad = {}, perTest = {} } = this.#mutants.mutantCoverage ?? {};
    const all = {};
    // What another process covers is not known.
    const anything = Object.fromEntries(mutantsIn('build/src').map((mutant) => [mutant, 1]));
    for (const { id, suites, fileName } of tests) {
      const hits = { ...(this.#isForking(fileName) ? anything : perTest[id]) };
      for (const suite of suites)
        for (const [mutant, count] of Object.entries(perTest[HOOKS + suite] ?? {}))
          hits[mutant] = (hits[mutant] ?? 0) + count;
      all[id] = hits;
    }
    for (const test of tests) delete test.suites;
    return { static: { ...atLoad }, perTest: all };
  }
}

function factsFile() {
  return `${process.env.MUTATION_LINES}.tests.json`;
}

/** No title is empty, so an empty list is none of them. */
function anyOf(titles) {
  return titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
}

/** How near a spec is to a source: 2 for its own, 1 in its folder. */
function nearnessTo(source) {
  const { dir, name } = path.parse(source.replace(/^.*\bsrc\b/, 'spec'));
  return (file = '') => (file.includes(`${dir}/${name}.`) ? 2 : path.dirname(file).endsWith(dir) ? 1 : 0);
}

function sourceOf(file) {
  return file?.replace(`${path.sep}build${path.sep}`, path.sep).replace(/\.js$/, '.ts');
}

function suitesOf(test) {
  const suites = [];
  for (let suite = test.parent; suite !== undefined; suite = suite.parent) suites.push(suite.fullTitle());
  return suites;
}

function mutantsIn(folder) {
  const files = globSync(`${folder}/**/*.js`);
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/stryMutAct_\w+\("(\d+)"\)/g)].map(([, id]) => id),
  );
}

function bail(suite, yes) {
  suite.bail(yes);
  for (const inner of suite.suites) bail(inner, yes);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'mocha12', MochaRunner)];
export const strykerValidationSchema = {
  properties: {
    mocha12: {
      type: 'object',
      properties: {
        specs: { type: 'array', items: { type: 'string' } },
        forking: { type: 'array', items: { type: 'string' } },
        budget: { type: 'number' },
        isFirst: { type: 'boolean' },
      },
    },
  },
};
