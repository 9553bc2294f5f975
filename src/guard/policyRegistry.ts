import { JwtConfigurationError } from '../errors';
import { tightened, type Policy } from '../request/Policy';

/** The policies that were declared on one class, without those of the classes that it extends. */
interface Declared {
  onClass?: Policy;
  readonly onMethods: Map<PropertyKey, Policy>;
}

const declarations = new WeakMap<object, Declared>();

/** The policy of actions without a decorator, after requireJwtByDefault(). */
let byDefault: Policy | undefined;

/** Declares the policy of a class or of one of its methods. Throws JwtConfigurationError for a second one. */
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

/** Declares the policy of actions without a decorator. Throws JwtConfigurationError for a second one. */
export function declareDefault(policy: Policy): void {
  if (byDefault !== undefined) throw new JwtConfigurationError('requireJwtByDefault() must be called once');
  byDefault = policy;
}

/** Whether there is a policy for a controller: declared on it, on a class that it extends, or by default. */
export function isGoverned(controller: object): boolean {
  return byDefault !== undefined || ancestry(controller).some((target) => declarations.has(target));
}

/**
 * The policy of an action. Undefined when there is none. The nearest policy of the method up the prototype chain
 * decides; a class can only tighten what its methods inherit. Throws JwtConfigurationError when the two contradict each
 * other.
 */
export function policyOf(controller: object, method: PropertyKey): Policy | undefined {
  const declared = decidingFor(controller, method).map(({ policy }) => policy);
  if (declared.length === 0) return byDefault;
  try {
    const policy = declared.reduce(tightened);
    return policy.manager === undefined
      ? Object.freeze({ ...policy, manager: managerOf(ancestry(controller)) })
      : policy;
  } catch (cause) {
    throw new JwtConfigurationError(
      `Two JWT decorators contradict each other for ${nameOf(controller, method)}: ${(cause as Error).message}. ` +
        `Put the one that is meant on ${nameOf(controller, method)} itself`,
    );
  }
}

/** A decorator of a class, or of a method. */
export interface Declaration {
  readonly target: object;
  readonly method: PropertyKey | undefined;
  readonly policy: Policy;
}

/** The decorators that decide about an action, nearest first. None when the default does, or nothing. */
export function decidingFor(controller: object, method: PropertyKey): Declaration[] {
  const classes = ancestry(controller);
  const owner = classes.findIndex((target) => declarations.get(target)?.onMethods.has(method));
  const deciding: Declaration[] = [];
  for (const target of owner === -1 ? classes : classes.slice(0, owner)) {
    const policy = declarations.get(target)?.onClass;
    if (policy !== undefined) deciding.push({ target, method: undefined, policy });
  }
  const target = classes[owner];
  const policy = target && declarations.get(target)?.onMethods.get(method);
  if (target !== undefined && policy !== undefined) deciding.push({ target, method, policy });
  return deciding;
}

/**
 * The manager that the nearest class names. A method with a decorator of its own does not fall back to the default
 * manager, whose users are other people.
 */
function managerOf(classes: readonly object[]): Policy['manager'] {
  const named = classes.map((target) => declarations.get(target)?.onClass?.manager);
  return named.find((manager) => manager !== undefined) ?? byDefault?.manager;
}

function isClass(target: unknown): target is object {
  return typeof target === 'function' && target !== Function.prototype;
}

/** A class and the classes that it extends, nearest first. */
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
