import { JwtConfigurationError } from '../errors';
import { tightened, type Policy } from '../request/Policy';

/** What was declared on one class, not on the classes it extends. */
interface Declared {
  onClass?: Policy;
  readonly onMethods: Map<PropertyKey, Policy>;
}

const declarations = new WeakMap<object, Declared>();

/** What actions are held to that say nothing, after requireJwtByDefault(). */
let byDefault: Policy | undefined;

/** Notes the policy of a class or of one of its methods. Throws JwtConfigurationError for a second one. */
export function declarePolicy(target: object, method: PropertyKey | undefined, policy: Policy): void {
  const declared = declarations.get(target) ?? { onMethods: new Map<PropertyKey, Policy>() };
  declarations.set(target, declared);
  const present = method === undefined ? declared.onClass : declared.onMethods.get(method);
  if (present !== undefined) {
    throw new JwtConfigurationError(
      `${nameOf(target, method)} has two JWT decorators: keep the one that is meant`,
    );
  }
  if (method === undefined) declared.onClass = policy;
  else declared.onMethods.set(method, policy);
}

/** Notes what actions are held to that say nothing. Throws JwtConfigurationError for a second default. */
export function declareDefault(policy: Policy): void {
  if (byDefault !== undefined) throw new JwtConfigurationError('requireJwtByDefault() must be called once');
  byDefault = policy;
}

/** Whether anything at all is demanded of the controller's actions, by it, by a class it extends, or by default. */
export function isGoverned(controller: object): boolean {
  return byDefault !== undefined || ancestry(controller).some((target) => declarations.has(target));
}

/**
 * What an action demands; undefined where nothing was said. A method's own policy decides, the nearest one up
 * the prototype chain; a class can only tighten what its methods inherit. Throws JwtConfigurationError where the
 * two cannot both be met.
 */
export function policyOf(controller: object, method: PropertyKey): Policy | undefined {
  const classes = ancestry(controller);
  const owner = classes.findIndex((target) => declarations.get(target)?.onMethods.has(method));
  const inheriting = owner === -1 ? classes : classes.slice(0, owner);
  const policies = inheriting.map((target) => declarations.get(target)?.onClass);
  policies.push(declarations.get(classes[owner] ?? controller)?.onMethods.get(method));
  const declared = policies.filter((policy) => policy !== undefined);
  if (declared.length === 0) return byDefault;
  try {
    const policy = declared.reduce(tightened);
    return policy.manager === undefined ? Object.freeze({ ...policy, manager: managerOf(classes) }) : policy;
  } catch (cause) {
    throw new JwtConfigurationError(
      `Two JWT decorators contradict each other for ${nameOf(controller, method)}: ${(cause as Error).message}. ` +
        `Put the one that is meant on ${nameOf(controller, method)} itself`,
    );
  }
}

/**
 * The manager that the nearest class names: a method whose decorator says something else does not go back to the
 * default manager, whose tokens are those of other people.
 */
function managerOf(classes: readonly object[]): Policy['manager'] {
  const named = classes.map((target) => declarations.get(target)?.onClass?.manager);
  return named.find((manager) => manager !== undefined) ?? byDefault?.manager;
}

function isClass(target: unknown): target is object {
  return typeof target === 'function' && target !== Function.prototype;
}

/** A class and those it extends, nearest first. */
export function ancestry(controller: object): object[] {
  const classes: object[] = [];
  for (let target: unknown = controller; isClass(target); target = Object.getPrototypeOf(target)) {
    classes.push(target);
  }
  return classes;
}

export function nameOf(target: object, method: PropertyKey | undefined): string {
  const name = (target as { name?: string }).name ?? 'A class';
  return method === undefined ? name : `${name}.${String(method)}`;
}
