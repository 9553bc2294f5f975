import { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
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
  it('recalls a token that came before, and no other', async () => {
    const one = verifier();
    const token = forge();
    expect(one.recall(token)).to.equal(undefined);
    await one.verify(token);
    const verified = await one.verify(token);
    expect(one.recall(token)).to.equal(verified);
    expect(one.recall(`${token}A`)).to.equal(undefined);
    expect(one.recall('')).to.equal(undefined);
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
    await one.verify(token);
    expect(one.recall(token)?.identity).to.equal('alice');
    accepted = { ...rules, decodeIssuer: 'us' };
    expect(() => one.recall(token)).to.throw(InvalidTokenError, 'Missing claim: iss');
    accepted = rules;
    current = createSecretKey(Buffer.alloc(32, 1));
    expect(one.recall(token)).to.equal(undefined);
    expect((await rejection(one.verify(token))).message).to.equal('Signature verification failed');
  });

  it('verifies a token of the cache again when its key has changed', async () => {
    let current = key;
    const own = { trust: { ...trust, keyFor: () => current } };
    const one = new Verifier(config, own, new Map());
    const token = forge();
    await one.verify(token);
    await one.verify(token);
    current = createSecretKey(Buffer.alloc(32, 1));
    expect((await rejection(one.verify(token))).message).to.equal('Signature verification failed');
    current = key;
    expect(one.recall(token)).to.equal(undefined);
    expect((await one.verify(token)).identity).to.equal('alice');
  });

  it('recalls a token when its key was made again of the same secret', async () => {
    const own = { trust: { ...trust, keyFor: () => createSecretKey(Buffer.from(SECRET)) } };
    const one = new Verifier(config, own, new Map());
    const token = forge();
    await one.verify(token);
    const verified = await one.verify(token);
    expect(one.recall(token)).to.equal(verified);
  });

  it('recalls nothing without a cache', async () => {
    const one = new Verifier(
      new JwtConfig({ secretKey: SECRET, tokenCacheEntries: 0 }),
      { trust },
      new Map(),
    );
    const token = forge();
    for (const use of ['first', 'second', 'third']) {
      expect((await one.verify(token)).identity, use).to.equal('alice');
      expect(one.recall(token), use).to.equal(undefined);
    }
  });

  it('reads no claims before the signature is verified', async () => {
    const forged = forge({ claims: raw('not JSON'), signer: hmac('x'.repeat(32)) });
    expect((await rejection(verifier().verify(forged))).message).to.equal('Signature verification failed');
    const signed = forge({ claims: raw('not JSON') });
    expect((await rejection(verifier().verify(signed))).message).to.include('must be a JSON object');
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
      const error = await rejection(withThem().verify(tokenOf('them')));
      expect(error.message).to.equal('Signature verification failed');
    });

    for (const iss of [undefined, 'us', 'toString']) {
      it(`holds a token to our own key if its iss is ${String(iss)}`, async () => {
        expect((await withThem().verify(tokenOf(iss))).identity).to.equal('alice');
        const error = await rejection(withThem().verify(tokenOf(iss, theirs)));
        expect(error.message).to.equal('Signature verification failed');
      });

      it(`refuses a token without a key of our own if its iss is ${String(iss)}`, async () => {
        const error = await rejection(withThem({ ...trust, algorithms: [] }).verify(tokenOf(iss)));
        expect(error).to.be.an.instanceOf(InvalidTokenError);
        expect(error.message).to.equal('Invalid issuer');
      });
    }
  });

  it('recalls nothing whose key a loader or an issuer must be asked for, and asks once for each token', async () => {
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
    await one.verify(token);
    expect([one.recall(token), asked]).to.deep.equal([undefined, 2]);
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
      const error = await rejection(verifier().verify(forge({ header })));
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
        one.verify(forge({ header: { ...good, kid: String(i) }, signer: hmac('x'.repeat(32)) })),
      );
    }
    expect((await one.verify(forge({ header: good }))).header).to.equal(header);
  });
});
