import { createSecretKey, KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { KeyCache } from '../../src/key/KeyCache';

describe('KeyCache', () => {
  let made = 0;
  const keys = new KeyCache((material): KeyObject => {
    made++;
    if (material === 'bad') throw new Error('bad');
    if (material instanceof KeyObject) return material;
    return createSecretKey(Buffer.from(material as string));
  });

  it('makes a key from text once', () => {
    made = 0;
    expect(keys.get('one')).to.equal(keys.get('one'));
    expect(keys.get('other')).to.not.equal(keys.get('one'));
    expect(made).to.equal(2);
  });

  it('makes another key from bytes that have changed', () => {
    const bytes = Buffer.from('first');
    const first = keys.get(bytes);
    bytes.write('other');
    expect(keys.get(bytes).equals(first)).to.equal(false);
  });

  it('makes a key from the same bytes, and from a KeyObject, once', () => {
    made = 0;
    const object = createSecretKey(Buffer.from('object'));
    for (let i = 0; i < 2; i++) {
      keys.get(Buffer.from('bytes'));
      keys.get(new Uint8Array(Buffer.from('bytes')));
      keys.get(object);
    }
    expect(made).to.equal(2);
  });

  it('does not cache refusals', () => {
    made = 0;
    for (let i = 0; i < 2; i++) expect(() => keys.get('bad')).to.throw('bad');
    expect(made).to.equal(2);
  });

  it('is bounded', () => {
    const first = keys.get('first of many');
    for (let i = 0; i < 1000; i++) keys.get(`key ${i}`);
    expect(keys.get('first of many')).to.not.equal(first);
  });
});
