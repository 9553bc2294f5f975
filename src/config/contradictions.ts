import { isSymmetric } from './algorithms';
import type { OptionTable } from './OptionTable';
import { OWN_CLAIMS, REGISTERED_CLAIMS } from './ownClaims';

/** What is wrong with options that are right one by one. */
export function contradictions(config: OptionTable): string[] {
  const problems: string[] = [];
  const { decodeAlgorithms, identityClaim } = config;
  // RFC 8725 §3.1: a public key that is also taken for an HMAC secret lets anyone forge tokens.
  if (new Set(decodeAlgorithms.map(isSymmetric)).size > 1) {
    problems.push(
      'Options algorithm and decodeAlgorithms must all be symmetric (HS…) or all asymmetric (RS…, PS…, ES…, EdDSA)',
    );
  }
  problems.push(...keyContradictions(config));
  problems.push(...cookieContradictions(config));
  const { implicitRefreshWithin, accessTokenExpires } = config;
  if (
    Number(implicitRefreshWithin) > 0 &&
    Number(implicitRefreshWithin) >= (Number(accessTokenExpires) || Infinity)
  ) {
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
  const { keys, issuers = [], encodeIssuer, decodeIssuer = [] } = config;
  const problems: string[] = [];
  const alone = (['secretKey', 'privateKey', 'publicKey'] as const).filter(
    (name) => config[name] !== undefined,
  );
  if (keys !== undefined && alone.length > 0) {
    problems.push(`Option keys holds every key there is: move ${alone.join(' and ')} into it`);
  }
  // Whose tokens these are must be plain from their iss alone.
  for (const { issuer } of issuers) {
    if (issuer === encodeIssuer || [decodeIssuer].flat().includes(issuer)) {
      problems.push(
        `Option issuers has ${issuer}, which encodeIssuer or decodeIssuer says is this application itself`,
      );
    }
  }
  return problems;
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
    // RFC 6265bis §4.1.3: browsers drop a cookie that does not keep the promise of its name.
    const name = config[option].toLowerCase();
    if (/^__(host|secure)-/.test(name) && !cookieSecure) problems.push(`Option ${option} needs cookieSecure`);
    if (name.startsWith('__host-') && (path !== '/' || cookieDomain !== undefined)) {
      problems.push(`Option ${option} needs the path / and no cookieDomain`);
    }
  }
  return problems;
}

const NO_IDENTITY = [...REGISTERED_CLAIMS, ...OWN_CLAIMS.filter((name) => name !== 'sub'), '__proto__'];
