import { createHash } from 'node:crypto';
import { bare } from '../claims';
import type { Constructor } from '../config/Constructor';
import { kindsByName } from '../config/option';
import { manager as managerClass, path as pathKind, seconds } from '../config/optionKinds';
import { optionProblems } from '../config/optionProblems';
import { JwtConfigurationError } from '../errors';
import { notesOf } from '../request/RequestNotes';
import type { Guard } from './guard';
import { assertManager, managerOf } from './managerOf';

/** The options of serveJwks. */
export interface ServeJwksOptions {
  /** Default: `/.well-known/jwks.json`. */
  readonly path?: string;
  /** For how many seconds others may cache the keys. Wait as long before a new key signs. Default: 300. */
  readonly maxAge?: number;
  /** The class under which the container has the manager. Default: JwtManager. */
  readonly manager?: Constructor;
}

/** A year: longer lifetimes mean nothing to a cache (RFC 9111 §1.2.2). */
const MAX_AGE = 31_536_000;

const OPTIONS = kindsByName<ServeJwksOptions>({
  path: pathKind,
  maxAge: seconds(0, MAX_AGE),
  manager: managerClass,
});

/**
 * Koa middleware that publishes the public keys of a manager (RFC 7517 §5), so that others can verify its tokens.
 * Throws JwtConfigurationError for wrong options.
 */
export function serveJwks(options: ServeJwksOptions = {}): Guard {
  const problems = optionProblems(options, OPTIONS);
  if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
  const { path = '/.well-known/jwks.json', maxAge = 300, manager } = bare(options);
  assertManager(manager);
  return async (ctx, next) => {
    if (ctx.path !== path || !['GET', 'HEAD'].includes(ctx.method)) {
      await next();
      return;
    }
    const body = JSON.stringify(managerOf(notesOf(ctx).action, manager).jwks());
    ctx.status = 200;
    ctx.type = 'application/jwk-set+json';
    ctx.set('Cache-Control', `public, max-age=${maxAge}, must-revalidate`);
    ctx.etag = createHash('sha256').update(body).digest('base64url');
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = body;
  };
}
