import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Program, run } from '../support/Program';
import { ROOT } from '../support/root';

/** Built outside example-app, so that its secret and data stay out of the working copy and of the other processes of mocha. */
export const FOLDER = path.join(ROOT, `build/example-app-${process.pid}`);
const MAIN = path.join(FOLDER, 'dist/main.js');

export type Env = Readonly<Record<string, string | undefined>>;

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface ListedSession {
  readonly sid: string;
  readonly isThis: boolean;
  readonly started: string;
  readonly refreshed: string;
  readonly userAgent: string;
}

let built: Promise<unknown> | undefined;

/** The example as `npm start` runs it, but on a free port and, by default, with data in memory. */
export class Example {
  static readonly #running = new Set<Example>();

  private constructor(
    readonly program: Program,
    readonly url: string,
    readonly env: Env,
  ) {}

  static async start(env: Env = {}): Promise<Example> {
    await (built ??= build());
    const surroundings = surroundingsWith({ DATABASE_FILE: ':memory:', ...env });
    const program = await Program.start(MAIN, ({ output }) => output.endsWith('Ctrl+C\n'), surroundings);
    const example = new Example(program, /http:\S+/.exec(program.output)?.[0] ?? '', env);
    Example.#running.add(example);
    return example;
  }

  static async stopAll(): Promise<void> {
    await Promise.all([...Example.#running].map((example) => example.stop()));
  }

  async stop(): Promise<void> {
    Example.#running.delete(this);
    await this.program.stop();
  }

  get(route: string, token?: string): Promise<Response> {
    return fetch(this.url + route, { headers: bearer(token) });
  }

  post(route: string, body: object = {}, token?: string): Promise<Response> {
    return fetch(this.url + route, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify(body),
    });
  }

  delete(route: string, token?: string): Promise<Response> {
    return fetch(this.url + route, { method: 'DELETE', headers: bearer(token) });
  }

  async signUp(...everyone: object[]): Promise<void> {
    for (const credentials of everyone) {
      const answer = await this.post('/signup', credentials);
      if (answer.status !== 201) throw new Error(`Sign-up failed: ${await answer.text()}`);
    }
  }

  async tokensOf(credentials: object): Promise<Tokens> {
    return (await (await this.post('/login', credentials)).json()) as Tokens;
  }

  async sessionsOf(token: string): Promise<ListedSession[]> {
    return (await (await this.get('/sessions', token)).json()) as ListedSession[];
  }

  /** What `npm run make-admin` runs. */
  makeAdmin(name: string): Promise<string> {
    const script = path.join(FOLDER, 'dist/makeAdmin.js');
    return run(process.execPath, [script, name], surroundingsWith(this.env));
  }
}

function surroundingsWith(env: Env): { cwd: string; env: Env } {
  const own = {
    DATABASE_URL: undefined,
    DATABASE_FILE: undefined,
    REDIS_URL: undefined,
    JWT_SECRET_KEY: undefined,
    PORT: '0',
  };
  return { cwd: ROOT, env: { ...own, ...env } };
}

async function build(): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true });
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', 'example-app', '--outDir', path.dirname(MAIN)], { cwd: ROOT });
  cpSync(path.join(ROOT, 'example-app/public'), path.join(FOLDER, 'public'), { recursive: true });
}

function bearer(token?: string): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
