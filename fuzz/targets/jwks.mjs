import jsonwebtoken from 'jsonwebtoken';
import { EC, OTHER_RSA as OTHER, RSA } from '../engine/keys.mjs';
import { filled } from '../engine/placeholders.mjs';
import { hold } from '../engine/Violation.mjs';

const ISSUER = 'https://issuer.example';

const [rsa, ec, other] = [RSA, EC, OTHER].map(({ publicKey }) => publicKey.export({ format: 'jwk' }));
/** Parts that inputs put together. */
const PARTS = {
  rsa: membersOf({ ...rsa }),
  ec: membersOf({ ...ec }),
  other: membersOf({ ...other }),
  private: membersOf({ ...RSA.privateKey.export({ format: 'jwk' }) }),
  n: rsa.n,
  x: ec.x,
  y: ec.y,
};

const claims = { sub: 'alice', iss: ISSUER, aud: 'api' };
const signed = (key, algorithm, keyid) =>
  jsonwebtoken.sign(claims, key, { algorithm, expiresIn: 900, ...(keyid !== undefined && { keyid }) });
/** Tokens of the issuer, with and without the name of their key. */
const TOKENS = [
  { alg: 'RS256', kid: 'one', text: signed(RSA.privateKey, 'RS256', 'one') },
  { alg: 'RS256', kid: undefined, text: signed(RSA.privateKey, 'RS256') },
  { alg: 'ES256', kid: 'two', text: signed(EC.privateKey, 'ES256', 'two') },
];

/**
 * What an issuer publishes: a document of OpenID Connect Discovery, a line `---`, and a JWK Set. Without that line the set
 * alone. A first line `STATUS 500` is the status of the answers.
 */
