import type { KeyObject } from 'node:crypto';
import { ALGORITHM_NAMES, type Algorithm } from './algorithms';
import * as kind from './optionKinds';

/** A secret (UTF-8 text or bytes), a PEM, or a KeyObject of node:crypto. */
export type KeyMaterial = string | Uint8Array | KeyObject;

/** One key of a ring. It works with its own algorithm only, whatever a token says (RFC 8725 §3.1). */
export interface JwtKey {
  /**
   * The name by which tokens refer to it (RFC 7515 §4.1.4). Default: for a key pair its thumbprint (RFC 7638). A
   * secret without a name verifies only tokens without a `kid`.
   */
  readonly kid?: string;
  /**
   * Whether it verifies tokens without a `kid` too, such as those from before the ring. At most one key does. Default:
   * a secret without a `kid` does, and the only key of a ring.
   */
  readonly withoutKid?: boolean;
  /** Default: the option `algorithm`. */
  readonly algorithm?: Algorithm;
  readonly secretKey?: KeyMaterial;
  readonly privateKey?: KeyMaterial;
  readonly publicKey?: KeyMaterial;
}

export const jwtKeys = kind.entries('keys', "{ kid: '2026', algorithm: 'EdDSA', privateKey }", {
  kid: kind.text,
  withoutKid: kind.flag,
  algorithm: kind.oneOf(ALGORITHM_NAMES),
  secretKey: kind.key,
  privateKey: kind.key,
  publicKey: kind.key,
} satisfies Record<keyof JwtKey, unknown>);
