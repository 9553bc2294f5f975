import { createClient } from 'redis';
import { JwtManager } from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { LoadUser } from './LoadUser';
import { LIFE, type Setting } from './messages';

/** Issues EdDSA tokens, and caches the verdicts of Redis. */
export class PartnerJwtManager extends JwtManager {}

const TIMES = {
  accessTokenExpires: LIFE.accessToken,
  refreshTokenExpires: LIFE.refreshToken,
  rotationGrace: LIFE.grace,
  storeTimeout: LIFE.storeTimeout,
};

/** Small, so that a run of a minute fills it. */
const TOKEN_CACHE = { tokenCacheEntries: 200 };

/** Issues HS256 tokens, and asks Redis about each request. */
export async function userManager({ redis, secrets }: Setting): Promise<JwtManager> {
  return new JwtManager({
    ...TIMES,
    ...TOKEN_CACHE,
    keys: secrets,
    tokenLocation: ['headers', 'cookies', 'query_string', 'json'],
    cookieSecure: false,
    loaders: [LoadUser],
    revocationStore: new RedisRevocationStore(await connected(redis, {}), { prefix: 'users:' }),
  });
}

export async function partnerManager({ redis, keyPairs }: Setting): Promise<PartnerJwtManager> {
  const client = await connected(redis, { RESP: 3, emitInvalidate: true });
  return new PartnerJwtManager({
    ...TIMES,
    ...TOKEN_CACHE,
    algorithm: 'EdDSA',
    keys: keyPairs,
    loaders: [],
    revocationStore: new RedisRevocationStore(client, { prefix: 'partners:', localCache: true }),
  });
}

/** Returns when it has connected, or does not yet: the application starts also while Redis is down. */
async function connected(url: string, options: { RESP?: 3; emitInvalidate?: true }) {
  const socket = { reconnectStrategy: 50, connectTimeout: 1000 };
  const client = createClient({ url, disableOfflineQueue: true, socket, ...options });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
