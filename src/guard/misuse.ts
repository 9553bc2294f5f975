import type { MetadataArgsStorage } from 'routing-controllers';
import { otherMajors, shared } from '../registry/registry';
import { decoratorName } from './ownDecorators';
import { ancestry, isSameMethod, keyOf, methodsWithPolicy, nameOf, prototypesOf } from './policyRegistry';
import { reflection } from './reflection';
import type { ControllerClass, ServedAction, ServerBuild } from './ServerBuild';

/** What is read of the KoaDriver of routing-controllers. */
export interface Driver {
  readonly koa: { readonly middleware: readonly unknown[] };
  readonly authorizationChecker?: unknown;
  /** Whether middleware of the application runs before every action. */
  readonly hasGlobalMiddleware: boolean;
}

/** What would guard nothing. It is refused in production too. */
export function findErrors(storage: MetadataArgsStorage, build: ServerBuild, driver: Driver): string[] {
  const controllers = [...new Set(build.actions.map(({ controller }) => controller))];
  return [
    ...otherMajors().map(
      (name) => `${name} is loaded too, and guards nothing here: npm ls shows who installs it, keep one`,
    ),
    ...controllers.flatMap((controller) => [
      ...policiesOfNoAction(storage, build, controller),
      ...decoratorsAsMiddleware(storage, controller),
      ...replacements(storage, controller),
    ]),
    ...driver.koa.middleware.flatMap((middleware) => asMiddleware(middleware, 'app.use')),
  ];
}

function controllersIn(storage: MetadataArgsStorage): ControllerClass[] {
  return storage.controllers.map(({ target }) => target);
}

function policiesOfNoAction(
  storage: MetadataArgsStorage,
  { actions }: ServerBuild,
  controller: ControllerClass,
): string[] {
  const served = actions.filter((each) => each.controller === controller).map(({ method }) => keyOf(method));
  return prototypesOf(controller).flatMap((prototype) =>
    methodsWithPolicy(prototype)
      .filter((method) => !served.includes(keyOf(method)) && !isAction(storage, prototype, method))
      .map(
        (method) =>
          `${nameOf(prototype, method)} has a JWT decorator and is no action: put @Get() or the like on it, ` +
          'or guard the action that calls it',
      ),
  );
}

/** Whether a class, one that it extends or one that extends it makes an action of the method. */
function isAction(storage: MetadataArgsStorage, prototype: object, method: PropertyKey): boolean {
  const bases = prototypesOf(prototype.constructor);
  return storage.actions.some(
    (action) =>
      isSameMethod(action.method, method) &&
      (bases.includes(action.target.prototype as object) || prototypesOf(action.target).includes(prototype)),
  );
}

function decoratorsAsMiddleware(storage: MetadataArgsStorage, controller: ControllerClass): string[] {
  const classes = ancestry(controller);
  return storage.uses
    .filter(({ target }) => classes.includes(target))
    .flatMap(({ target, method, middleware, afterAction }) =>
      asMiddleware(middleware, `@Use${afterAction ? 'After' : 'Before'} of ${nameOf(target, method)}`),
    );
}

function asMiddleware(middleware: unknown, where: string): string[] {
  const name = decoratorName(middleware);
  if (name === undefined) return [];
  return [`${where} has ${name}, which is no middleware: write it as a decorator, or use jwtGuard()`];
}

/** Classes with a policy, by the prototype of a controller that they may have replaced. */
const replacing = shared('replaced classes', () => new WeakMap<object, WeakRef<object>[]>());

/**
 * A decorator below `@JwtRequired()` may return another class. If `@JsonController()` is below that decorator, the class
 * that is served is not the one with the policy.
 */
export function noteClassPolicy(storage: MetadataArgsStorage, decorated: object): void {
  const { prototype } = decorated as { prototype: object };
  const [, base] = prototypesOf(decorated);
  const latest = storage.controllers.at(-1)?.target;
  const isNamesake = latest !== undefined && ['', latest.name].includes((decorated as { name: string }).name);
  for (const original of [base, isNamesake ? (latest.prototype as object) : undefined]) {
    if (original === undefined || original === prototype) continue;
    replacing.set(original, [...(replacing.get(original) ?? []), new WeakRef(decorated)]);
  }
}

function replacements(storage: MetadataArgsStorage, controller: ControllerClass): string[] {
  const controllers = controllersIn(storage);
  const hasEffect = (decorated: object): boolean =>
    controllers.some((each) => prototypesOf(each).includes((decorated as { prototype: object }).prototype));
  return (replacing.get(controller.prototype as object) ?? [])
    .map((reference) => reference.deref())
    .filter((decorated) => decorated !== undefined && !hasEffect(decorated))
    .map(
      () =>
        `The JWT decorator of ${controller.name} is on a class that another decorator made of it, and guards nothing: ` +
        'put @JsonController() above that decorator',
    );
}

/** What cannot work, or not as it reads. Requests fail, but nobody gets in. */
export function findMisuses(storage: MetadataArgsStorage, build: ServerBuild, driver: Driver): string[] {
  const controllers = [...new Set(build.actions.map(({ controller }) => controller))];
  return [
    ...(reflection.isLate && 'getMetadata' in Reflect
      ? [
          "reflect-metadata is imported too late: write import 'reflect-metadata' in the first line of the program",
        ]
      : []),
    ...build.actions.flatMap((action) => unguardedParameters(build, action, driver)),
    ...controllers.flatMap((controller) => missingChecker(storage, controller, driver)),
  ];
}

function unguardedParameters(build: ServerBuild, action: ServedAction, driver: Driver): string[] {
  const { controller, method, policy, hasMiddleware } = action;
  const isGuarded = policy !== undefined && policy.demand !== 'none';
  // Any middleware may have verified the token.
  if (isGuarded || hasMiddleware || driver.hasGlobalMiddleware) return [];
  const names = build.parameters
    .filter((each) => each.controller === controller && each.method === method)
    .map(({ transform }) => decoratorName(transform));
  return [...new Set(names)]
    .filter((name) => name !== undefined)
    .map(
      (name) =>
        `${nameOf(controller, method)} has ${name}, and no guard: put @JwtRequired() or @JwtOptional() on it`,
    );
}

function missingChecker(storage: MetadataArgsStorage, controller: ControllerClass, driver: Driver): string[] {
  if (driver.authorizationChecker !== undefined) return [];
  return storage.responseHandlers
    .filter(({ type, target }) => type === 'authorized' && target === controller)
    .map(
      ({ method }) =>
        `${nameOf(controller, method)} has @Authorized, and the server no authorizationChecker: ` +
        'createKoaServer({ authorizationChecker, … })',
    );
}
