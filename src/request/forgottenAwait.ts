import { bare } from '../claims';

/**
 * Marks a promise, so that an answer that holds it is an error that says why. JSON would make `{}` of it, and the client
 * would get 200 without a token.
 */
export function mustBeAwaited<Value>(promise: Promise<Value>, call: string): Promise<Value> {
  return Object.defineProperty(promise, 'toJSON', bare({ value: () => refuse(call) }));
}

/** Throws TypeError for an answer that holds a marked promise, `depth` levels down: a transformer would lose the mark. */
export function assertAwaited(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Promise && Object.hasOwn(value, 'toJSON')) {
    (value as unknown as { toJSON(): never }).toJSON();
  }
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (depth === 0 || !isPlain) return;
  for (const each of Object.values(value)) assertAwaited(each, depth - 1);
}

function refuse(call: string): never {
  throw new TypeError(`The answer holds the promise of ${call}() and not its result: write await before it`);
}
