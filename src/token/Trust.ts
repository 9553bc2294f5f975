import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';
import type { JwtConfig } from '../JwtConfig';
import type { TokenType } from '../VerifiedToken';
import type { UnverifiedToken } from './CompactToken';

/** What is asked of the claims of a token: the options of these names, and which types of token are taken. */
export interface ClaimRules extends Pick<
  JwtConfig,
  'decodeLeeway' | 'decodeIssuer' | 'decodeAudience' | 'defaultTokenType' | 'identityClaim' | 'verifySub'
> {
  readonly tokenTypes: readonly TokenType[];
  readonly needsExpiry: boolean;
}

/** On whose word a token is accepted, and on which terms. */
export interface Trust {
  readonly algorithms: readonly Algorithm[];
  /** What `typ` in the header may be, in lower case. */
  readonly mediaTypes: readonly string[];
  readonly rules: ClaimRules;
  /** The key that is to have signed the token, good for its algorithm. Throws InvalidTokenError where there is none. */
  keyFor(token: UnverifiedToken): KeyObject | Promise<KeyObject>;
}
