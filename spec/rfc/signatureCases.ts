import {
  createHmac,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { ALGORITHM_NAMES, ALGORITHMS } from '../../src/config/algorithms';
import type { Algorithm } from '../../src/index';
import { IssuerKey } from '../support/IssuerKey';
import { EC, OTHER_RSA, type Pair } from '../support/keys';
import { SECRET } from '../support/secret';
import { signerFor } from '../support/signerFor';
import { base64url, CLAIMS, type Case } from './Case';
import { pkcs1Blocks, pssBlocks, signedBlock } from './rsaSignatures';

type Signed = (input: string) => Buffer;
type Change = readonly [kind: string, detail: string, signed: Signed, isValid: boolean];

const SECRET_KEY = createSecretKey(Buffer.from(SECRET));
const OTHER_ED25519 = generateKeyPairSync('ed25519');
const OTHER_EC = Object.fromEntries(
  Object.entries({ 256: 'P-256', 384: 'P-384', 512: 'P-521' }).map(([bits, namedCurve]) => [
    bits,
    generateKeyPairSync('ec', { namedCurve }),
  ]),
);

/** The order of the group, and the prime of the field, of each curve (FIPS 186-4 §D.1.2, RFC 8032 §5.1). */
const CURVES: Readonly<Record<string, { readonly n: bigint; readonly p: bigint }>> = {
  ES256: {
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  },
  ES384: {
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  },
  ES512: {
    n: 2n ** 521n - 2n ** 260n + 0xa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    p: 2n ** 521n - 1n,
  },
};
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function bytesOf(value: bigint, size: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function keysOf(algorithm: Algorithm): Pair {
  if (algorithm.startsWith('HS')) return { privateKey: SECRET_KEY, publicKey: SECRET_KEY };
  return new IssuerKey(undefined, algorithm).pair;
}

export function signerOf(algorithm: Algorithm, key = keysOf(algorithm).privateKey): Signed {
  if (!algorithm.startsWith('HS')) return signerFor(algorithm, key);
  return (input) =>
    createHmac(`sha${algorithm.slice(2)}`, key)
      .update(input)
      .digest();
}

export function verificationKeyOf(algorithm: Algorithm): KeyObject {
  return keysOf(algorithm).publicKey;
}

/** What is done to the signature of a good token. */
function* changesFor(algorithm: Algorithm): Iterable<Change> {
  const good = signerOf(algorithm);
  const changed =
    (change: (signature: Buffer) => Buffer): Signed =>
    (input) =>
      change(good(input));
  yield ['a good signature', '', good, true];
  for (const at of [0, 7, 100, 255]) {
    const flip = changed((bytes) => {
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = Number(bytes[bit >> 3]) ^ (1 << (bit & 7));
      return bytes;
    });
    yield ['a changed bit', `bit ${at}`, flip, false];
  }
  yield ['the signature of another text', '', (input) => good(`${input}A`), false];
  yield ['a wrong length', 'one byte less', changed((bytes) => bytes.subarray(0, -1)), false];
  const startingWith =
    (isWanted: (byte: number | undefined) => boolean): Signed =>
    (input) => {
      for (;;) {
        const bytes = good(input);
        if (isWanted(bytes[0]) || isTheSameEachTime(algorithm)) return bytes.subarray(1);
      }
    };
  // OpenSSL reads a signature of RSA-PSS as a number, so a leading zero that is missing is another case.
  yield ['a wrong length', 'the first byte missing', startingWith((byte) => byte !== 0), false];
  if (algorithm === 'PS256')
    yield ['a wrong length', 'a leading zero missing', startingWith((byte) => byte === 0), false];
  yield ['a wrong length', 'half', changed((bytes) => bytes.subarray(0, bytes.length / 2)), false];
  yield ['a wrong length', 'one byte', () => Buffer.alloc(1), false];
  yield ['a wrong length', 'a zero more', changed((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])), false];
  yield [
    'a wrong length',
    'a zero before',
    changed((bytes) => Buffer.concat([Buffer.alloc(1), bytes])),
    false,
  ];
  yield ['a wrong length', 'twice', changed((bytes) => Buffer.concat([bytes, bytes])), false];
  yield ['nothing but zeros', '', changed((bytes) => bytes.fill(0)), false];
  yield ['nothing but ones', '', changed((bytes) => bytes.fill(255)), false];
  yield ['the wrong byte order', '', changed((bytes) => bytes.reverse()), false];
  yield ['another key', '', signerOf(algorithm, otherKeyOf(algorithm)), false];
}

function isTheSameEachTime(algorithm: Algorithm): boolean {
  return !algorithm.startsWith('PS') && !algorithm.startsWith('ES');
}

function otherKeyOf(algorithm: Algorithm): KeyObject {
  if (algorithm.startsWith('HS')) return createSecretKey(Buffer.alloc(64, 7));
  if (algorithm.startsWith('ES')) return (OTHER_EC[algorithm.slice(2)] as Pair).privateKey;
  return algorithm === 'EdDSA' ? OTHER_ED25519.privateKey : OTHER_RSA.privateKey;
}

/** The numbers r and s of ECDSA. */
function* ecdsaChanges(algorithm: Algorithm): Iterable<Change> {
  const { n, p } = CURVES[algorithm] as { n: bigint; p: bigint };
  const good = signerOf(algorithm);
  const numbers =
    (change: (r: bigint, s: bigint) => readonly [bigint, bigint], more = 0): Signed =>
    (input) => {
      const bytes = good(input);
      const size = bytes.length / 2;
      const pair = change(numberOf(bytes.subarray(0, size)), numberOf(bytes.subarray(size)));
      const limit = 1n << BigInt((size + more) * 8);
      return Buffer.concat(pair.map((value) => bytesOf(value % limit, size + more)));
    };
  const edges: Readonly<Record<string, bigint>> = {
    '0': 0n,
    '1': 1n,
    'n - 1': n - 1n,
    n,
    'n + 1': n + 1n,
    p,
  };
  for (const [name, edge] of Object.entries(edges)) {
    yield ['r or s at an edge', `r = ${name}`, numbers((_r, s) => [edge, s]), false];
    yield ['r or s at an edge', `s = ${name}`, numbers((r) => [r, edge]), false];
    yield ['r or s at an edge', `r = s = ${name}`, numbers(() => [edge, edge]), false];
  }
  yield ['r and s swapped', '', numbers((r, s) => [s, r]), false];
  yield ['r replaced by n - r', '', numbers((r, s) => [n - r, s]), false];
  yield ['s replaced by n - s, which the same key could have made', '', numbers((r, s) => [r, n - s]), true];
  yield ['r or s with the order added', 'r + n', numbers((r, s) => [r + n, s]), false];
  yield ['r or s with the order added', 's + n', numbers((r, s) => [r, s + n]), false];
  yield ['r and s with a zero before each', '', numbers((r, s) => [r, s], 1), false];
  const { privateKey } = keysOf(algorithm);
  const hash = `sha${algorithm.slice(2)}`;
  yield ['DER instead of r and s', '', (input) => sign(hash, Buffer.from(input), privateKey), false];
  for (const other of ['sha1', 'sha256', 'sha384', 'sha512'].filter((each) => each !== hash)) {
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
    yield ['another hash', other, (input) => sign(other, Buffer.from(input), key), false];
  }
  for (const [bits, pair] of Object.entries(EC)) {
    if (bits === algorithm.slice(2)) continue;
    yield ['a key on another curve', bits, signerFor(`ES${bits}` as Algorithm, pair.privateKey), false];
  }
}

function* rsaChanges(algorithm: Algorithm): Iterable<Change> {
  const { privateKey } = keysOf(algorithm);
  const hash = `sha${algorithm.slice(2)}` as 'sha256';
  const blocks = algorithm.startsWith('PS') ? pssBlocks : pkcs1Blocks;
  for (const [index, [what, , isValid]] of blocks(hash, '').entries()) {
    const kind = isValid ? 'padding made by hand' : 'padding that the standard does not make';
    const signed: Signed = (input) =>
      signedBlock(privateKey, blocks(hash, input)[index]?.[1] ?? Buffer.alloc(256));
    yield [kind, what, signed, isValid];
  }
  const other = (algorithm.startsWith('PS') ? 'RS' : 'PS') + algorithm.slice(2);
  yield ['the other padding of RSA', other, signerOf(other as Algorithm), false];
  for (const size of ['256', '384', '512'].filter((each) => each !== algorithm.slice(2))) {
    yield ['another hash', `sha${size}`, signerOf((algorithm.slice(0, 2) + size) as Algorithm), false];
  }
  const n = numberOf(
    Buffer.from(String(createPublicKey(privateKey).export({ format: 'jwk' }).n), 'base64url'),
  );
  for (const [name, value] of Object.entries({ '1': 1n, 'n - 1': n - 1n, n, 'n + 1': n + 1n })) {
    yield ['a signature at an edge', `s = ${name}`, () => bytesOf(value, 256), false];
  }
  const good = signerOf(algorithm);
  yield [
    'the modulus added',
    's + n, in 257 bytes',
    (input) => bytesOf(numberOf(good(input)) + n, 257),
    false,
  ];
}

function* ed25519Changes(): Iterable<Change> {
  const good = signerOf('EdDSA');
  const withS =
    (change: (s: bigint) => bigint): Signed =>
    (input) => {
      const bytes = good(input);
      const s = numberOf(Buffer.from(bytes.subarray(32)).reverse());
      return Buffer.concat([bytes.subarray(0, 32), bytesOf(change(s) % 2n ** 256n, 32).reverse()]);
    };
  yield ['S that is not reduced', 'S + L', withS((s) => s + ED25519_ORDER), false];
  yield ['S that is not reduced', 'S + 2 L', withS((s) => s + 2n * ED25519_ORDER), false];
  for (const [name, value] of Object.entries({ '0': 0n, L: ED25519_ORDER, 'L - 1': ED25519_ORDER - 1n })) {
    yield ['S at an edge', `S = ${name}`, withS(() => value), false];
  }
  yield ['S at an edge', 'L - S', withS((s) => ED25519_ORDER - s), false];
  const p = 2n ** 255n - 19n;
  for (const [name, y] of Object.entries({ '0': 0n, '1': 1n, 'p - 1': p - 1n, p, 'p + 1': p + 1n })) {
    for (const sign of [0n, 1n]) {
      const point = bytesOf(y + (sign << 255n), 32).reverse();
      const signed: Signed = (input) => Buffer.concat([point, good(input).subarray(32)]);
      yield ['R of small order, or not reduced', `y = ${name}, sign ${sign}`, signed, false];
    }
  }
  yield [
    'R and S swapped',
    '',
    (input) => {
      const bytes = good(input);
      return Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]);
    },
    false,
  ];
}

