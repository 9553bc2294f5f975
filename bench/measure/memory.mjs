import { SCENARIOS, sentBy } from '../scenarios/index.mjs';
import { Child } from './Child.mjs';

/** Few enough tokens to fit into the cache, so that the growth of memory is theirs. */
const CACHED = 1000;

/** How much a server grows with so many different valid tokens. */
export async function measureMemory({ tokens, warmUp }, surroundings) {
  const { key, ...scenario } = SCENARIOS.find((each) => each.key === 'new');
  const child = new Child('server.child.mjs');
  try {
    await child.ask('serve', key, surroundings);
    const sent = sentBy(scenario);
    const seen = Math.min(CACHED, Math.floor(tokens / 4));
    const half = Math.floor(tokens / 2);
    // Warm up, because the memory of compiled code must not count.
    const start = await child.ask('memory', { ...sent, token: 'seen' }, warmUp);
    const cached = await child.ask('memory', sent, seen);
    const halfway = await child.ask('memory', sent, half - seen);
    const end = await child.ask('memory', sent, tokens - half);
    return {
      tokens,
      bytesPerToken: (cached.heapUsed - start.heapUsed) / seen,
      heapGrowth: { halfway: halfway.heapUsed - start.heapUsed, end: end.heapUsed - start.heapUsed },
      rssGrowth: { halfway: halfway.rss - start.rss, end: end.rss - start.rss },
    };
  } finally {
    await child.end();
  }
}
