import { stateDecorator } from './stateDecorator';

/** The claims of the token; undefined for an anonymous request (flask: get_jwt). */
export function JwtPayload(): ParameterDecorator {
  return stateDecorator(({ payload }) => payload);
}
