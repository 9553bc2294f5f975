import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from './freePort';

/** Whether specs can start their own Redis. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

if (!hasRedis) console.warn('redis-server is not installed: specs that need it are skipped');

type Describe = (title: string, specs: (this: Mocha.Suite) => void) => void;

/** Describes specs that need their own Redis. Without one they are skipped, or fail if REQUIRE_REDIS is 1. */
export const describeWithRedisServer: Describe = (title, specs) => {
  if (hasRedis) describe(title, specs);
  else if (process.env['REQUIRE_REDIS'] === '1') describeMissing(title);
  else describe.skip(title, specs);
};

/** The same for specs that can share the Redis of REDIS_URL. */
export const describeWithRedis: Describe = (title, specs) => {
  if (process.env['REDIS_URL'] === undefined) describeWithRedisServer(title, specs);
  else describe(title, specs);
};

export interface AnyRedis {
  readonly url: string;
  remove(): Promise<void>;
}

/** The Redis of REDIS_URL, or a new one. */
export async function anyRedis(): Promise<AnyRedis> {
  const url = process.env['REDIS_URL'];
  return url === undefined ? RedisServer.started() : { url, remove: () => Promise.resolve() };
}

function describeMissing(title: string): void {
  const specs = (): void => {
    it('has a redis-server to run with', () => {
      throw new Error('REQUIRE_REDIS is 1, and redis-server is not installed');
    });
  };
  describe(title, specs);
}

interface RedisOptions {
  /** Whether it writes each change to disk before it answers. */
  readonly isPersistent?: boolean;
  readonly isCluster?: boolean;
}

/** A redis-server on a free port of loopback that specs can pause, kill and restart. */
export class RedisServer implements AnyRedis {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: RedisOptions,
  ) {}

  static async started(options: RedisOptions = {}): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), 'jwt-redis-'));
    const redis = new RedisServer(await portBelowBus(), folder, options);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { isPersistent = false, isCluster = false } = this.options;
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    options.push('--appendonly', isPersistent ? 'yes' : 'no', '--appendfsync', 'always');
    if (isCluster) options.push('--cluster-enabled', 'yes', '--cluster-node-timeout', '2000');
    this.child = spawn('redis-server', options, { stdio: 'ignore' });
    await this.answering();
  }

  /** Until resumed, it keeps its connections but does not respond. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answering(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.ping();
        client.destroy();
        return;
      } catch {
        await sleep(50);
      }
    }
    throw new Error(`redis-server does not answer on port ${this.port}`);
  }
}

/** Cluster nodes talk on a port that is this much higher. */
const BUS = 10_000;

async function portBelowBus(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = await freePort();
    if (port + BUS < 65_536) return port;
  }
  throw new Error('There is no free port below 55536');
}
