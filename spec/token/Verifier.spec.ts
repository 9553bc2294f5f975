import { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import { JwtConfig } from '../../src/index';
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
  const trust = { algorithms: ['HS256'], mediaTypes: ['jwt'], rules, keyFor: () => key } as const;
  return new Verifier(config, { trust }, new Map());
}

describe('Verifier', () => {
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
