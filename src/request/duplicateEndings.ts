import { stringifySetCookie } from 'cookie';
import type { TokenType } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { cookieNames } from './cookieNames';
import type { Carrier } from './FoundToken';

/** A path or domain is one text of the client, so few are tried, and none is long. */
const MAX_LEVELS = 3;
const MAX_LENGTH = 64;

/**
 * `Set-Cookie` lines that end the cookies of one type of token wherever a browser may have them for this request: under
 * the configured path and each path above that of the request, for the host alone, and for its domains. A request with
 * two different ones is refused on every page, so there is nothing to lose, and without this it would be refused until
 * the older one ends. A browser ignores the lines for cookies that it has not, and for domains that are not its host's.
 */
export function duplicateEndings(ctx: Carrier, config: JwtConfig, type: TokenType): string[] {
  const { cookie, path, csrfCookie, csrfPath } = cookieNames(config, type);
  const domains = [undefined, ...new Set([...given(config.cookieDomain), ...domainsOf(ctx.hostname)])];
  const paths = new Set([path, ...pathsOf(ctx.originalUrl)]);
  const names = [...paths].map((each) => [cookie, each] as const);
  if (config.csrfInCookies && config.cookieCsrfProtect) names.push([csrfCookie, csrfPath]);
  return names.flatMap(([name, of]) =>
    domains.map((domain) =>
      stringifySetCookie({
        name,
        value: '',
        path: of,
        ...(domain !== undefined && { domain }),
        maxAge: 0,
        secure: config.cookieSecure,
        // Otherwise browsers ignore it in an answer to another site.
        ...(config.cookieSameSite === 'None' && { sameSite: 'none' as const }),
      }),
    ),
  );
}

function given(domain: string | undefined): string[] {
  return domain === undefined ? [] : [domain.replace(/^\./, '').toLowerCase()];
}

const DOMAIN = /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*\.[a-z][a-z\d-]*[a-z\d]$/;

/** The host and the domains above it, without the top level. None for an IP address and for localhost. */
function domainsOf(host: string): string[] {
  const name = host.toLowerCase();
  if (name.length > MAX_LENGTH || !DOMAIN.test(name)) return [];
  const labels = name.split('.');
  const levels = Math.min(labels.length - 1, MAX_LEVELS);
  return Array.from({ length: levels }, (_, i) => labels.slice(-2 - i).join('.'));
}

/** The first paths to which a cookie of this request may belong: `/`, `/a`, `/a/`, `/a/b`, … */
function pathsOf(url: string): string[] {
  const [path = ''] = url.slice(0, MAX_LENGTH).split(/[?#;]/, 1);
  const segments = path.split('/').slice(1, MAX_LEVELS + 1);
  const paths = ['/'];
  for (let i = 0; i < segments.length; i++) {
    const above = `/${segments.slice(0, i + 1).join('/')}`;
    if (!/^[\x21-\x7e]+$/.test(above)) break;
    paths.push(above);
    if (path.startsWith(`${above}/`)) paths.push(`${above}/`);
  }
  return paths;
}
