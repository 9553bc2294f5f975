import { expect } from 'chai';
import { identityText } from '../src/claims';

describe('identityText(identity)', () => {
  it('is the string itself, so that sessions in a store stay valid', () => {
    for (const name of ['alice', '7', '{"id":7}', 'null', '', 'JSON:7'])
      expect(identityText(name)).to.equal(name);
  });

  it('differs for different values', () => {
    const values = [
      ...[7, '7', 'json:7', '"7"', 'json:"json:7"', true, 'true', null, 'null', [], {}, '{}', [7], ['7']],
      ...[{ id: 7 }, { id: '7' }, { id: [7] }, { id: 7, of: null }, { 'id":7,"of': null }, { of: { id: 7 } }],
    ];
    expect(new Set(values.map(identityText)).size).to.equal(values.length);
  });

  it('is the same for members in another order, however deep', () => {
    const one = { b: [{ y: 1, x: 2 }], a: { d: 1, c: 2 }, ['__proto__']: 1 };
    const other = JSON.parse('{"__proto__":1,"a":{"c":2,"d":1},"b":[{"x":2,"y":1}]}') as unknown;
    expect(identityText(one)).to.equal(identityText(other));
    expect(identityText({ b: 1, a: { d: 2, c: [3] } })).to.equal('json:{"a":{"c":[3],"d":2},"b":1}');
    expect(identityText({ a: [1, 2] })).not.to.equal(identityText({ a: [2, 1] }));
  });
});
