import { JwtConfigurationError } from '../errors';
import { shared } from '../registry/registry';
import { tightened, type Policy } from '../request/Policy';

/** The policies that were declared on one class, without those of the classes that it extends. */
interface Declared {
  onClass: Policy | undefined;
  readonly onMethods: Map<PropertyKey, Policy>;
}

/**
 * By prototype, because that is what serves a method: the constructors of a class and of its Proxy differ, and classes
 * whose prototypes are in a line may have constructors that are not.
 */
const declarations = shared('policies', () => new WeakMap<object, Declared>());

/** For methods that are copied to another class, as mixins do. */
const ofFunctions = shared('policies of functions', () => new WeakMap<object, Policy>());

/** The prototypes with which a server was built. */
const served = shared('served', () => new WeakSet());

/** The policy of actions without a decorator, after requireJwtByDefault(). */
const byDefault = shared('default policy', (): { policy: Policy | undefined } => ({ policy: undefined }));

/** Says whether the class of a prototype defines the action that is asked about. */
export type Defines = (prototype: object) => boolean;

/**
 * Declares the policy of a class or of one of its methods. Throws JwtConfigurationError for a second one, and when a
 * server was built with the class.
 */
export function declarePolicy(prototype: object, method: PropertyKey | undefined, policy: Policy): void {
  if (served.has(prototype)) {
    throw new JwtConfigurationError(
      `A JWT decorator of ${nameOf(prototype, method)} comes too late: a server was built with it. Write it in the class`,
    );
  }
  const declared = declarations.get(prototype) ?? {
    onClass: undefined,
    onMethods: new Map<PropertyKey, Policy>(),
  };
  declarations.set(prototype, declared);
  const key = method === undefined ? undefined : keyOf(method);
  const present = key === undefined ? declared.onClass : declared.onMethods.get(key);
  if (present !== undefined) {
    throw new JwtConfigurationError(
      `${nameOf(prototype, method)} has two JWT decorators: keep the one that is meant`,
    );
  }
  if (key === undefined) {
    declared.onClass = policy;
    return;
  }
  declared.onMethods.set(key, policy);
  const body: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value;
  if (typeof body === 'function') ofFunctions.set(body, policy);
}

/**
 * Declares the policy of actions without a decorator. Throws JwtConfigurationError for another one. The same one again is
 * a program that was loaded again.
 */
export function declareDefault(policy: Policy): void {
  if (byDefault.policy !== undefined && !isSame(byDefault.policy, policy))
    throw new JwtConfigurationError('requireJwtByDefault() must be called once');
  byDefault.policy = policy;
}

function isSame(one: Policy, other: Policy): boolean {
  return Object.entries(one).every(([name, value]) => String(other[name as keyof Policy]) === String(value));
}

/** Whether there is a policy for a controller: declared on it, on a class that it extends, or by default. */
export function isGoverned(controller: object): boolean {
  if (byDefault.policy !== undefined) return true;
  return prototypesOf(controller).some(
    (prototype) =>
      declarations.has(prototype) ||
      Reflect.ownKeys(prototype).some((key) => policyOfFunction(prototype, key) !== undefined),
  );
}

/** Notes that a server is built with a controller: what is declared for it from now on comes too late. */
export function noteServed(controller: object): void {
  for (const prototype of prototypesOf(controller)) served.add(prototype);
}

/**
 * The policy of an action. Undefined when there is none. The nearest policy of the method up the prototype chain
 * decides; a class can only tighten what its methods inherit, and exempts only what it defines. Throws
 * JwtConfigurationError when policies contradict each other.
 */
export function policyOf(controller: object, method: PropertyKey, defines: Defines): Policy | undefined {
  const declared = decidingFor(controller, method, defines);
  if (declared.length === 0) {
    if (byDefault.policy === undefined) refuseNewInExempt(controller, method, defines);
    return byDefault.policy;
  }
  try {
    const policy = declared.map((each) => each.policy).reduce(tightened);
    const manager = policy.manager ?? managerNamedIn(linesOf(controller));
    return policy.manager === manager ? policy : Object.freeze({ ...policy, manager });
  } catch (cause) {
    throw new JwtConfigurationError(
      `Two JWT decorators contradict each other for ${nameOf(controller, method)}: ${(cause as Error).message}. ` +
        `Put the one that is meant on ${nameOf(controller, method)} itself`,
    );
  }
}

/** A decorator of the class of a prototype, or of its method. */
export interface Declaration {
  readonly prototype: object;
  readonly method: PropertyKey | undefined;
  readonly policy: Policy;
}

/** The decorators that decide about an action, nearest first. None when the default does, or nothing. */
export function decidingFor(controller: object, method: PropertyKey, defines: Defines): Declaration[] {
  const lines = linesOf(controller);
  const found = lines.flatMap((line) => declarationsIn(line, keyOf(method), defines));
  found.push(...copiedDeclarations(lines, method));
  return found.filter((each, i) => found.findIndex(({ policy }) => policy === each.policy) === i);
}

