import { shared } from '../registry/registry';

const names = shared('decorators', () => new WeakMap<object, string>());

/** Remembers a function as a decorator of this package, so that a server notices it where it does nothing. */
export function noteDecorator<Noted extends object>(decorator: Noted, name: string): Noted {
  names.set(decorator, name);
  return decorator;
}

/** `@JwtRequired()` for what JwtRequired() returned. Undefined for any other function. */
export function decoratorName(candidate: unknown): string | undefined {
  return typeof candidate === 'function' ? names.get(candidate) : undefined;
}
