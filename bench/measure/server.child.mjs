import { once } from 'node:events';
import { createServer } from 'node:http';
import { answer } from './Child.mjs';
import { inject, injectAll } from './inject.mjs';
import { openListener } from './openListener.mjs';
import { Requests } from './requests.mjs';

const supplies = new Map();
let listener;
let setUp;

answer({
  /** Serves a scenario, or the bare version of a framework. Returns the port. */
  async serve(key, surroundings) {
    setUp = surroundings;
    listener = await openListener(key, surroundings);
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
    await injectAll(listener, supply.take(size), size, status);
    const requests = supply.take(size);
    // Collect young objects only: after a full collection the compiler starts again.
    globalThis.gc(true);
    const before = cpu();
    await injectAll(listener, requests, size, status);
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

function cpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
