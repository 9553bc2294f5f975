import { JwtConfigurationError } from '../errors';

/**
 * Throws JwtConfigurationError when a decorator was written without its parentheses. It would get its target as an
 * argument, and the decorator that it returns would decorate nothing. Compilers that check no types accept that.
 */
export function assertCalled(name: string, given: readonly unknown[], max: number): void {
  const [first] = given;
  const isTarget = typeof first === 'function' || (isObject(first) && Object.hasOwn(first, 'constructor'));
  if (given.length > max || isTarget)
    throw new JwtConfigurationError(`Write @${name}() with its parentheses`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
