/**
 * Measures the local cache of the Redis store: checks, requests over HTTP, and how soon one process sees a
 * revocation by another. Prints Markdown.
 *
 *     npm run bench:local-cache -- [--seconds=1] [--rounds=7] [--library=dist/index.js]
 *
 * Starts a redis-server, an HTTP server for each store and a process that revokes. Measures the stores in turns,
 * so that other load on the machine affects them all.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startRedis } from './measure/redisServer.mjs';
import { median } from './measure/statistics.mjs';
import { SECRET } from './measure/tokens.mjs';

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '7' },
    library: { type: 'string', default: path.join(root, 'dist/index.js') },
    /** For the processes that this one starts. */
    role: { type: 'string', default: 'bench' },
    url: { type: 'string', default: '' },
  },
});
const require = createRequire(import.meta.url);
const { createClient } = require('redis');
const library = path.resolve(values.library);
const { JwtManager, JwtRequired, MemoryRevocationStore } = require(library);
const { RedisRevocationStore } = require(path.join(library, '../store/redis/RedisRevocationStore.js'));

const STORES = ['MemoryRevocationStore', 'RedisRevocationStore', 'RedisRevocationStore, local cache'];
const CONNECTIONS = 16;
const now = Math.floor(Date.now() / 1000);

async function storeOf(name, url) {
  if (name === STORES[0]) return { store: new MemoryRevocationStore(), close: () => undefined };
  const isLocal = name === STORES[2];
  const client = createClient({ url, RESP: 3, emitInvalidate: isLocal });
  client.on('error', () => undefined);
  await client.connect();
  return {
    store: new RedisRevocationStore(client, { localCache: isLocal }),
    close: () => client.destroy(),
  };
}

/** Starts a session, and returns the facts of an access token in it. */
async function logIn(store) {
  const session = { identity: randomUUID(), sid: randomUUID(), jti: randomUUID(), until: now + 3600 };
  const gen = await store.startSession(session);
  const { identity, sid } = session;
  return { identity, sid, gen, type: 'access', jti: randomUUID(), iat: now, until: now + 900 };
}

/** Nanoseconds of one check. */
async function timeChecks(store, tokens) {
  let checks = 0;
  const start = performance.now();
  const end = start + values.seconds * 200;
  while (performance.now() < end) {
    for (const token of tokens) if ((await store.check(token, 10)) !== 'valid') throw new Error('Not valid');
    checks += tokens.length;
  }
  return ((performance.now() - start) * 1e6) / checks;
}

/** Serves one route with a store until the parent process ends. */
async function serve() {
  require('reflect-metadata');
  const { createKoaServer, Get, JsonController, useContainer } = require('routing-controllers');
  const { Container } = require('typedi');
  const [name] = await once(process, 'message');
  const { store } = await storeOf(name, values.url);
  const manager = new JwtManager({ secretKey: SECRET, loaders: [], revocationStore: store });
  useContainer(Container);
  Container.set(JwtManager, manager);
  class Controller {
    me() {
      return { ok: true };
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Controller.prototype, 'me');
  Get('/me')(Controller.prototype, 'me', descriptor);
  JwtRequired()(Controller.prototype, 'me', descriptor);
  JsonController()(Controller);
  Container.set(Controller, new Controller());
  const pairs = await Promise.all(
    Array.from({ length: 100 }, (_, i) => manager.createTokenPair(`user ${i}`)),
  );
  const server = createKoaServer({ controllers: [Controller] }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send((user + system) / 1e6);
  });
  process.send({ port: server.address().port, tokens: pairs.map(({ accessToken }) => accessToken) });
}

/** Revokes the tokens that it gets, and reports when it started. */
async function revoke() {
  const { store } = await storeOf(STORES[1], values.url);
  process.on('message', async (token) => {
    const start = performance.timeOrigin + performance.now();
    await store.revoke(token);
    process.send({ start });
  });
  process.send('ready');
}

function child(role, url) {
  const args = [`--role=${role}`, `--url=${url}`, `--library=${values.library}`];
  return fork(fileURLToPath(import.meta.url), args);
}

