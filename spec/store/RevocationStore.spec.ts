import { MemoryRevocationStore } from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { revocationStoreContract } from '../../src/testing/index';
import { withRedisClient } from '../support/withRedisClient';

describe('MemoryRevocationStore', () => {
  for (const { title, run } of revocationStoreContract(() => new MemoryRevocationStore())) it(title, run);
});

withRedisClient('RedisRevocationStore', (client) => {
  for (const { title, run } of revocationStoreContract(() => new RedisRevocationStore(client())))
    it(title, run);
});
