import { createHmac, createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { hmac } from '../../src/token/hmac';

const HASHES = ['sha256', 'sha384', 'sha512'] as const;

function expected(secret: Uint8Array, hash: string, text: string): string {
  return createHmac(hash, secret).update(text, 'utf8').digest('base64url');
}

describe('hmac(key, hash, text)', () => {
  for (const hash of HASHES) {
    it(`is that of node:crypto for ${hash}, whatever the key and the text`, () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 300 }),
          fc.string({ unit: 'binary', maxLength: 600 }),
          (secret, text) => {
            const key = createSecretKey(secret);
            expect(hmac(key, hash, text)).to.equal(expected(secret, hash, text));
            expect(hmac(key, hash, `${text}.`)).to.equal(expected(secret, hash, `${text}.`));
          },
        ),
        { numRuns: 500 },
      );
    });

    it(`is right for keys around the size of a block, and for the longest text, with ${hash}`, () => {
      for (const length of [1, 31, 32, 63, 64, 65, 127, 128, 129, 1000]) {
        const secret = Buffer.alloc(length, length);
        for (const text of ['', 'a', 'ü€\u{1F600}', 'x'.repeat(16_384)])
          expect(hmac(createSecretKey(secret), hash, text)).to.equal(expected(secret, hash, text));
      }
    });
  }

  it('tells letters apart that latin1 would fold', () => {
    const key = createSecretKey(Buffer.alloc(32, 1));
    expect(hmac(key, 'sha256', '\u0141')).to.not.equal(hmac(key, 'sha256', 'A'));
  });

  it('knows its keys apart, in turns', () => {
    const keys = [1, 2, 3].map((byte) => Buffer.alloc(40, byte));
    const made = keys.map((secret) => createSecretKey(secret));
    for (let turn = 0; turn < 3; turn++)
      for (const [i, key] of made.entries())
        for (const hash of HASHES)
          expect(hmac(key, hash, `text ${turn}`)).to.equal(
            expected(keys[i] ?? Buffer.of(), hash, `text ${turn}`),
          );
  });

  it('throws rather than leave off the end of a text', () => {
    const key = createSecretKey(Buffer.alloc(32, 1));
    for (const text of ['x'.repeat(16_385), '€'.repeat(6000)])
      expect(() => hmac(key, 'sha256', text)).to.throw(RangeError);
  });
});
