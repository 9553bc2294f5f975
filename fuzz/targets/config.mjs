import { createSecretKey } from 'node:crypto';
import { SECRET } from '../engine/application.mjs';
import { EC, RSA, WEAK_RSA as WEAK } from '../engine/keys.mjs';
import { hold } from '../engine/Violation.mjs';

const pem = (key, type) => key.export({ format: 'pem', type }).toString();

const cyclic = {};
cyclic.keys = [cyclic];

/** What JSON cannot say. An input has the name as a string. */
const SPECIAL = {
  $secret: SECRET,
  $undefined: undefined,
  $nan: NaN,
  $infinity: Infinity,
  $bigint: 1n,
  $symbol: Symbol('s'),
  $function: () => SECRET,
  $class: class Store {},
  $date: new Date(0),
  $map: new Map([['secretKey', SECRET]]),
  $null: Object.create(null),
  $cyclic: cyclic,
  $throwing: new Proxy([], {
    get: () => {
      throw new RangeError('planted by the input');
    },
  }),
  $getter: {
    get issuer() {
      throw new RangeError('planted by the input');
    },
  },
  $buffer: Buffer.from(SECRET),
  $empty: Buffer.alloc(0),
  $bytes: new Uint8Array(64).fill(7),
  $secretKey: createSecretKey(Buffer.from(SECRET)),
  $rsaPrivate: RSA.privateKey,
  $rsaPublic: RSA.publicKey,
  $rsaPem: pem(RSA.privateKey, 'pkcs8'),
  $rsaPublicPem: pem(RSA.publicKey, 'spki'),
  $weak: WEAK.privateKey,
  $ec: EC.privateKey,
  $ecPem: pem(EC.privateKey, 'sec1'),
  $ecPublicPem: pem(EC.publicKey, 'spki'),
  $cut: pem(RSA.privateKey, 'pkcs8').slice(0, 200),
  $escaped: pem(RSA.privateKey, 'pkcs8').replaceAll('\n', '\\n'),
};

/** Parts of key material that no message may repeat. */
const MATERIAL = [
  SECRET.slice(0, 24),
  pem(RSA.privateKey, 'pkcs8').slice(60, 100),
  pem(EC.privateKey, 'sec1').slice(40, 70),
];

/** The options of a manager, as JSON. Strings that begin with `$` are values that JSON does not have. */
export async function config(library) {
  const { JwtConfig, JwtConfigurationError, JwtManager } = library;
  const names = Object.keys(new JwtConfig({ secretKey: SECRET })).concat([
    ...[
      'secretKey',
      'privateKey',
      'publicKey',
      'keys',
      'issuers',
      'decodeAudience',
      'decodeIssuer',
      'loaders',
    ],
    ...[
      'encodeAudience',
      'encodeIssuer',
      'defaultTokenType',
      'cookieDomain',
      'csrfMethods',
      'revocationStore',
    ],
  ]);
  return {
    files: [
      ...[
        'JwtConfig',
        'OptionTable',
        'contradictions',
        'optionKinds',
        'optionProblems',
        'closeNames',
        'lifetime',
      ].map((name) => `config/${name}.js`),
      ...['keyObjects', 'ringKeys', 'looksLikeAsymmetricKey', 'pemOf', 'spellings', 'weaknessOf'].map(
        (name) => `key/${name}.js`,
      ),
    ],
    words: [
      ...names.map((name) => `"${name}":`),
      ...Object.keys(SPECIAL).map((name) => `"${name}"`),
      ...[
        '"kid":"a"',
        '"algorithm":"RS256"',
        '"jwksUri":"https://a.example"',
        '"issuer":"https://a.example"',
      ],
      ...['"audience":"a"', '"withoutKid":true', '"tokenTypes":["at"]', '"15m"', '"30 days"', '-1', '1e400'],
      ...[
        '"__Host-a"',
        '"headers"',
        '"cookies"',
        '"json"',
        '"query_string"',
        '"None"',
        '{"secretKey":"$secret"}',
      ],
    ],
    seeds: [
      '{"secretKey":"$secret"}',
      '{"algorithm":"RS256","privateKey":"$rsaPem","publicKey":"$rsaPublicPem"}',
      '{"secretKey":5,"csrfMethods":"POST","issuers":{},"keys":[1],"tokenLocation":null,"loaders":"a","cookieDomain":7}',
      '{"algorithm":"ES256","privateKey":"$ec","decodeAlgorithms":["ES256"]}',
      '{"keys":[{"kid":"a","algorithm":"RS256","privateKey":"$rsaPrivate"},{"kid":"b","secretKey":"$buffer"}]}',
      '{"issuers":[{"issuer":"https://a.example","audience":"api","jwksUri":"https://a.example/jwks"}]}',
      '{"secretKey":"$secret","accessTokenExpires":"15m","refreshTokenExpires":false,"tokenLocation":["cookies"],"cookieSameSite":"None"}',
      '{"secretKey":"-----BEGIN PUBLIC KEY-----","accessCookieName":"__Host-a","accessCookiePath":"/a","encodeAudience":["a"]}',
      '{"secretKey":"$secret","encodeIssuer":"us","decodeIssuer":["us"],"revocationStore":"$class","maxSessions":1,"csrfMethods":["POST"]}',
    ],
    async run(input) {
      let json;
      try {
        json = JSON.parse(input);
      } catch {
        // Half a text is no configuration; the rest of it is one.
        json = { secretKey: input };
      }
      const options = withSpecials(json);
      let manager;
      try {
        manager = new JwtManager(withDefaults(options));
      } catch (error) {
        checkError(error, JwtConfigurationError);
        return;
      }
      await expectWorks(manager, library);
    },
  };
}

