import { Child } from './Child.mjs';
import { interval } from './statistics.mjs';

const ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'];

/** Microseconds to verify and to sign a token outside any server, by algorithm and library. */
export async function measureAlone({ rounds, batch, warmUp, peers }, surroundings) {
  const rows = [];
  const skipped = [];
  for (const algorithm of ALGORITHMS) {
    const child = new Child('alone.child.mjs');
    try {
      const prepared = await child.ask('prepare', algorithm, peers, surroundings);
      skipped.push(...prepared.skipped);
      const samples = prepared.contestants.map((each) => ({
        node: process.version,
        algorithm,
        ...each,
        micros: [],
      }));
      for (let round = -Math.ceil(warmUp / batch); round < rounds; round++) {
        const times = await child.ask(
          'round',
          Math.abs(round),
          Math.ceil(batch / (algorithm === 'HS256' ? 1 : 4)),
        );
        if (round >= 0) samples.forEach(({ micros }, i) => micros.push(times[i]));
      }
      rows.push(
        ...samples.map(({ micros, ...each }) => ({ ...each, micros: interval(micros), samples: micros })),
      );
    } finally {
      await child.end();
    }
  }
  return { rows, skipped };
}
