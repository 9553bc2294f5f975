import ms from 'ms';

/** A duration: a whole number of **seconds**, a string with a unit ("15m", "30 days"), or `false` for no end. */
export type Lifetime = number | string | false;

/** A lifetime in seconds, or `false` for no end: what a configuration holds. */
export type Seconds = number | false;

const SHORTEST = 1;
// So that "now + lifetime" stays within the years that a Date can print (RFC 7519 §2, NumericDate).
const LONGEST = 8_000 * 365 * 86_400;

/**
 * The seconds of a duration. Undefined when it is not one. Refuses a bare number in a string ("120"), because
 * jsonwebtoken and `ms` would take it for milliseconds, and zero, because a zero lifetime never expires in Flask.
 */
export function toSeconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return inRange(duration);
  if (typeof duration !== 'string' || !/[a-z]$/i.test(duration) || duration.length > 100) return undefined;
  // Undefined when it cannot be read, in spite of its type.
  const milliseconds = ms(duration as ms.StringValue) as number | undefined;
  return milliseconds === undefined ? undefined : inRange(Math.floor(milliseconds / 1000));
}

function inRange(seconds: number): number | undefined {
  return Number.isInteger(seconds) && seconds >= SHORTEST && seconds <= LONGEST ? seconds : undefined;
}
