import { getMetadataArgsStorage, type MetadataArgsStorage } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { shared } from '../registry/registry';
import type { Policy } from '../request/Policy';
import { areParseErrorsDeferred } from '../request/parseErrors';
import { answerOptions, guard, nameManager, type Guard } from './guard';
import { throwParseError } from './interceptBodyParser';
import { findErrors, findMisuses, noteClassPolicy, type Driver } from './misuse';
import {
  ancestry,
  isGoverned,
  isSameMethod,
  keyOf,
  nameOf,
  noteServed,
  policyOf,
  prototypesOf,
  type Defines,
} from './policyRegistry';
import { currentBuild, reportMistake, type ControllerClass, type ServerBuild } from './ServerBuild';

// routing-controllers asks for the middlewares of a class with undefined, which its types do not say.
type UsesOf = (
  ...question: [Parameters<MetadataArgsStorage['filterUsesWithTargetAndMethod']>[0], string | undefined]
) => ReturnType<MetadataArgsStorage['filterUsesWithTargetAndMethod']>;

const intercepted = shared('storages', () => new WeakSet<MetadataArgsStorage>());

/** Actions without a policy with which a server was built. */
const servedOpen = shared('served open', () => new Set<string>());

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
  const storage = getMetadataArgsStorage();
  if (intercepted.has(storage)) return;
  intercepted.add(storage);
  const usesOf: UsesOf = storage.filterUsesWithTargetAndMethod.bind(storage) as UsesOf;
  const paramsOf = storage.filterParamsWithTargetAndMethod.bind(storage);

  storage.filterUsesWithTargetAndMethod = (controller, method: string | undefined) => {
    const governed = isGoverned(controller);
    if (method === undefined) return governed ? [] : usesOf(controller, method);
    noteServed(controller);
    const ofClass = usesOf(controller, undefined);
    const ofMethod = governed
      ? spellings(method).flatMap((each) => usesOf(controller, each))
      : usesOf(controller, method);
    const hasMiddleware = ofClass.length + ofMethod.length > 0;
    const own = governed ? [...ofClass, ...ofMethod] : ofMethod;
    let policy: Policy | undefined;
    try {
      refuseLostAuthorized(storage, controller, method);
      policy = policyOf(controller, method, definerIn(storage, method));
    } catch (error) {
      // No action may be open while its server is being refused.
      reportMistake((error as Error).message);
      return [use(controller, method, closed)];
    }
    currentBuild()?.actions.push({ controller, method, policy, hasMiddleware });
    if (policy === undefined) servedOpen.add(nameOf(controller, method));
    const middlewares: Guard[] = [];
    if (policy !== undefined && policy.demand !== 'none') {
      if (isForAllVerbs(storage, controller, method)) middlewares.push(answerOptions);
      middlewares.push(guard(policy));
    } else if (policy?.manager !== undefined) middlewares.push(nameManager(policy.manager));
    const first = middlewares.map((middleware) => use(controller, method, middleware));
    return [...first, ...deferred(controller, method), ...own];
  };

  storage.filterParamsWithTargetAndMethod = (controller, method) => {
    const found = isGoverned(controller)
      ? spellings(method).flatMap((each) => paramsOf(definerOf(controller, method), each))
      : paramsOf(controller, method);
    if (found.length > 0 && !('getMetadata' in Reflect)) {
      throw new JwtConfigurationError(
        "routing-controllers needs reflect-metadata: write import 'reflect-metadata' in the first line of the program",
      );
    }
    const noted = found.map(({ transform }) => ({ controller, method, transform }));
    currentBuild()?.parameters.push(...noted);
    return found;
  };
}

/** What is wrong with a server that was built: `errors` in every environment, the rest for development. */
export function inspect(build: ServerBuild, driver: Driver): void {
  const storage = getMetadataArgsStorage();
  for (const error of findErrors(storage, build, driver)) build.errors.add(error);
  build.misuses.push(...findMisuses(storage, build, driver));
}

/** Remembers a class with a policy, in case that a decorator below made another class of it. */
export function rememberClassPolicy(decorated: object): void {
  noteClassPolicy(getMetadataArgsStorage(), decorated);
}

function closed(): never {
  throw new JwtConfigurationError('This server was refused when it was built: see the error of then');
}

/** `123` and `'123'` are one method, but not to routing-controllers. */
function spellings(method: string): string[] {
  const key = keyOf(method);
  const isNumber = typeof key === 'string' && String(Number(key)) === key;
  return isNumber ? [key, Number(key) as never] : [method];
}

/** Whether a class defines an action: as a method, or as a property that holds a function. */
export function definerIn(storage: MetadataArgsStorage, method: string): Defines {
  return (prototype) =>
    Object.hasOwn(prototype, method) ||
    storage.actions.some(
      (action) => isSameMethod(action.method, method) && action.target === prototype.constructor,
    );
}

/** Throws the errors of the body parser after the guard, when they are deferred. */
function deferred(target: ControllerClass, method: string): ReturnType<UsesOf> {
  return areParseErrorsDeferred() ? [use(target, method, throwParseError)] : [];
}

function use(target: ControllerClass, method: string, middleware: Guard): ReturnType<UsesOf>[number] {
  return { target, method, middleware, afterAction: false };
}

/** Whether the action is one of `@All()`: it would serve OPTIONS too, which guards let pass. */
function isForAllVerbs(storage: MetadataArgsStorage, controller: object, method: string): boolean {
  const classes = ancestry(controller);
  return storage.actions.some(
    (action) =>
      action.type.toLowerCase() === 'all' &&
      isSameMethod(action.method, method) &&
      classes.includes(action.target),
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
function definerOf(controller: ControllerClass, method: string): ControllerClass {
  const definer = prototypesOf(controller).find((prototype) => Object.hasOwn(prototype, method));
  return definer?.constructor ?? controller;
}

/**
 * routing-controllers drops `@Authorized` of a base class like `@UseBefore`. That would leave the action open to
 * everyone who is logged in, or to everyone. Throws, so that the server does not start.
 */
export function refuseLostAuthorized(storage: MetadataArgsStorage, controller: object, method: string): void {
  const bases = ancestry(controller).slice(1);
  if (bases.length === 0) return;
  const isAuthorized = (target: object, name: string | undefined): boolean =>
    storage.responseHandlers.some(
      (each) => each.type === 'authorized' && each.target === target && isSameMethod(each.method, name),
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
