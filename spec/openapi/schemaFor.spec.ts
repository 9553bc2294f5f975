import { expect } from 'chai';
import { schemaFor } from '../../src/openapi/schemaFor';

const TEXT = { type: 'string' };

describe('schemaFor(values)', () => {
  for (const [values, schema] of [
    [[], {}],
    [['a'], TEXT],
    [['a', 'b'], TEXT],
    [[7], { type: 'number' }],
    [[true], { type: 'boolean' }],
    [[null], {}],
    [['a', 7], { anyOf: [TEXT, { type: 'number' }] }],
    [[{}], { type: 'object' }],
    [[[]], { type: 'array', items: {} }],
    [[['a', 7]], { type: 'array', items: { anyOf: [TEXT, { type: 'number' }] } }],
    [
      [{ msg: 'a', more: { code: 7 } }],
      {
        type: 'object',
        properties: {
          msg: TEXT,
          more: { type: 'object', properties: { code: { type: 'number' } }, required: ['code'] },
        },
        required: ['msg', 'more'],
      },
    ],
    [
      [{ msg: 'a' }, { msg: 'b' }, { error: 'c' }],
      {
        anyOf: [
          { type: 'object', properties: { msg: TEXT }, required: ['msg'] },
          { type: 'object', properties: { error: TEXT }, required: ['error'] },
        ],
      },
    ],
  ] as const) {
    it(`fits ${JSON.stringify(values)}`, () => {
      expect(schemaFor(values)).to.deep.equal(schema);
    });
  }
});
