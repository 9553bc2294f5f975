/** What RFC 7518 §3.1 and RFC 8037 §3.1 say about each algorithm: the kind of key, the hash, the curve. */
export type AlgorithmFacts =
  | { readonly key: 'secret' | 'rsa'; readonly hash: Hash }
  /** The name of the curve in OpenSSL. */
  | { readonly key: 'ec'; readonly hash: Hash; readonly curve: string }
  /** Has a hash of its own. */
  | { readonly key: 'ed25519'; readonly hash: undefined };

type Hash = 'sha256' | 'sha384' | 'sha512';

export const ALGORITHMS = {
  HS256: { key: 'secret', hash: 'sha256' },
  HS384: { key: 'secret', hash: 'sha384' },
  HS512: { key: 'secret', hash: 'sha512' },
  RS256: { key: 'rsa', hash: 'sha256' },
  RS384: { key: 'rsa', hash: 'sha384' },
  RS512: { key: 'rsa', hash: 'sha512' },
  PS256: { key: 'rsa', hash: 'sha256' },
  PS384: { key: 'rsa', hash: 'sha384' },
  PS512: { key: 'rsa', hash: 'sha512' },
  ES256: { key: 'ec', hash: 'sha256', curve: 'prime256v1' },
  ES384: { key: 'ec', hash: 'sha384', curve: 'secp384r1' },
  ES512: { key: 'ec', hash: 'sha512', curve: 'secp521r1' },
  EdDSA: { key: 'ed25519', hash: undefined },
} as const satisfies Record<string, AlgorithmFacts>;

export type Algorithm = keyof typeof ALGORITHMS;

export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as Algorithm[];

export function isSymmetric(algorithm: Algorithm): boolean {
  return ALGORITHMS[algorithm].key === 'secret';
}

/** The size of its hash in bytes: an HMAC secret must have as many at least (RFC 7518 §3.2). */
export function hashBytesOf(algorithm: Algorithm): number {
  return Number(ALGORITHMS[algorithm].hash?.slice('sha'.length)) / 8;
}
