import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT } from './support/root';

/** Words and constructions that this project does not use, with a plain alternative. */
const AVOIDED: readonly [RegExp, string][] = [
  [/\banew\b/i, 'again'],
  [/\bwhoever\b/i, 'everybody who'],
  [/\bthose that\b/i, 'the ones that'],
  [/\bat hand\b/i, 'say where it is'],
  [/\bwhat stands in\b/i, 'contents'],
  [/, for (?:it|they|there|nobody|anyone|no|its) /i, 'because'],
];

const files = execFileSync('git', ['ls-files', '*.ts', '*.mjs', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && file !== 'spec/english.spec.ts');

/** The prose of a file: all of a document, the comments and strings of code. */
function proseOf(file: string): string[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  return file.endsWith('.md') ? lines : lines.filter((line) => /^\s*(?:\/?\*|\/\/)|['"`]/.test(line));
}

describe('The English of comments, messages and documents', () => {
  for (const [pattern, better] of AVOIDED) {
    it(`does without ${String(pattern)}: ${better}`, () => {
      const found = files.flatMap((file) =>
        proseOf(file)
          .filter((line) => pattern.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
      expect(found).to.deep.equal([]);
    });
  }
});
