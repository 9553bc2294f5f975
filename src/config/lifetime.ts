import ms from 'ms';

/** A duration: a whole number of **seconds**, a string with a unit ("15m", "30 days"), or `false` for no end. */
export type Lifetime = number | string | false;

const SHORTEST = 1;
// So that "now + lifetime" stays within the years that a Date can print (RFC 7519 §2, NumericDate).
const LONGEST = 8_000 * 365 * 86_400;

/**
 * Seconds of a duration, or undefined where it is none. A bare number in a string ("120") is refused:
 * jsonwebtoken and `ms` would take it for milliseconds, and a zero lifetime never expires in Flask.
 */
export function toSeconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return inRange(duration);
  if (typeof duration !== 'string' || !/[a-z]$/i.test(duration) || duration.length > 100) return undefined;
  // Undefined where it cannot be read, whatever the types say.
  const milliseconds = ms(duration as ms.StringValue) as number | undefined;
  return milliseconds === undefined ? undefined : inRange(Math.floor(milliseconds / 1000));
}

function inRange(seconds: number): number | undefined {
  return Number.isInteger(seconds) && seconds >= SHORTEST && seconds <= LONGEST ? seconds : undefined;
}
