import { createHash } from 'node:crypto';
import type { Constructor } from '../config/OptionTable';
import { JwtConfigurationError } from '../errors';
import { actionOf } from '../request/actionOf';
import { assertClass } from '../request/Policy';
import { assertManager, type Guard } from './guard';
import { getJwtManager } from './getJwtManager';

export interface ServeJwksOptions {
  /** Default: `/.well-known/jwks.json`. */
  readonly path?: string;
  /** Seconds for which others may keep what they have fetched; before a new key signs, wait as long. Default: 300. */
  readonly maxAge?: number;
  /** The class under which the container has the manager. Default: JwtManager. */
  readonly manager?: Constructor;
}

/**
 * Koa middleware that publishes the public keys of a manager (RFC 7517 §5), for others to verify its tokens. Throws
 * JwtConfigurationError for options that it does not know.
 */
export function serveJwks(options: ServeJwksOptions = {}): Guard {
  const { path = '/.well-known/jwks.json', maxAge = 300, manager } = options;
  const unknown = Object.keys(options).find((name) => !['path', 'maxAge', 'manager'].includes(name));
  if (unknown !== undefined) {
    throw new JwtConfigurationError(`Unknown option ${unknown}: known are path, maxAge, manager`);
  }
  if ('manager' in options) assertClass(manager);
  assertManager(manager);
  return async (ctx, next) => {
    if (ctx.path !== path || !['GET', 'HEAD'].includes(ctx.method)) {
      await next();
      return;
    }
    const body = JSON.stringify(getJwtManager(actionOf(ctx), manager).jwks());
    ctx.status = 200;
    ctx.type = 'application/jwk-set+json';
    ctx.set('Cache-Control', `public, max-age=${maxAge}, must-revalidate`);
    ctx.etag = createHash('sha256').update(body).digest('base64url');
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = body;
  };
}
