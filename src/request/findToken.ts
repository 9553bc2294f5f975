import type { Context } from 'koa';
import { NoAuthorizationError } from '../errors';
import type { JwtConfig, TokenLocation } from '../JwtConfig';
import { findInHeader } from './findInHeader';
import type { Policy } from './Policy';

/** A token as it came, and whatever must hold of it because of where it came from. */
export interface FoundToken {
  readonly text: string;
  /** What the token's csrf claim must be equal to. */
  readonly csrfValue?: string;
}

/** Why there is no token in a location: a message of behaviour that the client may read. */
export interface NoToken {
  readonly absent: string;
}

/**
 * Looks in one location. "No token here" is an answer, so that the next location gets its turn; a token that is
 * malformed or lacks its CSRF value is a JwtError, which ends the search.
 */
export type FindToken = (
  ctx: Context,
  config: JwtConfig,
  policy: Policy,
) => FoundToken | NoToken | Promise<FoundToken | NoToken>;

const finders: Readonly<Record<TokenLocation, FindToken>> = {
  headers: findInHeader,
};

/** The first token in the policy's locations. Throws NoAuthorizationError with every reason where there is none. */
export async function findToken(
  ctx: Context,
  config: JwtConfig,
  policy: Policy,
): Promise<FoundToken & { readonly location: TokenLocation }> {
  const locations = policy.locations ?? config.tokenLocation;
  const reasons: string[] = [];
  for (const location of locations) {
    const found = await finders[location](ctx, config, policy);
    if ('text' in found) return { ...found, location };
    reasons.push(found.absent);
  }
  throw new NoAuthorizationError(reasons.length === 1 ? String(reasons[0]) : combined(locations, reasons));
}

function combined(locations: readonly TokenLocation[], reasons: readonly string[]): string {
  const places = `${locations.slice(0, -1).join(', ')} or ${String(locations.at(-1))}`;
  return `Missing JWT in ${places} (${reasons.join('; ')})`;
}
