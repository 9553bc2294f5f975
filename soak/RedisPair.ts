import { createClient } from 'redis';
import { RedisServer } from '../spec/support/RedisServer';

/** How long a fail-over may take. */
const PATIENCE = 10_000;

/** By default a primary waits 5 seconds for more replicas before it sends its data. */
const SYNC_AT_ONCE = ['CONFIG', 'SET', 'repl-diskless-sync-delay', '0'];

/** A Redis that writes each change to disk before it answers, and a replica that can take over. */
export class RedisPair {
  private constructor(
    private primary: RedisServer,
    private replica: RedisServer,
  ) {}

  static async start(): Promise<RedisPair> {
    const [primary, replica] = await Promise.all([
      RedisServer.started({ isPersistent: true }),
      RedisServer.started({ isPersistent: true }),
    ]);
    const pair = new RedisPair(primary, replica);
    try {
      await pair.#follow();
      return pair;
    } catch (error) {
      await pair.remove();
      throw error;
    }
  }

  get port(): number {
    return this.primary.port;
  }

  pause(): void {
    this.primary.pause();
  }

  resume(): void {
    this.primary.resume();
  }

  async killAndRestart(): Promise<void> {
    await this.primary.kill();
    await this.primary.start();
    await this.#tell(this.primary, SYNC_AT_ONCE);
  }

  /** All data is gone, on both. */
  async empty(): Promise<void> {
    await this.#tell(this.primary, ['FLUSHALL']);
  }

  /** The replica takes over when it has all data. Afterwards the roles are exchanged. */
  async failOver(): Promise<void> {
    await this.#tell(this.primary, [
      'FAILOVER',
      'TO',
      '127.0.0.1',
      String(this.replica.port),
      'TIMEOUT',
      '2000',
    ]);
    await until(async () => (await this.#tell(this.replica, ['ROLE']))[0] === 'master');
    [this.primary, this.replica] = [this.replica, this.primary];
  }

  async count(): Promise<number> {
    return Number(await this.#tell(this.primary, ['DBSIZE']));
  }

  async remove(): Promise<void> {
    this.resume();
    await Promise.all([this.primary.remove(), this.replica.remove()]);
  }

  async #follow(): Promise<void> {
    for (const each of [this.primary, this.replica]) await this.#tell(each, SYNC_AT_ONCE);
    await this.#tell(this.replica, ['REPLICAOF', '127.0.0.1', String(this.primary.port)]);
    await until(async () => String(await this.#tell(this.replica, ['ROLE'])).includes('connected'));
  }

  async #tell({ url }: RedisServer, command: string[]): Promise<unknown[]> {
    const client = createClient({ url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.sendCommand(command)) as unknown as unknown[];
    } finally {
      client.destroy();
    }
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error('Redis takes too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
