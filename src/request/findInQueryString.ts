import type { JwtConfig } from '../config/JwtConfig';
import { InvalidHeaderError } from '../errors';
import type { Carrier, FoundToken, NoToken } from './FoundToken';

/**
 * The token in a query parameter. Off by default, because URLs end up in logs, histories and referrers
 * (RFC 9700 §4.3.2).
 */
export function findInQueryString(ctx: Carrier, config: JwtConfig): FoundToken | NoToken {
  const { queryStringName: name, queryStringValuePrefix: prefix } = config;
  // Not `ctx.query`, for which Koa takes time that grows with the square of the number of parameters.
  const [value, second] = new URLSearchParams(ctx.querystring).getAll(name);
  if (second !== undefined) throw new InvalidHeaderError(`Bad query parameter '${name}'. Expected it once`);
  if (value === undefined || value === '') return { absent: `Missing '${name}' query parameter` };
  if (!value.startsWith(prefix)) {
    throw new InvalidHeaderError(
      `Invalid value for query parameter '${name}'. Expected the value to start with '${prefix}'`,
    );
  }
  // RFC 6750 §2.3: no cache may store the response of such a URL.
  ctx.set('Cache-Control', 'no-store');
  return { text: value.slice(prefix.length), location: 'query_string', csrfValue: undefined };
}
