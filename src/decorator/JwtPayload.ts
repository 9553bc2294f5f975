import { assertCalled } from './assertCalled';
import { stateDecorator } from './stateDecorator';

/** The claims of the token; undefined for an anonymous request (flask: get_jwt). */
export function JwtPayload(...given: []): ParameterDecorator {
  assertCalled('JwtPayload', given, 0);
  return stateDecorator(({ payload }) => payload);
}
