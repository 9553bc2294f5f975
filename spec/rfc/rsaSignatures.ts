import { constants, createHash, privateEncrypt, randomBytes, type KeyObject } from 'node:crypto';

type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** The object identifiers of hashes, in DER. */
const OIDS: Readonly<Record<Hash, string>> = {
  sha1: '06052b0e03021a',
  sha256: '0609608648016503040201',
  sha384: '0609608648016503040202',
  sha512: '0609608648016503040203',
};

const SIZE = 256;

/** m^d mod n: signs a block as it is. */
export function signedBlock(key: KeyObject, block: Buffer): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

export function digestOf(hash: string, input: string): Buffer {
  return createHash(hash).update(input).digest();
}

function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

function digestInfo(hash: Hash, digest: Buffer, parameters = '0500'): Buffer {
  const algorithm = der(0x30, Buffer.from(OIDS[hash] + parameters, 'hex'));
  return der(0x30, Buffer.concat([algorithm, der(0x04, digest)]));
}

/** 00 01 ff … ff 00 and the content (RFC 8017 §9.2). */
function block(content: Buffer, head = [0, 1], fill = 0xff, separator = 0): Buffer {
  const padding = Buffer.alloc(SIZE - 3 - content.length, fill);
  return Buffer.concat([Buffer.from(head), padding, Buffer.from([separator]), content]);
}

/** Blocks that PKCS #1 v1.5 would not make, and the one that it makes. */
export function pkcs1Blocks(hash: Hash, input: string): readonly (readonly [string, Buffer, boolean])[] {
  const digest = digestOf(hash, input);
  const info = digestInfo(hash, digest);
  const other = hash === 'sha256' ? 'sha512' : 'sha256';
  const short = (size: number): Buffer => {
    const head = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(size, 0xff), Buffer.from([0]), info]);
    return Buffer.concat([head, randomBytes(SIZE - head.length)]);
  };
  const longLength = Buffer.concat([Buffer.from([0x30, 0x81, info.length - 2]), info.subarray(2)]);
  const hole = block(info);
  hole[40] = 0;
  const junk = block(info);
  junk[40] = 0xfe;
  return [
    ['made by hand', block(info), true],
    ['junk after the digest, 8 bytes of padding', short(8), false],
    ['junk after the digest, no padding', short(0), false],
    [
      'junk within the digest info',
      block(der(0x30, Buffer.concat([info.subarray(2), Buffer.alloc(9)]))),
      false,
    ],
    ['block type 0', block(info, [0, 0], 0), false],
    ['block type 2', block(info, [0, 2]), false],
    ['a zero in the padding', hole, false],
    ['another byte in the padding', junk, false],
    ['no zero after the padding', block(info, [0, 1], 0xff, 0xff), false],
    ['the digest without its algorithm', block(digest), false],
    ['the parameters missing', block(digestInfo(hash, digest, '')), false],
    ['other parameters', block(digestInfo(hash, digest, '0400')), false],
    ['a long form of a length', block(longLength), false],
    ['the name of another hash', block(digestInfo('sha1', digest)), false],
    ['another hash', block(digestInfo(other, digestOf(other, input))), false],
    ['the digest of another text', block(digestInfo(hash, digestOf(hash, `${input}.`))), false],
    ['a digest that is cut', block(digestInfo(hash, digest.subarray(1))), false],
  ];
}

function mask(seed: Buffer, length: number, hash: string): Buffer {
  const parts: Buffer[] = [];
  for (let counter = 0; counter * 20 < length + 64; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    parts.push(createHash(hash).update(seed).update(number).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

interface Pss {
  readonly hash: string;
  readonly maskHash?: string;
  readonly saltLength?: number;
  readonly trailer?: number;
  readonly filler?: number;
}

/** EMSA-PSS (RFC 8017 §9.1) for a modulus of 2048 bits. */
function pssBlock(
  input: string,
  { hash, maskHash = hash, saltLength, trailer = 0xbc, filler = 0 }: Pss,
): Buffer {
  const digest = digestOf(hash, input);
  const salt = randomBytes(saltLength ?? digest.length);
  const h = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const padding = Buffer.alloc(SIZE - h.length - salt.length - 2, filler);
  const data = Buffer.concat([padding, Buffer.from([1]), salt]);
  const masked = data.map((byte, i) => byte ^ Number(mask(h, data.length, maskHash)[i]));
  masked[0] = Number(masked[0]) & 0x7f;
  return Buffer.concat([masked, h, Buffer.from([trailer])]);
}

/** Blocks that RSA-PSS as RFC 7518 §3.5 has it would not make, and the one that it makes. */
export function pssBlocks(hash: Hash, input: string): readonly (readonly [string, Buffer, boolean])[] {
  const size = digestOf(hash, '').length;
  const other = hash === 'sha256' ? 'sha384' : 'sha256';
  return [
    ['made by hand', pssBlock(input, { hash }), true],
    ['no salt', pssBlock(input, { hash, saltLength: 0 }), false],
    ['a salt of 20 bytes', pssBlock(input, { hash, saltLength: 20 }), false],
    ['a salt one byte too short', pssBlock(input, { hash, saltLength: size - 1 }), false],
    ['a salt one byte too long', pssBlock(input, { hash, saltLength: size + 1 }), false],
    ['the longest salt', pssBlock(input, { hash, saltLength: SIZE - size - 2 }), false],
    ['another hash', pssBlock(input, { hash: other }), false],
    ['another hash in the mask', pssBlock(input, { hash, maskHash: other }), false],
    ['SHA-1 in the mask', pssBlock(input, { hash, maskHash: 'sha1' }), false],
    ['SHA-1', pssBlock(input, { hash: 'sha1' }), false],
    ['another last byte', pssBlock(input, { hash, trailer: 0xcc }), false],
    ['padding that is not zero', pssBlock(input, { hash, filler: 1 }), false],
    ['the digest of another text', pssBlock(`${input}.`, { hash }), false],
  ];
}