/** Every algorithm, every kind of bad signature; the common kinds through a JWK Set too. */
export function signatureCases(): Case[] {
  return ALGORITHM_NAMES.flatMap((algorithm) => {
    const key = verificationKeyOf(algorithm);
    const made = ([kind, what, signed, isValid]: Change): Case => {
      const input = `${base64url({ alg: algorithm, typ: 'JWT', kid: 'key' })}.${base64url(CLAIMS)}`;
      const token = `${input}.${base64url(signed(input))}`;
      return { kind, detail: [algorithm, what].filter(Boolean).join(', '), algorithm, key, token, isValid };
    };
    const jwk = { ...key.export({ format: 'jwk' }), kid: 'key', alg: algorithm, use: 'sig' };
    const common = [...changesFor(algorithm)].map(made);
    const inSets = common.map(({ kind, detail, token, isValid }): Case => ({
      ...{ kind, detail: `${detail}, JWK Set`, algorithm, token, isValid },
      set: [jwk],
    }));
    const own = [...ownChangesOf(algorithm)].map(made);
    return [...common, ...own, ...(key.type === 'secret' ? [] : inSets)];
  });
}

function ownChangesOf(algorithm: Algorithm): Iterable<Change> {
  const { key } = ALGORITHMS[algorithm];
  if (key === 'ec') return ecdsaChanges(algorithm);
  if (key === 'rsa') return rsaChanges(algorithm);
  return key === 'ed25519' ? ed25519Changes() : [];
}