export async function jwks(library) {
  const { JwtManager, InvalidTokenError, KeysUnavailableError } = library;
  let documents = [];
  const asked = [];
  globalThis.fetch = (url) => {
    asked.push(String(url));
    const { status, text } = documents[Math.min(asked.length, documents.length) - 1];
    return Promise.resolve(new Response(text, { status }));
  };
  // One warning for each issuer that fails is promised. There are many here.
  const warn = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).includes(`The keys of ${ISSUER}`)) warn.call(process, warning, ...rest);
  };
  const issuer = { issuer: ISSUER, audience: 'api', algorithms: ['RS256', 'ES256'] };

  return {
    files: [
      'key/issuer/fetchJwks.js',
      'key/issuer/RemoteKeys.js',
      'key/issuer/TrustedIssuer.js',
      'key/keyObjects.js',
    ],
    words: [
      ...[
        '{rsa}',
        '{ec}',
        '{other}',
        '{private}',
        '{n}',
        '{x}',
        '{y}',
        '"kid":"one"',
        '"kid":"two"',
        '\n---\n',
      ],
      ...[
        '"use":"sig"',
        '"use":"enc"',
        '"key_ops":["verify"]',
        '"alg":"RS256"',
        '"alg":"ES256"',
        '"d":"AQAB"',
      ],
      ...['{"keys":[{{rsa},"kid":"one"}]}', '{"keys":[{{ec},"kid":"two"}]}', 'STATUS 500\n', 'STATUS 301\n'],
      ...['"jwks_uri":"https://issuer.example/jwks"', '"issuer":"https://issuer.example"', '"crv":"P-256"'],
      ...[
        'http://',
        'https://',
        'file:///',
        'http://127.0.0.1/',
        '"e":"AQAB"',
        '"e":"AQ"',
        '"kty":"oct","k":"AA"',
      ],
    ],
    seeds: [
      '{"keys":[{{rsa},"kid":"one","use":"sig","alg":"RS256"},{{ec},"kid":"two"}]}',
      '{"keys":[{{rsa}}]}',
      '{"keys":[{{other},"kid":"one"},{{rsa},"kid":"x","key_ops":["verify"]}]}',
      '{"keys":[{{private},"kid":"one"},null,{"kty":"oct","k":"AA"}]}',
      '{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/jwks"}\n---\n{"keys":[{{rsa},"kid":"one"}]}',
      '{"issuer":"https://other.example","jwks_uri":"http://127.0.0.1/"}\n---\n{"keys":[]}',
      'STATUS 500\n{"keys":[{{rsa},"kid":"one"}]}',
    ],
    async run(input) {
      const [, statusText = '200'] = /^STATUS (\d+)\n/.exec(input) ?? [];
      const status = Math.min(Math.max(Number(statusText), 200), 599);
      const isWithoutBody = [204, 205, 304].includes(status);
      const texts = filled(input.replace(/^STATUS \d+\n/, ''), PARTS).split('\n---\n');
      documents = texts.map((text) => ({ status, text: isWithoutBody ? null : text }));
      asked.length = 0;
      const isDiscovered = texts.length > 1;
      const jwksUri = isDiscovered ? undefined : `${ISSUER}/jwks`;
      const manager = new JwtManager({
        loaders: [],
        tokenCacheEntries: 8,
        issuers: [{ ...issuer, jwksUri }],
      });
      const [accepted, refused] = [[], []];
      for (const token of TOKENS) {
        try {
          await manager.verifyToken(token.text);
          accepted.push(token);
        } catch (error) {
          const isPromised = error instanceof InvalidTokenError || error instanceof KeysUnavailableError;
          hold(isPromised, 'another error', () => error?.stack);
          refused.push(token);
        }
      }
      hold(asked.length <= TOKENS.length + 1, 'too many fetches', () => asked.join());
      const isHttps = asked.every((url) => new URL(url).protocol === 'https:');
      hold(isHttps, 'a fetch without TLS', () => asked.join());
      const keys =
        status === 200 || (status > 200 && status < 300) ? keysIn(texts[isDiscovered ? 1 : 0]) : [];
      for (const token of accepted) {
        const verifying = keys.filter((key) => mayVerify(key, token));
        hold(verifying.length > 0, 'accepted with a key that was not published for it', () => token.alg);
        hold(!isDiscovered || isOfIssuer(texts[0]), 'the keys of another issuer');
      }
      const [first] = keys;
      const isPlain =
        !isDiscovered && keys.length === 1 && Object.keys(first ?? {}).every((name) => KNOWN.includes(name));
      for (const token of refused)
        hold(!isPlain || !mayVerify(first, token), 'a good key refused', () => JSON.stringify(first));
    },
  };
}

const KNOWN = ['kty', 'n', 'e', 'crv', 'x', 'y', 'kid'];

function membersOf(jwk) {
  return JSON.stringify(jwk).slice(1, -1);
}

function keysIn(text) {
  const set = parsed(text);
  return Array.isArray(set?.keys) ? set.keys.filter((key) => typeof key === 'object' && key !== null) : [];
}

/** RFC 7517 §4, for the keys of this file. */
function mayVerify(jwk, { alg, kid }) {
  const wanted = alg === 'RS256' ? rsa : ec;
  const isSame = Object.entries(wanted).every(([name, value]) => sameMember(name, jwk[name], value));
  const isNamed = kid === undefined || jwk.kid === kid;
  const isForSignatures = jwk.use === undefined || jwk.use === 'sig';
  const verifies =
    jwk.key_ops === undefined || (Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'));
  const isForAlgorithm = typeof jwk.alg !== 'string' || jwk.alg === '' || jwk.alg === alg;
  return isSame && isNamed && isForSignatures && verifies && isForAlgorithm && jwk.d === undefined;
}

/** Numbers may be spelt in more than one way. */
function sameMember(name, one, other) {
  if (one === other) return true;
  if (typeof one !== 'string' || name === 'kty' || name === 'crv') return false;
  const [a, b] = [one, other].map((text) =>
    Buffer.from(text, 'base64url')
      .toString('hex')
      .replace(/^(00)+/, ''),
  );
  return a === b;
}

function isOfIssuer(text) {
  return parsed(text)?.issuer === ISSUER;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
