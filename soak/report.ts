import { megabytes, type Growth } from './Growth';
import type { Judge } from './Judge';

interface Run {
  readonly seed: string;
  readonly judge: Judge;
  readonly happened: ReadonlyMap<string, number>;
  readonly growth: Growth;
  /** Of Redis, at the end. */
  readonly entries: number;
}

const SHOWN = 100;

export function print({ seed, judge, happened, growth, entries }: Run): void {
  const { worstLateness, triedAfterEnd, wrong } = judge;
  const lines = [
    `Seed ${seed}: ${judge.judged} answers judged, ${entries} entries in Redis at the end`,
    '',
    'What was asked, and what came back:',
    ...[...judge.counts]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(
        ([what, outcomes]) =>
          `  ${what}: ${[...outcomes].map(([outcome, n]) => `${n} × ${outcome}`).join(', ')}`,
      ),
    '',
    'What was broken:',
    ...[...happened].map(([name, n]) => `  ${n} × ${name}`),
    '',
    'Latest time after its end at which a token was let in (tries after an end):',
    ...(['users', 'partners'] as const).map(
      (service) => `  ${service}: ${worstLateness[service].toFixed(1)} ms (${triedAfterEnd[service]})`,
    ),
    '',
    'Growth of each process, later half of its life against the earlier one:',
    ...growth.rows.map(
      ({ life, measurements, heapBytes, handles }) =>
        `  ${life}: ${megabytes(heapBytes)} MB, ${handles} handles, ${measurements} measurements`,
    ),
    '',
    ...wrong.slice(0, SHOWN).map((complaint) => `WRONG ${complaint}`),
    wrong.length === 0 ? 'Nothing was wrong' : `${wrong.length} were wrong`,
  ];
  console.log(lines.join('\n'));
}
