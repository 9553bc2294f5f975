import { getMetadataArgsStorage } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { areParseErrorsDeferred } from '../request/parseErrors';
import { interceptBodyParser, throwParseError } from './interceptBodyParser';
import { answerOptions, guard, nameManager, type Guard } from './guard';
import { ancestry, isGoverned, nameOf, policyOf } from './policyRegistry';

type Storage = ReturnType<typeof getMetadataArgsStorage>;
// routing-controllers asks for the middlewares of a class with undefined, which its types do not say.
type UsesOf = (
  ...question: [Parameters<Storage['filterUsesWithTargetAndMethod']>[0], string | undefined]
) => ReturnType<Storage['filterUsesWithTargetAndMethod']>;

const intercepted = new WeakSet<Storage>();

/** Actions without a policy with which a server was built. */
const servedOpen = new Set<string>();

/**
 * Makes routing-controllers guard actions, by wrapping two methods of its metadata storage. It calls them for every
 * action of every server that it builds. This is the only file that changes the storage; `servedActions` reads it.
 *
 * Why not `@UseBefore`? Because routing-controllers asks for the middlewares of exactly the class that it serves: an
 * action that is inherited from a guarded base class silently loses them, and its guard with them. It also runs the
 * middlewares of the class before those of the method, so these could run before a guard, without an identity. For
 * controllers with a policy the storage therefore gives other results:
 *
 *     middlewares of the class?     none
 *     middlewares of the action?    the guard, then those of the class, then those of the method
 *     parameters of the action?     those of the class that defines the method, if the controller inherits it
 *
 * Controllers without a policy get the results of routing-controllers, and the deferred errors of the body parser. Each
 * decorator calls this function, so that nobody can forget a set-up call. The results are computed when a server asks,
 * so that there may be many servers. It wraps the instance and not the class, because two installed copies of
 * routing-controllers share the instance, and because other libraries may wrap it too. `spec/contract` asserts what it
 * relies on.
 */
export function interceptStorage(): void {
  interceptBodyParser();
  const storage = getMetadataArgsStorage();
  if (intercepted.has(storage)) return;
  intercepted.add(storage);
  const usesOf: UsesOf = storage.filterUsesWithTargetAndMethod.bind(storage) as UsesOf;
  const paramsOf = storage.filterParamsWithTargetAndMethod.bind(storage);

  storage.filterUsesWithTargetAndMethod = (controller, method: string | undefined) => {
    if (method !== undefined) refuseLostAuthorized(storage, controller, method);
    if (!isGoverned(controller)) {
      if (method === undefined) return usesOf(controller, method);
      servedOpen.add(nameOf(controller, method));
      return [...deferred(controller, method), ...usesOf(controller, method)];
    }
    if (method === undefined) return [];
    const policy = policyOf(controller, method);
    if (policy === undefined) servedOpen.add(nameOf(controller, method));
    const isOpen = policy === undefined || policy.demand === 'none';
    const middlewares = isOpen ? [] : [guard(policy)];
    if (isOpen && policy?.manager !== undefined) middlewares.push(nameManager(policy.manager));
    if (!isOpen && isForAllVerbs(storage, controller, method)) middlewares.unshift(answerOptions);
    const first = middlewares.map((middleware) => use(controller, method, middleware));
    const own = [...usesOf(controller, undefined), ...usesOf(controller, method)];
    return [...first, ...deferred(controller, method), ...own];
  };

  storage.filterParamsWithTargetAndMethod = (controller, method) =>
    paramsOf(isGoverned(controller) ? definerOf(controller, method) : controller, method);
}

/** Throws the errors of the body parser after the guard, when they are deferred. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the type that routing-controllers has for a class
function deferred(target: Function, method: string): ReturnType<UsesOf> {
  return areParseErrorsDeferred() ? [use(target, method, throwParseError)] : [];
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the type that routing-controllers has for a class
function use(target: Function, method: string, middleware: Guard): ReturnType<UsesOf>[number] {
  return { target, method, middleware, afterAction: false };
}

/** Whether the action is one of `@All()`: it would serve OPTIONS too, which guards let pass. */
function isForAllVerbs(storage: Storage, controller: object, method: string): boolean {
  const classes = ancestry(controller);
  return storage.actions.some(
    (action) =>
      action.type.toLowerCase() === 'all' && action.method === method && classes.includes(action.target),
  );
}

/** Throws JwtConfigurationError when a server was built already, because its actions would stay open. */
export function refuseServedOpen(): void {
  if (servedOpen.size === 0) return;
  throw new JwtConfigurationError(
    `requireJwtByDefault() must come before the server is created: ${[...servedOpen].join(', ')} would stay open`,
  );
}

/** The class whose method runs for a request to the controller. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the type that routing-controllers has for a class
function definerOf(controller: Function, method: string): Function {
  const defines = (target: object): boolean =>
    Object.hasOwn((target as { prototype: object }).prototype, method);
  return (ancestry(controller).find(defines) ?? controller) as typeof controller;
}

/**
 * routing-controllers drops `@Authorized` of a base class like `@UseBefore`. That would leave the action open to
 * everyone who is logged in, or to everyone. Throws, so that the server does not start.
 */
export function refuseLostAuthorized(storage: Storage, controller: object, method: string): void {
  const bases = ancestry(controller).slice(1);
  if (bases.length === 0) return;
  const isAuthorized = (target: object, name: string | undefined): boolean =>
    storage.responseHandlers.some(
      (each) => each.type === 'authorized' && each.target === target && each.method === name,
    );
  if (isAuthorized(controller, method)) return;
  const lost =
    bases.find((base) => isAuthorized(base, method)) ??
    (isAuthorized(controller, undefined) ? undefined : bases.find((base) => isAuthorized(base, undefined)));
  if (lost === undefined) return;
  const action = nameOf(controller, method);
  throw new JwtConfigurationError(
    `routing-controllers drops @Authorized of ${nameOf(lost, undefined)} for ${action}, which inherits it: ` +
      `write @Authorized(…) on ${action} itself`,
  );
}
