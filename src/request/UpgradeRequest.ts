import type { IncomingMessage } from 'node:http';
import { bare } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import type { OptionKind, OptionKinds } from '../config/option';
import { optionProblems } from '../config/optionProblems';
import { CsrfError, JwtConfigurationError } from '../errors';
import { findCookie } from './findInCookies';
import { findInHeader, headerValues } from './findInHeader';
import { findInQueryString } from './findInQueryString';
import type { Carrier, FoundToken, NoToken } from './FoundToken';
import { OPTION_KINDS, OPTIONS_BY_HAND, policyFrom, type GuardOptions, type Policy } from './Policy';

/** The options of verifyUpgrade. */
export interface UpgradeOptions extends Omit<GuardOptions, 'manager'> {
  /**
   * The origins whose pages may connect with a cookie, such as `https://app.example.com`, besides that of the `Host` of
   * the request itself.
   */
  readonly origins?: readonly string[];
}

const ORIGINS: OptionKind = {
  expects: "a list of origins as browsers send them, such as ['https://app.example.com']",
  accepts: (value) => Array.isArray(value) && value.every(isOrigin),
};

const UPGRADE_OPTIONS: OptionKinds = new Map<string, OptionKind>([
  ...OPTIONS_BY_HAND.map((name) => [name, OPTION_KINDS[name]] as const),
  ['origins', ORIGINS],
]);

/** The policy of the options. Throws JwtConfigurationError as policyFrom does, and for the location `json`. */
export function upgradePolicyFrom(options: UpgradeOptions): Policy {
  const problems = optionProblems(options, UPGRADE_OPTIONS);
  if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
  if (bare(options).locations?.includes('json') === true) {
    throw new JwtConfigurationError('Option locations must do without json: an upgrade request has no body');
  }
  const policy: UpgradeOptions & { origins?: unknown } = bare(options);
  delete policy.origins;
  return policyFrom(policy);
}

/** A request of a WebSocket client, or any other that Koa has not seen. */
export class UpgradeRequest implements Carrier {
  readonly method = 'GET';
  readonly request = {};
  readonly originalUrl: string;
  readonly querystring: string;

  /** `origins` are allowed besides the host of the request. */
  constructor(
    readonly req: IncomingMessage,
    private readonly origins: readonly string[],
  ) {
    if (typeof (req as Partial<IncomingMessage> | undefined)?.headers !== 'object') {
      throw new TypeError('verifyUpgrade takes a request of node:http, such as socket.request of socket.io');
    }
    this.originalUrl = req.url ?? '/';
    const [withoutFragment = ''] = this.originalUrl.split('#', 1);
    const start = withoutFragment.indexOf('?');
    this.querystring = start === -1 ? '' : withoutFragment.slice(start + 1);
  }

  get hostname(): string {
    return hostOf(this.req, 'https:')?.hostname ?? '';
  }

  /** Headers of the answer are for the caller, who sends it. */
  set(): void {
    return undefined;
  }

  /**
   * Throws CsrfError unless a page of this site, or of one that is allowed, has sent the request. Only browsers send cookies
   * that they were not told to send, and they name the page in `Origin` (RFC 6455 §10.2). `X-Forwarded-Host` is not read,
   * because a client may send it.
   */
  assertOrigin(): void {
    const [origin, second] = headerValues(this, 'Origin');
    if (origin === undefined || origin === '') throw new CsrfError('Missing Origin header');
    if (second === undefined && isOrigin(origin)) {
      if (this.origins.includes(origin) || this.#isOwn(origin)) return;
    }
    throw new CsrfError('Origin is not allowed');
  }

  #isOwn(origin: string): boolean {
    const { protocol, host } = new URL(origin);
    if (!isWeb(protocol)) return false;
    // A page without TLS can be anybody's on the way. Behind a proxy that ends TLS, nobody here can tell.
    if ((this.req.socket as { encrypted?: boolean } | undefined)?.encrypted === true && protocol === 'http:')
      return false;
    return hostOf(this.req, protocol)?.host === host;
  }
}

/**
 * How to look in an upgrade request. No browser can send the CSRF value with it, so the Origin stands for it, whatever
 * `csrfMethods` says.
 */
export const upgradeFinders = {
  headers: findInHeader,
  cookies: findWithOrigin,
  query_string: findInQueryString,
  json: undefined,
} as const;

function findWithOrigin(request: UpgradeRequest, config: JwtConfig, policy: Policy): FoundToken | NoToken {
  const found = findCookie(request, config, policy);
  if (Object.hasOwn(found, 'text')) request.assertOrigin();
  return found;
}

/** The `Host` of a request, without the default port of a scheme. Undefined when there is not exactly one. */
function hostOf(req: IncomingMessage, protocol: string): URL | undefined {
  const [host = '', second] = headerValues({ req }, 'Host');
  if (second !== undefined || !/^[\w.:[\]-]+$/.test(host)) return undefined;
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

function isWeb(protocol: string): boolean {
  return protocol === 'https:' || protocol === 'http:';
}

/** Whether a value is the origin of a page as browsers write it (RFC 6454 §6.2). `null` is that of nobody. */
function isOrigin(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*]+$/.test(value)) return false;
  if (!URL.canParse(value)) return false;
  const { protocol, origin } = new URL(value);
  return !isWeb(protocol) || origin === value;
}
