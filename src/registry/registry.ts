import { bare } from '../claims';

const NAME = 'routing-controllers-jwt-extended';

/** Copies of one major version have one registry. A spec holds it to package.json. */
export const MAJOR = 0;

/** A symbol that all copies of this major version have in common. */
export function symbolOf(name: string): symbol {
  return Symbol.for(`${NAME}@${String(MAJOR)} ${name}`);
}

/**
 * State that decides, such as policies and loaders, one for all copies of this package in a process. Two may be
 * installed, and a program may load one twice: with state of its own, a copy would leave open what another was told to
 * guard. The first copy that asks makes it.
 */
export function shared<State extends object>(name: string, make: () => State): State {
  const { states } = registry();
  const state = (states.get(name) as State | undefined) ?? make();
  states.set(name, state);
  return state;
}

interface Registry {
  readonly states: Map<string, object>;
}

function registry(): Registry {
  const key = Symbol.for(`${NAME}@${String(MAJOR)}`);
  const found = Object.getOwnPropertyDescriptor(globalThis, key);
  if (found !== undefined) return found.value as Registry;
  const value: Registry = Object.freeze({ states: new Map<string, object>() });
  Object.defineProperty(globalThis, key, bare({ value }));
  return value;
}

/** The other major versions of this package in the process. They have registries of their own. */
export function otherMajors(): string[] {
  return Object.getOwnPropertySymbols(globalThis)
    .map(({ description = '' }) => description)
    .filter((name) => name.startsWith(`${NAME}@`) && name !== `${NAME}@${String(MAJOR)}`);
}

type AnyClass = abstract new (...given: never[]) => object;

/** Makes `instanceof` true for the objects of a class in all copies. Subclasses of the application are their own. */
export function brand(name: string, branded: AnyClass): symbol {
  const mark = symbolOf(name);
  Object.defineProperty(branded.prototype, mark, bare({ value: true }));
  const hasInstance = function (this: unknown, object: unknown): boolean {
    if (this !== branded) return isOrdinaryInstance(this, object);
    return typeof object === 'object' && object !== null && mark in object;
  };
  Object.defineProperty(branded, Symbol.hasInstance, bare({ value: hasInstance }));
  return mark;
}

/** `instanceof` without brands. */
export function isOrdinaryInstance(aClass: unknown, object: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(aClass as AnyClass, object);
}
