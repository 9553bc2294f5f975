import { createHash, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import type { Algorithm, JwtIssuer } from '../../../src/index';
import { now, type Claims } from '../../support/forge';
import type { Gate } from '../../support/Gate';
import { IssuerKey } from '../../support/IssuerKey';
import { expectUnavailable, gateFor } from '../../support/IssuerGate';
import { JwksServer } from '../../support/JwksServer';
import { OTHER_RSA } from '../../support/keys';
import { Warnings } from '../../support/Warnings';

const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const satisfies Algorithm[];
const BAD_SIGNATURE = { msg: 'Signature verification failed' };
const NOT_ALLOWED = { msg: 'The specified alg value is not allowed' };

describe('A key set of another issuer', () => {
  let server: JwksServer;
  let gate: Gate | undefined;
  let warnings: Warnings;

  beforeEach(async () => {
    warnings = new Warnings();
    server = await JwksServer.of();
  });

  afterEach(async () => {
    warnings.stop();
    await close();
    await server.stop();
  });

  async function close(): Promise<void> {
    await gate?.close();
    gate = undefined;
  }

  /** Opens a gate that has fetched nothing yet. */
  async function publish(keys: unknown, changes: Partial<JwtIssuer> = {}): Promise<Gate> {
    await close();
    server.set = Array.isArray(keys) ? { keys: keys as unknown[] } : keys;
    gate = await gateFor(server, { algorithms: ASYMMETRIC, ...changes });
    return gate;
  }

  for (const algorithm of ASYMMETRIC) {
    it(`can hold a key for ${algorithm}, which verifies no other algorithm`, async () => {
      const key = new IssuerKey('key', algorithm);
      const open = await publish([key.jwk()]);
      await open.expectAdmitted(key.token(server.issuer));
      for (const other of ASYMMETRIC.filter((each) => each !== algorithm)) {
        // Signed by the same key if possible.
        const sameKind = other.slice(1, 2) === algorithm.slice(1, 2) && !algorithm.startsWith('E');
        const forged = new IssuerKey('key', other, sameKind ? key.pair : undefined);
        await open.expectRefused(forged.token(server.issuer), BAD_SIGNATURE);
        await open.expectRefused(key.token(server.issuer, {}, { alg: other }), BAD_SIGNATURE);
      }
      for (const alg of ['HS256', 'none', 'ES256K', 'Ed448'])
        await open.expectRefused(key.token(server.issuer, {}, { alg }), NOT_ALLOWED);
    });
  }

  it('can hold a key without alg, for each configured algorithm that it fits', async () => {
    const rs256 = new IssuerKey('key', 'RS256');
    const open = await publish([rs256.jwk({ alg: undefined, use: undefined })], {
      algorithms: ['RS256', 'PS384', 'ES256'],
    });
    await open.expectAdmitted(rs256.token(server.issuer));
    await open.expectAdmitted(new IssuerKey('key', 'PS384').token(server.issuer));
    await open.expectRefused(new IssuerKey('key', 'RS384').token(server.issuer), NOT_ALLOWED);
    await open.expectRefused(new IssuerKey('key', 'ES256').token(server.issuer), BAD_SIGNATURE);
    // RSA is never accepted as ECDSA.
    await open.expectRefused(rs256.token(server.issuer, {}, { alg: 'ES256' }), BAD_SIGNATURE);
  });

  it('is for RS256 if no algorithms are configured', async () => {
    const open = await publish([new IssuerKey('rsa').jwk(), new IssuerKey('ec', 'ES256').jwk()], {
      algorithms: undefined as never,
    });
    await open.expectAdmitted(new IssuerKey('rsa').token(server.issuer));
    await open.expectRefused(new IssuerKey('ec', 'ES256').token(server.issuer), NOT_ALLOWED);
  });

  describe('verifies nothing', () => {
    const changes: [what: string, change: Claims, algorithm?: Algorithm][] = [
      ['a key for encryption', { use: 'enc' }],
      ['a key with an unknown use', { use: 'tls' }],
      ['a key that may not verify', { key_ops: ['encrypt', 'wrapKey'] }],
      ['a key with empty key_ops', { key_ops: [] }],
      ['a key whose key_ops is not a list', { key_ops: 'verify' }],
      ['a key for another algorithm', { alg: 'RS512' }],
      ['a key for an encryption algorithm', { alg: 'RSA-OAEP' }],
      ['a key for an unknown algorithm', { alg: 'XS256' }],
      ['a key for HMAC', { alg: 'HS256' }],
      ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
      ['a key without kty', { kty: undefined }],
      ['an RSA key without a modulus', { n: undefined }],
      ['an RSA key of junk', { n: '!', e: '?' }],
      ['a private key', { d: 'AQAB' }],
      ['a key on another curve', { crv: 'P-384' }, 'ES256'],
      ['a point that is not on the curve', { x: 'AAAA' }, 'ES256'],
      ['a key on an unsupported curve', { crv: 'secp256k1' }, 'ES256'],
      ['a key for key agreement', { crv: 'X25519' }, 'EdDSA'],
      ['a key with another kid', { kid: 'other' }],
      ['a key without a kid, for a token with one', { kid: undefined }],
      ['a key whose kid is not a string', { kid: 7 }],
    ];
    for (const [what, change, algorithm = 'RS256'] of changes) {
      it(`with ${what}`, async () => {
        const key = new IssuerKey('key', algorithm);
        const good = new IssuerKey('good', algorithm);
        const token = key.token(server.issuer);
        // Alone, and next to a good one, which still works.
        await (await publish([key.jwk(change)])).expectRefused(token, BAD_SIGNATURE);
        const open = await publish([key.jwk(change), good.jwk()]);
        await open.expectRefused(token, BAD_SIGNATURE);
        await open.expectAdmitted(good.token(server.issuer));
        expect(warnings.told).to.deep.equal([]);
      });
    }

    it('with an RSA key that is too short', async () => {
      const key = new IssuerKey('key', 'RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }));
      await (await publish([key.jwk()])).expectRefused(key.token(server.issuer), BAD_SIGNATURE);
    });

    it('with an RSA key with exponent 1, for which anyone can sign', async () => {
      const key = new IssuerKey('key', 'RS256');
      const [header, claims] = key.token(server.issuer).split('.');
      const input = `${String(header)}.${String(claims)}`;
      // The padded digest (RFC 8017 §9.2) is its own signature.
      const digest = Buffer.concat([
        Buffer.from('3031300d060960864801650304020105000420', 'hex'),
        createHash('sha256').update(input).digest(),
      ]);
      const padding = Buffer.alloc(256 - digest.length - 3, 0xff);
      const signature = Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), digest]);
      const open = await publish([key.jwk({ e: 'AQ' })]);
      await open.expectRefused(`${input}.${signature.toString('base64url')}`, BAD_SIGNATURE);
    });

    it('with a whole private key', async () => {
      const key = new IssuerKey('key', 'ES256');
      const jwk = { ...key.pair.privateKey.export({ format: 'jwk' }), kid: 'key' };
      await (await publish([jwk])).expectRefused(key.token(server.issuer), BAD_SIGNATURE);
    });
  });

  it('can hold a key that may also sign', async () => {
    const key = new IssuerKey('key', 'ES256');
    const open = await publish([key.jwk({ key_ops: ['sign', 'verify'], use: undefined })]);
    await open.expectAdmitted(key.token(server.issuer));
  });

  it('may hold junk next to the keys', async () => {
    const key = new IssuerKey('key', 'ES256');
    const junk = [null, 42, 'key', true, [], [key.jwk()], {}, { kid: 'key' }, { kty: null }, { kty: {} }];
    const open = await publish({ keys: [...junk, key.jwk(), ...junk], version: 1 });
    await open.expectAdmitted(key.token(server.issuer));
  });

  it('verifies no token if it holds no key', async () => {
    const key = new IssuerKey('key', 'ES256');
    for (const keys of [[], [null], [{ kty: 'oct', k: 'AAAA' }]]) {
      await (await publish(keys)).expectRefused(key.token(server.issuer), BAD_SIGNATURE);
    }
  });

  it('causes a 503 if it is malformed', async () => {
    const key = new IssuerKey('key', 'ES256');
    for (const set of [
      { keys: null },
      {},
      { keys: {} },
      { keys: 'keys' },
      { keys: { 0: key.jwk(), length: 1 } },
      key.jwk(),
      { '-----BEGIN': 'PUBLIC KEY-----' },
    ]) {
      await expectUnavailable(await publish(set), key.token(server.issuer), /is no JWK Set/);
    }
    for (const text of ['', 'null', '42', '"keys"', '[]', '{"keys":[', '\uFEFF<jwks/>']) {
      await expectUnavailable(await publish(text), key.token(server.issuer));
    }
  });

  it('may be large, up to 256 KiB', async () => {
    const key = new IssuerKey('key', 'ES256');
    const others = Array.from({ length: 1000 }, (_, i) => new IssuerKey(`other-${i}`, 'ES256').jwk());
    const open = await publish([...others, key.jwk()]);
    await open.expectAdmitted(key.token(server.issuer));
    const huge = await publish([key.jwk({ x5c: ['A'.repeat(262_144)] })]);
    await expectUnavailable(huge, key.token(server.issuer), /more than 262144 bytes/);
  });

  describe('for a token without a kid', () => {
    const nameless = (algorithm: Algorithm): IssuerKey => new IssuerKey(undefined, algorithm);

    it('accepts it if one key fits its algorithm', async () => {
      const es256 = new IssuerKey('key', 'ES256');
      const others = [new IssuerKey('rsa', 'RS256').jwk(), new IssuerKey('ed', 'EdDSA').jwk()];
      const open = await publish([...others, es256.jwk()]);
      await open.expectAdmitted(nameless('ES256').token(server.issuer));
      await (
        await publish([es256.jwk({ kid: undefined })])
      ).expectAdmitted(nameless('ES256').token(server.issuer));
    });

    it('refuses it if several fit, without repeated fetches', async () => {
      const open = await publish([new IssuerKey('a', 'ES256').jwk(), IssuerKey.fresh('b').jwk()]);
      const before = server.fetches;
      for (let i = 0; i < 3; i++) {
        await open.expectRefused(nameless('ES256').token(server.issuer), BAD_SIGNATURE);
      }
      expect(server.fetches - before).to.equal(1);
    });

    it('refuses it if none fits or another key signed it', async () => {
      const open = await publish([new IssuerKey('rsa', 'RS256').jwk()]);
      await open.expectRefused(nameless('ES256').token(server.issuer), BAD_SIGNATURE);
      const forged = new IssuerKey(undefined, 'RS256', OTHER_RSA);
      await open.expectRefused(forged.token(server.issuer), BAD_SIGNATURE);
    });
  });

  it('finds keys by kid, and the first of two with the same kid', async () => {
    const first = IssuerKey.fresh('key');
    const second = IssuerKey.fresh('key');
    const open = await publish([first.jwk(), second.jwk()]);
    await open.expectAdmitted(first.token(server.issuer));
    await open.expectRefused(second.token(server.issuer), BAD_SIGNATURE);
    // Keys for different algorithms may share a kid (RFC 7517 §4.5).
    const rsa = new IssuerKey('key', 'RS256');
    const both = await publish([first.jwk(), rsa.jwk()]);
    await both.expectAdmitted(first.token(server.issuer));
    await both.expectAdmitted(rsa.token(server.issuer));
  });

  it('accepts no expired, early or altered token', async () => {
    const key = new IssuerKey('key', 'ES256');
    const open = await publish([key.jwk()]);
    const token = key.token(server.issuer);
    await open.expectRefused(`${token.slice(0, -4)}AAAA`, BAD_SIGNATURE);
    const expired = key.token(server.issuer, { exp: now() - 1 });
    await open.expectRefused(expired, { status: 401, msg: 'Token has expired' });
    await open.expectRefused(key.token(server.issuer, { nbf: now() + 60 }), {
      msg: 'The token is not yet valid (nbf)',
    });
  });
});
