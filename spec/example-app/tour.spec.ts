import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { ROOT } from '../support/root';
import { Example, FOLDER } from './Example';

const README = readFileSync(path.join(ROOT, 'example-app/README.md'), 'utf8');
const TOUR = README.slice(README.indexOf('\n## A tour with curl\n'));
const DATA_FILE = path.join(FOLDER, 'tour.sqlite');

/** As on a terminal, where zsh takes a pasted `#` for a command, `!` for history, `?` and `[` for a pattern. */
const SHELLS = {
  bash: '--norc -i -s',
  zsh: '-f -i -s -o banghist +o promptsp +o promptcr +o zle',
};

describe('The tour with curl of the example application', function () {
  this.timeout(60_000);
  let example: Example;

  beforeEach(async () => {
    rmSync(DATA_FILE, { force: true });
    example = await Example.start({ DATABASE_FILE: DATA_FILE });
  });
  afterEach(() => Example.stopAll());

  for (const [shell, options] of Object.entries(SHELLS)) {
    it(`prints in ${shell} what README says`, async function () {
      const program = [`/bin/${shell}`, `/usr/bin/${shell}`].find((file) => existsSync(file));
      if (program === undefined && process.env['REQUIRE_ZSH'] === '1')
        expect.fail(`${shell} is not installed`);
      if (program === undefined) this.skip();
      const [printed, complaints] = await paste(`${program} ${options}`);
      expect(
        complaints.filter((line) => line.startsWith(`${shell}: `) && !/job control|process group/.test(line)),
      ).to.deep.equal([]);
      expect(constant(printed)).to.deep.equal(blocksOf('text'));
    });
  }

  /** The lines that a shell and its commands print, and those on standard error. */
  async function paste(shell: string): Promise<[printed: string[], complaints: string[]]> {
    const commands = blocksOf('sh')
      .join('\n')
      .replace('http://localhost:3000', example.url)
      // The program that the spec has built. Without this machine's DATABASE_URL, as the server was started.
      .replace(/^npm run .*make-admin.* (\w+)$/m, `node '${FOLDER}/dist/makeAdmin.js' $1`);
    expect(commands).to.include(example.url).and.include('makeAdmin.js');
    const script = path.join(FOLDER, 'tour.txt');
    writeFileSync(script, `${commands}\n`);
    const env = { DATABASE_FILE: DATA_FILE, DATABASE_URL: undefined, PS1: '', PS2: '' };
    const stdout = await run('sh', ['-c', `${shell} < '${script}' 2> '${script}.err'`], { cwd: FOLDER, env });
    return [stdout.trim().split('\n'), readFileSync(`${script}.err`, 'utf8').split('\n')];
  }
});

/** The lines of all blocks of a language. */
function blocksOf(language: string): string[] {
  const blocks = [...TOUR.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, each]) => each === language);
  return blocks.flatMap(([, , text = '']) => text.trimEnd().split('\n'));
}

function constant(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/"sid":"[\w-]+"/, '"sid":"…"')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…')
      .replace(/curl\/[\d.]+/, 'curl/…'),
  );
}
