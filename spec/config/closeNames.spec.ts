import { expect } from 'chai';
import { checkedOptions } from '../../src/config/checkedOptions';
import { closeNames } from '../../src/config/closeNames';
import { kindsByName } from '../../src/config/option';
import { manager, text } from '../../src/config/optionKinds';
import { optionProblems } from '../../src/config/optionProblems';

describe('closeNames(name, known, prefix)', () => {
  for (const [name, known, expected] of [
    ['kitten', ['sitting'], ['sitting']],
    ['kitten', ['sittings'], []],
    ['KITTEN', ['sitting', 'mitten'], ['mitten']],
    ['abc', ['abcdef'], ['abcdef']],
    ['abc', ['abcdefg'], ['abcdefg']],
    ['xbc', ['abcdefg'], []],
    ['abcdef', ['abc'], ['abc']],
    ['', ['abc'], ['abc']],
    ['', ['abcd'], []],
    ['abcd', [''], []],
    ['anything', [], []],
    ['algorithmOfTokens', ['algXyzQrs', 'somethingElse'], ['algXyzQrs']],
    ['myAlg', ['algorithmToUse', 'somethingElse'], ['algorithmToUse']],
    ['rhythmOfLife', ['algorithmToUse'], []],
    ['expiresIn', ['accessTokenExpires', 'refreshTokenExpires', 'accessCookie'], 2],
    ['accessCookieLifetime', ['accessTokenExpires', 'accessCookieName'], ['accessCookieName']],
  ] as const) {
    it(`of ${name === '' ? 'nothing' : name} among ${known.join(', ')}`, () => {
      const found = closeNames(name, known);
      if (typeof expected === 'number') expect(found).to.have.length(expected);
      else expect(found).to.deep.equal(expected);
    });
  }

  it('does not count what all names begin with', () => {
    const known = ['JWT_SECRET_KEY', 'JWT_COOKIE_DOMAIN'];
    expect(closeNames('JWT_DOMAIN_OF_ALL', known, 'JWT_')).to.deep.equal(['JWT_COOKIE_DOMAIN']);
    expect(closeNames('JWT_ANYTHING_ELSE', known, 'JWT_')).to.deep.equal([]);
  });
});

describe('optionProblems(given, kinds)', () => {
  it('takes an undefined option for one that was left out, but not an undefined manager', () => {
    const kinds = new Map([
      ['text', text],
      ['manager', manager],
    ]);
    expect(optionProblems({ text: undefined }, kinds)).to.deep.equal([]);
    expect(optionProblems({ manager: undefined }, kinds)).to.deep.equal([
      'Option manager must be a class: class PartnerJwtManager extends JwtManager {}',
    ]);
  });
});

describe('checkedOptions(options, kinds)', () => {
  const kinds = kindsByName<{ text: string }>({ text });

  it('inherits nothing that may be polluted', () => {
    const checked = checkedOptions({ text: 'a' }, kinds);
    expect({ ...checked }).to.deep.equal({ text: 'a' });
    expect('toString' in checked).to.equal(false);
    expect({ ...checkedOptions(undefined, kinds) }).to.deep.equal({});
  });

  it('refuses unknown options, and known ones of a wrong type', () => {
    for (const [options, message] of [
      [{ txt: 'a' }, 'Unknown option txt: did you mean text?'],
      [{ text: 7 }, 'Option text must be a non-empty string'],
    ] as const)
      expect(() => checkedOptions(options as never, kinds)).to.throw(TypeError, message);
  });
});
