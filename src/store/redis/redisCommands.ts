import { JwtConfigurationError } from '../../errors';

/** The two commands that the store needs of a client or cluster of the official `redis` package. */
export interface RedisCommands {
  mGet(keys: string[]): Promise<(string | null)[]>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The same of a client or cluster of `ioredis`. */
export interface IoredisCommands {
  mget(keys: string[]): Promise<(string | null)[]>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Only clients of ioredis have it. Others with an `mget` do not return promises. */
  defineCommand(name: string, definition: { lua: string }): unknown;
}

/** The commands of either client. Throws JwtConfigurationError for any other object. */
export function redisCommands(client: RedisCommands | IoredisCommands): RedisCommands {
  const has = (name: string): boolean =>
    typeof (client as unknown as Record<string, unknown> | null | undefined)?.[name] === 'function';
  if (has('mGet') && has('eval')) return client as RedisCommands;
  if (!has('mget') || !has('eval') || !has('defineCommand')) {
    throw new JwtConfigurationError(
      'RedisRevocationStore needs a client: createClient() or createCluster() of redis, or new Redis() of ioredis',
    );
  }
  const ioredis = client as IoredisCommands;
  if (hasKeyPrefix(ioredis)) {
    throw new JwtConfigurationError(
      'RedisRevocationStore needs a client without keyPrefix: give the store a prefix',
    );
  }
  return {
    mGet: (keys) => ioredis.mget(keys),
    eval: (script, options) =>
      ioredis.eval(script, options.keys.length, ...options.keys, ...options.arguments),
  };
}

/** ioredis would put it before the names of keys, but not before names that are arguments of a script. */
function hasKeyPrefix(client: object): boolean {
  const { options } = client as { options?: { keyPrefix?: unknown; redisOptions?: { keyPrefix?: unknown } } };
  return [options?.keyPrefix, options?.redisOptions?.keyPrefix].some(Boolean);
}
