import { createClient, type RedisClientType } from 'redis';
import { MemoryRevocationStore, RedisRevocationStore } from '../../src/index';
import { itIsARevocationStore } from '../contract/revocationStore';
import { hasRedis, RedisServer } from '../support/RedisServer';

describe('MemoryRevocationStore', () => {
  itIsARevocationStore(() => new MemoryRevocationStore());
});

(hasRedis ? describe : describe.skip)('RedisRevocationStore', () => {
  let server: RedisServer;
  let client: RedisClientType;

  before(async () => {
    server = await RedisServer.started();
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
