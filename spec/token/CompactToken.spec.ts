import { expect } from 'chai';
import fc from 'fast-check';
import { CompactToken } from '../../src/token/CompactToken';
import { forge, HEADER, opened, raw, segment } from '../support/forge';

const TOKEN = forge();
const [HEAD = '', PAYLOAD = '', SIGNATURE = ''] = TOKEN.split('.');

/** Another base64url text of the same bytes: the last character has unused bits. */
function withSpareBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = `${text.slice(0, -1)}${String(alphabet[alphabet.indexOf(text.slice(-1)) + 1])}`;
  expect(Buffer.from(other, 'base64url').equals(Buffer.from(text, 'base64url'))).to.equal(true);
  return other;
}

describe('CompactToken.parse(text, knownHeaders)', () => {
  it('splits a token into its parts', () => {
    const { headerSegment, header, signingInput, signature, claims } = CompactToken.parse(TOKEN);
    expect([headerSegment, signingInput, signature]).to.deep.equal([HEAD, `${HEAD}.${PAYLOAD}`, SIGNATURE]);
    expect(header).to.deep.equal({ alg: 'HS256', typ: 'JWT' });
    expect(claims).to.deep.equal(opened(TOKEN).claims);
  });

  it('takes a known header as it is, and parses claims once', () => {
    const known = new Map([[HEAD, { alg: 'known' }]]);
    expect(CompactToken.parse(TOKEN, known).header).to.equal(known.get(HEAD));
    expect(CompactToken.parse(TOKEN, new Map()).header).to.deep.equal({ alg: 'HS256', typ: 'JWT' });
    const token = CompactToken.parse(TOKEN);
    expect(token.claims).to.equal(token.claims);
  });

  it('accepts exactly the canonical base64url of Node', () => {
    const alphabet = fc.constantFrom(...'AEIMQUYcgkosw048BZaz9-_+/=. é'.split(''));
    fc.assert(
      fc.property(fc.array(alphabet, { minLength: 1, maxLength: 9 }), (characters) => {
        const segment = characters.join('');
        if (segment.includes('.')) return;
        const isCanonical = Buffer.from(segment, 'base64url').toString('base64url') === segment;
        let message = '';
        try {
          CompactToken.parse(`${segment}.${PAYLOAD}.${SIGNATURE}`);
        } catch (error) {
          ({ message } = error as Error);
        }
        expect(message !== 'Invalid base64url', segment).to.equal(isCanonical);
      }),
      { numRuns: 20_000 },
    );
  });

  it('accepts 16,384 characters, and no more', () => {
    const long = (length: number): string => `${HEAD}.${'A'.repeat(length - HEAD.length - 4)}.AA`;
    expect(CompactToken.parse(long(16_384)).signature).to.equal('AA');
    expect(() => CompactToken.parse(long(16_385))).to.throw('Token is too long');
  });

  it('has no claims that are not a JSON object', () => {
    for (const text of ['[]', 'null', '"sub"', '{"sub":']) {
      const token = CompactToken.parse(`${HEAD}.${segment(raw(text))}.${SIGNATURE}`);
      for (const read of ['first', 'second'])
        expect(() => token.claims, read).to.throw('Invalid payload: must be a JSON object');
    }
  });

  const shapes: [string, unknown, string][] = [
    ['nothing', '', 'Not a token'],
    ['undefined', undefined, 'Not a token'],
    ['an object', { toString: (): string => TOKEN }, 'Not a token'],
    ['a list', [TOKEN], 'Not a token'],
    ['one segment', HEAD, 'Not enough segments'],
    ['two segments', `${HEAD}.${PAYLOAD}`, 'Not enough segments'],
    ['an unsigned token', `${HEAD}.${PAYLOAD}.`, 'The token is not signed'],
    ['a detached payload', `${HEAD}..${SIGNATURE}`, 'Not enough segments'],
    ['no header', `.${PAYLOAD}.${SIGNATURE}`, 'Not enough segments'],
    ['four segments', `${TOKEN}.${SIGNATURE}`, 'Not enough segments'],
    ['an empty fourth segment', `${TOKEN}.`, 'Not enough segments'],
    [
      'a JWE of five segments',
      `${HEAD}.${PAYLOAD}.${SIGNATURE}.${PAYLOAD}.${SIGNATURE}`,
      'Not enough segments',
    ],
    ['dots', '...', 'Not enough segments'],
    ['padding', `${HEAD}.${PAYLOAD}.${SIGNATURE}=`, 'Invalid base64url'],
    ['padding of the payload', `${HEAD}.${PAYLOAD}==.${SIGNATURE}`, 'Invalid base64url'],
    ['a line end', `${TOKEN}\n`, 'Invalid base64url'],
    ['a space', `${HEAD}. ${PAYLOAD}.${SIGNATURE}`, 'Invalid base64url'],
    [
      'base64 instead of base64url',
      `${segment(raw('{"alg":"HS256","?":"~~~?"}')).replace(/[-_]/g, '+')}.e30.YQ`,
      'Invalid base64url',
    ],
    ['spare bits of the signature', `${HEAD}.${PAYLOAD}.${withSpareBits(SIGNATURE)}`, 'Invalid base64url'],
    [
      'spare bits of the payload',
      `${HEAD}.${withSpareBits(segment(raw('{}')))}.${SIGNATURE}`,
      'Invalid base64url',
    ],
    ['one left-over character', `${HEAD}.${PAYLOAD}.A`, 'Invalid base64url'],
    ['letters outside of ASCII', `${HEAD}.${PAYLOAD}.é`, 'Invalid base64url'],
    ['a lone surrogate', `${HEAD}.${PAYLOAD}.\ud800`, 'Invalid base64url'],
    ['a header that is not JSON', `YWJj.${PAYLOAD}.${SIGNATURE}`, 'Invalid header'],
    ['a header that is a list', `${segment([HEADER])}.${PAYLOAD}.${SIGNATURE}`, 'Invalid header'],
    ['the JSON serialisation', JSON.stringify({ protected: HEAD, payload: PAYLOAD }), 'Not enough segments'],
    ['a long token', `${HEAD}.${'A'.repeat(16_384)}.${SIGNATURE}`, 'Token is too long'],
  ];
  for (const [title, text, message] of shapes) {
    it(`refuses ${title}`, () => {
      expect(() => CompactToken.parse(text))
        .to.throw(message)
        .with.property('code', 'ERR_JWT_INVALID');
    });
  }
});
