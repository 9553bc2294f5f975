import { createClient, type RedisClientType } from 'redis';
import { anyRedis, describeWithRedis, type AnyRedis } from './RedisServer';

/** Describes specs with a connected client. It is there while they run, not yet while they are described. */
export function withRedisClient(title: string, specs: (client: () => RedisClientType) => void): void {
  describeWithRedis(title, () => {
    let server: AnyRedis;
    let client: RedisClientType;

    before(async () => {
      server = await anyRedis();
      client = await connectedClient(server.url);
    });
    after(async () => {
      client.destroy();
      await server.remove();
    });

    specs(() => client);
  });
}

/** A client whose errors show in what it is asked. */
export async function connectedClient(url: string): Promise<RedisClientType> {
  const client: RedisClientType = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
