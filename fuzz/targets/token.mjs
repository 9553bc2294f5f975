import { createHmac, createPublicKey, sign, verify } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import jsonwebtoken from 'jsonwebtoken';
import { SECRET } from '../engine/application.mjs';
import { EC, ED } from '../engine/keys.mjs';
import { base64url, filled } from '../engine/placeholders.mjs';
import { hold } from '../engine/Violation.mjs';

const PEM = EC.publicKey.export({ format: 'pem', type: 'spki' });

/** How an input may be signed: with our keys, and as attackers do. */
const SIGNERS = {
  HS256: (text) => createHmac('sha256', SECRET).update(text).digest(),
  HS384: (text) => createHmac('sha384', SECRET).update(text).digest(),
  ES256: (text) => sign('sha256', Buffer.from(text), { key: EC.privateKey, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (text) => sign(null, Buffer.from(text), ED.privateKey),
  DER: (text) => sign('sha256', Buffer.from(text), EC.privateKey),
  PEM: (text) => createHmac('sha256', PEM).update(text).digest(),
  EMPTY: (text) => createHmac('sha256', '').update(text).digest(),
  NONE: () => Buffer.alloc(0),
  ZERO: () => Buffer.alloc(64),
};

/** The keys that jsonwebtoken is given for what a manager trusts. */
const TRUSTED = {
  HS256: { key: SECRET, isSigned: (text, signature) => SIGNERS.HS256(text).equals(signature) },
  ES256: {
    key: createPublicKey(PEM),
    isSigned: (text, signature) =>
      verify('sha256', Buffer.from(text), { key: EC.publicKey, dsaEncoding: 'ieee-p1363' }, signature),
  },
  EdDSA: {
    key: undefined,
    isSigned: (text, signature) => verify(null, Buffer.from(text), ED.publicKey, signature),
  },
};

/** jsonwebtoken knows no `iat` in the future, but is exact about `nbf`, where this library allows five seconds. */
const MAX_CLOCK_LEAD = 5;

/**
 * The text of a token. An input is the name of a manager and of a signer, and what is signed; or a whole text:
 *
 *     SECRET HS256
 *     {"alg":"HS256"}
 *     {"sub":"alice"}
 */
export async function token(library) {
  const { JwtManager, JwtError } = library;
  const base = { loaders: [] };
  const managers = {
    SECRET: new JwtManager({ ...base, secretKey: SECRET }),
    UNCACHED: new JwtManager({
      ...base,
      secretKey: SECRET,
      tokenCacheEntries: 0,
      decodeIssuer: ['us', 'them'],
      decodeAudience: 'here',
      decodeLeeway: 30,
      verifySub: false,
      identityClaim: 'user',
    }),
    RING: new JwtManager({
      ...base,
      keys: [
        { kid: 'ed', algorithm: 'EdDSA', privateKey: ED.privateKey },
        { kid: 'ec', algorithm: 'ES256', publicKey: PEM, withoutKid: true },
      ],
      defaultTokenType: 'access',
      decodeAudience: false,
    }),
  };
  const trusted = { SECRET: ['HS256'], UNCACHED: ['HS256'], RING: ['EdDSA', 'ES256'] };
  const policies = [{}, { fresh: true }, { refresh: true }, { purpose: 'p' }, { verifyType: false }];

  return {
    files: [
      ...['CompactToken', 'Verifier', 'checkClaims', 'strictJson', 'signature', 'TokenCache'].map(
        (name) => `token/${name}.js`,
      ),
      'key/OwnKeys.js',
    ],
    words: [
      ...[
        'SECRET HS256',
        'UNCACHED HS256',
        'RING ES256',
        'RING EdDSA',
        'SECRET NONE',
        'RING PEM',
        'RING DER',
      ],
      ...['SECRET HS384', 'SECRET EMPTY', 'RING ZERO', 'RAW ', '{now}', '{now+5}', '{now+6}', '{now-1}'],
      ...['{now+900}', '"exp":{now+900}', '"kid":"ed"', '"kid":"ec"', '"typ":"JWT"', '"sub":"alice"'],
      ...[
        '"type":"access"',
        '"type":"purpose","purpose":"p"',
        '"aud":"here"',
        '"iss":"us"',
        '"user":{"a":1}',
      ],
      ...['{HS256}', '{ES256}', '{EdDSA}', '"crit":["exp"]', '"b64":false', '"fresh":{now+60}', '"jti":"j"'],
    ],
    seeds: [
      'SECRET HS256\n{"alg":"HS256","typ":"JWT"}\n{"sub":"alice","type":"access","exp":{now+900},"jti":"j"}',
      'SECRET HS256\n{"alg":"HS256"}\n{"sub":"a","type":"refresh","fresh":true,"iat":{now},"nbf":{now},"roles":["x",1]}',
      'UNCACHED HS256\n{"alg":"HS256","kid":"x"}\n{"user":{"a":1},"type":"access","iss":"us","aud":["here"]}',
      'RING EdDSA\n{"alg":"EdDSA","kid":"ed"}\n{"sub":"alice","exp":{now-1}}',
      'SECRET HS256\n{"alg":"HS256"}\n{"sub":"a","type":"access","fresh":true,"exp":{now-900}}',
      'RING ES256\n{"alg":"ES256"}\n{"sub":"alice","fresh":{now+60}}',
      'SECRET HS256\n{"alg":"HS256"}\n{"sub":"a","type":"purpose","purpose":"p","exp":{now+9}}',
      'SECRET HS384\n{"alg":"HS384"}\n{"sub":"alice","type":"access"}',
      'SECRET NONE\n{"alg":"none"}\n{"sub":"alice","type":"access"}',
      'RING PEM\n{"alg":"HS256"}\n{"sub":"alice","type":"access"}',
      'RING DER\n{"alg":"ES256"}\n{"sub":"alice","type":"access"}',
      'SECRET RAW\n{HS256}',
      'RING RAW\n{EdDSA}',
    ],
    async run(input) {
      const { name, text } = encoded(input);
      const manager = managers[name];
      const [states, errors] = [[], []];
      // Twice, because a cached token takes another way.
      for (const policy of [...policies, {}]) {
        try {
          states.push({ policy, state: await manager.verifyToken(text, policy) });
        } catch (error) {
          hold(error instanceof JwtError, 'no JwtError', () => error?.stack);
          hold(
            error.message.length > 0 && !error.message.includes(SECRET),
            'bad message',
            () => error.message,
          );
          hold(
            !error.message.includes(text) || text.length < 9,
            'the token in a message',
            () => error.message,
          );
          errors.push(error);
        }
      }
      const header = quietly(() => manager.getUnverifiedHeader(text), JwtError);
      const claims = await quietly(() => manager.decodeToken(text), JwtError);
      hold(states.length === 0 || header !== undefined, 'a good token without a header');
      const isSame = (one, other) => one?.message === other?.message;
      const [first, last] = [states.find(({ policy }) => policy === policies[0]), states.at(-1)];
      hold(first === undefined || last !== undefined, 'a cached token refused');
      hold(first !== undefined || isSame(errors[0], errors.at(-1)), 'two verdicts', () => errors.join());
      for (const { policy, state } of states) {
        hold(isGenuine(text, trusted[name], header), 'a token that nobody has signed', () => text);
        const expected = byTheBook(text, trusted[name], name);
        hold(
          isDeepStrictEqual(plain(state.payload), plain(withDefaults(expected, name))),
          'other claims',
          () => JSON.stringify([state.payload, expected]),
        );
        hold(fits(policy, state.payload), 'a token for something else', () => JSON.stringify(policy));
      }
      if (claims !== undefined && name === 'SECRET') await expectSurvives(managers.SECRET, claims);
    },
  };
}

function encoded(input) {
  const [start = '', ...lines] = input.split('\n');
  const [name = '', signer = ''] = start.split(' ');
  const manager = ['SECRET', 'UNCACHED', 'RING'].includes(name) ? name : 'SECRET';
  const text = filled(lines.join('\n'), WHOLE);
  if (!Object.hasOwn(SIGNERS, signer)) return { name: manager, text };
  const [header = '', ...payload] = text.split('\n');
  const signed = `${base64url(header)}.${base64url(payload.join('\n'))}`;
  return { name: manager, text: `${signed}.${SIGNERS[signer](signed).toString('base64url')}` };
}

/** Good tokens, to be changed character by character. */
const WHOLE = Object.fromEntries(
  ['HS256', 'ES256', 'EdDSA'].map((alg) => {
    const kid = { EdDSA: 'ed', ES256: 'ec' }[alg];
    const signed = `${base64url(JSON.stringify({ alg, kid }))}.${base64url('{"sub":"alice","type":"access"}')}`;
    return [alg, `${signed}.${SIGNERS[alg](signed).toString('base64url')}`];
  }),
);

/** Whether a text is header, payload and the signature of one of the keys, each spelt in the only way. */
function isGenuine(text, algorithms, header) {
  const segments = text.split('.');
  const bytes = segments.map((segment) => Buffer.from(segment, 'base64url'));
  const isCanonical = segments.every(
    (segment, i) => segment !== '' && bytes[i].toString('base64url') === segment,
  );
  if (segments.length !== 3 || !isCanonical || !algorithms.includes(header?.alg)) return false;
  return TRUSTED[header.alg].isSigned(`${segments[0]}.${segments[1]}`, bytes[2]);
}

/** What jsonwebtoken says: the claims. It does not know EdDSA, whose claims are only parsed. */
function byTheBook(text, algorithms, name) {
  const { header, payload } = jsonwebtoken.decode(text, { complete: true });
  const { key } = TRUSTED[header.alg];
  const options = {
    algorithms: algorithms.filter((each) => each !== 'EdDSA'),
    clockTolerance: (name === 'UNCACHED' ? 30 : MAX_CLOCK_LEAD) + 1,
    ...(name === 'UNCACHED' && { issuer: ['us', 'them'], audience: 'here' }),
  };
  try {
    return key === undefined ? payload : jsonwebtoken.verify(text, key, options);
  } catch (error) {
    hold(false, 'jsonwebtoken refuses it', () => `${error.message}: ${text}`);
  }
}

/** The claims that this library reads as present. */
function withDefaults(claims, name) {
  return { ...(name === 'RING' && { type: 'access' }), fresh: false, jti: null, ...claims };
}

/** As JSON, because a number beyond a double is read as Infinity by both. */
function plain(claims) {
  return JSON.parse(JSON.stringify(claims));
}

/** Whether a policy may let in a token with these claims. `exp` is exact here. */
function fits({ fresh, refresh, purpose, verifyType = true }, claims) {
  const { type, exp = Infinity } = claims;
  const now = Date.now() / 1000;
  if (exp <= now - 31 || (fresh === true && claims.fresh !== true && !(claims.fresh > now - 1))) return false;
  if (purpose !== undefined || type === 'purpose') return type === 'purpose' && claims.purpose === purpose;
  return !verifyType || type === (refresh === true ? 'refresh' : 'access');
}

const OURS = ['sub', 'type', 'jti', 'fresh', 'csrf', 'purpose', 'sid', 'gen', 'until', 'family', 'kept'];
const REGISTERED = ['iss', 'aud', 'exp', 'nbf', 'iat'];

/** The other claims of a good token survive in a new one. */
async function expectSurvives(manager, claims) {
  const others = Object.entries(plain(claims)).filter(([name]) => ![...OURS, ...REGISTERED].includes(name));
  const additionalClaims = Object.fromEntries(others);
  if (Object.hasOwn(claims, '__proto__')) return;
  const made = await manager.createAccessToken('alice', { additionalClaims });
  const read = await manager.decodeToken(made);
  for (const [name, value] of others)
    hold(isDeepStrictEqual(plain(read[name]), plain(value)), 'a claim changed', () => name);
  hold(read.sub === 'alice', 'another identity', () => read.sub);
}

/** What a call returns. Undefined when it refuses. */
function quietly(call, JwtError) {
  const refused = (error) => {
    hold(error instanceof JwtError, 'no JwtError', () => error?.stack);
  };
  try {
    const result = call();
    return result instanceof Promise ? result.catch(refused) : result;
  } catch (error) {
    return refused(error);
  }
}
