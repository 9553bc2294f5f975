import { NOTHING } from '../claims';

/** Whether a value is an object like a literal: neither a list nor an instance of a class. */
export function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || prototype === NOTHING;
}
