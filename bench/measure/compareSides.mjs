import { interval } from './statistics.mjs';

/**
 * Ratios of the speeds of the servers in each round, and undefined for a side that is not there. Ratios are taken
 * within a round, because the machine changes its pace from one to the next.
 */
export function compareSides(rounds) {
  const ratio = (side, to) => {
    if (rounds.some((round) => round[side] === undefined || round[to] === undefined)) return undefined;
    return interval(rounds.map((round) => round[side] / round[to]));
  };
  return {
    ratio: ratio('guarded', 'bare'),
    floorRatio: ratio('floor', 'bare'),
    byFloor: ratio('guarded', 'floor'),
    byThan: ratio('guarded', 'than'),
    otherRatio: ratio('against', 'bare'),
    thisByOther: ratio('guarded', 'against'),
  };
}
