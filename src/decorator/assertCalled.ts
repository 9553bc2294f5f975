import { JwtConfigurationError } from '../errors';

/**
 * Throws where a decorator was written without its parentheses: it would be given the class, prototype or
 * parameter that it stands on, and what it returns would decorate nothing. Compilers that check no types let
 * that pass.
 */
export function assertCalled(name: string, given: readonly unknown[], most: number): void {
  const [first] = given;
  const isTarget = typeof first === 'function' || (isObject(first) && Object.hasOwn(first, 'constructor'));
  if (given.length > most || isTarget)
    throw new JwtConfigurationError(`Write @${name}() with its parentheses`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
