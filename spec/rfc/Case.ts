import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { Algorithm } from '../../src/index';

/** A token, the key or JWK Set of its verifier, and what the standards say about it. */
export interface Case {
  /** Cases of one kind differ in their algorithm, or in a detail. */
  readonly kind: string;
  readonly detail: string;
  /** The only algorithm that the verifier allows. */
  readonly algorithm: Algorithm;
  readonly key?: KeyObject;
  readonly set?: readonly (JsonWebKey & Record<string, unknown>)[];
  readonly token: string;
  readonly isValid: boolean;
}

/** The claims of each token, unless it is about them. */
export const CLAIMS = { iss: 'https://issuer.example', aud: 'api', sub: 'alice', exp: 4_102_444_800 };

export function base64url(value: unknown): string {
  return (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url');
}
