import { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import type { VerifiedToken } from '../../src/claims';
import { InvalidTokenError, JwtConfig } from '../../src/index';
import type { ClaimRules, Trust } from '../../src/token/Trust';
import { Verifier } from '../../src/token/Verifier';
import { claimsOf, forge, hmac, raw } from '../support/forge';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';

const config = new JwtConfig({ secretKey: SECRET });
const rules = {
  decodeLeeway: 0,
  identityClaim: 'sub',
  verifySub: true,
  tokenTypes: ['access', 'refresh'],
  needsExpiry: false,
} as const;
const key = createSecretKey(Buffer.from(SECRET));

/** Rejects where verify throws at once. */
async function verified(by: Verifier, text: string): Promise<VerifiedToken> {
  return by.verify(text);
}

function verifier(): Verifier {
  return new Verifier(config, { trust }, new Map());
}

const trust = {
  algorithms: ['HS256'],
  mediaTypes: ['jwt'],
  rules,
  hasKeys: true,
  keyFor: () => key,
} as const;

describe('Verifier', () => {
  it('recalls a token that came twice, and no other', async () => {
    const one = verifier();
    const token = forge();
    const first = await one.verify(token);
    const second = await one.verify(token);
    expect(second).not.to.equal(first);
    expect(await one.verify(token)).to.equal(second);
    expect((await rejection(verified(one, `${token}A`))).message).to.equal('Signature verification failed');
    expect((await rejection(verified(one, ''))).message).to.equal('Not a token');
  });

  it('makes no promise for a token whose key is here, new or recalled', async () => {
    const one = verifier();
    const token = forge();
    for (const use of ['first', 'second', 'third'])
      expect(one.verify(token), use).to.include({ identity: 'alice' });
  });

  it('recalls a token only while its key, its issuer and its claims are accepted', async () => {
    let current = key;
    let accepted: ClaimRules = rules;
    const own = {
      get trust(): Trust {
        return { ...trust, rules: accepted, keyFor: () => current };
      },
    };
    const one = new Verifier(config, own, new Map());
    const token = forge();
    await one.verify(token);
    const remembered = await one.verify(token);
    accepted = { ...rules, decodeIssuer: 'us' };
    expect((await rejection(verified(one, token))).message).to.equal('Missing claim: iss');
    accepted = rules;
    expect(await one.verify(token)).to.equal(remembered);
    current = createSecretKey(Buffer.alloc(32, 1));
    expect((await rejection(verified(one, token))).message).to.equal('Signature verification failed');
  });

  it('verifies a recalled token again when its key has changed', async () => {
    let current = key;
    const own = { trust: { ...trust, keyFor: () => current } };
    const one = new Verifier(config, own, new Map());
    const token = forge();
    await one.verify(token);
    const remembered = await one.verify(token);
    current = createSecretKey(Buffer.alloc(32, 1));
    expect((await rejection(verified(one, token))).message).to.equal('Signature verification failed');
    current = key;
    const again = await one.verify(token);
    expect(again).not.to.equal(remembered);
    expect(again.identity).to.equal('alice');
  });

  it('recalls a token when its key was made again of the same secret', async () => {
    const own = { trust: { ...trust, keyFor: () => createSecretKey(Buffer.from(SECRET)) } };
    const one = new Verifier(config, own, new Map());
    const token = forge();
    await one.verify(token);
    const remembered = await one.verify(token);
    expect(await one.verify(token)).to.equal(remembered);
  });

  it('recalls nothing without a cache', async () => {
    const one = new Verifier(
      new JwtConfig({ secretKey: SECRET, tokenCacheEntries: 0 }),
      { trust },
      new Map(),
    );
    const token = forge();
    const seen = new Set();
    for (const use of ['first', 'second', 'third']) {
      const good = await one.verify(token);
      expect(good.identity, use).to.equal('alice');
      seen.add(good);
    }
    expect(seen.size).to.equal(3);
  });

  it('reads no claims before the signature is verified', async () => {
    const forged = forge({ claims: raw('not JSON'), signer: hmac('x'.repeat(32)) });
    expect((await rejection(verified(verifier(), forged))).message).to.equal('Signature verification failed');
    const signed = forge({ claims: raw('not JSON') });
    expect((await rejection(verified(verifier(), signed))).message).to.include('must be a JSON object');
  });

  describe('with other issuers', () => {
    const theirKey = createSecretKey(Buffer.alloc(32, 7));
    const them: Trust = { ...trust, rules: { ...rules, decodeIssuer: 'them' }, keyFor: () => theirKey };
    const withThem = (own: Trust = trust): Verifier =>
      new Verifier(config, { trust: own }, new Map([['them', them]]));
    const tokenOf = (iss: unknown, signer = hmac(SECRET)): string =>
      forge({ claims: claimsOf({ iss }), signer });
    const theirs = hmac(Buffer.alloc(32, 7));

    it('holds a token to the key of the issuer that it names', async () => {
      expect((await withThem().verify(tokenOf('them', theirs))).identity).to.equal('alice');
      const error = await rejection(verified(withThem(), tokenOf('them')));
      expect(error.message).to.equal('Signature verification failed');
    });

    for (const iss of [undefined, 'us', 'toString']) {
      it(`holds a token to our own key if its iss is ${String(iss)}`, async () => {
        expect((await withThem().verify(tokenOf(iss))).identity).to.equal('alice');
        const error = await rejection(verified(withThem(), tokenOf(iss, theirs)));
        expect(error.message).to.equal('Signature verification failed');
      });

      it(`refuses a token without a key of our own if its iss is ${String(iss)}`, async () => {
        const error = await rejection(verified(withThem({ ...trust, algorithms: [] }), tokenOf(iss)));
        expect(error).to.be.an.instanceOf(InvalidTokenError);
        expect(error.message).to.equal('Invalid issuer');
      });
    }
  });

  it('asks a loader or an issuer for the key once for each token that comes, recalled or not', async () => {
    let asked = 0;
    const source: Trust = {
      ...trust,
      hasKeys: false,
      keyFor: async () => {
        asked++;
        return key;
      },
    };
    const one = new Verifier(config, { trust: source }, new Map());
    const token = forge();
    await one.verify(token);
    const remembered = await one.verify(token);
    expect(await one.verify(token)).to.equal(remembered);
    expect(asked).to.equal(3);
  });

  const headers: [object, string][] = [
    [{ typ: 'JWT' }, 'The specified alg value is not allowed'],
    [{ alg: 'none' }, 'The specified alg value is not allowed'],
    [{ alg: 'hs256' }, 'The specified alg value is not allowed'],
    [{ alg: ['HS256'] }, 'The specified alg value is not allowed'],
    [{ alg: 'HS256', typ: 'at+jwt' }, 'Header parameter typ must be JWT'],
    [{ alg: 'HS256', typ: null }, 'Header parameter typ must be JWT'],
    [{ alg: 'HS256', typ: ['JWT'] }, 'Header parameter typ must be JWT'],
    [{ alg: 'HS256', kid: 1 }, 'Header parameter kid must be a string'],
    [{ alg: 'HS256', kid: null }, 'Header parameter kid must be a string'],
    ...['crit', 'b64', 'cty', 'zip', 'enc'].map((name): [object, string] => [
      { alg: 'HS256', [name]: null },
      `Header parameter ${name} is not supported`,
    ]),
  ];
  for (const [header, message] of headers) {
    it(`refuses the header ${JSON.stringify(header)}`, async () => {
      const error = await rejection(verified(verifier(), forge({ header })));
      expect(error.message).to.equal(message);
    });
  }

  for (const header of [
    { alg: 'HS256' },
    { alg: 'HS256', typ: 'jwt' },
    { alg: 'HS256', kid: '../../etc/passwd', jku: 'https://example.org', other: [1] },
  ]) {
    it(`takes the header ${JSON.stringify(header)}`, async () => {
      expect((await verifier().verify(forge({ header }))).header).to.deep.equal(header);
    });
  }

  it('parses a header once, and keeps a bounded number of them', async () => {
    const one = verifier();
    const headerOf = async (kid: string): Promise<object> =>
      (await one.verify(forge({ header: { alg: 'HS256', kid } }))).header;
    const first = await headerOf('first');
    expect(await headerOf('first')).to.equal(first);
    for (let i = 0; i < 100; i++) await headerOf(String(i));
    expect(await headerOf('first')).to.not.equal(first);
  });

  it('keeps as many headers as a service has keys', async () => {
    const one = verifier();
    const headers = Array.from({ length: 32 }, (_, i) => ({ alg: 'HS256', kid: String(i) }));
    const read = async (header: object): Promise<object> => (await one.verify(forge({ header }))).header;
    const first = [];
    for (const header of headers) first.push(await read(header));
    for (const [i, header] of headers.entries()) expect(await read(header)).to.equal(first[i]);
  });

  it('keeps no header of a forged token', async () => {
    const one = verifier();
    const good = { alg: 'HS256', kid: 'good' };
    const { header } = await one.verify(forge({ header: good }));
    for (let i = 0; i < 100; i++) {
      await rejection(
        verified(one, forge({ header: { ...good, kid: String(i) }, signer: hmac('x'.repeat(32)) })),
      );
    }
    expect((await one.verify(forge({ header: good }))).header).to.equal(header);
  });
});
