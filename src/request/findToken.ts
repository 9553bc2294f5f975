import type { Context } from 'koa';
import { isPromise } from '../config/isPromise';
import { NoAuthorizationError } from '../errors';
import type { TokenLocation } from '../config/OptionTable';
import type { JwtConfig } from '../JwtConfig';
import { findInCookies } from './findInCookies';
import { findInHeader } from './findInHeader';
import { findInJson } from './findInJson';
import { findInQueryString } from './findInQueryString';
import type { FindToken, FoundToken, NoToken } from './FoundToken';
import type { Policy } from './Policy';

const finders: Readonly<Record<TokenLocation, FindToken>> = {
  headers: findInHeader,
  cookies: findInCookies,
  query_string: findInQueryString,
  json: findInJson,
};

/**
 * The first token in the policy's locations; a promise only where a body has to be read for it. Throws
 * NoAuthorizationError with every reason where there is none.
 */
export function findToken(ctx: Context, config: JwtConfig, policy: Policy): FoundToken | Promise<FoundToken> {
  return search(ctx, config, policy, []);
}

/** Goes on in the location after those that have a reason each. */
function search(
  ctx: Context,
  config: JwtConfig,
  policy: Policy,
  reasons: readonly string[],
): FoundToken | Promise<FoundToken> {
  const locations = policy.locations ?? config.tokenLocation;
  const location = locations[reasons.length];
  if (location === undefined) {
    throw new NoAuthorizationError(reasons.length === 1 ? String(reasons[0]) : combined(locations, reasons));
  }
  const judge = (found: FoundToken | NoToken): FoundToken | Promise<FoundToken> =>
    isToken(found) ? found : search(ctx, config, policy, [...reasons, found.absent]);
  const found = finders[location](ctx, config, policy);
  return isPromise(found) ? found.then(judge) : judge(found);
}

function isToken(found: FoundToken | NoToken): found is FoundToken {
  return Object.hasOwn(found, 'text');
}

function combined(locations: readonly TokenLocation[], reasons: readonly string[]): string {
  const places = `${locations.slice(0, -1).join(', ')} or ${String(locations.at(-1))}`;
  return `Missing JWT in ${places} (${reasons.join('; ')})`;
}
