import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePort } from '../spec/support/freePort';
import type { Command, Report, Setting } from './application/messages';
import { Link } from './Link';

export interface Measured {
  readonly heapBytes: number;
  readonly handles: number;
}

type Keys = Pick<Setting, 'secrets' | 'keyPairs'>;

/** One process of the application, its port, and its own link to Redis. */
export class Process {
  private child: ChildProcess | undefined;
  /** How often it was started. Measurements of one life say nothing of the next. */
  lives = 0;

  private constructor(
    readonly name: string,
    readonly port: number,
    readonly link: Link,
    private readonly wrong: (what: string) => void,
  ) {}

  static async start(
    name: string,
    redisPort: number,
    keys: Keys,
    wrong: (what: string) => void,
  ): Promise<Process> {
    const started = new Process(name, await freePort(), await Link.to(redisPort), wrong);
    await started.restart(keys);
    return started;
  }

  async restart({ secrets, keyPairs }: Keys): Promise<void> {
    await this.#kill();
    const { port, link } = this;
    const setting: Setting = { port, redis: `redis://127.0.0.1:${link.port}`, secrets, keyPairs };
    const child = fork(path.join(__dirname, 'application/main.js'), [JSON.stringify(setting)], {
      execArgv: ['--expose-gc', '--enable-source-maps'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.child = child;
    this.lives++;
    child.on('message', (report: Report) => {
      if (report.kind === 'wrong') this.wrong(`${this.name}: ${report.what}`);
    });
    child.once('exit', (code, signal) => {
      if (this.child === child) this.wrong(`${this.name}: ended by itself, ${String(code ?? signal)}`);
    });
    await this.#hears('listening');
  }

  tell(command: Command): void {
    this.child?.send(command);
  }

  async measure(): Promise<Measured> {
    const measured = this.#hears('measured');
    this.tell({ kind: 'measure' });
    return measured;
  }

  async stop(): Promise<void> {
    await this.#kill();
    this.link.close();
  }

  async #kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async #hears<Kind extends Report['kind']>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    const { child } = this;
    if (child === undefined) throw new Error(`${this.name} does not run`);
    const signal = AbortSignal.timeout(20_000);
    for (;;) {
      const [report] = (await once(child, 'message', { signal })) as [Report];
      if (report.kind === kind) return report as Extract<Report, { kind: Kind }>;
    }
  }
}
