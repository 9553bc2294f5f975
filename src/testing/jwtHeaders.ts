import type { TokenType } from '../claims';
import type { JwtManager } from '../JwtManager';
import { cookieNames } from '../request/cookieNames';
import type { TokenPairOptions } from '../session/Issuer';

/** What createTokenPair takes, and which of the two tokens the request carries. Default: the access token. */
export interface CredentialOptions extends TokenPairOptions {
  readonly type?: TokenType;
}

/**
 * The header of a request by somebody who has just logged in, to test an application with supertest or
 * light-my-request: `.set(await jwtHeaders(manager, 'alice', { fresh: true }))`. Each call is a log-in: it asks the
 * loaders and starts a session in the store. Throws as createTokenPair does.
 */
export async function jwtHeaders(
  manager: JwtManager,
  identity: unknown,
  options?: CredentialOptions,
): Promise<Record<string, string>> {
  const { headerName, headerType } = manager.config;
  const { token } = await logIn(manager, identity, options);
  return { [headerName.toLowerCase()]: headerType === '' ? token : `${headerType} ${token}` };
}

/** jwtHeaders with the token in its cookie, and the CSRF value in its header. */
export async function jwtCookies(
  manager: JwtManager,
  identity: unknown,
  options?: CredentialOptions,
): Promise<Record<string, string>> {
  const { config } = manager;
  const { token, type } = await logIn(manager, identity, options);
  const names = cookieNames(config, type);
  const cookies = [`${names.cookie}=${token}`];
  if (!config.cookieCsrfProtect) return { cookie: String(cookies[0]) };
  const csrf = await manager.getCsrfToken(token);
  if (config.csrfInCookies) cookies.push(`${names.csrfCookie}=${csrf}`);
  return { cookie: cookies.join('; '), [names.csrfHeader.toLowerCase()]: csrf };
}

async function logIn(
  manager: JwtManager,
  identity: unknown,
  { type = 'access', ...options }: CredentialOptions = {},
): Promise<{ readonly token: string; readonly type: TokenType }> {
  const { accessToken, refreshToken } = await manager.createTokenPair(identity, options);
  return { token: type === 'access' ? accessToken : refreshToken, type };
}
