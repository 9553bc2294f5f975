import type { IncomingHttpHeaders } from 'node:http';
import type { JwtConfig } from '../config/JwtConfig';
import { InvalidHeaderError } from '../errors';
import type { Carrier, FoundToken, NoToken } from './FoundToken';

/** The token in `Authorization: Bearer <JWT>` (RFC 6750 §2.1), alone or beside fields of other schemes. */
export function findInHeader(ctx: Carrier, config: JwtConfig): FoundToken | NoToken {
  const { headerName, headerType } = config;
  const values = headerValues(ctx, headerName);
  const plain = values.length === 1 ? plainToken(String(values[0]), headerType) : undefined;
  if (plain !== undefined) return { text: plain, location: 'headers', csrfValue: undefined };
  const fields = values.join(',').split(',').map(wordsOf);
  if (fields.every((words) => words.length === 0)) return { absent: `Missing ${headerName} Header` };
  const expected = `Expected '${headerName}: ${headerType === '' ? '' : `${headerType} `}<JWT>'`;
  const bad = `Bad ${headerName} header. ${expected}`;
  if (headerType === '') {
    const [words = [], ...others] = fields;
    return { text: only(others.length === 0 ? words : [], bad), location: 'headers', csrfValue: undefined };
  }
  const isOfType = ([scheme]: readonly string[]): boolean =>
    scheme?.toLowerCase() === headerType.toLowerCase();
  const [ofType, second] = fields.filter(isOfType);
  // With two headers, a proxy and a server may read different ones (RFC 9110 §5.3).
  if (ofType === undefined || second !== undefined || values.length > 1) {
    return { absent: `Missing '${headerType}' type in '${headerName}' header. ${expected}` };
  }
  // Only credentials of other schemes may be beside it: no parameters of ours, no text in quotes.
  if (!fields.every((words) => words === ofType || isOtherCredentials(words)))
    throw new InvalidHeaderError(bad);
  return { text: only(ofType.slice(1), bad), location: 'headers', csrfValue: undefined };
}

/** The token of a value with a scheme, a space and one word, as nearly all have. Undefined for any other value. */
function plainToken(value: string, headerType: string): string | undefined {
  const start = headerType.length + 1;
  if (headerType === '' || value.length <= start || value[start - 1] !== ' ') return undefined;
  if (value.slice(0, start - 1).toLowerCase() !== headerType.toLowerCase()) return undefined;
  const word = value.slice(start);
  return word.includes(' ') || word.includes(',') ? undefined : word;
}

/**
 * The values of a header. `headers` decides: it is what middleware may have changed, and all that serverless adapters
 * and mocks fill. But a header that came twice is read from `rawHeaders`, because Node silently drops the second of two
 * Authorization headers.
 */
export function headerValues({ req }: Pick<Carrier, 'req'>, name: string): string[] {
  const wanted = name.toLowerCase();
  const { rawHeaders } = req as { rawHeaders?: readonly string[] | null };
  const sent = sentValues(rawHeaders ?? [], wanted);
  if (sent.length > 1) return sent;
  // What nearly every request has.
  if (sent.length === 1 && req.headers[wanted] === sent[0]) return sent;
  // Node drops even the first one, when one of the name is on Object.prototype.
  const isInherited = !Object.hasOwn(req.headers, wanted) && wanted in req.headers;
  return isInherited ? sent : ownHeader(req.headers, wanted);
}

/** The values in `headers`. An own property, because Object.prototype may be polluted. */
export function ownHeader(headers: IncomingHttpHeaders, name: string): string[] {
  // A middleware may have put anything there.
  const value = Object.hasOwn(headers, name) ? (headers[name] as string | string[] | null | undefined) : null;
  if (typeof value === 'string') return [value];
  return value === null || value === undefined ? [] : [value].flat().map(String);
}

function sentValues(rawHeaders: readonly string[], wanted: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    // Most have another length, so that they need not be converted to lower case.
    if (rawHeaders[i]?.length !== wanted.length || rawHeaders[i]?.toLowerCase() !== wanted) continue;
    values.push(String(rawHeaders[i + 1]));
  }
  return values;
}

// Splits at spaces only: a tab or a Unicode space stays in its word, which then is no token. There is no regular
// expression with a repetition, because anybody can send this.
function wordsOf(field: string): string[] {
  return field.split(' ').filter((word) => word !== '');
}

function isOtherCredentials([scheme, ...rest]: readonly string[]): boolean {
  if (scheme === undefined) return true;
  return rest.length > 0 && !scheme.includes('=') && !rest.some((word) => word.includes('"'));
}

function only(words: readonly string[], bad: string): string {
  const [word, second] = words;
  if (word === undefined || second !== undefined) throw new InvalidHeaderError(bad);
  return word;
}
