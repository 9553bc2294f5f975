import { stateDecorator } from './stateDecorator';

/** What the token was made for; undefined for an anonymous request (flask: get_jwt_identity). */
export function JwtIdentity(): ParameterDecorator {
  return stateDecorator(({ identity }) => identity);
}
