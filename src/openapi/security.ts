import { TOKEN_TYPES, type TokenType } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { cookieNames } from '../request/cookieNames';
import { needsCsrfValue } from '../request/findInCookies';
import type { Policy } from '../request/Policy';
import type { SecurityRequirement, SecurityScheme } from './OpenApi';

/** How an operation is secured, in the words of OpenAPI. */
export interface Security {
  /** The alternatives, each with the schemes that must all be there. */
  readonly requirements: SecurityRequirement[];
  /** The schemes that the requirements name. */
  readonly schemes: Readonly<Record<string, SecurityScheme>>;
  /** What no scheme can say, in words. */
  readonly remarks: readonly string[];
}

/** An operation for which nobody looks for a token. */
export const OPEN: Security = { requirements: [], schemes: {}, remarks: [] };

/** The security of an operation by the policy that its requests meet. `verb` decides about CSRF values. */
export function securityOf(policy: Policy, verb: string, config: JwtConfig): Security {
  const schemes: Record<string, SecurityScheme> = {};
  const requirements: SecurityRequirement[] = [];
  const remarks: string[] = [];
  // Another manager takes other tokens, so its schemes have other names.
  const prefix = policy.manager === undefined ? '' : `${policy.manager.name.replace(/[^\w.-]/g, '_')}.`;
  const demand = (...needed: readonly Named[]): void => {
    for (const [name, scheme] of needed) schemes[prefix + name] = scheme;
    requirements.push(Object.fromEntries(needed.map(([name]) => [prefix + name, []])));
  };
  const kinds = kindsOf(policy);
  for (const location of new Set(policy.locations ?? config.tokenLocation)) {
    if (location === 'headers')
      for (const [name, text] of kinds) demand([`${name}Token`, ofHeader(text, config)]);
    if (location === 'query_string')
      for (const [name, text] of kinds) demand([`${name}Query`, ofQuery(text, config)]);
    // No cookie carries a token for one purpose.
    if (location === 'cookies' && policy.purpose === undefined) {
      const cookie: Named = [`${policy.looksFor}Cookie`, ofCookie(policy.looksFor, config)];
      const csrf: Named = [`${policy.looksFor}Csrf`, ofCsrf(policy.looksFor, config)];
      demand(...(needsCsrfValue(verb, config) ? [cookie, csrf] : [cookie]));
    }
    if (location === 'json') remarks.push(inJson(policy.looksFor, config));
  }
  if (policy.demand === 'optional') requirements.push({});
  return { requirements, schemes, remarks };
}

/** The kinds of tokens that a policy takes: how schemes name them, and in words. */
function kindsOf({ tokenType, purpose }: Policy): (readonly [name: string, text: string])[] {
  if (purpose !== undefined) {
    return [[purpose.replace(/[^\w.-]/g, '_'), `A token for the purpose \`${purpose}\``]];
  }
  const types = TOKEN_TYPES.filter((type) => tokenType === 'either' || tokenType === type);
  return types.map((type) => [type, described(type)]);
}

type Named = readonly [name: string, scheme: SecurityScheme];

function ofHeader(description: string, { headerName, headerType }: JwtConfig): SecurityScheme {
  if (headerName.toLowerCase() === 'authorization' && headerType.toLowerCase() === 'bearer')
    return { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description };
  const before = headerType === '' ? '' : `, after \`${headerType} \``;
  return { type: 'apiKey', in: 'header', name: headerName, description: description + before };
}

function ofQuery(
  description: string,
  { queryStringName, queryStringValuePrefix }: JwtConfig,
): SecurityScheme {
  const before = queryStringValuePrefix === '' ? '' : `, after \`${queryStringValuePrefix}\``;
  return { type: 'apiKey', in: 'query', name: queryStringName, description: description + before };
}

function ofCookie(type: TokenType, config: JwtConfig): SecurityScheme {
  return {
    type: 'apiKey',
    in: 'cookie',
    name: cookieNames(config, type).cookie,
    description: described(type),
  };
}

function ofCsrf(type: TokenType, config: JwtConfig): SecurityScheme {
  const { csrfHeader, csrfCookie, csrfField } = cookieNames(config, type);
  const from = config.csrfInCookies ? `, which the cookie \`${csrfCookie}\` holds` : '';
  const form = config.csrfCheckForm ? `. A form may send it in the field \`${csrfField}\` instead` : '';
  const description = `The CSRF value of the ${type} token${from}${form}`;
  return { type: 'apiKey', in: 'header', name: csrfHeader, description };
}

function inJson(type: TokenType, config: JwtConfig): string {
  const key = type === 'refresh' ? config.refreshJsonKey : config.jsonKey;
  return `The token may be in the member \`${key}\` of a JSON body, which OpenAPI has no security scheme for.`;
}

function described(type: TokenType): string {
  return type === 'access' ? 'An access token' : 'A refresh token';
}
