import { assertCalled } from './assertCalled';
import { stateDecorator } from './stateDecorator';

/** The header of the token; undefined for an anonymous request (flask: get_jwt_header). */
export function JwtHeader(...given: []): ParameterDecorator {
  assertCalled('JwtHeader', given, 0);
  return stateDecorator(({ header }) => header);
}
