import type { Context } from 'koa';
import type { JwtConfig } from '../config/JwtConfig';
import type { TokenLocation } from '../config/OptionTable';
import type { Policy } from './Policy';

/** A token as it came, and a condition that its location adds. */
export interface GivenToken {
  /** Undefined when it did not come with a request. */
  readonly location: TokenLocation | undefined;
  readonly text: string;
  /** The token's csrf claim must equal this. */
  readonly csrfValue: string | undefined;
}

/** A token in a request. */
export interface FoundToken extends GivenToken {
  readonly location: TokenLocation;
}

/** Why there is no token in a location, in words for the client. */
export interface NoToken {
  readonly absent: string;
}

/** What a search for a token reads of a request. A Context has it, and so has an upgrade request. */
export type Carrier = Pick<Context, 'method' | 'querystring' | 'hostname' | 'originalUrl' | 'set'> & {
  readonly req: Pick<Context['req'], 'headers' | 'rawHeaders'>;
  readonly request: object;
};

/**
 * Looks in one location. Returns NoToken when the next location may be tried. Throws a JwtError, which ends the search,
 * for a token that is malformed or lacks its CSRF value.
 */
export type FindToken<From extends Carrier = Carrier> = (
  from: From,
  config: JwtConfig,
  policy: Policy,
) => FoundToken | NoToken | Promise<FoundToken | NoToken>;
