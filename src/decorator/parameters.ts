import type { Context } from 'koa';
import { createParamDecorator, type Action } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { admittingManager } from '../guard/managerOf';
import { noteDecorator } from '../guard/ownDecorators';
import { metadataOf, noteReflection } from '../guard/reflection';
import { getJwtState, type JwtState } from '../request/JwtState';
import { assertCalled } from './assertCalled';

/**
 * What the token was made for. Undefined for an anonymous request (flask: get_jwt_identity). For a parameter of type
 * number or bigint, the string in the token is converted; a TypeError when it is none.
 */
export function JwtIdentity(...given: []): ParameterDecorator {
  assertCalled('JwtIdentity', given, 0);
  return parameter('JwtIdentity', ({ identity }) => identity, asDeclared);
}

/** The claims of the token. Undefined for an anonymous request (flask: get_jwt). */
export function JwtPayload(...given: []): ParameterDecorator {
  assertCalled('JwtPayload', given, 0);
  return parameter('JwtPayload', ({ payload }) => payload);
}

/** One claim of the token. Undefined when the token has none, and for an anonymous request. */
export function JwtClaim(...given: [name: string]): ParameterDecorator {
  assertCalled('JwtClaim', given, 1);
  const [name] = given;
  if (typeof (name as unknown) !== 'string')
    throw new JwtConfigurationError("Name the claim: @JwtClaim('team')");
  return parameter(
    'JwtClaim',
    ({ payload }) => (payload && Object.hasOwn(payload, name) ? payload[name] : undefined),
    name === 'sub' ? asDeclared : undefined,
  );
}

/** The header of the token. Undefined for an anonymous request (flask: get_jwt_header). */
export function JwtHeader(...given: []): ParameterDecorator {
  assertCalled('JwtHeader', given, 0);
  return parameter('JwtHeader', ({ header }) => header);
}

/** Where in the request the token was. Undefined for an anonymous request (flask: get_jwt_request_location). */
export function JwtLocation(...given: []): ParameterDecorator {
  assertCalled('JwtLocation', given, 0);
  return parameter('JwtLocation', ({ location }) => location);
}

/** What the user loader returned. Undefined for an anonymous request (flask: get_current_user). */
export function JwtCurrentUser(...given: []): ParameterDecorator {
  assertCalled('JwtCurrentUser', given, 0);
  return parameter('JwtCurrentUser', (state, action) => admittingManager(action).currentUser(state));
}

/** Fits a value to the type that the parameter was declared with. */
type Fit = (value: unknown, declared: unknown) => unknown;

/** Reads what the guard has found out. Throws an Error when no guard has run. */
function parameter(
  name: string,
  read: (state: JwtState, action: Action) => unknown,
  fit: Fit = (value) => value,
): ParameterDecorator {
  const decorate: ParameterDecorator = (target, method, index) => {
    // As middleware, it would note a parameter at each request.
    if (typeof index !== 'number' || method === undefined)
      throw new JwtConfigurationError(`@${name}() is for a parameter of an action`);
    noteReflection();
    const types = metadataOf('design:paramtypes', target, method) as readonly unknown[] | undefined;
    const declared = types?.[index];
    const value = (action: Action): unknown =>
      fit(read(getJwtState(action.context as Context), action), declared);
    noteDecorator(value, `@${name}()`);
    (createParamDecorator({ value }) as ParameterDecorator)(target, method, index);
  };
  return noteDecorator(decorate, `@${name}()`);
}

/**
 * An identity is a string, and the types of TypeScript are not there to say so at run time. Only a string that the number
 * is written as is converted: `'007'` and `'7'` are two identities, and one number.
 */
function asDeclared(identity: unknown, declared: unknown): unknown {
  if (typeof identity !== 'string') return identity;
  if (declared === Number && Number.isFinite(Number(identity)) && String(Number(identity)) === identity)
    return Number(identity);
  if (declared === BigInt && /^(?:0|-?[1-9]\d*)$/.test(identity)) return BigInt(identity);
  if (declared === undefined || declared === String || declared === Object) return identity;
  const { name } = declared as { name: string };
  throw new TypeError(
    `The identity of the token is a string, and the parameter has the type ${name}: declare it as string` +
      (declared === Number || declared === BigInt ? ', because this one is not written as a number' : ''),
  );
}
