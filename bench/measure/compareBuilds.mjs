import { quartiles } from './statistics.mjs';

/**
 * This build and the other one, by the speeds of their servers in each round; undefined when only one was measured.
 * Ratios are taken within a round, because the machine changes its pace from one to the next.
 */
export function compareBuilds(rounds) {
  if (rounds.some(({ against }) => against === undefined)) return undefined;
  const ratios = (speed, to) => quartiles(rounds.map((round) => round[speed] / round[to]));
  return {
    thisRatio: ratios('guarded', 'bare'),
    otherRatio: ratios('against', 'bare'),
    thisByOther: ratios('guarded', 'against'),
  };
}
