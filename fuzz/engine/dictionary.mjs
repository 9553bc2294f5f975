import { base64url } from './placeholders.mjs';

const CLAIMS = ['sub', 'type', 'exp', 'nbf', 'iat', 'iss', 'aud', 'jti', 'fresh', 'csrf', 'sid', 'gen'];
const OURS = ['purpose', 'until', 'family', 'kept', 'roles', 'access', 'refresh'];
const PARAMETERS = ['alg', 'typ', 'kid', 'crit', 'b64', 'cty', 'zip', 'enc', 'jwk', 'jku', 'x5c', 'none'];
const ALGORITHMS = ['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'JWT'];
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'hasOwnProperty'];
const SEPARATORS = [
  ';',
  '; ',
  ';;',
  '=',
  ',',
  ', ',
  ' ',
  '  ',
  '\t',
  '.',
  '..',
  '&',
  '%',
  '%00',
  '+',
  '"',
  "'",
];
const HEADERS = ['Bearer ', 'bearer  ', 'Basic YTpi', 'Bearer', 'Authorization: ', 'Cookie: ', 'Origin: '];
HEADERS.push('X-CSRF-TOKEN: ', 'Content-Type: application/json', 'Digest a="b", c=d', 'Transfer-Encoding: ');
const JSON_TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  '"',
  'null',
  'true',
  'false',
  '""',
  '{}',
  '[]',
  '\\u0000',
  '\\',
];
const ESCAPES = ['\\ud800', '\\u005f', '"\\"', '1e400', '-0', '0.1', '[[[[[[[[[[[[[[[[', '{"a":{"a":{"a":'];
const UNICODE = ['é', 'İ', 'ſ', '\u212a', '\ud800', '\udfff', '\u{1f600}', '\ufeff', '\u00a0', '\u2028'];
UNICODE.push('\u0000', '\u007f', '\u0085', '\u200b');
const DATES = [
  'Thu, 01 Jan 1970 00:00:00 GMT',
  '1970-01-01',
  '15m',
  '30 days',
  '120',
  '-1',
  '1e3',
  'Infinity',
];
const KEYS = ['-----BEGIN PUBLIC KEY-----', '-----END PUBLIC KEY-----', '-----BEGIN RSA PRIVATE KEY-----'];
KEYS.push(
  'ssh-rsa ',
  'kty',
  'RSA',
  'EC',
  'oct',
  'OKP',
  'use',
  'sig',
  'key_ops',
  'verify',
  'AQAB',
  'P-256',
  'd',
);
const SEGMENTS = ['{}', '{"alg":"HS256"}', '[]', 'null', '{"alg":"none"}', 'a'].map((text) =>
  base64url(text),
);

/** What inputs of all targets are made of. Each target adds words of its own. */
export const DICTIONARY = [
  ...[...CLAIMS, ...OURS, ...PARAMETERS, ...ALGORITHMS, ...INHERITED, ...SEPARATORS, ...HEADERS],
  ...[...JSON_TOKENS, ...ESCAPES, ...UNICODE, ...DATES, ...KEYS, ...SEGMENTS],
];
