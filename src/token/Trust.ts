import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';
import type { JwtConfig } from '../config/JwtConfig';
import type { UnverifiedToken } from './CompactToken';

/** What the claims of a token must fulfil: the options of these names, and the accepted types of token. */
export interface ClaimRules extends Pick<JwtConfig, 'decodeLeeway' | 'identityClaim' | 'verifySub'> {
  readonly decodeIssuer?: JwtConfig['decodeIssuer'] | undefined;
  readonly decodeAudience?: JwtConfig['decodeAudience'] | undefined;
  readonly defaultTokenType?: JwtConfig['defaultTokenType'] | undefined;
  /** The accepted values of `type`. One that is not a TokenType is another issuer's word for `access`. */
  readonly tokenTypes: readonly string[];
  /** Whether tokens for one purpose are accepted where that purpose is demanded. */
  readonly hasPurposes?: boolean | undefined;
  readonly needsExpiry: boolean;
}

interface Conditions {
  readonly algorithms: readonly Algorithm[];
  /** The accepted values of `typ` in the header, in lower case. */
  readonly mediaTypes: readonly string[];
  readonly rules: ClaimRules;
}

/** Its keys are here. */
export interface KeyHolder extends Conditions {
  readonly hasKeys: true;
  /** The key that must have signed the token. It fits the algorithm. Throws InvalidTokenError when there is none. */
  keyFor(token: UnverifiedToken): KeyObject;
}

/** Its keys come from a loader or an issuer. */
export interface KeySource extends Conditions {
  readonly hasKeys: false;
  keyFor(token: UnverifiedToken): Promise<KeyObject>;
}

/** Whose signature makes a token acceptable, and under which conditions. */
export type Trust = KeyHolder | KeySource;
