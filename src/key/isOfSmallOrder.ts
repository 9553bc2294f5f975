import { createPublicKey, type KeyObject } from 'node:crypto';

/**
 * Whether the public part of an Ed25519 key is one of the points that eight times themselves are nothing. Then some
 * signature fits every eighth text at least, and no private key is needed to make it.
 */
export function isOfSmallOrder(key: KeyObject): boolean {
  let is = known.get(key);
  if (is === undefined) {
    const { x = '' } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
    const bytes = Buffer.from(x, 'base64url');
    // The sign of the other coordinate.
    bytes[31] = Number(bytes[31]) & 0x7f;
    known.set(key, (is = SMALL.includes(bytes.toString('hex'))));
  }
  return is;
}

/** A decode key loader's key is asked about for each token. */
const known = new WeakMap<KeyObject, boolean>();

/** Their y, in little endian: 0, 1, two of order 8, and p - 1; then p and p + 1, which are 0 and 1 not reduced. */
const SMALL = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];
