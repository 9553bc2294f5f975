import { expect } from 'chai';
import { parseJsonObject } from '../../src/token/strictJson';

function nested(levels: number, inner = ''): string {
  return '{"a":'.repeat(levels - 1) + `{${inner}}` + '}'.repeat(levels - 1);
}

describe('parseJsonObject(bytes)', () => {
  const taken: [string, string, unknown][] = [
    ['an empty object', '{}', {}],
    ['white space around', ' \n{ "a" :\t1 }\r\n', { a: 1 }],
    [
      'the same name on different levels',
      '{"a":{"a":[{"a":1},{"a":2}]}}',
      { a: { a: [{ a: 1 }, { a: 2 }] } },
    ],
    ['a name that is also a value', '{"a":"b","b":"a"}', { a: 'b', b: 'a' }],
    ['brackets, colons and quotes in strings', '{"a":"{[\\"b\\":","b":"]}"}', { a: '{["b":', b: ']}' }],
    ['a backslash before a closing quote', '{"a\\\\":1,"a":2}', { 'a\\': 1, a: 2 }],
    ['a colon behind an escaped quote', '{"a":"\\":"}', { a: '":' }],
    ['40 lists side by side', `{"a":[${Array(40).fill('[]').join()}]}`, { a: Array<unknown>(40).fill([]) }],
    ['40 objects side by side', `{"a":[${Array(40).fill('{}').join()}]}`, { a: Array<unknown>(40).fill({}) }],
    ['escaped surrogates', '{"a":"\\ud800"}', { a: '\ud800' }],
    ['line separators in strings', '{"a":"\u2028","b":1}', { a: '\u2028', b: 1 }],
  ];
  for (const [title, text, value] of taken) {
    it(`accepts ${title}`, () => {
      expect(parseJsonObject(Buffer.from(text))).to.deep.equal(value);
    });
  }

  it('accepts 32 levels and no more', () => {
    expect(parseJsonObject(Buffer.from(nested(32)))).to.be.an('object');
    expect(parseJsonObject(Buffer.from(nested(33)))).to.equal(undefined);
    expect(parseJsonObject(Buffer.from(nested(2, `"b":${'['.repeat(31)}${']'.repeat(31)}`)))).to.equal(
      undefined,
    );
  });

  it('keeps a member named __proto__ a member', () => {
    const value = parseJsonObject(Buffer.from('{"__proto__":{"admin":true}}'));
    expect(Object.keys(value ?? {})).to.deep.equal(['__proto__']);
    expect(Object.getPrototypeOf(value)).to.equal(null);
  });

  const refused: [string, string | Buffer][] = [
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['true', 'true'],
    ['a string', '"text"'],
    ['a string that holds JSON', '"{\\"sub\\":\\"alice\\"}"'],
    ['a list', '[{}]'],
    ['text', 'sub=alice'],
    ['an unfinished object', '{"a":1'],
    ['two objects', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{"a":1/**/}'],
    ['single quotes', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
    ['a byte order mark', '\uFEFF{}'],
    ['a NUL', '{}\0'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an overlong encoding', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
    ['a surrogate in UTF-8', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['a name twice', '{"sub":"alice","sub":"bob"}'],
    ['a name twice, once escaped', '{"sub":"alice","\\u0073ub":"bob"}'],
    ['a name twice with white space', '{"a":1 , "a" \n : 2}'],
    ['a name twice further down', '{"a":[{"b":1,"b":2}]}'],
    ['a name twice around an inner object', '{"a":1,"b":{"c":[]},"a":2}'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}'],
    ['a thousand levels', nested(1000)],
    // So many overflow the stack of a function that calls itself for each.
    ['a hundred thousand levels', nested(100_000)],
  ];
  for (const [title, text] of refused) {
    it(`refuses ${title}`, () => {
      expect(parseJsonObject(Buffer.from(text))).to.equal(undefined);
    });
  }

  it('reads a long string without backtracking', () => {
    const started = Date.now();
    expect(parseJsonObject(Buffer.from(`{"a":"${'\\"'.repeat(50_000)}"}`))).to.have.property('a');
    expect(Date.now() - started).to.be.below(1000);
  });
});
