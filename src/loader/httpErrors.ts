import { HttpError } from 'routing-controllers';
import { bare } from '../claims';
import { JwtError } from '../errors';
import { shared } from '../registry/registry';

const noted = shared('HTTP errors', () => new WeakSet<Error>());

/**
 * Notes an error of a loader or container that is meant for the client: of routing-controllers, or of `ctx.throw(403)`.
 * Koa answers by `status`, which the former lack.
 */
export function noteHttpError(error: Error): Error {
  if (error instanceof JwtError) return error;
  if (error instanceof HttpError) {
    noted.add(error);
    // Not enumerable: routing-controllers would send it.
    if (!('status' in error)) define(error, { status: error.httpCode, expose: error.httpCode < 500 });
  } else if ('expose' in error && error.expose === true) {
    noted.add(error);
  }
  return error;
}

export function isNotedHttpError(error: unknown): error is Error {
  return error instanceof Error && noted.has(error);
}

function define(error: Error, properties: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(properties)) {
    if (Object.isExtensible(error)) Object.defineProperty(error, name, bare({ value, writable: true }));
  }
}
