import type { Algorithm } from '../config/algorithms';
import type { JoseHeader } from '../VerifiedToken';

/** What stands in a token, whoever may have written it there. */
export interface UnverifiedToken {
  readonly header: JoseHeader & { readonly alg: Algorithm };
  /** Good for nothing but choosing the key (RFC 8725 §3.3). Throws InvalidTokenError for what is no JSON object. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A token taken apart (RFC 7515 §7.1). Nothing in it is verified. */
export interface CompactToken extends UnverifiedToken {
  readonly headerSegment: string;
  /** What is signed: the first two segments. */
  readonly signingInput: string;
  readonly signature: Buffer;
}
