import type { Context } from 'koa';
import { InvalidHeaderError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { FoundToken, NoToken } from './FoundToken';

/** The token in `Authorization: Bearer <JWT>` (RFC 6750 §2.1), alone or in a list of fields of other schemes. */
export function findInHeader(ctx: Context, config: JwtConfig): FoundToken | NoToken {
  const { headerName, headerType } = config;
  const values = headerValues(ctx, headerName);
  const fields = values.flatMap((value) => value.split(',')).map(withoutSpaces);
  if (fields.every((field) => field === '')) return { absent: `Missing ${headerName} Header` };
  const expected = `Expected '${headerName}: ${headerType === '' ? '' : `${headerType} `}<JWT>'`;
  const bad = `Bad ${headerName} header. ${expected}`;
  if (headerType === '') {
    if (fields.length > 1 || values.length > 1) throw new InvalidHeaderError(bad);
    return { text: onlyWord(fields[0], bad) };
  }
  const ofType = fields.filter((field) => scheme(field) === headerType.toLowerCase());
  // Two headers are two opinions of who this is; proxies and servers differ in which they read (RFC 9110 §5.3).
  if (ofType.length !== 1 || values.length > 1) {
    return { absent: `Missing '${headerType}' type in '${headerName}' header. ${expected}` };
  }
  // What follows a comma has to be credentials of another scheme, not parameters of ours.
  const others = fields.filter((field) => field !== '' && field !== ofType[0]);
  if (!others.every((field) => CREDENTIALS.test(field))) throw new InvalidHeaderError(bad);
  return { text: onlyWord(ofType[0]?.slice(headerType.length), bad) };
}

const CREDENTIALS = /^[\w!#$%&'*+.^`|~-]+ +[^ ]/;

/** Each header of the name, for Node keeps one of two Authorization headers and says nothing. */
function headerValues(ctx: Context, name: string): string[] {
  const { rawHeaders } = ctx.req;
  const wanted = name.toLowerCase();
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === wanted);
}

/** Schemes are compared without regard to case (RFC 9110 §11.1). */
function scheme(field: string): string {
  return String(field.split(' ', 1)[0]).toLowerCase();
}

// Spaces only: a tab or a Unicode space is none here, and ends up in a word that is no token.
function onlyWord(field: string | undefined, bad: string): string {
  const words = (field ?? '').split(' ').filter((word) => word !== '');
  if (words.length !== 1) throw new InvalidHeaderError(bad);
  return String(words[0]);
}

function withoutSpaces(field: string): string {
  return field.replace(/^ +| +$/g, '');
}
