import { nameOf, type Declaration } from '../guard/policyRegistry';
import type { Policy } from '../request/Policy';
import { servedActions, type ServedAction, type ServedBy } from './servedActions';

/**
 * Where the policy of a route comes from: a decorator of the method, of the class, or of a class that it extends; from
 * requireJwtByDefault(); or from `@JwtExempt()`, wherever that is. `none`: there is no policy.
 */
export type PolicyOrigin = 'method' | 'class' | 'inherited' | 'default' | 'exempt' | 'none';

/** One route of the application, and what it demands of a request. */
export interface RouteDescription {
  /** In capitals, such as `GET`. `ALL` for `@All()`. */
  readonly verb: string;
  /** With the prefix of the server. A regular expression is written as such. */
  readonly path: string;
  readonly controller: string;
  readonly method: string;
  /** Undefined when there is none. */
  readonly policy: Policy | undefined;
  readonly origin: PolicyOrigin;
  /** The classes and methods whose decorators decide, nearest first, such as `ReadController.read`. */
  readonly declaredOn: readonly string[];
  /** The roles of routing-controllers' `@Authorized`, which demands a token too. Undefined without it. */
  readonly roles: readonly string[] | undefined;
  /** Whether `@CurrentUser({ required: true })` demands a user, and so a token. */
  readonly needsUser: boolean;
  /** Whether a request without a token gets to the action, as `@JwtOptional()` lets it. */
  readonly isOpen: boolean;
}

/**
 * Every action of the controllers that are imported, with its effective policy: what a server enforces, and what a
 * review of security asks for first. It may come before or after the server, but after requireJwtByDefault(). Takes the
 * options of the server, which say its prefix and its controllers. Throws JwtConfigurationError where the server would.
 */
export function describeRoutes(options: ServedBy = {}): RouteDescription[] {
  return servedActions(options).map((served) => describe(served));
}

function describe(served: ServedAction): RouteDescription {
  const { controller, action, verb, path, policy, declared, roles, needsUser } = served;
  return Object.freeze({
    verb,
    path: String(path),
    controller: controller.target.name,
    method: action.method,
    policy,
    origin: originOf(controller.target.prototype as object, declared[0], policy),
    declaredOn: Object.freeze(declared.map(({ prototype, method }) => nameOf(prototype, method))),
    roles,
    needsUser,
    isOpen: isOpen(served),
  });
}

function originOf(
  prototype: object,
  nearest: Declaration | undefined,
  policy: Policy | undefined,
): PolicyOrigin {
  if (policy === undefined) return 'none';
  if (policy.demand === 'none') return 'exempt';
  if (nearest === undefined) return 'default';
  if (nearest.prototype !== prototype) return 'inherited';
  return nearest.method === undefined ? 'class' : 'method';
}

/** Guards let OPTIONS pass, because a CORS preflight has no credentials. The checkers do not. */
function isOpen({ policy, verb, roles, needsUser }: ServedAction): boolean {
  if (roles !== undefined || needsUser) return false;
  return policy?.demand !== 'required' || verb === 'OPTIONS';
}
