import type { Context } from 'koa';
import type { TokenLocation } from '../config/OptionTable';
import type { JwtConfig } from '../JwtConfig';
import type { Policy } from './Policy';

/** A token as it came, and whatever must hold of it because of where it came from. */
export interface FoundToken {
  readonly location: TokenLocation;
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
