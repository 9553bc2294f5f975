import { AssertionError, expect } from 'chai';
import type { JwtError } from '../../src/index';

/** The error that a promise rejects with; fails if it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<JwtError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    expect(error).to.be.an.instanceOf(Error);
    return error as JwtError;
  }
  throw new AssertionError(`was not rejected, but resolved with ${JSON.stringify(value)}`);
}
