import type { Context } from 'koa';
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

/** The first token in the policy's locations. Throws NoAuthorizationError with every reason where there is none. */
export async function findToken(ctx: Context, config: JwtConfig, policy: Policy): Promise<FoundToken> {
  const locations = policy.locations ?? config.tokenLocation;
  const reasons: string[] = [];
  for (const location of locations) {
    const answer = finders[location](ctx, config, policy);
    const found = answer instanceof Promise ? await answer : answer;
    if (Object.hasOwn(found, 'text')) return found as FoundToken;
    reasons.push((found as NoToken).absent);
  }
  throw new NoAuthorizationError(reasons.length === 1 ? String(reasons[0]) : combined(locations, reasons));
}

function combined(locations: readonly TokenLocation[], reasons: readonly string[]): string {
  const places = `${locations.slice(0, -1).join(', ')} or ${String(locations.at(-1))}`;
  return `Missing JWT in ${places} (${reasons.join('; ')})`;
}
