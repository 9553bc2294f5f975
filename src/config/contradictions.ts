import { REGISTERED_CLAIMS, RESERVED_CLAIMS } from '../claims';
import { isSymmetric } from './algorithms';
import { isTrustworthyUrl, TRUSTWORTHY_URL } from './isTrustworthyUrl';
import type { OptionTable } from './OptionTable';

/** What is wrong with options that are each right by itself. */
export function contradictions(config: OptionTable): string[] {
  const problems: string[] = [];
  const { decodeAlgorithms, identityClaim } = config;
  // RFC 8725 §3.1: if a public key were also an HMAC secret, anyone could forge tokens.
  if (new Set(decodeAlgorithms.map(isSymmetric)).size > 1) {
    problems.push(
      'Options algorithm and decodeAlgorithms must all be symmetric (HS…) or all asymmetric (RS…, PS…, ES…, EdDSA)',
    );
  }
  problems.push(...keyContradictions(config));
  problems.push(...issuerContradictions(config));
  problems.push(...cookieContradictions(config));
  if (config.maxSessions !== false && config.revocationStore === undefined) {
    problems.push('Option maxSessions needs a revocationStore, which knows how many sessions there are');
  }
  const { implicitRefreshWithin: within, accessTokenExpires: lifetime } = config;
  if (within !== false && lifetime !== false && within >= lifetime) {
    problems.push(
      'Option implicitRefreshWithin must be shorter than accessTokenExpires: every request would refresh',
    );
  }
  if (NO_IDENTITY.includes(identityClaim)) {
    problems.push(`Option identityClaim must not be ${identityClaim}, a claim that has a meaning of its own`);
  }
  return problems;
}

function keyContradictions(config: OptionTable): string[] {
  const single = (['secretKey', 'privateKey', 'publicKey'] as const).filter(
    (name) => config[name] !== undefined,
  );
  if (config.keys === undefined || single.length === 0) return [];
  return [`Option keys holds every key there is: move ${single.join(' and ')} into it`];
}

function issuerContradictions({ issuers = [], encodeIssuer, decodeIssuer = [] }: OptionTable): string[] {
  return issuers.flatMap(({ issuer, jwksUri, tokenTypes, dangerouslyAllowHttp: allowsHttp }, i) => {
    const problems: string[] = [];
    if (issuers.findIndex((other) => other.issuer === issuer) !== i) {
      problems.push(`Option issuers has ${issuer} twice`);
    }
    if (jwksUri === undefined && !isTrustworthyUrl(issuer, allowsHttp)) {
      problems.push(`Option issuers[${i}] needs a jwksUri, because its issuer is not ${TRUSTWORTHY_URL}`);
    }
    if (jwksUri !== undefined && !isTrustworthyUrl(jwksUri, allowsHttp)) {
      problems.push(`Option issuers[${i}].jwksUri must be ${TRUSTWORTHY_URL}`);
    }
    if (tokenTypes !== undefined && [tokenTypes].flat().includes('refresh')) {
      problems.push(`Option issuers[${i}].tokenTypes must not have refresh: only access tokens are accepted`);
    }
    // The iss alone must tell whose tokens these are.
    if (issuer === encodeIssuer || [decodeIssuer].flat().includes(issuer)) {
      problems.push(
        `Option issuers has ${issuer}, which encodeIssuer or decodeIssuer says is this application itself`,
      );
    }
    return problems;
  });
}

function cookieContradictions(config: OptionTable): string[] {
  const problems: string[] = [];
  const { cookieSecure, cookieSameSite, cookieDomain } = config;
  if (cookieSameSite === 'None' && !cookieSecure) {
    problems.push('Option cookieSameSite None needs cookieSecure: browsers drop such cookies');
  }
  const cookies = [
    ['accessCookieName', config.accessCookiePath],
    ['refreshCookieName', config.refreshCookiePath],
    ['accessCsrfCookieName', config.accessCsrfCookiePath],
    ['refreshCsrfCookieName', config.refreshCsrfCookiePath],
  ] as const;
  if (new Set(cookies.map(([option]) => config[option])).size < cookies.length) {
    problems.push(`Options ${cookies.map(([option]) => option).join(', ')} must all differ`);
  }
  for (const [option, path] of cookies) {
    // RFC 6265bis §4.1.3: browsers drop a cookie that breaks the promise of its name.
    const name = config[option].toLowerCase();
    if (/^__(host|secure)-/.test(name) && !cookieSecure) problems.push(`Option ${option} needs cookieSecure`);
    if (name.startsWith('__host-') && (path !== '/' || cookieDomain !== undefined)) {
      problems.push(`Option ${option} needs the path / and no cookieDomain`);
    }
  }
  return problems;
}

const NO_IDENTITY = [...REGISTERED_CLAIMS, ...RESERVED_CLAIMS.filter((name) => name !== 'sub'), '__proto__'];
