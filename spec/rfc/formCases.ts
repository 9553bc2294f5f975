import {
  createHash,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import type { Algorithm } from '../../src/index';
import { OTHER_RSA, publicPem, RSA } from '../support/keys';
import { signerFor } from '../support/signerFor';
import { pairOf, rocaFactors } from '../support/weakRsa';
import { base64url, CLAIMS, type Case } from './Case';
import { signerOf, verificationKeyOf } from './signatureCases';

const FAMILIES: readonly Algorithm[] = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'];
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

type Row = readonly [kind: string, detail: string, token: string, isValid: boolean];

function signedText(algorithm: Algorithm, header: string, payload: string): string {
  return `${header}.${payload}.${base64url(signerOf(algorithm)(`${header}.${payload}`))}`;
}

/** A good signature on any header and payload. */
function signed(algorithm: Algorithm, header: unknown, payload: unknown = CLAIMS): string {
  return signedText(algorithm, base64url(header), base64url(payload));
}

/** With its spare bits set. Undefined when it has none. */
function withSpareBits(segment: string): string | undefined {
  if (segment.length % 4 === 0) return undefined;
  const last = ALPHABET.indexOf(segment.slice(-1));
  return segment.slice(0, -1) + String(ALPHABET[last + 1]);
}

/** In base64url, with a member more, so that some bits are left. */
function odd(value: object): string {
  const texts = ['', 'x', 'xx'].map((more) => base64url({ ...value, more }));
  return String(texts.find((text) => text.length % 4 !== 0));
}

function* segments(algorithm: Algorithm): Iterable<Row> {
  const token = signed(algorithm, { alg: algorithm });
  const [header = '', payload = '', signature = ''] = token.split('.');
  const shapes: Readonly<Record<string, string>> = {
    nothing: '',
    'one segment': header,
    'two segments': `${header}.${payload}`,
    'no signature': `${header}.${payload}.`,
    'no payload': `${header}..${signature}`,
    'no header': `.${payload}.${signature}`,
    'four segments': `${token}.${signature}`,
    'an empty fourth segment': `${token}.`,
    'five segments, as JWE has them': `${header}.${payload}.${payload}.${payload}.${signature}`,
    dots: '..',
    'no header and no signature': `.${payload}.`,
    'the signature alone': signature,
    'the JSON serialisation': JSON.stringify({
      payload,
      signatures: [{ protected: header, header: { unknown: 1 }, signature }],
    }),
    'the flattened JSON serialisation': JSON.stringify({ protected: header, payload, signature }),
  };
  for (const [what, text] of Object.entries(shapes))
    yield ['another number of segments', `${algorithm}, ${what}`, text, false];
  const other = base64url({ ...CLAIMS, sub: 'bob' });
  yield ['a changed payload', algorithm, `${header}.${other}.${signature}`, false];
  const renamed = base64url({ alg: algorithm, kid: 'x' });
  yield ['a changed header', algorithm, `${renamed}.${payload}.${signature}`, false];
}

function* spellings(algorithm: Algorithm): Iterable<Row> {
  const header = base64url({ alg: algorithm });
  const payload = base64url({ ...CLAIMS, mark: '???>>>~~~' });
  const good = signedText(algorithm, header, payload);
  const signature = String(good.split('.')[2]);
  const standard = payload.replaceAll('-', '+').replaceAll('_', '/');
  const middle = Math.floor(payload.length / 2);
  const cut = (text: string, between: string): string => text.slice(0, middle) + between + text.slice(middle);
  const kind = 'base64 that is not canonical base64url';
  const after: Readonly<Record<string, string>> = {
    'padding after the signature': `${good}${'='.repeat((4 - (signature.length % 4)) % 4 || 1)}`,
    'a space after the token': `${good} `,
    'a line end after the token': `${good}\n`,
    'a space before the token': ` ${good}`,
    'a line end in the signature': `${header}.${payload}.${signature.slice(0, 9)}\n${signature.slice(9)}`,
    'a character more in the signature': `${good}!`,
    'a null after the signature': `${good}\0`,
  };
  for (const [what, text] of Object.entries(after)) yield [kind, `${algorithm}, ${what}`, text, false];
  // These are signed as they are sent.
  const within: Readonly<Record<string, readonly [string, string]>> = {
    'padding of the payload': [header, `${payload}==`],
    'padding of the header': [`${header}=`, payload],
    'the standard alphabet': [header, standard],
    'a space in the payload': [header, cut(payload, ' ')],
    'a line end in the payload': [header, cut(payload, '\r\n')],
    'another character in the payload': [header, cut(payload, '*')],
    'a letter outside of ASCII in the payload': [header, cut(payload, 'é')],
  };
  for (const [what, [head, body]] of Object.entries(within))
    yield [kind, `${algorithm}, ${what}`, signedText(algorithm, head, body), false];
  const spare = withSpareBits(signature);
  if (spare !== undefined)
    yield ['spare bits set', `${algorithm}, signature`, `${header}.${payload}.${spare}`, false];
  // Of lengths that leave some bits.
  const [oddHeader, oddPayload] = [odd({ alg: algorithm }), odd(CLAIMS)];
  const oddTokens = {
    header: signedText(algorithm, String(withSpareBits(oddHeader)), payload),
    payload: signedText(algorithm, header, String(withSpareBits(oddPayload))),
  };
  for (const [what, text] of Object.entries(oddTokens))
    yield ['spare bits set', `${algorithm}, ${what}`, text, false];
}

function* contents(algorithm: Algorithm): Iterable<Row> {
  const text = JSON.stringify(CLAIMS);
  const head = JSON.stringify({ alg: algorithm });
  const broken = Buffer.from(JSON.stringify({ ...CLAIMS, name: 'X' }));
  broken[broken.lastIndexOf('X')] = 0xff;
  const bytes: Readonly<Record<string, Buffer>> = {
    'a list': Buffer.from(`[${text}]`),
    'a string': Buffer.from('"alice"'),
    'a string that holds JSON': Buffer.from(JSON.stringify(text)),
    'a number': Buffer.from('1'),
    null: Buffer.from('null'),
    'text that is not JSON': Buffer.from('foo'),
    'a byte order mark': Buffer.from(`\uFEFF${text}`),
    'something after it': Buffer.from(`${text}x`),
    'a second object after it': Buffer.from(text + text),
    'a null byte after it': Buffer.from(`${text}\0`),
    'a comma too many': Buffer.from(text.replace('}', ',}')),
    'single quotes': Buffer.from(text.replaceAll('"', "'")),
    'bytes that are not UTF-8': broken,
    'UTF-16': Buffer.from(text, 'utf16le'),
    'half of it': Buffer.from(text.slice(0, 40)),
  };
  for (const [what, payload] of Object.entries(bytes))
    yield [
      'a payload that is not a JSON object',
      `${algorithm}, ${what}`,
      signed(algorithm, { alg: algorithm }, payload),
      false,
    ];
  const headers: Readonly<Record<string, Buffer>> = {
    'a list': Buffer.from(`[${head}]`),
    'a string': Buffer.from(JSON.stringify(head)),
    'a byte order mark': Buffer.from(`\uFEFF${head}`),
    'something after it': Buffer.from(`${head}x`),
    'bytes that are not UTF-8': Buffer.concat([
      Buffer.from(head.slice(0, -1)),
      Buffer.from(',"x":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]),
    null: Buffer.from('null'),
  };
  for (const [what, header] of Object.entries(headers))
    yield ['a header that is not a JSON object', `${algorithm}, ${what}`, signed(algorithm, header), false];
  yield [
    'white space in the JSON',
    algorithm,
    signed(algorithm, Buffer.from(` ${head}\n`), Buffer.from(`\t${text} `)),
    true,
  ];
}

function* headers(algorithm: Algorithm): Iterable<Row> {
  const with_ = (more: object): string => signed(algorithm, { alg: algorithm, ...more });
  const names: unknown[] = [
    [algorithm],
    { [algorithm]: true },
    null,
    1,
    '',
    algorithm.toLowerCase(),
    `${algorithm} `,
    'none',
    'None',
    'NONE',
    'XX256',
  ];
  for (const alg of names.filter((each) => each !== algorithm)) {
    yield [
      'another alg in the header',
      `${algorithm}, ${JSON.stringify(alg)}`,
      signed(algorithm, { alg }),
      false,
    ];
  }
  yield ['another alg in the header', `${algorithm}, none`, signed(algorithm, {}), false];
  for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
    yield [
      'no signature, and alg none',
      `${algorithm}, ${alg}`,
      `${base64url({ alg })}.${base64url(CLAIMS)}.`,
      false,
    ];
  }
  const critical: unknown[] = [
    ['exp'],
    ['b64'],
    ['alg'],
    ['x'],
    ['__proto__'],
    [],
    'exp',
    null,
    {},
    [1],
    ['exp', 'exp'],
  ];
  for (const crit of critical) {
    yield [
      'crit, of which the verifier knows nothing',
      `${algorithm}, ${JSON.stringify(crit)}`,
      with_({ crit, exp: 1, x: 1 }),
      false,
    ];
  }
  yield ['b64: false', `${algorithm}, in crit`, with_({ b64: false, crit: ['b64'] }), false];
  const raw = `${base64url({ alg: algorithm, b64: false, crit: ['b64'] })}.`;
  const text = JSON.stringify(CLAIMS);
  const signature = base64url(signerOf(algorithm)(raw + text));
  yield [
    'b64: false',
    `${algorithm}, payload as it is`,
    `${raw}${base64url(Buffer.from(text))}.${signature}`,
    false,
  ];
  for (const more of [
    { kid: 'any' },
    { kid: '../../etc/passwd' },
    { x5c: ['AAAA'] },
    { jku: 'https://attacker.example' },
    { x: [1] },
  ]) {
    yield ['parameters that decide nothing', `${algorithm}, ${JSON.stringify(more)}`, with_(more), true];
  }
  for (const more of [{ kid: 7 }, { kid: null }, { kid: ['key'] }]) {
    yield ['kid of another type', `${algorithm}, ${JSON.stringify(more)}`, with_(more), false];
  }
  const unusual = [
    { cty: 'JWT' },
    { zip: 'DEF' },
    { enc: 'A128GCM' },
    { b64: true },
    { typ: 'at+jwt' },
    { typ: 'JOSE' },
  ];
  for (const more of unusual)
    yield ['a parameter that asks for more', `${algorithm}, ${JSON.stringify(more)}`, with_(more), true];
}

/** The key of the verifier is public, and the attacker knows it. */
function* confusions(algorithm: Algorithm): Iterable<Row> {
  const key = verificationKeyOf(algorithm);
  if (key.type === 'secret') return;
  const jwk = key.export({ format: 'jwk' });
  const secrets: Readonly<Record<string, string | Buffer>> = {
    PEM: publicPem(key),
    'PEM without its last line end': publicPem(key).trim(),
    DER: key.export({ format: 'der', type: 'spki' }),
    JWK: JSON.stringify(jwk),
    x: Buffer.from(String(jwk.x ?? jwk.n), 'base64url'),
    nothing: '',
  };
  for (const [what, secret] of Object.entries(secrets)) {
    for (const alg of ['HS256', 'HS512']) {
      const input = `${base64url({ alg })}.${base64url(CLAIMS)}`;
      const mac = createHmac(`sha${alg.slice(2)}`, secret)
        .update(input)
        .digest();
      yield [
        'the public key as an HMAC secret',
        `${algorithm}, ${alg}, ${what}`,
        `${input}.${base64url(mac)}`,
        false,
      ];
    }
  }
  const attacker =
    algorithm === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : algorithm.startsWith('ES')
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : OTHER_RSA;
  const embedded = { ...attacker.publicKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig' };
  for (const more of [
    { jwk: embedded },
    { jwk: { ...embedded, kid: 'key' }, kid: 'key' },
    { jku: 'https://attacker.example' },
  ]) {
    const input = `${base64url({ alg: algorithm, ...more })}.${base64url(CLAIMS)}`;
    const signature = signerFor(algorithm, attacker.privateKey)(input);
    yield [
      "the attacker's key in the header",
      `${algorithm}, ${Object.keys(more).join()}`,
      `${input}.${base64url(signature)}`,
      false,
    ];
  }
}

interface Published {
  readonly detail: string;
  readonly set: readonly (JsonWebKey & Record<string, unknown>)[];
  readonly header?: object;
  readonly isValid?: boolean;
}

/** What stands beside a key in a JWK Set. */
function* sets(algorithm: Algorithm): Iterable<Case> {
  const key = verificationKeyOf(algorithm);
  if (key.type === 'secret') return;
  const jwk = { ...key.export({ format: 'jwk' }), kid: 'key' };
  const other = { ...OTHER_KEYS[algorithm]?.export({ format: 'jwk' }), kid: 'other' };
  const rows: readonly Published[] = [
    { detail: 'the key alone', set: [jwk], isValid: true },
    {
      detail: 'use sig, key_ops verify, alg',
      set: [{ ...jwk, use: 'sig', key_ops: ['verify'], alg: algorithm }],
      isValid: true,
    },
    { detail: 'beside another key', set: [other, jwk], isValid: true },
    {
      detail: 'no kid in token and key',
      set: [{ ...jwk, kid: undefined }],
      header: { kid: undefined },
      isValid: true,
    },
    { detail: 'beside keys nobody knows', set: [{ kty: 'XX', kid: 'x' }, jwk], isValid: true },
    { detail: 'use enc', set: [{ ...jwk, use: 'enc' }] },
    { detail: 'key_ops encrypt', set: [{ ...jwk, key_ops: ['encrypt'] }] },
    { detail: 'key_ops sign', set: [{ ...jwk, key_ops: ['sign'] }] },
    { detail: 'key_ops empty', set: [{ ...jwk, key_ops: [] }] },
    { detail: 'another alg', set: [{ ...jwk, alg: algorithm === 'ES256' ? 'ES384' : 'ES256' }] },
    { detail: 'alg of encryption', set: [{ ...jwk, alg: 'RSA-OAEP' }] },
    { detail: 'another kid', set: [{ ...jwk, kid: 'KEY' }] },
    { detail: 'the kid of another key', set: [other, jwk], header: { kid: 'other' } },
    { detail: 'no such kid', set: [other, jwk], header: { kid: 'third' } },
    { detail: 'kid of another type', set: [{ ...jwk, kid: '7' }], header: { kid: 7 } },
    { detail: 'an empty set', set: [] },
    { detail: 'another kind of key', set: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'key' }] },
  ];
  for (const row of rows) yield caseOf(algorithm, 'a JWK Set', row, signerOf(algorithm));
}

const OTHER_KEYS: Partial<Record<Algorithm, KeyObject>> = {
  RS256: OTHER_RSA.publicKey,
  PS256: OTHER_RSA.publicKey,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
  EdDSA: generateKeyPairSync('ed25519').publicKey,
};

function caseOf(algorithm: Algorithm, kind: string, row: Published, sign: (input: string) => Buffer): Case {
  const { detail, set, header = {}, isValid = false } = row;
  const input = `${base64url({ alg: algorithm, kid: 'key', ...header })}.${base64url(CLAIMS)}`;
  return {
    kind,
    detail: `${algorithm}, ${detail}`,
    algorithm,
    set,
    token: `${input}.${base64url(sign(input))}`,
    isValid,
  };
}

/** Keys with which somebody else can sign, or that the standard forbids. The signature is good. */
function* weakKeys(): Iterable<Case> {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const kind = 'a key that is too weak';
  for (const algorithm of ['RS256', 'PS256'] as const) {
    const keys: Readonly<Record<string, { publicKey: KeyObject; privateKey: KeyObject }>> = {
      'RSA, 1024 bits': short,
      'RSA, ROCA': pairOf(...rocaFactors()),
    };
    for (const [detail, pair] of Object.entries(keys)) {
      const set = [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'key' }];
      const made = caseOf(algorithm, kind, { detail, set }, signerFor(algorithm, pair.privateKey));
      yield made;
      yield { ...withoutSet(made), key: pair.publicKey };
    }
  }
  // With the exponent 1 the padded digest is its own signature.
  const one = { ...RSA.publicKey.export({ format: 'jwk' }), kid: 'key', e: 'AQ' };
  yield caseOf('RS256', kind, { detail: 'RSA, exponent 1', set: [one] }, (input) => {
    const block = Buffer.alloc(256, 0xff);
    const digest = Buffer.from('3031300d060960864801650304020105000420', 'hex');
    block.set([0, 1]);
    block[256 - 32 - digest.length - 1] = 0;
    block.set(digest, 256 - 32 - digest.length);
    block.set(hashOf(input), 256 - 32);
    return block;
  });
  const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const koblitz = [{ ...curve.publicKey.export({ format: 'jwk' }), kid: 'key' }];
  yield caseOf(
    'ES256',
    kind,
    { detail: 'the curve secp256k1', set: koblitz },
    signerFor('ES256', curve.privateKey),
  );
  // [0]B = R + [k]A, where R and A are the neutral element: this is a signature of every text.
  const neutral = Buffer.alloc(32);
  neutral[0] = 1;
  const point = { kty: 'OKP', crv: 'Ed25519', x: neutral.toString('base64url'), kid: 'key' };
  const anyText = Buffer.concat([neutral, Buffer.alloc(32)]);
  yield caseOf('EdDSA', kind, { detail: 'Ed25519, a point of small order', set: [point] }, () => anyText);
  const secret = createSecretKey(Buffer.from('0123456789abcde'));
  for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
    const input = `${base64url({ alg: algorithm })}.${base64url(CLAIMS)}`;
    const token = `${input}.${base64url(signerOf(algorithm, secret)(input))}`;
    yield {
      kind,
      detail: `${algorithm}, a secret of 15 bytes`,
      algorithm,
      key: secret,
      token,
      isValid: false,
    };
  }
}

function hashOf(input: string): Buffer {
  return createHash('sha256').update(input).digest();
}

function withoutSet({ kind, detail, algorithm, token, isValid }: Case): Case {
  return { kind, detail: `${detail}, one key`, algorithm, token, isValid };
}

/** Form, contents, headers, confusions of keys, JWK Sets: for one algorithm of each family. */
export function formCases(): Case[] {
  return [
    ...FAMILIES.flatMap((algorithm) => {
      const key = verificationKeyOf(algorithm);
      const rows = [segments, spellings, contents, headers, confusions].flatMap((each) => [
        ...each(algorithm),
      ]);
      const own = rows.map(([kind, detail, token, isValid]): Case => ({
        kind,
        detail,
        algorithm,
        key,
        token,
        isValid,
      }));
      return [...own, ...sets(algorithm)];
    }),
    ...weakKeys(),
  ];
}