function declarationsIn(line: readonly object[], key: PropertyKey, defines: Defines): Declaration[] {
  const owner = line.findIndex((prototype) => declarations.get(prototype)?.onMethods.has(key));
  const inheriting = owner === -1 ? line : line.slice(0, owner);
  const found = inheriting
    .filter((prototype) => !isExempt(prototype) || defines(prototype))
    .map((prototype) => declared(prototype, undefined, declarations.get(prototype)?.onClass));
  const prototype = line[owner];
  if (prototype !== undefined)
    found.push(declared(prototype, key, declarations.get(prototype)?.onMethods.get(key)));
  return found.flat();
}

function declared(
  prototype: object,
  method: PropertyKey | undefined,
  policy: Policy | undefined,
): Declaration[] {
  return policy === undefined ? [] : [{ prototype, method, policy }];
}

function isExempt(prototype: object): boolean {
  return declarations.get(prototype)?.onClass?.demand === 'none';
}

/**
 * Of a method that was copied over an inherited one, whatever that one demands. Only ones that guard: an exemption is of
 * its own class.
 */
function copiedDeclarations(lines: readonly (readonly object[])[], method: PropertyKey): Declaration[] {
  return lines.flatMap((line) => {
    const owner = line.find((prototype) => Object.hasOwn(prototype, method));
    if (owner === undefined || declarations.get(owner)?.onMethods.has(keyOf(method)) === true) return [];
    return declared(owner, method, policyOfFunction(owner, method));
  });
}

function policyOfFunction(prototype: object, key: PropertyKey): Policy | undefined {
  const body: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value;
  const policy = typeof body === 'function' ? ofFunctions.get(body) : undefined;
  return policy?.demand === 'none' ? undefined : policy;
}

/** Nobody has said whether an action is open that a subclass adds to an exempt class. */
function refuseNewInExempt(controller: object, method: PropertyKey, defines: Defines): void {
  for (const line of linesOf(controller)) {
    const exempt = line.find(
      (prototype, i) => isExempt(prototype) && line.slice(0, i).some(defines) && !defines(prototype),
    );
    if (exempt === undefined) continue;
    throw new JwtConfigurationError(
      `@JwtExempt() of ${nameOf(exempt, undefined)} does not cover ${nameOf(controller, method)}, which is new in a ` +
        `subclass: put @JwtExempt() or @JwtRequired() on ${nameOf(controller, method)} itself`,
    );
  }
}

/**
 * The manager that the nearest class names. A method with a decorator of its own does not fall back to the default
 * manager, whose users are other people.
 */
function managerNamedIn(lines: readonly (readonly object[])[]): Policy['manager'] {
  const named = lines.flat().map((prototype) => declarations.get(prototype)?.onClass?.manager);
  return named.find((manager) => manager !== undefined) ?? byDefault.policy?.manager;
}

/** The methods of a class that have a policy of their own. */
export function methodsWithPolicy(prototype: object): PropertyKey[] {
  return [...(declarations.get(prototype)?.onMethods.keys() ?? [])];
}

/** The prototypes that serve a controller, nearest first, and the ones of the classes that it extends. */
export function prototypesOf(controller: object): object[] {
  return [...new Set(linesOf(controller).flat())];
}

/** Both lines, or one when they are the same, as they nearly always are. */
function linesOf(controller: object): object[][] {
  const ofPrototypes = chainOf((controller as { prototype?: object }).prototype, Object.prototype);
  const ofConstructors = chainOf(controller, Function.prototype)
    .map((target) => (target as { prototype?: unknown }).prototype)
    .filter((prototype) => typeof prototype === 'object' && prototype !== null);
  const isOne =
    ofConstructors.length === ofPrototypes.length &&
    ofConstructors.every((prototype, i) => prototype === ofPrototypes[i]);
  return isOne ? [ofPrototypes] : [ofPrototypes, ofConstructors];
}

function chainOf(first: object | undefined, end: object): object[] {
  const chain: object[] = [];
  for (let each: unknown = first; isObject(each) && each !== end; each = Object.getPrototypeOf(each))
    chain.push(each);
  return chain;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/** The classes under which routing-controllers may know what a controller inherits, nearest first. */
export function ancestry(controller: object): object[] {
  const ofPrototypes = prototypesOf(controller)
    .map(({ constructor }) => constructor as unknown)
    .filter((constructor) => typeof constructor === 'function');
  return [...new Set<object>([...chainOf(controller, Function.prototype), ...ofPrototypes])];
}

/** `123` and `'123'` are one method. */
export function keyOf(method: PropertyKey): string | symbol {
  return typeof method === 'symbol' ? method : String(method);
}

export function isSameMethod(one: PropertyKey | undefined, other: PropertyKey | undefined): boolean {
  return one === undefined || other === undefined ? one === other : keyOf(one) === keyOf(other);
}

/** The name of a class, or of the class of a prototype, and of its method. */
export function nameOf(target: object, method: PropertyKey | undefined): string {
  const named = (typeof target === 'function' ? target : target.constructor) as { name?: string } | undefined;
  const known = named?.name ?? '';
  const shown = known === '' ? 'A class' : known;
  return method === undefined ? shown : `${shown}.${String(method)}`;
}
