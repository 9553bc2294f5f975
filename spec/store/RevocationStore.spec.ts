import { createClient, type RedisClientType } from 'redis';
import { MemoryRevocationStore } from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { revocationStoreContract } from '../../src/testing/index';
import { anyRedis, describeWithRedis, type AnyRedis } from '../support/RedisServer';

describe('MemoryRevocationStore', () => {
  for (const { title, run } of revocationStoreContract(() => new MemoryRevocationStore())) it(title, run);
});

describeWithRedis('RedisRevocationStore', () => {
  let server: AnyRedis;
  let client: RedisClientType;

  before(async () => {
    server = await anyRedis();
    client = createClient({ url: server.url });
    client.on('error', () => undefined);
    await client.connect();
  });
  after(async () => {
    client.destroy();
    await server.remove();
  });

  for (const { title, run } of revocationStoreContract(() => new RedisRevocationStore(client)))
    it(title, run);
});
