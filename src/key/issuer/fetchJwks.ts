import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { bare } from '../../claims';
import type { JwtIssuer } from '../../config/JwtIssuer';
import { isPlainObject } from '../../config/isPlainObject';
import { isOnLoopback, isTrustworthyUrl } from '../../config/isTrustworthyUrl';

/** A public key of a JWK Set. */
export interface FetchedKey {
  readonly kid: string | undefined;
  /** The only algorithm for which it may be used (RFC 7517 §4.4). Undefined when it names none. */
  readonly alg: string | undefined;
  readonly key: KeyObject;
}

const MAX_BYTES = 262_144;

/**
 * Fetches the keys with which an issuer signs (RFC 7517 §5). Keys that cannot be used are left out, so that one of
 * them does not spoil the others. Throws Error when the set cannot be fetched.
 */
export async function fetchJwks(issuer: JwtIssuer, signal: AbortSignal): Promise<FetchedKey[]> {
  const set = await fetchJson(issuer.jwksUri ?? (await discoverJwksUri(issuer, signal)), signal);
  const keys: unknown = isPlainObject(set) ? bare(set as { keys?: unknown }).keys : undefined;
  if (!Array.isArray(keys)) throw new Error('What was fetched is no JWK Set');
  return (keys as unknown[]).flatMap((jwk) => (isPlainObject(jwk) ? verificationKeys(bare(jwk as Jwk)) : []));
}

/** Asks an issuer where its keys are (OpenID Connect Discovery §4). Throws Error for an answer that is not its own. */
async function discoverJwksUri(
  { issuer, dangerouslyAllowHttp: allowsHttp }: JwtIssuer,
  signal: AbortSignal,
): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { issuer: named, jwks_uri: uri } = bare((await fetchJson(url, signal)) as Record<string, unknown>);
  // §4.3: the two must be identical.
  if (named !== issuer) throw new Error(`${url} is of another issuer`);
  const isTrustworthy =
    isTrustworthyUrl(uri, allowsHttp) && (!isOnLoopback(String(uri)) || isOnLoopback(issuer));
  if (!isTrustworthy) throw new Error(`${url} names no jwks_uri that can be trusted`);
  return String(uri);
}

/** Follows no redirect, because it may lead anywhere, and reads no more bytes than a JWK Set may reasonably have. */
async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const headers = bare({ accept: 'application/json' });
  const response = await fetch(url, bare<RequestInit>({ redirect: 'error', signal, headers }));
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Read to its end, or cancelled when the loop is left: an unread body would keep its connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`${url} answered more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}

type Jwk = Readonly<Record<string, unknown>>;

/** The key of a JWK, if it is a public key for signatures (RFC 7517 §4.2, §4.3), and none otherwise. */
function verificationKeys(jwk: Jwk): FetchedKey[] {
  const { kid, alg, use, key_ops: operations, d } = jwk;
  const isForSignatures = use === undefined || use === 'sig';
  const verifies = operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
  // A private key that everybody can fetch is nobody's.
  if (!isForSignatures || !verifies || d !== undefined) return [];
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return [{ kid: namedBy(kid), alg: namedBy(alg), key }];
  } catch {
    return [];
  }
}

function namedBy(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
