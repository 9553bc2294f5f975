import { EXEMPT } from '../request/Policy';
import { assertCalled } from './assertCalled';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

/** Leaves an action open inside a guarded controller, or a controller open after requireJwtByDefault(). */
export function JwtExempt(...given: []): GuardDecorator {
  assertCalled('JwtExempt', given, 0);
  return guardDecorator(EXEMPT);
}
