import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const { runChecks } = createRequire(import.meta.url)('./app/checks.cjs');

const APP = path.join(import.meta.dirname, 'app');

/** Milliseconds that a server may take to start. */
const PATIENCE = 60_000;

/** A folder with the application, the packed library and some packages, as users have them. */
export class Workshop {
  constructor(folder, node) {
    this.folder = folder;
    this.node = node;
  }

  /**
   * `overrides` are for all packages: routing-controllers brings a Koa and a router of its own, and would not load those
   * of the application otherwise.
   */
  static async with(packages, { library, node, overrides = {} }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'jwt-compat-'));
    const workshop = new Workshop(folder, node);
    try {
      const dependencies = { 'routing-controllers-jwt-extended': `file:${library}`, ...packages };
      workshop.write(
        'package.json',
        JSON.stringify({ private: true, type: 'commonjs', dependencies, overrides }),
      );
      await workshop.run('npm', [
        'install',
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ]);
      const source = readFileSync(path.join(APP, 'app.ts'), 'utf8');
      workshop.write('app.ts', source);
      workshop.write('written.ts', withInjectionWritten(source));
      for (const file of ['checks.cjs', 'tsconfig.json'])
        cpSync(path.join(APP, file), path.join(folder, file));
      return workshop;
    } catch (error) {
      workshop.remove();
      throw error;
    }
  }

  write(file, text) {
    const where = path.join(this.folder, file);
    mkdirSync(path.dirname(where), { recursive: true });
    writeFileSync(where, text);
  }

  /** The version that npm has chosen. */
  versionOf(name) {
    const manifest = path.join(this.folder, 'node_modules', name, 'package.json');
    return JSON.parse(readFileSync(manifest, 'utf8')).version;
  }

  /** The version that routing-controllers loads. */
  loadedVersionOf(name) {
    const own = path.join('routing-controllers/node_modules', name);
    return this.versionOf(existsSync(path.join(this.folder, 'node_modules', own)) ? own : name);
  }

  /** Runs a command here, with this Node first in PATH. Rejects with all that it printed. */
  async run(command, args, env = {}) {
    const bin = path.join(this.folder, 'node_modules/.bin');
    const PATH = [path.dirname(this.node), bin, process.env.PATH].join(path.delimiter);
    try {
      const options = { cwd: this.folder, env: { ...process.env, ...env, PATH }, maxBuffer: 2 ** 26 };
      const { stdout, stderr } = await execute(command, args, options);
      return stdout + stderr;
    } catch (error) {
      throw new Error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? error.message}`, {
        cause: error,
      });
    }
  }

  /** Serves the application by a command, and returns how many checks it has passed. */
  async serve(args, command = this.node) {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: { ...process.env, SERVE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      return await runChecks(await urlOf(child));
    } finally {
      child.kill();
    }
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** With properties that say what is injected, because TypeDI sees no types without emitDecoratorMetadata. */
function withInjectionWritten(source) {
  return source
    .replace('import { Container, Service }', 'import { Container, Inject, Service }')
    .replaceAll(
      /constructor\(\/\* injected by type \*\/ (private readonly \w+): (\w+)\) \{[\s(;super)]*\}/g,
      '@Inject(() => $2) $1!: $2;',
    );
}

/** What a server prints when it is ready. Rejects with its output when it ends before. */
function urlOf(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => child.kill(), PATIENCE);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const url = /serves (http:\S+)/.exec(output)?.[1];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      });
    }
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      reject(new Error(output));
    });
  });
}
