import type { Context } from 'koa';
import { createParamDecorator, type Action } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { admittingManager } from '../guard/managerOf';
import { getJwtState, type JwtState } from '../request/JwtState';
import { assertCalled } from './assertCalled';

/** What the token was made for. Undefined for an anonymous request (flask: get_jwt_identity). */
export function JwtIdentity(...given: []): ParameterDecorator {
  assertCalled('JwtIdentity', given, 0);
  return parameter(({ identity }) => identity);
}

/** The claims of the token. Undefined for an anonymous request (flask: get_jwt). */
export function JwtPayload(...given: []): ParameterDecorator {
  assertCalled('JwtPayload', given, 0);
  return parameter(({ payload }) => payload);
}

/** One claim of the token. Undefined when the token has none, and for an anonymous request. */
export function JwtClaim(...given: [name: string]): ParameterDecorator {
  assertCalled('JwtClaim', given, 1);
  const [name] = given;
  if (typeof (name as unknown) !== 'string')
    throw new JwtConfigurationError("Name the claim: @JwtClaim('team')");
  return parameter(({ payload }) => (payload && Object.hasOwn(payload, name) ? payload[name] : undefined));
}

/** The header of the token. Undefined for an anonymous request (flask: get_jwt_header). */
export function JwtHeader(...given: []): ParameterDecorator {
  assertCalled('JwtHeader', given, 0);
  return parameter(({ header }) => header);
}

/** Where in the request the token was. Undefined for an anonymous request (flask: get_jwt_request_location). */
export function JwtLocation(...given: []): ParameterDecorator {
  assertCalled('JwtLocation', given, 0);
  return parameter(({ location }) => location);
}

/** What the user loader returned. Undefined for an anonymous request (flask: get_current_user). */
export function JwtCurrentUser(...given: []): ParameterDecorator {
  assertCalled('JwtCurrentUser', given, 0);
  return parameter((state, action) => admittingManager(action).currentUser(state));
}

/** Reads what the guard has found out. Throws an Error when no guard has run. */
function parameter(read: (state: JwtState, action: Action) => unknown): ParameterDecorator {
  return createParamDecorator({
    value: (action) => read(getJwtState(action.context as Context), action),
  }) as ParameterDecorator;
}
