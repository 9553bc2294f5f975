import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';

/** The key that signs a new token. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: Algorithm;
  /** Goes into the header, so that a verifier knows which key it was. */
  readonly kid: string | undefined;
}
