import { isOnLoopback, isTrustworthyUrl } from '../config/isTrustworthyUrl';
import { fetchJson } from './fetchJson';

/** Asks an issuer where its keys are (OpenID Connect Discovery §4). Throws Error where the answer is not its own. */
export async function discoverJwksUri(issuer: string, signal: AbortSignal): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { issuer: named, jwks_uri: uri } = (await fetchJson(url, signal)) as Record<string, unknown>;
  // §4.3: the one must be the other, to the letter.
  if (named !== issuer) throw new Error(`${url} is of another issuer`);
  const isTrustworthy = isTrustworthyUrl(uri) && (!isOnLoopback(String(uri)) || isOnLoopback(issuer));
  if (!isTrustworthy) throw new Error(`${url} names no jwks_uri that can be trusted`);
  return String(uri);
}
