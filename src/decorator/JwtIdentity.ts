import { assertCalled } from './assertCalled';
import { stateDecorator } from './stateDecorator';

/** What the token was made for; undefined for an anonymous request (flask: get_jwt_identity). */
export function JwtIdentity(...given: []): ParameterDecorator {
  assertCalled('JwtIdentity', given, 0);
  return stateDecorator(({ identity }) => identity);
}
