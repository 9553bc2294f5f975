import { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import { InvalidTokenError, JwtConfig } from '../../src/index';
import type { ClaimRules, Trust } from '../../src/token/Trust';
import { Verifier } from '../../src/token/Verifier';
import { forge, hmac } from '../support/forge';
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
