import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../support/root';

interface Result {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly kept: number;
  readonly failure?: { readonly kind: string; readonly input: string; readonly message: string };
}

const TARGETS = ['header', 'cookie', 'query', 'body', 'token', 'jwks', 'config', 'env'];
const CORPUS = path.join(ROOT, 'fuzz', 'corpus');
/** Another one every day finds more; a failure tells which one it was. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What may go wrong in a library, and how the fuzzer calls it. */
const FAULTS: readonly {
  readonly title: string;
  readonly target: string;
  readonly changes: readonly Change[];
  readonly kind: RegExp;
}[] = [
  {
    title: 'a token chooses its algorithm',
    target: 'token',
    changes: [
      {
        file: 'token/Verifier.js',
        from: 'if (!algorithms.includes(alg)) {',
        to: "if (!algorithms.includes(alg) && alg !== 'HS384') {",
      },
      {
        file: 'key/OwnKeys.js',
        from: 'if (key?.algorithms.includes(alg) === true)',
        to: 'if (key !== undefined)',
      },
    ],
    kind: /nobody has signed|jsonwebtoken refuses/,
  },
  {
    title: 'fresh tokens never expire',
    target: 'token',
    changes: [
      {
        file: 'token/checkClaims.js',
        from: 'return exp !== undefined && exp <=',
        to: 'return exp !== undefined && arguments[0].fresh !== true && exp <=',
      },
    ],
    kind: /jsonwebtoken refuses/,
  },
  {
    title: 'a CSRF value is compared with a claim that is not there',
    target: 'cookie',
    changes: [
      {
        file: 'token/checkCsrf.js',
        from: "if (typeof csrf !== 'string' || csrf === '')",
        to: "if (String(csrf) === value) return;\n    if (typeof csrf !== 'string' || csrf === '')",
      },
    ],
    kind: /without a CSRF value/,
  },
  {
    title: 'the private key of a JWK Set is used',
    target: 'jwks',
    changes: [{ file: 'key/issuer/fetchJwks.js', from: '|| d !== undefined', to: '' }],
    kind: /not published for it/,
  },
  {
    title: 'a wrong option is a TypeError from inside',
    target: 'config',
    changes: [
      {
        file: 'config/optionKinds.js',
        from: 'accepts: (value) => Array.isArray(value) && value.length > 0 && value.every((entry) => exports.httpToken',
        to: 'accepts: (value) => value.length > 0 && value.every((entry) => exports.httpToken',
      },
    ],
    kind: /another error/,
  },
];

/** Each branch needs a word in a place where inputs seldom have it. Both at once would take many more inputs. */
const BEHIND_BRANCHES: Change = {
  file: 'request/findInHeader.js',
  from: 'const start = headerType.length + 1;',
  to: `const start = headerType.length + 1;
    if (value.includes('/purpose')) {
        if (value.includes('/either')) {
            throw new Error('planted');
        }
    }`,
};

/** Runs the fuzzer in a process of its own, without the coverage of the specs, which is slow. */
async function fuzz(...args: string[]): Promise<Result[]> {
  const command = [path.join(ROOT, 'fuzz', 'index.mjs'), '--json', '--minutes=3', ...args];
  const env = { ...process.env, NODE_V8_COVERAGE: undefined };
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return JSON.parse(output) as Result[];
}

describe('The fuzzer', () => {
  it('finds nothing in the library with its corpus and some seconds of new inputs', async function () {
    this.timeout(400_000);
    const targets = TARGETS.map((name) => `--target=${name}`);
    const results = await fuzz(...targets, '--minutes=0.02', `--seed=${SEED}`);
    for (const { target, failure, inputs } of results) {
      expect(failure, `npm run fuzz -- --target=${target} --seed=${SEED}`).to.equal(undefined);
      expect(inputs).to.be.greaterThan(readdirSync(path.join(CORPUS, target)).length);
    }
    expect(results.map(({ target }) => target)).to.deep.equal(TARGETS);
  });

  it('has a small corpus, and nothing in it twice', () => {
    const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.json'),
    );
    expect(files.length).to.be.within(TARGETS.length, 300);
    const bytes = files.reduce((sum, file) => sum + statSync(path.join(CORPUS, file)).size, 0);
    expect(bytes).to.be.at.most(200_000);
    expect(new Set(files.map((file) => path.basename(file))).size).to.be.greaterThan(files.length * 0.9);
  });

  describe('in a library with a fault', () => {
    for (const { title, target, changes, kind } of FAULTS) {
      it(`finds that ${title}`, async function () {
        this.timeout(240_000);
        const [result] = await withFault(changes, (library) =>
          fuzz(`--target=${target}`, `--library=${library}`, '--inputs=20000', '--seed=1'),
        );
        expect(result?.failure?.kind).to.match(kind);
      });
    }

    it('finds a crash behind two branches, but not without looking at coverage', async function () {
      this.timeout(240_000);
      await withFault([BEHIND_BRANCHES], async (library) => {
        const args = ['--target=header', `--library=${library}`, '--seed=1'];
        const [guided] = await fuzz(...args, '--inputs=60000');
        expect(guided?.failure?.message).to.match(/planted/);
        const [blind] = await fuzz(...args, `--inputs=${String(guided?.inputs)}`, '--blind');
        expect(blind?.failure).to.equal(undefined);
      });
    });
  });
});

/** Runs with a copy of the built library in which some text is replaced. */
async function withFault<Value>(
  changes: readonly Change[],
  run: (library: string) => Promise<Value>,
): Promise<Value> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jwt-fuzz-'));
  try {
    const library = path.join(folder, 'dist');
    cpSync(path.join(ROOT, 'dist'), library, { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    for (const { file, from, to } of changes) {
      const faulty = path.join(library, file);
      const code = readFileSync(faulty, 'utf8');
      expect(code.split(from), `${from} in ${file}`).to.have.length(2);
      writeFileSync(
        faulty,
        code.replace(from, () => to),
      );
    }
    return await run(library);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
