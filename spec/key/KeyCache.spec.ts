import { createSecretKey, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { KeyCache } from '../../src/key/KeyCache';

describe('KeyCache', () => {
  let made = 0;
  const keys = new KeyCache((material): KeyObject => {
    made++;
    if (material === 'bad') throw new Error('bad');
    return createSecretKey(Buffer.from(String(material)));
  });

  it('makes a key from text once', () => {
    made = 0;
    expect(keys.get('one')).to.equal(keys.get('one'));
    expect(keys.get('other')).to.not.equal(keys.get('one'));
    expect(made).to.equal(2);
  });

  it('makes other keys every time, because their bytes may have changed', () => {
    const bytes = Buffer.from('first');
    const first = keys.get(bytes);
    bytes.write('other');
    expect(keys.get(bytes).equals(first)).to.equal(false);
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
