import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { blobOf } from './blobOf.mjs';

/** Writes each result as it comes, so that a run that is cut off has told what it found. */
class LinesReporter {
  #file = process.env.MUTATION_LINES;
  #sources = new Map();

  onMutationTestingPlanReady({ mutantPlans }) {
    for (const { mutant } of mutantPlans) this.#source(mutant.fileName);
    const planned = {};
    for (const { mutant } of mutantPlans) {
      const file = relative(mutant.fileName);
      planned[file] = {
        blob: blobOf(this.#source(mutant.fileName)),
        mutants: (planned[file]?.mutants ?? 0) + 1,
      };
    }
    appendFileSync(this.#file, `${JSON.stringify({ planned })}\n`);
  }

  onMutantTested({
    fileName,
    location,
    mutatorName,
    replacement,
    status,
    static: atLoad,
    killedBy,
    statusReason,
  }) {
    const source = this.#source(fileName);
    const { start, end } = location;
    const lines = source.split('\n');
    const result = {
      file: relative(fileName),
      at: `${start.line}:${start.column}-${end.line}:${end.column}`,
      mutator: mutatorName,
      line: lines[start.line - 1].trim(),
      code: short(textBetween(lines, start, end)),
      replacement: short(replacement ?? ''),
      status,
    };
    if (atLoad) result.static = true;
    if (killedBy?.length > 0) result.killedBy = killedBy;
    // It may have been the machine.
    if (/^Timeout of/.test(statusReason)) result.isLate = true;
    if (status === 'RuntimeError') result.reason = short(statusReason ?? '');
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`);
  }

  #source(fileName) {
    let source = this.#sources.get(fileName);
    if (source === undefined) this.#sources.set(fileName, (source = readFileSync(fileName, 'utf8')));
    return source;
  }
}

function relative(fileName) {
  return path.relative(process.cwd(), fileName).split(path.sep).join('/');
}

function textBetween(lines, start, end) {
  const text = lines.slice(start.line - 1, end.line);
  text[text.length - 1] = text[text.length - 1].slice(0, end.column - 1);
  text[0] = text[0].slice(start.column - 1);
  return text.join('\n');
}

function short(text) {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length <= 160 ? flat : `${flat.slice(0, 100)}…${flat.slice(-50)}`;
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'lines', LinesReporter)];
