import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';

/** What signs a new token. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: Algorithm;
  /** Put into the header, so that whoever verifies knows which key it was. */
  readonly kid: string | undefined;
}