/** What a manager that could be made must do: sign and verify, or say which key it lacks. */
async function expectWorks(manager, { JwtConfigurationError, JwtError }) {
  let made;
  try {
    made = await manager.createAccessToken('alice');
  } catch (error) {
    checkError(error, JwtConfigurationError, JwtError);
    return;
  }
  const { identityClaim, decodeIssuer, encodeIssuer, decodeAudience, encodeAudience } = manager.config;
  const issues = [decodeIssuer ?? []].flat();
  const isOfOther = issues.length > 0 && !issues.includes(encodeIssuer);
  const audiences = decodeAudience === false ? [] : [decodeAudience ?? []].flat();
  const isForOther =
    audiences.length > 0 && ![encodeAudience ?? []].flat().some((each) => audiences.includes(each));
  try {
    const claims = await manager.decodeToken(made);
    hold(claims[identityClaim] === 'alice', 'another identity', () => JSON.stringify(claims));
  } catch (error) {
    hold(error instanceof JwtError && (isOfOther || isForOther), 'its own token refused', () => error?.stack);
  }
  const shown = JSON.stringify(manager.config) + JSON.stringify(manager);
  hold(
    MATERIAL.every((part) => !shown.includes(part)),
    'a key in JSON',
  );
}

function checkError(error, ...kinds) {
  // Only code of the application itself throws this.
  if (error instanceof RangeError && error.message === 'planted by the input') return;
  hold(
    kinds.some((kind) => error instanceof kind),
    'another error',
    () => error?.stack,
  );
  hold(error.message.length > 15, 'a message that tells nothing', () => error.message);
  const isTold = MATERIAL.some(
    (part) => error.message.includes(part) || String(error.cause?.message).includes(part),
  );
  hold(!isTold, 'a key in a message', () => error.message);
}

function withSpecials(value) {
  if (typeof value === 'string') return Object.hasOwn(SPECIAL, value) ? SPECIAL[value] : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withSpecials);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withSpecials(each)]));
}

/** The classes of other targets are none of this one's. A large cache takes long to make. */
function withDefaults(options) {
  const isPlain =
    typeof options === 'object' && options !== null && Object.getPrototypeOf(options) === Object.prototype;
  return isPlain ? { loaders: [], tokenCacheEntries: 8, ...options } : options;
}
