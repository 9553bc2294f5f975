import { bare } from '../claims';

/**
 * Marks a promise, so that an answer that holds it is an error that says why. JSON would make `{}` of it, and the client
 * would get 200 without a token.
 */
export function mustBeAwaited<Value>(promise: Promise<Value>, call: string): Promise<Value> {
  return Object.defineProperty(promise, 'toJSON', bare({ value: () => refuse(call) }));
}

function refuse(call: string): never {
  throw new TypeError(`The answer holds the promise of ${call}() and not its result: write await before it`);
}
