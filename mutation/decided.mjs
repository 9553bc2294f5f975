import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';
import { CheckStatus } from '@stryker-mutator/api/check';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Stryker takes places to mutate, with all that is inside of them. This passes over the mutants in an open block that the
 * first round has decided.
 */
class Decided {
  #open = new Set(JSON.parse(readFileSync(process.env.MUTATION_OPEN, 'utf8')));

  async init() {
    // There is nothing to prepare.
  }

  async check(mutants) {
    return Object.fromEntries(
      mutants.map((mutant) => [
        mutant.id,
        this.#open.has(nameOf(mutant))
          ? { status: CheckStatus.Passed }
          : { status: CheckStatus.CompileError, reason: 'It was decided before' },
      ]),
    );
  }
}

/** As the results name a mutant. Here lines and columns count from 0. */
function nameOf({ fileName, location: { start, end }, mutatorName, replacement }) {
  const file = path.relative(process.env.MUTATION_ROOT, fileName).split(path.sep).join('/');
  const at = `${start.line + 1}:${start.column + 1}-${end.line + 1}:${end.column + 1}`;
  return JSON.stringify([file, at, mutatorName, replacement]);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'decided', Decided)];
