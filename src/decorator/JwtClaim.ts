import { JwtConfigurationError } from '../errors';
import { assertCalled } from './assertCalled';
import { stateDecorator } from './stateDecorator';

/** One claim of the token; undefined where the token has none, or the request is anonymous. */
export function JwtClaim(...given: [name: string]): ParameterDecorator {
  assertCalled('JwtClaim', given, 1);
  const [name] = given;
  if (typeof (name as unknown) !== 'string')
    throw new JwtConfigurationError("Name the claim: @JwtClaim('team')");
  return stateDecorator(({ payload }) =>
    payload && Object.hasOwn(payload, name) ? payload[name] : undefined,
  );
}
