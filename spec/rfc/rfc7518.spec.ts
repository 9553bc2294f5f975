import { createHmac } from 'node:crypto';
import type { Algorithm } from '../../src/index';
import { claimsOf, ecdsa, forge, hmac, rsa, type Signer } from '../support/forge';
import { Gate } from '../support/Gate';
import { EC, OTHER_RSA, RSA } from '../support/keys';
import { SECRET } from '../support/secret';

const NOT_ALLOWED = 'The specified alg value is not allowed';
const BAD_SIGNATURE = 'Signature verification failed';

describe('RFC 7518, JSON Web Algorithms', () => {
  describe('with HS256', () => {
    let gate: Gate;

    before(async () => {
      gate = await Gate.of();
    });
    after(() => gate.close());

    it('§3.1: accepts alg in no other spelling, type or name', async () => {
      const names: unknown[] = [
        'hs256',
        'Hs256',
        'HS256 ',
        ' HS256',
        'HS256\0',
        'ＨＳ256',
        'HS25',
        'HS2566',
        'HS',
        'SHA256',
        '',
      ];
      const types: unknown[] = [null, true, 256, ['HS256'], { HS256: true }, [['HS256']]];
      const others: unknown[] = [
        'HS384',
        'HS512',
        'RS256',
        'PS256',
        'ES256',
        'ES256K',
        'EdDSA',
        'dir',
        'toString',
        '__proto__',
      ];
      for (const alg of [...names, ...types, ...others])
        await gate.expectRefused(forge({ header: { alg, typ: 'JWT' } }), { msg: NOT_ALLOWED });
      await gate.expectRefused(forge({ header: { typ: 'JWT' } }), { msg: NOT_ALLOWED });
      await gate.expectRefused(forge({ header: {} }), { msg: NOT_ALLOWED });
    });

    it('§3.2: refuses an HMAC with another secret or hash, an empty secret, or a wrong length', async () => {
      const long = (input: string): Buffer => Buffer.concat([hmac()(input), Buffer.alloc(1)]);
      const signers: Signer[] = [
        hmac('x'.repeat(64)),
        hmac(''),
        hmac(Buffer.alloc(32)),
        hmac(`${SECRET}\n`),
        hmac(SECRET, 'sha384'),
        hmac(SECRET, 'sha512'),
        hmac(SECRET, 'md5'),
        (input) => hmac()(input).subarray(0, 31),
        (input) => hmac()(input).subarray(0, 1),
        (input) => hmac()(input).reverse(),
        (input) => Buffer.from(hmac()(input).toString('hex')),
        (input) => createHmac('sha256', SECRET).update(`${input}.`).digest(),
        () => Buffer.alloc(32),
        () => Buffer.alloc(1),
        long,
      ];
      for (const signer of signers) await gate.expectRefused(forge({ signer }), { msg: BAD_SIGNATURE });
    });

    it('§3.6: refuses alg none in every spelling, with or without a signature', async () => {
      for (const alg of ['none', 'None', 'NONE', 'nOnE', 'none ', '\u0000none']) {
        const unsigned = forge({ header: { alg, typ: 'JWT' }, signer: () => Buffer.alloc(0) });
        await gate.expectRefused(unsigned, { msg: 'The token is not signed' });
        await gate.expectRefused(unsigned.slice(0, -1), { msg: 'Not enough segments' });
        await gate.expectRefused(forge({ header: { alg, typ: 'JWT' } }), { msg: NOT_ALLOWED });
        await gate.expectRefused(`${unsigned}AA`, { msg: NOT_ALLOWED });
      }
    });
  });

  describe('with RS256', () => {
    let gate: Gate;

    before(async () => {
      gate = await Gate.of({ algorithm: 'RS256', secretKey: undefined, privateKey: RSA.privateKey });
    });
    after(() => gate.close());

    const header = { alg: 'RS256', typ: 'JWT' };
    const good = rsa(RSA.privateKey);

    it('§3.3: accepts a signature by the right key', async () => {
      await gate.expectAdmitted(forge({ header, signer: good }));
    });

    it('§3.3: refuses signatures with another key or hash, cut short, padded, zero and out of range', async () => {
      const signers: Signer[] = [
        rsa(OTHER_RSA.privateKey),
        rsa(RSA.privateKey, 'sha512'),
        (input) => good(`${input} `),
        (input) => good(input).subarray(0, 255),
        (input) => good(input).subarray(1),
        (input) => Buffer.concat([Buffer.alloc(1), good(input)]),
        (input) => Buffer.concat([good(input), Buffer.alloc(1)]),
        (input) => good(input).reverse(),
        () => Buffer.alloc(256),
        () => Buffer.alloc(256, 0xff),
        () => Buffer.alloc(1, 1),
        () => Buffer.from('signature'),
      ];
      for (const signer of signers)
        await gate.expectRefused(forge({ header, signer }), { msg: BAD_SIGNATURE });
    });
  });

  for (const [bits, hash, size] of [
    [256, 'sha256', 32],
    [384, 'sha384', 48],
    [512, 'sha512', 66],
  ] as const) {
    describe(`with ES${bits}`, () => {
      let gate: Gate;
      const { privateKey } = EC[bits];
      const algorithm: Algorithm = `ES${bits}`;
      const header = { alg: algorithm, typ: 'JWT' };
      const good = ecdsa(privateKey, hash);

      before(async () => {
        gate = await Gate.of({ algorithm, secretKey: undefined, privateKey });
      });
      after(() => gate.close());

      it('§3.4: accepts r and s side by side', async () => {
        await gate.expectAdmitted(forge({ header, signer: good }));
      });

      it('§3.4: refuses every other form, length and value of a signature (CVE-2022-21449)', async () => {
        const r = (input: string): Buffer => good(input).subarray(0, size);
        const s = (input: string): Buffer => good(input).subarray(size);
        const zero = Buffer.alloc(size);
        const most = Buffer.alloc(size, 0xff);
        const signers: Signer[] = [
          ecdsa(privateKey, hash, 'der'),
          ecdsa(EC[bits === 256 ? 384 : 256].privateKey, hash),
          ecdsa(privateKey, 'sha1'),
          () => Buffer.concat([zero, zero]),
          () => Buffer.concat([most, most]),
          (input) => Buffer.concat([zero, s(input)]),
          (input) => Buffer.concat([r(input), zero]),
          (input) => Buffer.concat([s(input), r(input)]),
          (input) => Buffer.concat([Buffer.alloc(1), r(input), Buffer.alloc(1), s(input)]),
          (input) => good(input).subarray(0, -1),
          (input) => good(input).subarray(1),
          (input) => Buffer.concat([good(input), Buffer.alloc(1)]),
          (input) => Buffer.concat([good(input), good(input)]),
          () => Buffer.alloc(1),
          () => Buffer.alloc(1000),
        ];
        for (const signer of signers)
          await gate.expectRefused(forge({ header, signer }), { msg: BAD_SIGNATURE });
      });

      it('§3.4: refuses the signature of another token', async () => {
        const [one, other] = [
          forge({ header, signer: good }),
          forge({ header, signer: good, claims: claimsOf({ sub: 'bob' }) }),
        ];
        const swapped = [...one.split('.').slice(0, 2), other.split('.')[2]].join('.');
        await gate.expectRefused(swapped, { msg: BAD_SIGNATURE });
      });
    });
  }
});
