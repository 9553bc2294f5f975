/** What RFC 7518 §3.1 says of each algorithm: the kind of key, the least HMAC secret, the curve. */
interface AlgorithmFacts {
  readonly key: 'secret' | 'rsa' | 'ec';
  /** Bytes of the hash: an HMAC secret must have at least as many (RFC 7518 §3.2). */
  readonly hashBytes: number;
  /** OpenSSL's name of the curve. */
  readonly curve?: string;
}

const ALGORITHMS = {
  HS256: { key: 'secret', hashBytes: 32 },
  HS384: { key: 'secret', hashBytes: 48 },
  HS512: { key: 'secret', hashBytes: 64 },
  RS256: { key: 'rsa', hashBytes: 32 },
  RS384: { key: 'rsa', hashBytes: 48 },
  RS512: { key: 'rsa', hashBytes: 64 },
  PS256: { key: 'rsa', hashBytes: 32 },
  PS384: { key: 'rsa', hashBytes: 48 },
  PS512: { key: 'rsa', hashBytes: 64 },
  ES256: { key: 'ec', hashBytes: 32, curve: 'prime256v1' },
  ES384: { key: 'ec', hashBytes: 48, curve: 'secp384r1' },
  ES512: { key: 'ec', hashBytes: 64, curve: 'secp521r1' },
} as const satisfies Record<string, AlgorithmFacts>;

export type Algorithm = keyof typeof ALGORITHMS;

export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as Algorithm[];

export function isSymmetric(algorithm: Algorithm): boolean {
  return ALGORITHMS[algorithm].key === 'secret';
}

export function factsOf(algorithm: Algorithm): AlgorithmFacts {
  return ALGORITHMS[algorithm];
}
