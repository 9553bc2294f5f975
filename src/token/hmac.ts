import { hash as digest, type KeyObject } from 'node:crypto';
import { MOST_CHARACTERS } from './compact';

type Hash = 'sha256' | 'sha384' | 'sha512';

/** The two halves of RFC 2104 §2 that depend on the key alone. */
interface Pads {
  readonly inner: Uint8Array;
  /** Followed by room for the hash of the inner half. */
  readonly outer: Buffer;
}

/**
 * The HMAC of a text that is no longer than a token (RFC 2104), in base64url. By hand, in two calls of `crypto.hash`:
 * `createHmac` makes a stream each time, which in a busy server costs more than the hashing
 * (`npm run bench`, the rows by hand). Tokens are signed with createHmac, and would not verify were the two at odds.
 */
export function hmac(key: KeyObject, hash: Hash, text: string): string {
  const { inner, outer } = padsOf(key, hash);
  // In UTF-8: latin1 would fold letters onto others, and so take a text that was not signed.
  if (Buffer.byteLength(text) > MOST_CHARACTERS) throw new RangeError('A text that is longer than any token');
  scratch.set(inner);
  const end = inner.length + scratch.write(text, inner.length);
  outer.write(digest(hash, scratch.subarray(0, end), 'binary'), inner.length, 'binary');
  return digest(hash, outer, 'base64url');
}

const BLOCK_BYTES = { sha256: 64, sha384: 128, sha512: 128 };
const HASH_BYTES = { sha256: 32, sha384: 48, sha512: 64 };

/** Nothing is awaited while it is in use. */
const scratch = Buffer.alloc(BLOCK_BYTES.sha512 + MOST_CHARACTERS);

const pads = new WeakMap<KeyObject, Partial<Record<Hash, Pads>>>();

function padsOf(key: KeyObject, hash: Hash): Pads {
  let ofKey = pads.get(key);
  if (ofKey === undefined) pads.set(key, (ofKey = {}));
  return (ofKey[hash] ??= newPads(key, hash));
}

function newPads(key: KeyObject, hash: Hash): Pads {
  const block = Buffer.alloc(BLOCK_BYTES[hash] + HASH_BYTES[hash]);
  const secret = key.export();
  (secret.length > BLOCK_BYTES[hash] ? digest(hash, secret, 'buffer') : secret).copy(block);
  const outer = Buffer.from(block.map((byte) => byte ^ 0x5c));
  return { inner: block.subarray(0, BLOCK_BYTES[hash]).map((byte) => byte ^ 0x36), outer };
}
