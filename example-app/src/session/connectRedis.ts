import { createClient, type RedisClientType } from 'redis';

/** A client that reconnects by itself. Without a queue, requests do not wait for a server that is down. */
export async function connectRedis(url: string): Promise<RedisClientType> {
  const redis: RedisClientType = createClient({ url, disableOfflineQueue: true });
  redis.on('error', (error: Error) => {
    console.error(`Redis: ${error.message}`);
  });
  await redis.connect();
  return redis;
}
