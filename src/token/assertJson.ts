import { isPlainObject } from '../config/isPlainObject';
import { MAX_LEVELS } from './strictJson';

/**
 * Throws TypeError, which names the member, when a value would not come back from a token as it went in: NaN, bigint,
 * functions, dates, cycles. Undefined members of objects are fine, because JSON leaves them out.
 */
export function assertJson(value: object, name: string): void {
  if (!isPlainObject(value)) throw new TypeError(`${name} must be a plain object`);
  assertMembers(value, name, 1);
}

function assertMembers(value: object, path: string, level: number): void {
  if (level >= MAX_LEVELS) throw new TypeError(`${path} is nested too deeply, or in a circle`);
  const isList = Array.isArray(value);
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined || isList) assertValue(member, `${path}.${name}`, level);
  }
}

function assertValue(value: unknown, path: string, level: number): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value !== 'object' || !(isDense(value) || isPlainObject(value))) {
    throw new TypeError(
      `${path} is not JSON: strings, finite numbers, booleans, null, lists and plain objects are`,
    );
  }
  assertMembers(value, path, level + 1);
}

/** Whether a value is a list without holes, which would come back as null. */
function isDense(value: unknown): boolean {
  return Array.isArray(value) && !value.includes(undefined);
}
