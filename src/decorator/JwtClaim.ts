import { stateDecorator } from './stateDecorator';

/** One claim of the token; undefined where the token has none, or the request is anonymous. */
export function JwtClaim(name: string): ParameterDecorator {
  return stateDecorator(({ payload }) =>
    payload && Object.hasOwn(payload, name) ? payload[name] : undefined,
  );
}
