import { EXEMPT } from '../request/Policy';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

/** Leaves an action open inside a guarded controller, or a controller open after requireJwtByDefault(). */
export function JwtExempt(): GuardDecorator {
  return guardDecorator(EXEMPT);
}
