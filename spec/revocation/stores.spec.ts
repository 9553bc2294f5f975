import { createClient, type RedisClientType } from 'redis';
import { MemoryRevocationStore } from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { itIsARevocationStore } from '../contract/revocationStore';
import { anyRedis, describeWithRedis, type AnyRedis } from '../support/RedisServer';

describe('MemoryRevocationStore', () => {
  itIsARevocationStore(() => new MemoryRevocationStore());
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

  itIsARevocationStore(() => new RedisRevocationStore(client));
});
