import { stateDecorator } from './stateDecorator';

/** The header of the token; undefined for an anonymous request (flask: get_jwt_header). */
export function JwtHeader(): ParameterDecorator {
  return stateDecorator(({ header }) => header);
}