/** CPU seconds that a server has used. */
async function processorSeconds(server) {
  const told = once(server, 'message');
  server.send('processor');
  return (await told)[0];
}

/** Requests per second, and per CPU second: other load on the machine affects mainly the first. */
async function measureRequests({ server, port, tokens }, agent) {
  const used = await processorSeconds(server);
  let requests = 0;
  const start = performance.now();
  const end = start + values.seconds * 1000;
  const work = async (worker) => {
    for (let i = worker; performance.now() < end; i += CONNECTIONS) {
      const headers = { authorization: `Bearer ${tokens[i % tokens.length]}` };
      const status = await new Promise((resolve, reject) => {
        const request = http.get({ host: '127.0.0.1', port, path: '/me', headers, agent }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode));
        });
        request.once('error', reject);
      });
      if (status !== 200) throw new Error(`Status ${status}`);
      requests++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => work(i)));
  const rate = requests / ((performance.now() - start) / 1000);
  return { rate, perProcessor: requests / ((await processorSeconds(server)) - used) };
}

/** Milliseconds from the start of a revocation in another process until this one sees it, sorted. */
async function measureDelays(store, revoker, revocations) {
  const delays = [];
  for (let i = 0; i < revocations; i++) {
    const token = await logIn(store);
    while (typeof store.check(token, 10) !== 'string') await sleep(1);
    const told = once(revoker, 'message');
    revoker.send(token);
    while ((await store.check(token, 10)) === 'valid') await nextTurn();
    const seen = performance.timeOrigin + performance.now();
    const [{ start }] = await told;
    delays.push(seen - start);
  }
  return delays.sort((one, other) => one - other);
}

async function bench() {
  const redis = await startRedis();
  if (redis === undefined) throw new Error('redis-server is not installed');
  const { url } = redis;
  const children = [];
  const opened = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const measured = [];
    for (const name of STORES) {
      const server = child('serve', url);
      children.push(server);
      server.send(name);
      const [served] = await once(server, 'message');
      const made = await storeOf(name, url);
      opened.push(made);
      const tokens = [];
      for (let i = 0; i < 100; i++) tokens.push(await logIn(made.store));
      const results = { checks: [], rates: [], perProcessor: [] };
      measured.push({ name, served: { server, ...served }, store: made.store, tokens, ...results });
    }
    for (const { served } of measured) await measureRequests(served, agent);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const each of measured) {
        const { rate, perProcessor } = await measureRequests(each.served, agent);
        each.rates.push(rate);
        each.perProcessor.push(perProcessor);
        each.checks.push(await timeChecks(each.store, each.tokens));
      }
    }
    const revoker = child('revoke', url);
    children.push(revoker);
    await once(revoker, 'message');
    const delays = await measureDelays(measured.at(-1).store, revoker, 100 * Number(values.rounds));
    print(measured, delays);
  } finally {
    agent.destroy();
    for (const { close } of opened) close();
    for (const each of children) each.kill();
    await redis.stop();
  }
}

function print(measured, delays) {
  const memory = [...measured[0].perProcessor];
  console.log(`Node ${process.version}, ${CONNECTIONS} connections; medians of ${values.rounds} rounds\n`);
  console.log('| Store | Check | Requests per second | Requests per CPU second | Of memory |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const { name, checks, rates, perProcessor } of measured) {
    // Round by round, because the machine's speed varies between rounds.
    const share = median(perProcessor.map((each, round) => each / memory[round]));
    const [check, rate, own] = [checks, rates, perProcessor].map(median);
    const time = check < 10_000 ? `${Math.round(check)} ns` : `${Math.round(check / 1000)} µs`;
    console.log(`| ${name} | ${time} | ${Math.round(rate)} | ${Math.round(own)} | ${share.toFixed(2)} |`);
  }
  const at = (share) => `${delays[Math.floor((delays.length - 1) * share)].toFixed(2)} ms`;
  console.log(`\nA revocation on another process is seen after ${at(0.5)} (median), ${at(0.99)} (99 %)`);
  console.log(`and ${at(1)} (the latest of ${delays.length}), counted from when that process sent it.`);
}

process.on('disconnect', () => process.exit());
await { bench, serve, revoke }[values.role]();
