const RESAMPLES = 2000;
const CONFIDENCE = 0.95;
/** The same numbers give the same interval, on every machine. */
const SEED = 0x9e3779b9;

export function median(numbers) {
  return quantile(ascending(numbers), 0.5);
}

/**
 * The median of some numbers, and between `low` and `high` its 95 % confidence interval, by bootstrap: what the medians
 * of other samples, drawn from these numbers with replacement, come to.
 */
export function interval(numbers) {
  const draw = drawing();
  return intervalOf(median(numbers), () => median(draw(numbers)));
}

/** The same for the quotient of two medians that were not measured in the same rounds. */
export function quotientOf(numbers, others) {
  const draw = drawing();
  return intervalOf(median(numbers) / median(others), () => median(draw(numbers)) / median(draw(others)));
}

/** What an interval says about a value: `above` it, `below` it, or `no difference`. */
export function compared({ low, high }, value = 1) {
  if (low > value) return 'above';
  return high < value ? 'below' : 'no difference';
}

function intervalOf(estimate, resample) {
  const estimates = ascending(Array.from({ length: RESAMPLES }, resample));
  const tail = (1 - CONFIDENCE) / 2;
  return { median: estimate, low: quantile(estimates, tail), high: quantile(estimates, 1 - tail) };
}

/** Returns a function that draws as many numbers as it is given, with replacement. */
function drawing() {
  const random = mulberry32(SEED);
  return (numbers) => Array.from(numbers, () => numbers[Math.floor(random() * numbers.length)]);
}

/** A small generator of pseudorandom numbers from 0 to 1. */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Interpolated. */
function quantile(sorted, part) {
  const place = (sorted.length - 1) * part;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

function ascending(numbers) {
  return [...numbers].sort((a, b) => a - b);
}
