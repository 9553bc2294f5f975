import type { RedisClientType } from 'redis';
import type { RedisCommands } from '../../../src/store/redis/RedisRevocationStore';

const TIME = "redis.call('TIME')";
const EXPIRE = /redis\.call\('EXPIREAT', ([^,()]+), ([^,()]+)\)/g;

/**
 * A real Redis whose clock moves with Date.now: scripts are told that time in place of their own, and when the clock is
 * moved, every key has so much less to live. Everything else of the scripts runs as it is.
 */
export class MovableRedis implements RedisCommands {
  #lead = 0;

  constructor(
    private readonly client: RedisClientType,
    private readonly prefix: string,
  ) {}

  mGet(keys: string[]): Promise<(string | null)[]> {
    return this.client.mGet(keys);
  }

  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> {
    const now = Date.now();
    const time = `{ '${Math.floor(now / 1000)}', '${(now % 1000) * 1000}' }`;
    // Redis still forgets by its own clock, which has not moved.
    const lead = Math.floor(this.#lead);
    const moved = script
      .replaceAll(TIME, time)
      .replace(
        EXPIRE,
        (_whole, key: string, at: string) => `redis.call('EXPIREAT', ${key}, ${at} - ${lead})`,
      );
    return this.client.eval(moved, options);
  }

  async advance(seconds: number): Promise<void> {
    this.#lead += seconds;
    for (const key of await this.client.keys(`${this.prefix}*`)) {
      const left = await this.client.pTTL(key);
      if (left > 0) await this.client.pExpire(key, Math.max(1, left - seconds * 1000));
    }
  }
}
