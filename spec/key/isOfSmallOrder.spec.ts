import { createPublicKey, generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { JwtConfigurationError, JwtManager } from '../../src/index';
import { isOfSmallOrder } from '../../src/key/isOfSmallOrder';
import { ED25519, publicPem } from '../support/keys';
import { powerOf } from '../support/weakRsa';

/** The field of Ed25519, and d of its curve -x² + y² = 1 + d x² y² (RFC 8032 §5.1). */
const P = 2n ** 255n - 19n;
const inverse = (value: bigint): bigint => powerOf(value, P - 2n, P);
const D = (((-121665n * inverse(121666n)) % P) + P) % P;
const ROOT_OF_MINUS_ONE = powerOf(2n, (P - 1n) / 4n, P);

function mod(value: bigint): bigint {
  return ((value % P) + P) % P;
}

/** The x of a point with this y. Undefined when there is none. */
function xOf(y: bigint): bigint | undefined {
  const square = mod((y * y - 1n) * inverse(mod(D * y * y + 1n)));
  const root = powerOf(square, (P + 3n) / 8n, P);
  return [root, mod(root * ROOT_OF_MINUS_ONE)].find((each) => mod(each * each) === square);
}

/** The y of twice a point. */
function doubled([x, y]: readonly [bigint, bigint]): [bigint, bigint] {
  const product = mod(D * x * x * y * y);
  return [mod(2n * x * y * inverse(mod(1n + product))), mod((y * y + x * x) * inverse(mod(1n - product)))];
}

function encoded(y: bigint, sign: 0 | 1): Buffer {
  const bytes = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
  bytes[31] = Number(bytes[31]) | (sign << 7);
  return bytes;
}

function keyOf(x: Buffer): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }, format: 'jwk' });
}

/** The y of the eight points of small order: halved three times from the neutral element. */
function smallOnes(): bigint[] {
  const orderEight = [
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ].map((hex) => BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`));
  return [0n, 1n, P - 1n, ...orderEight];
}

describe('isOfSmallOrder', () => {
  it('knows the y of all eight points that eight times themselves are nothing, and their second spellings', () => {
    for (const y of smallOnes()) {
      const x = xOf(y);
      if (x === undefined) throw new Error(`no point has ${y}`);
      expect(doubled(doubled(doubled([x, y])))).to.deep.equal([0n, 1n]);
    }
    for (const y of [...smallOnes(), P, P + 1n])
      for (const sign of [0, 1] as const)
        expect(isOfSmallOrder(keyOf(encoded(y, sign))), `${y}`).to.equal(true);
  });

  it('is right to refuse them: everybody can sign, where OpenSSL does not refuse them itself', () => {
    const neutral = keyOf(encoded(1n, 0));
    const signature = Buffer.concat([encoded(1n, 0), Buffer.alloc(32)]);
    const [major, minor] = process.versions.openssl.split('.').map(Number);
    // Seen: 3.0 accepts, 3.5 refuses.
    const isRefused = Number(major) * 100 + Number(minor) >= 305;
    expect(verify(null, Buffer.from('any text'), neutral, signature)).to.equal(!isRefused);
  });

  it('refuses them at start, as PEM and KeyObject', () => {
    for (const y of smallOnes()) {
      const key = keyOf(encoded(y, 0));
      for (const publicKey of [key, publicPem(key)])
        expect(() => new JwtManager({ algorithm: 'EdDSA', publicKey, loaders: [] })).to.throw(
          JwtConfigurationError,
          'Option publicKey does not fit EdDSA: it is a point of small order, so everybody can sign',
        );
    }
  });

  it('refuses no ordinary key', () => {
    for (const { publicKey, privateKey } of [
      ED25519,
      ...Array.from({ length: 500 }, () => generateKeyPairSync('ed25519')),
    ])
      expect([isOfSmallOrder(publicKey), isOfSmallOrder(privateKey)]).to.deep.equal([false, false]);
  });
});
