/**
 * Measures a million revoked tokens in each store: memory, checks and eviction. Prints Markdown tables.
 *
 *     npm run bench:revocation -- [--entries=1000000] [--library=dist/index.js]
 *
 * Measures the sizes in turns, so that other load on the machine affects them all.
 */
import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startRedis } from './measure/redisServer.mjs';

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    library: { type: 'string', default: path.join(root, 'dist/index.js') },
  },
});
const entries = Number(values.entries);
if (!Number.isInteger(entries) || entries < 1000) throw new Error('--entries must be a number from 1000');
const require = createRequire(import.meta.url);
const library = path.resolve(values.library);
const { MemoryRevocationStore } = require(library);
const { RedisRevocationStore } = require(path.join(library, '../store/redis/RedisRevocationStore.js'));

const SIZES = [entries / 1000, entries / 10, entries].map(Math.floor);
const ROUNDS = 41;
const now = Math.floor(Date.now() / 1000);

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc');

/** Ten tokens share an identity, and all tokens expire within a quarter of an hour. */
function token(i) {
  const identity = `user-${Math.floor(i / 10)}`;
  // Copied, because randomUUID() returns a concatenated string, unlike the jti of a real token.
  const jti = Buffer.from(randomUUID()).toString();
  return { identity, type: 'access', jti, gen: 0, iat: now, until: now + 900 + (i % 900) };
}

/** Revokes so many tokens. Returns some of them, and as many that are not revoked. */
async function fill(store, size) {
  const some = [];
  const every = Math.max(1, Math.floor(size / 500));
  let pending = [];
  for (let i = 0; i < size; i++) {
    const each = token(i);
    if (i % every === 0) some.push(each, token(i));
    pending.push(store.revoke(each));
    if (pending.length < 1000) continue;
    await Promise.all(pending);
    pending = [];
  }
  await Promise.all(pending);
  return some;
}

/** Median nanoseconds per check, for each of the filled stores. */
async function timeChecks(filled, checks) {
  const samples = filled.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { store, some }] of filled.entries()) {
      const start = performance.now();
      for (let n = 0; n < checks; n++) await store.check(some[(round * checks + n * 7) % some.length], 10);
      samples[i].push(((performance.now() - start) * 1e6) / checks);
    }
  }
  return samples.map((each) => each.sort((a, b) => a - b)[ROUNDS >> 1]);
}

async function expectRight({ store, some }) {
  for (const [i, each] of some.entries()) {
    const verdict = await store.check(each, 10);
    if (verdict !== (i % 2 === 0 ? 'revoked' : 'valid')) throw new Error(`Wrong verdict: ${verdict}`);
  }
}

async function measureMemory() {
  const filled = [];
  let bytes = 0;
  for (const size of SIZES) {
    collect();
    const before = process.memoryUsage().heapUsed;
    const store = new MemoryRevocationStore();
    const some = await fill(store, size);
    collect();
    bytes = (process.memoryUsage().heapUsed - before) / size;
    filled.push({ store, some });
  }
  for (const each of filled) await expectRight(each);
  const checks = await timeChecks(filled, 2000);
  const { store, some } = filled.at(-1);
  const realNow = Date.now;
  try {
    // All have expired, and each revocation evicts a thousand of them.
    Date.now = () => realNow() + 3600 * 1000;
    const start = performance.now();
    for (let i = 0; i <= SIZES.at(-1) / 1000; i++) {
      await store.revoke({ ...token(i), until: realNow() / 1000 + 7200 });
    }
    const purge = performance.now() - start;
    collect();
    return { name: 'MemoryRevocationStore', bytes, checks, purge, some };
  } finally {
    Date.now = realNow;
  }
}

async function measureRedis(redis) {
  const { createClient } = require('redis');
  const clients = [];
  try {
    const filled = [];
    let bytes = 0;
    for (const [database, size] of SIZES.entries()) {
      const client = createClient({ url: `${redis.url}/${database}` });
      client.on('error', () => undefined);
      clients.push(client);
      await client.connect();
      const before = await usedMemory(client);
      const store = new RedisRevocationStore(client);
      const some = await fill(store, size);
      bytes = ((await usedMemory(client)) - before) / size;
      filled.push({ store, some });
    }
    for (const each of filled) await expectRight(each);
    const checks = await timeChecks(filled, 100);
    return { name: 'RedisRevocationStore', bytes, checks, purge: await redisPurge(clients.at(-1)) };
  } finally {
    for (const client of clients) client.destroy();
    await redis.stop();
  }
}

/** Milliseconds from when all expire until Redis has removed them by itself. */
async function redisPurge(client) {
  const end = `
    local time = redis.call('TIME')
    local at = time[1] * 1000 + ARGV[1]
    local cursor = '0'
    repeat
      local found = redis.call('SCAN', cursor, 'COUNT', 1000)
      cursor = found[1]
      for _, key in ipairs(found[2]) do redis.call('PEXPIREAT', key, at) end
    until cursor == '0'
    return at`;
  const delay = 2000 + Math.ceil(entries / 100);
  const at = Number(await client.eval(end, { keys: [], arguments: [String(delay)] }));
  await sleep(Math.max(0, at - Date.now()));
  const deadline = performance.now() + 120_000;
  while ((await client.dbSize()) > 0) {
    if (performance.now() > deadline) throw new Error('Redis has not removed expired keys');
    await sleep(5);
  }
  return Date.now() - at;
}

async function usedMemory(client) {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

function inUnits(nanoseconds) {
  return nanoseconds < 10_000 ? `${Math.round(nanoseconds)} ns` : `${(nanoseconds / 1000).toFixed(0)} µs`;
}

const results = [await measureMemory()];
const redis = await startRedis();
if (redis === undefined) console.error('redis-server is not installed: only memory is measured');
else results.push(await measureRedis(redis));

const sizes = SIZES.map((size) => size.toLocaleString('en'));
console.log(`Node ${process.version}, ${sizes.at(-1)} revoked tokens; checks: median of ${ROUNDS} rounds\n`);
console.log(
  row(['Store', 'Memory per token', ...sizes.map((size) => `Check of ${size}`), 'Growth', 'Purge of all']),
);
console.log(row(Array(7).fill('---')));
for (const { name, bytes, checks, purge } of results) {
  const growth = `× ${(checks.at(-1) / checks[0]).toFixed(2)}`;
  console.log(
    row([name, `${Math.round(bytes)} bytes`, ...checks.map(inUnits), growth, `${Math.round(purge)} ms`]),
  );
}
