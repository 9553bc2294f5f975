import type { JwtClaims } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { jwtEvents } from '../events/jwtEvents';
import { tokenMessage } from '../events/tokenMessage';

/** A signed token that nobody has got yet. */
export interface IssuedToken {
  readonly encoded: string;
  readonly claims: JwtClaims;
}

/** The two tokens of a session. */
export type IssuedPair = readonly [refresh: IssuedToken, access: IssuedToken];

/** The text of a token. Tells that somebody gets it now. */
export function handedOut({ encoded, claims }: IssuedToken, { identityClaim }: JwtConfig): string {
  if (jwtEvents.issued.hasSubscribers) jwtEvents.issued.publish(tokenMessage(claims, claims[identityClaim]));
  return encoded;
}
