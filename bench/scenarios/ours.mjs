import path from 'node:path';
import { NOBODY } from '../measure/requests.mjs';
import { SECRET } from '../measure/tokens.mjs';
import { decorated } from './decorated.mjs';
import { redisClient } from './redisClient.mjs';
import { application, grown } from './routingControllers.mjs';

const REVOKED = 100_000;
const ours = { kind: 'ours', framework: 'routing-controllers', algorithm: 'HS256', token: 'seen' };
const isRefused = { kind: 'refusal' };
const grows = { kind: 'growth' };

/**
 * How each scenario uses the library, what it sends, and what it is compared with in each round: its floor by hand, and
 * another use of the library.
 */
export const OURS = [
  { ...ours, key: 'seen', title: 'same token again and again', floor: 'by-hand-seen' },
  { ...ours, key: 'new', title: 'every token new', token: 'new', floor: 'by-hand' },
  {
    ...ours,
    key: 'user-loader',
    title: 'same token, user loader',
    configure: withUserLoader,
    floor: 'by-hand-user-loader',
  },
  {
    ...ours,
    key: 'memory-store',
    title: 'same token, revocation store in memory',
    configure: withMemoryStore,
    floor: 'by-hand-memory-store',
    than: 'seen',
  },
  {
    ...ours,
    key: 'redis-store',
    title: 'same token, revocation store on Redis',
    configure: withRedisStore,
    floor: 'by-hand-redis-store',
  },
  {
    ...ours,
    key: 'redis-local',
    title: 'same token, revocation store on Redis, local cache',
    configure: withLocalCache,
    than: 'memory-store',
  },
  {
    ...ours,
    key: 'cookies',
    title: 'same token, cookie and CSRF value, POST',
    as: 'cookie',
    configure: withCookies,
    floor: 'by-hand-cookies',
  },
  ...['RS256', 'ES256', 'EdDSA'].flatMap((algorithm) => [
    { ...ours, key: `${algorithm}-seen`, title: `${algorithm}, same token`, algorithm },
    { ...ours, key: `${algorithm}-new`, title: `${algorithm}, every token new`, algorithm, token: 'new' },
  ]),

  {
    ...ours,
    ...isRefused,
    key: 'forged',
    title: 'forged tokens, every one new',
    token: 'forged',
    status: 422,
    floor: 'by-hand-forged',
  },
  {
    ...ours,
    ...isRefused,
    key: 'expired',
    title: 'expired tokens, every one new',
    token: 'expired',
    status: 401,
  },
  {
    ...ours,
    ...isRefused,
    key: 'missing',
    title: 'no token',
    token: 'none',
    status: 401,
    floor: 'by-hand-missing',
  },

  { ...ours, ...grows, key: 'routes', title: '1,000 routes instead of 1', than: 'seen', routes: 1000 },
  { ...ours, ...grows, key: 'services', title: '100 services instead of 1', than: 'seen', services: 100 },
  {
    ...ours,
    ...grows,
    key: 'managers',
    title: '10 managers instead of 1',
    than: 'seen',
    configure: withManagers,
  },
  {
    ...ours,
    ...grows,
    key: 'revoked',
    title: '100,000 revoked tokens instead of none',
    than: 'memory-store',
    configure: withRevokedTokens,
  },
];

/** The listener of a scenario. */
export async function listenerOfOurs(scenario, surroundings) {
  const { load, library, keys } = surroundings;
  load('reflect-metadata');
  const { Container } = load('typedi');
  const jwt = load(library);
  const { algorithm, configure = () => ({}) } = scenario;
  const key = algorithm === 'HS256' ? { secretKey: SECRET } : { algorithm, privateKey: keys[algorithm] };
  const options = { ...key, ...(await configure(jwt, { ...surroundings, key })) };
  Container.set(jwt.JwtManager, new jwt.JwtManager(options));
  return application(load, { guards: [jwt.JwtRequired()], identity: jwt.JwtIdentity(), ...grown(scenario) });
}

function withUserLoader(jwt, { load }) {
  class FindUser {
    load({ identity }) {
      return { name: identity };
    }
  }
  return { loaders: [decorated(FindUser, [load('typedi').Service(), jwt.UserLoader()], {})] };
}

function withMemoryStore(jwt) {
  return { revocationStore: new jwt.MemoryRevocationStore() };
}

async function withRedisStore(jwt, surroundings) {
  const RedisRevocationStore = redisStoreOf(jwt, surroundings);
  return { revocationStore: new RedisRevocationStore(await redisClient(surroundings)) };
}

async function withLocalCache(jwt, surroundings) {
  const client = await redisClient(surroundings, { RESP: 3, emitInvalidate: true });
  const RedisRevocationStore = redisStoreOf(jwt, surroundings);
  // Builds before the rename know it as localAnswers.
  return { revocationStore: new RedisRevocationStore(client, { localAnswers: true, localCache: true }) };
}

/** An entry of its own; older builds have it in the main one. */
function redisStoreOf(jwt, { load, library }) {
  const entry = path.join(path.dirname(library), 'store/redis/RedisRevocationStore.js');
  return jwt.RedisRevocationStore ?? load(entry).RedisRevocationStore;
}

function withCookies() {
  return { tokenLocation: ['cookies'] };
}

function withManagers(jwt, { key }) {
  for (let i = 0; i < 9; i++) new jwt.JwtManager(key);
  return {};
}

async function withRevokedTokens(jwt) {
  const revocationStore = new jwt.MemoryRevocationStore();
  const until = Math.floor(Date.now() / 1000) + 3600;
  for (let i = 0; i < REVOKED; i++) {
    const token = { identity: NOBODY, type: 'access', jti: `revoked-${i}`, gen: 0, iat: until - 4000, until };
    await revocationStore.revoke(token);
  }
  return { revocationStore };
}
