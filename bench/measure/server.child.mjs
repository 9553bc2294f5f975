import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { listenerOf } from '../scenarios/index.mjs';
import { answer } from './Child.mjs';
import { inject } from './inject.mjs';
import { Requests } from './requests.mjs';

const supplies = new Map();
let listener;
let setUp;

answer({
  /** Serves a scenario, or the bare version of a framework. Returns the port. */
  async serve(key, surroundings) {
    setUp = surroundings;
    // Load koa, routing-controllers and typedi as the library does: there is one copy of each.
    const load = createRequire(surroundings.library);
    listener = await listenerOf(key, { ...surroundings, load });
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.address().port;
  },

  /** Microseconds of CPU that this process has used, including garbage collection and compilation. */
  cpu,

  /** Serves requests without a socket, and returns the microseconds of CPU per request. */
  async batch(sent, size, status) {
    const key = JSON.stringify(sent);
    if (!supplies.has(key)) supplies.set(key, new Requests(sent, setUp.keys));
    const supply = supplies.get(key);
    // An idle process is slow at first.
    await injectAll(supply.take(size), size, status);
    const requests = supply.take(size);
    // Collect young objects only: after a full collection the compiler starts again.
    globalThis.gc(true);
    const before = cpu();
    await injectAll(requests, size, status);
    return (cpu() - before) / size;
  },

  /** Memory after so many more tokens. Each comes twice, because the cache keeps a token at its second use. */
  async memory(sent, count) {
    const requests = new Requests(sent, setUp.keys);
    for (let i = 0; i < count; i++) {
      const [request] = requests.take(1);
      await inject(listener, request);
      await inject(listener, request);
    }
    globalThis.gc();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed };
  },
});

/** Sends so many requests, and repeats them if there are fewer. */
async function injectAll(requests, size, status) {
  for (let i = 0; i < size; i++) {
    const got = await inject(listener, requests[i % requests.length]);
    if (got !== status) throw new Error(`Expected ${status}, got ${got}`);
  }
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
