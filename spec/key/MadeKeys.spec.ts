import { createSecretKey, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { MadeKeys } from '../../src/key/MadeKeys';

describe('MadeKeys', () => {
  let made = 0;
  const keys = new MadeKeys((material): KeyObject => {
    made++;
    if (material === 'bad') throw new Error('bad');
    return createSecretKey(Buffer.from(String(material)));
  });

  it('makes a key from text once', () => {
    made = 0;
    expect(keys.of('one')).to.equal(keys.of('one'));
    expect(keys.of('other')).to.not.equal(keys.of('one'));
    expect(made).to.equal(2);
  });

  it('makes other keys every time, because their bytes may have changed', () => {
    const bytes = Buffer.from('first');
    const first = keys.of(bytes);
    bytes.write('other');
    expect(keys.of(bytes).equals(first)).to.equal(false);
  });

  it('does not cache refusals', () => {
    made = 0;
    for (let i = 0; i < 2; i++) expect(() => keys.of('bad')).to.throw('bad');
    expect(made).to.equal(2);
  });

  it('is bounded', () => {
    const first = keys.of('first of many');
    for (let i = 0; i < 1000; i++) keys.of(`key ${i}`);
    expect(keys.of('first of many')).to.not.equal(first);
  });
});
