import type { Context } from 'koa';
import type { JwtConfig } from '../config/JwtConfig';
import type { TokenLocation } from '../config/OptionTable';
import type { Policy } from './Policy';

/** A token as it came, and a condition that its location adds. */
export interface FoundToken {
  readonly location: TokenLocation;
  readonly text: string;
  /** The token's csrf claim must equal this. */
  readonly csrfValue: string | undefined;
}

/** Why there is no token in a location, in words for the client. */
export interface NoToken {
  readonly absent: string;
}

/**
 * Looks in one location. Returns NoToken when the next location may be tried. Throws a JwtError, which ends the search,
 * for a token that is malformed or lacks its CSRF value.
 */
export type FindToken = (
  ctx: Context,
  config: JwtConfig,
  policy: Policy,
) => FoundToken | NoToken | Promise<FoundToken | NoToken>;
