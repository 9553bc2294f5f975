import { assertCalled } from './assertCalled';
import { stateDecorator } from './stateDecorator';

/** Where in the request the token was; undefined for an anonymous request (flask: get_jwt_request_location). */
export function JwtLocation(...given: []): ParameterDecorator {
  assertCalled('JwtLocation', given, 0);
  return stateDecorator(({ location }) => location);
}
