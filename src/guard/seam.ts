import { getMetadataArgsStorage } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { areParseErrorsDeferred, throwParseError } from '../request/deferParseErrors';
import { answerOptions, guard, nameManager, type Guard } from './guard';
import { ancestry, isGoverned, nameOf, policyOf } from './policyRegistry';

type Storage = ReturnType<typeof getMetadataArgsStorage>;
// routing-controllers asks for the middlewares of a class with undefined, which its types do not say.
type UsesOf = (
  ...question: [Parameters<Storage['filterUsesWithTargetAndMethod']>[0], string | undefined]
) => ReturnType<Storage['filterUsesWithTargetAndMethod']>;

const armed = new WeakSet<Storage>();

/** Actions that some server has been built with, of which nothing was demanded. */
const servedOpen = new Set<string>();

/**
 * Teaches routing-controllers to guard actions, by wrapping two questions that it asks its metadata storage for
 * every action of every server it builds. The only file that knows of that storage.
 *
 * Why not `@UseBefore`? Because routing-controllers asks for the middlewares of exactly the class it serves: an
 * action inherited from a guarded base class loses them without a word, and its guard with them. It also runs
 * class middlewares before those of the method, so a guard could be passed by and an identity be missing. So the
 * storage answers otherwise, for controllers that have a policy:
 *
 *     middlewares of the class?     none
 *     middlewares of the action?    the guard, then those of the class, then those of the method
 *     parameters of the action?     those of the class that defines the method, if the controller inherits it
 *
 * Controllers without a policy get the answers they always got, but for errors of the body parser that were
 * deferred. Each decorator arms the storage, so there is no
 * set-up call to forget; the answers are worked out when a server asks, so any number of servers may. Wrapping the
 * instance, not the class, is what works with two installed copies of routing-controllers, which share the
 * instance, and with other libraries that wrap it as well. `spec/contract` asserts what is relied on here.
 */
export function armSeam(): void {
  const storage = getMetadataArgsStorage();
  if (armed.has(storage)) return;
  armed.add(storage);
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

/** What throws the errors of the body parser after the guard, where they have been deferred. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- what routing-controllers calls a class
function deferred(target: Function, method: string): ReturnType<UsesOf> {
  return areParseErrorsDeferred() ? [use(target, method, throwParseError)] : [];
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- what routing-controllers calls a class
function use(target: Function, method: string, middleware: Guard): ReturnType<UsesOf>[number] {
  return { target, method, middleware, afterAction: false };
}

/** Whether the action is one of `@All()`, so that it would serve OPTIONS too, which no guard holds up. */
function isForAllVerbs(storage: Storage, controller: object, method: string): boolean {
  const classes = ancestry(controller);
  return storage.actions.some(
    (action) => action.type === 'all' && action.method === method && classes.includes(action.target),
  );
}

/** Throws JwtConfigurationError where a server was built already: its actions would stay open. */
export function refuseServedOpen(): void {
  if (servedOpen.size === 0) return;
  throw new JwtConfigurationError(
    `requireJwtByDefault() must come before the server is created: ${[...servedOpen].join(', ')} would stay open`,
  );
}

/** The class whose method a request to the controller runs. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- what routing-controllers calls a class
function definerOf(controller: Function, method: string): Function {
  const defines = (target: object): boolean =>
    Object.hasOwn((target as { prototype: object }).prototype, method);
  return (ancestry(controller).find(defines) ?? controller) as typeof controller;
}

/**
 * `@Authorized` of a base class is lost like `@UseBefore` is, which would leave the action open to everyone who
 * is logged in, or to everyone. Throws, so that the server does not start.
 */
function refuseLostAuthorized(storage: Storage, controller: object, method: string): void {
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
