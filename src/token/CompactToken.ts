import type { Algorithm } from '../config/algorithms';
import type { JoseHeader } from '../VerifiedToken';

/** A token taken apart (RFC 7515 §7.1). Nothing in it is verified. */
export interface CompactToken {
  /** What is signed: the first two segments. */
  readonly signingInput: string;
  readonly header: JoseHeader & { readonly alg: Algorithm };
  readonly payloadSegment: string;
  readonly signature: Buffer;
}
