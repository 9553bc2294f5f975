import type { TokenType } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';

/** The names and paths of the cookies of one type of token. */
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
