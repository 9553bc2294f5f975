import { ActionMetadata, getMetadataArgsStorage, type RoutingControllersOptions } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { definerIn, refuseLostAuthorized } from '../guard/interceptStorage';
import { ancestry, decidingFor, isSameMethod, policyOf, type Declaration } from '../guard/policyRegistry';
import type { Policy } from '../request/Policy';

type Storage = ReturnType<typeof getMetadataArgsStorage>;

/** Of the options of a server: what decides which actions it serves, and where. */
export type ServedBy = Pick<RoutingControllersOptions, 'controllers' | 'defaults' | 'routePrefix'>;

/** An action as a server serves it, with what routing-controllers itself demands. */
export interface ServedAction {
  readonly controller: Storage['controllers'][number];
  /** As declared, perhaps on a base class. `target` is the controller that serves it. */
  readonly action: Storage['actions'][number];
  /** In capitals. `ALL` is every verb. */
  readonly verb: string;
  readonly path: string | RegExp;
  /** What its guard demands. Undefined when there is none. */
  readonly policy: Policy | undefined;
  /** The decorators that decide about the policy, nearest first. */
  readonly declared: readonly Declaration[];
  readonly params: Storage['params'];
  readonly responseHandlers: Storage['responseHandlers'];
  /** The roles of `@Authorized`. Undefined without it. */
  readonly roles: readonly string[] | undefined;
  /** Whether `@CurrentUser({ required: true })` demands a user. */
  readonly needsUser: boolean;
}

/**
 * Every action that a server with these options serves, in the order of routing-controllers: those of a controller,
 * then the inherited ones. Throws JwtConfigurationError where the server would refuse to start.
 */
export function servedActions(options: ServedBy = {}): ServedAction[] {
  const storage = getMetadataArgsStorage();
  return controllersOf(storage, options).flatMap((controller) =>
    actionsOf(storage, controller).map((action): ServedAction => {
      refuseLostAuthorized(storage, controller.target, action.method);
      const defines = definerIn(storage, action.method);
      const params = storage.filterParamsWithTargetAndMethod(action.target, action.method);
      return {
        controller,
        action,
        verb: action.type.toUpperCase(),
        path: pathOf(controller, action, options),
        policy: policyOf(controller.target, action.method, defines),
        declared: decidingFor(controller.target, action.method, defines),
        params,
        responseHandlers: storage.filterResponseHandlersWithTargetAndMethod(action.target, action.method),
        roles: rolesOf(storage, action),
        needsUser: needsUser(params, options),
      };
    }),
  );
}

function controllersOf(storage: Storage, { controllers }: ServedBy): Storage['controllers'] {
  if (controllers === undefined || controllers.length === 0) return storage.controllers;
  const classes = controllers.filter((each) => typeof each === 'function');
  // The files that it would match are known to the server only.
  const pattern = controllers.find((each) => typeof each === 'string');
  if (pattern === undefined) return storage.filterControllerMetadatasForClasses(classes);
  throw new JwtConfigurationError(
    `The option controllers has a pattern, ${pattern}: create the server first, and leave the option out here`,
  );
}

/** As routing-controllers' MetadataBuilder finds them: a method that a nearer class routes hides those further up. */
function actionsOf(
  storage: Storage,
  { target: controller }: Storage['controllers'][number],
): Storage['actions'] {
  const found: Storage['actions'] = [];
  for (const target of ancestry(controller)) {
    const nearer = found.map(({ method }) => method);
    const declared = storage.actions.filter(
      (action) => action.target === target && !nearer.some((method) => isSameMethod(method, action.method)),
    );
    found.push(...declared.map((action) => ({ ...action, target: controller })));
  }
  return found;
}

function pathOf(
  controller: Storage['controllers'][number],
  { route }: Storage['actions'][number],
  { routePrefix = '' }: ServedBy,
): string | RegExp {
  // Its types know neither a missing route nor the undefined of `@Get()`.
  const [base, own] = [controller.route as string | undefined, route as typeof route | undefined];
  const inController =
    own instanceof RegExp
      ? base
        ? ActionMetadata.appendBaseRoute(base, own)
        : own
      : (base ?? '') + (own ?? '');
  const path = ActionMetadata.appendBaseRoute(routePrefix, inController);
  return path === '' ? '/' : path;
}

/** Those of the class, then those of the method, as routing-controllers asks for them. */
function rolesOf(storage: Storage, { target, method }: Storage['actions'][number]): string[] | undefined {
  const handlers = storage
    .filterResponseHandlersWithTarget(target)
    .filter(({ type }) => type === 'authorized')
    .filter((handler) => !handler.method || handler.method === method);
  if (handlers.length === 0) return undefined;
  const ofClassFirst = [
    ...handlers.filter((each) => !each.method),
    ...handlers.filter((each) => each.method),
  ];
  return ofClassFirst.flatMap(({ value }) => (value ?? []) as string | string[]);
}

function needsUser(params: Storage['params'], { defaults }: ServedBy): boolean {
  const byDefault = defaults?.paramOptions?.required ?? false;
  return params
    .filter(({ type }) => type === 'current-user')
    .some(({ required }: { readonly required?: boolean }) => required ?? byDefault);
}
