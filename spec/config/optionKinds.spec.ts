import { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import { bare } from '../../src/claims';
import { isPlainObject } from '../../src/config/isPlainObject';
import { toSeconds } from '../../src/config/lifetime';
import type { OptionKind } from '../../src/config/option';
import * as kinds from '../../src/config/optionKinds';
import { MemoryRevocationStore } from '../../src/index';

interface Row {
  readonly kind: () => OptionKind;
  readonly expects: string;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
  /** How each text of the environment is read. Without it, the kind cannot be given there. */
  readonly read?: readonly (readonly [string, unknown])[];
}

const AS_IT_IS = [['a, b', 'a, b']] as const;
const NUMBERS = [
  ['7', 7],
  ['0.25', 0.25],
  ['12.5', 12.5],
  ['', ''],
  ['-7', '-7'],
  ['x7', 'x7'],
  ['7x', '7x'],
  ['7.', '7.'],
] as const;

const rows: Readonly<Record<string, Row>> = {
  anything: { kind: () => kinds.anything, expects: 'a value', good: [undefined, null, 0], bad: [] },
  flag: {
    kind: () => kinds.flag,
    expects: 'true or false',
    good: [true, false],
    bad: ['true', 1, 0, null],
    read: [
      ['true', true],
      ['TRUE', true],
      ['1', true],
      ['false', false],
      ['False', false],
      ['0', false],
      ['yes', 'yes'],
    ],
  },
  text: {
    kind: () => kinds.text,
    expects: 'a non-empty string',
    good: ['a'],
    bad: ['', 7, null],
    read: AS_IT_IS,
  },
  textOrList: {
    kind: () => kinds.textOrList,
    expects: 'a non-empty string or a non-empty list of them',
    good: ['a', ['a', 'b']],
    bad: ['', [], ['a', ''], 7],
    read: [
      ['a', 'a'],
      ['a, b ,c', ['a', 'b', 'c']],
    ],
  },
  textOrListOrFalse: {
    kind: () => kinds.textOrListOrFalse,
    expects: 'a non-empty string or a non-empty list of them, or false',
    good: ['a', ['a'], false],
    bad: ['', [], true, null],
    read: [
      ['false', false],
      ['a', 'a'],
      ['a,b', ['a', 'b']],
    ],
  },
  httpToken: {
    kind: () => kinds.httpToken,
    expects: 'a name as HTTP has them: letters, digits and -',
    good: ['X-Token', '7', "!#$%&'*+.^_`|~"],
    bad: ['', 'a b', 'a:b', 'ü', 7],
    read: AS_IT_IS,
  },
  httpTokenOrEmpty: {
    kind: () => kinds.httpTokenOrEmpty,
    expects: 'a name as HTTP has them: letters, digits and -; or an empty string',
    good: ['', 'Bearer'],
    bad: ['a b', 7],
    read: AS_IT_IS,
  },
  httpTokens: {
    kind: () => kinds.httpTokens,
    expects: 'a non-empty list of names as HTTP has them',
    good: [['POST'], ['POST', 'PUT']],
    bad: [[], 'POST', ['POST', 'a b'], [7]],
    read: [['POST, PUT', ['POST', 'PUT']]],
  },
  anyText: {
    kind: () => kinds.anyText,
    expects: 'a string',
    good: ['', 'a'],
    bad: [7, null],
    read: AS_IT_IS,
  },
  path: {
    kind: () => kinds.path,
    expects: 'a path that begins with /',
    good: ['/', '/a/b~'],
    bad: ['', 'a', 'a/', '/a;b', '/a b', '/é', 7],
    read: AS_IT_IS,
  },
  domain: {
    kind: () => kinds.domain,
    expects: 'a domain such as example.com',
    good: ['a', 'example.com', '.example.com', 'A-b.test'],
    bad: ['', '..a', 'a.', 'a b', '-a', 'a;b', 7],
    read: AS_IT_IS,
  },
  lifetime: {
    kind: () => kinds.lifetime,
    expects:
      'a positive whole number of seconds, a string with a unit ("15m", "30 days"), or false for no end',
    good: [1, '15m', false],
    bad: [0, '15', true, null],
    read: [...NUMBERS, ['false', false], ['15m', '15m']],
  },
  leeway: {
    kind: () => kinds.leeway,
    expects: 'a number of seconds from 0 to 600',
    good: [0, 0.5, 600],
    bad: [-1, 601, '60', NaN],
    read: NUMBERS,
  },
  count: {
    kind: () => kinds.count(10),
    expects: 'a whole number from 0 to 10',
    good: [0, 10],
    bad: [-1, 11, 0.5, '7', false],
    read: NUMBERS,
  },
  countOrFalse: {
    kind: () => kinds.countOrFalse(1, 10),
    expects: 'a whole number from 1 to 10, or false',
    good: [1, 10, false],
    bad: [0, 11, 1.5, '7', true],
    read: [...NUMBERS, ['false', false]],
  },
  key: {
    kind: () => kinds.key,
    expects: 'a non-empty string, a Buffer or a KeyObject of node:crypto',
    good: ['a', Buffer.from('a'), new Uint8Array(1), createSecretKey(Buffer.from('a'))],
    bad: ['', {}, null, 7],
    read: AS_IT_IS,
  },
  entries: {
    kind: () => kinds.entries('keys', "{ kid: 'a' }", { kid: kinds.text }),
    expects: "a non-empty list of keys such as { kid: 'a' }",
    good: [[{}], [{ kid: 'a' }]],
    bad: [[], {}, ['a'], [{}, null], [[]]],
  },
  classes: {
    kind: () => kinds.classes,
    expects: 'a list of classes',
    good: [[], [class {}]],
    bad: [class {}, [{}], null],
  },
  manager: {
    kind: () => kinds.manager,
    expects: 'a class: class PartnerJwtManager extends JwtManager {}',
    good: [class {}],
    bad: [{}, null, undefined],
  },
  store: {
    kind: () => kinds.store,
    expects:
      'a RevocationStore, such as new MemoryRevocationStore(), or the class that the container knows it by',
    good: [new MemoryRevocationStore(), MemoryRevocationStore],
    bad: [{}, null, 'store', { check: (): void => undefined }],
  },
  oneOf: {
    kind: () => kinds.oneOf(['a', 'b']),
    expects: 'one of a, b',
    good: ['a', 'b'],
    bad: ['c', '', ['a'], undefined],
    read: AS_IT_IS,
  },
  listOf: {
    kind: () => kinds.listOf(['a', 'b']),
    expects: 'a list of a, b, each at most once and 1 at least',
    good: [['a'], ['b', 'a']],
    bad: [[], ['a', 'a'], ['c'], ['a', 'c'], 'a'],
    read: [['a, b', ['a', 'b']]],
  },
};

describe('The kind of an option', () => {
  for (const [name, { kind, expects, good, bad, read }] of Object.entries(rows)) {
    it(`${name} takes ${expects}, and nothing else`, () => {
      expect(kind().expects).to.equal(expects);
      for (const value of good) expect(kind().accepts(value), String(value)).to.equal(true);
      for (const value of bad) expect(kind().accepts(value), String(value)).to.equal(false);
    });

    it(`${name} ${read === undefined ? 'is not for the environment' : 'is read in the environment'}`, () => {
      expect(typeof kind().fromText).to.equal(read === undefined ? 'undefined' : 'function');
      for (const [text, value] of read ?? []) expect(kind().fromText?.(text), text).to.deep.equal(value);
    });
  }

  it('says whether an option that is undefined counts as left out', () => {
    expect(kinds.manager.isUndefinedRefused).to.equal(true);
    expect(kinds.text.isUndefinedRefused).to.equal(undefined);
  });
});

describe('toSeconds(duration)', () => {
  const LONGEST = 8_000 * 365 * 86_400;
  for (const [duration, seconds] of [
    [1, 1],
    [LONGEST, LONGEST],
    [LONGEST + 1, undefined],
    [0, undefined],
    [1.5, undefined],
    ['15m', 900],
    ['1.5h', 5400],
    ['2 Days', 172_800],
    ['1500ms', 1],
    ['999ms', undefined],
    ['15m1', undefined],
    ['120', undefined],
    ['soon', undefined],
    [`${' '.repeat(100)}1s`, undefined],
    [`${'0'.repeat(98)}1s`, 1],
    [`${'0'.repeat(99)}1s`, undefined],
    [null, undefined],
  ] as const) {
    it(`is ${seconds} for ${JSON.stringify(duration)}`, () => {
      expect(toSeconds(duration)).to.equal(seconds);
    });
  }
});

describe('isPlainObject(value)', () => {
  it('is so of literals and objects without a prototype, and of nothing else', () => {
    for (const value of [{}, { a: 1 }, Object.create(null), bare({ a: 1 })])
      expect(isPlainObject(value)).to.equal(true);
    for (const value of [null, undefined, [], 'a', 7, new Map(), Object.create({}), (): void => undefined])
      expect(isPlainObject(value), String(value)).to.equal(false);
    const likeLiteral: unknown = Object.setPrototypeOf((): void => undefined, Object.prototype);
    expect(isPlainObject(likeLiteral)).to.equal(false);
  });
});
