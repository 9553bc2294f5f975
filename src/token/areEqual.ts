import { timingSafeEqual } from 'node:crypto';

/** Compares a secret text with another, in constant time but for its length. */
export function areEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
