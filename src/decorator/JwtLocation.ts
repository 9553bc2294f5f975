import { stateDecorator } from './stateDecorator';

/** Where in the request the token was; undefined for an anonymous request (flask: get_jwt_request_location). */
export function JwtLocation(): ParameterDecorator {
  return stateDecorator(({ location }) => location);
}
