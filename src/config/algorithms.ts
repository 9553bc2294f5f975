/** What RFC 7518 §3.1 and RFC 8037 §3.1 say of each algorithm: the kind of key, the hash, the curve. */
interface AlgorithmFacts {
  readonly key: 'secret' | 'rsa' | 'ec' | 'ed25519';
  /** Undefined where the algorithm brings its own, as EdDSA does. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | undefined;
  /** OpenSSL's name of the curve. */
  readonly curve?: string;
}

const ALGORITHMS = {
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

export function factsOf(algorithm: Algorithm): AlgorithmFacts {
  return ALGORITHMS[algorithm];
}

/** The bytes of its hash, as many as an HMAC secret must have at least (RFC 7518 §3.2). */
export function hashBytesOf(algorithm: Algorithm): number {
  return Number(ALGORITHMS[algorithm].hash?.slice('sha'.length)) / 8;
}
