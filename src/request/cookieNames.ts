import type { JwtConfig } from '../JwtConfig';
import type { TokenType } from '../VerifiedToken';

/** How the cookies of one type of token are called, and where they go. */
export interface CookieNames {
  readonly cookie: string;
  readonly path: string;
  readonly csrfCookie: string;
  readonly csrfPath: string;
  readonly csrfHeader: string;
  readonly csrfField: string;
}

export function cookieNames(config: JwtConfig, type: TokenType): CookieNames {
  return type === 'access'
    ? {
        cookie: config.accessCookieName,
        path: config.accessCookiePath,
        csrfCookie: config.accessCsrfCookieName,
        csrfPath: config.accessCsrfCookiePath,
        csrfHeader: config.accessCsrfHeaderName,
        csrfField: config.accessCsrfFieldName,
      }
    : {
        cookie: config.refreshCookieName,
        path: config.refreshCookiePath,
        csrfCookie: config.refreshCsrfCookieName,
        csrfPath: config.refreshCsrfCookiePath,
        csrfHeader: config.refreshCsrfHeaderName,
        csrfField: config.refreshCsrfFieldName,
      };
}
