import { expect } from 'chai';
import { createServer, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Service } from 'typedi';
import { DecodeKeyLoader, JwtManager, type KeyMaterial, type UnverifiedEvent } from '../../src/index';
import { claimsOf, ecdsa, forge, HEADER, hmac, rsa, type Claims } from '../support/forge';
import { Gate } from '../support/Gate';
import { EC, OTHER_RSA, publicPem, RSA } from '../support/keys';
import { SECRET } from '../support/secret';

const NOT_ALLOWED = 'The specified alg value is not allowed';
const BAD_SIGNATURE = 'Signature verification failed';

describe('RFC 8725, JSON Web Token Best Current Practices', () => {
  describe('§2.1 and §3.1, with a key pair', () => {
    const gates: [string, () => Promise<Gate>, KeyMaterial[]][] = [
      [
        'RS256',
        () => Gate.of({ algorithm: 'RS256', secretKey: undefined, privateKey: RSA.privateKey }),
        [
          publicPem(RSA.publicKey),
          publicPem(RSA.publicKey).trimEnd(),
          publicPem(RSA.publicKey).replaceAll('\n', '\r\n'),
          RSA.publicKey.export({ format: 'pem', type: 'pkcs1' }),
          RSA.publicKey.export({ format: 'der', type: 'spki' }),
          RSA.publicKey.export({ format: 'der', type: 'pkcs1' }),
          RSA.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
          JSON.stringify(RSA.publicKey.export({ format: 'jwk' })),
          '',
        ],
      ],
      [
        'ES256',
        () => Gate.of({ algorithm: 'ES256', secretKey: undefined, privateKey: EC[256].privateKey }),
        [
          publicPem(EC[256].publicKey),
          publicPem(EC[256].publicKey).trimEnd(),
          EC[256].publicKey.export({ format: 'der', type: 'spki' }),
          JSON.stringify(EC[256].publicKey.export({ format: 'jwk' })),
          '',
        ],
      ],
    ];
    for (const [algorithm, open, secrets] of gates) {
      it(`refuses an HMAC made with the public key of ${algorithm} (CVE-2015-9235, CVE-2022-23541)`, async () => {
        const gate = await open();
        try {
          for (const secret of secrets as (string | Buffer)[]) {
            for (const [alg, hash] of [
              ['HS256', 'sha256'],
              ['HS384', 'sha384'],
              ['HS512', 'sha512'],
            ] as const) {
              const token = forge({ header: { alg, typ: 'JWT' }, signer: hmac(secret, hash) });
              await gate.expectRefused(token, { msg: NOT_ALLOWED });
            }
            const token = forge({ header: { alg: algorithm, typ: 'JWT' }, signer: hmac(secret) });
            await gate.expectRefused(token, { msg: BAD_SIGNATURE });
          }
        } finally {
          await gate.close();
        }
      });
    }

    it('refuses an unconfigured algorithm, for the same or another kind of key', async () => {
      const gate = await Gate.of({ algorithm: 'RS256', secretKey: undefined, privateKey: RSA.privateKey });
      try {
        for (const [alg, signer] of [
          ['RS512', rsa(RSA.privateKey, 'sha512')],
          ['RS384', rsa(RSA.privateKey, 'sha384')],
          ['PS256', rsa(RSA.privateKey)],
          ['ES256', ecdsa(EC[256].privateKey)],
          ['none', (): Buffer => Buffer.from('none')],
        ] as const)
          await gate.expectRefused(forge({ header: { alg, typ: 'JWT' }, signer }), { msg: NOT_ALLOWED });
      } finally {
        await gate.close();
      }
    });
  });

  describe('with HS256', () => {
    let gate: Gate;

    before(async () => {
      gate = await Gate.of();
    });
    after(() => gate.close());

    it('§3.3: checks no claim before the signature', async () => {
      const signer = hmac('x'.repeat(64));
      for (const claims of [
        claimsOf(),
        claimsOf({ exp: 1 }),
        claimsOf({ type: 'refresh' }),
        claimsOf({ sub: 7 }),
        {},
      ])
        await gate.expectRefused(forge({ claims, signer }), { msg: BAD_SIGNATURE });
    });

    it('§3.11 and §3.12: refuses other kinds of tokens signed with the same secret', async () => {
      const kinds: [Claims, string][] = [
        [{ type: undefined }, 'Missing claim: type'],
        [{ type: undefined, purpose: 'password-reset' }, 'Missing claim: type'],
        [{ type: 'password-reset' }, 'Claim type must be access or refresh'],
        [{ type: 'id' }, 'Claim type must be access or refresh'],
      ];
      for (const [claims, msg] of kinds)
        for (const path of ['/gate/protected', '/gate/fresh', '/gate/refresh', '/gate/optional'])
          await gate.expectRefused(forge({ claims: claimsOf(claims) }), { msg, path });
    });
  });

  describe('§2.9 and §3.10: what a header or an iss points to', () => {
    let gate: Gate;
    let decoy: HttpServer;
    let url: string;
    const fetched: string[] = [];

    before(async () => {
      gate = await Gate.of({
        algorithm: 'RS256',
        secretKey: undefined,
        publicKey: RSA.publicKey,
        privateKey: RSA.privateKey,
      });
      decoy = createServer((request, response) => {
        fetched.push(String(request.url));
        response.end(JSON.stringify({ keys: [OTHER_RSA.publicKey.export({ format: 'jwk' })] }));
      });
      decoy.listen(0, '127.0.0.1');
      await once(decoy, 'listening');
      url = `http://127.0.0.1:${(decoy.address() as AddressInfo).port}/keys`;
    });
    after(async () => {
      await gate.close();
      decoy.close();
    });

    it('is never fetched, and a key inside a token is never used (CVE-2018-0114)', async () => {
      const jwk = OTHER_RSA.publicKey.export({ format: 'jwk' });
      const x5c = [OTHER_RSA.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')];
      for (const pointer of [{ jwk }, { jku: url }, { x5u: url }, { x5c }, { jwk, kid: url, jku: url }]) {
        const header = { alg: 'RS256', typ: 'JWT', ...pointer };
        const signer = rsa(OTHER_RSA.privateKey);
        await gate.expectRefused(forge({ header, signer }), { msg: BAD_SIGNATURE });
        await gate.expectRefused(forge({ header, signer, claims: claimsOf({ iss: url }) }), {
          msg: BAD_SIGNATURE,
        });
        // With the right key, the pointer is ignored, unless it is the kid of another key.
        const rightly = forge({ header, signer: rsa(RSA.privateKey) });
        if ('kid' in header) await gate.expectRefused(rightly, { msg: BAD_SIGNATURE });
        else await gate.expectAdmitted(rightly);
      }
      expect(fetched).to.deep.equal([]);
    });
  });

  describe('§3.10: kid', () => {
    const secrets = new Map([
      ['2025', 'the old secret, still good for tokens that are out there'],
      ['2026', SECRET],
    ]);
    let asked: UnverifiedEvent[] = [];

    @Service()
    @DecodeKeyLoader()
    class ByKid {
      load(event: UnverifiedEvent): KeyMaterial | undefined {
        asked.push(event);
        return secrets.get(event.unverifiedHeader.kid ?? '2026');
      }
    }

    let gate: Gate;

    before(async () => {
      gate = await Gate.of({ loaders: [ByKid] });
    });
    after(() => gate.close());
    beforeEach(() => {
      asked = [];
    });

    it('chooses a key of the application', async () => {
      for (const [kid, secret] of secrets)
        await gate.expectAdmitted(forge({ header: { ...HEADER, kid }, signer: hmac(secret) }));
    });

    it('gets the same answer if it is unknown, of another key, or the signature is bad', async () => {
      const old = String(secrets.get('2025'));
      const header = (kid: string): object => ({ ...HEADER, kid });
      for (const token of [
        forge({ header: header('2027') }),
        forge({ header: header('') }),
        forge({ header: header('2025') }),
        forge({ header: header('2026'), signer: hmac(old) }),
        forge({ header: header('2027'), signer: hmac('') }),
        forge({ header: header('2027'), signer: hmac('undefined') }),
        forge({ signer: hmac(old) }),
      ])
        await gate.expectRefused(token, { msg: BAD_SIGNATURE });
    });

    it('is opaque text: never a path, a query or a member of Object.prototype', async () => {
      const kids = [
        '../../../dev/null',
        '/dev/null',
        "' OR 1=1; --",
        '__proto__',
        'constructor',
        '{{7*7}}',
        '|id',
        '\u0000',
        'x'.repeat(2000),
      ];
      for (const kid of kids)
        for (const secret of ['', '\0', 'null', 'undefined', SECRET])
          await gate.expectRefused(forge({ header: { ...HEADER, kid }, signer: hmac(secret) }), {
            msg: BAD_SIGNATURE,
          });
    });

    it('is refused if it is not text, before any key is loaded', async () => {
      for (const kid of [null, 7, true, ['2026'], { $ne: '' }, {}]) {
        const token = forge({ header: { ...HEADER, kid } });
        const before = asked.length;
        await gate.expectRefused(token, { msg: 'Header parameter kid must be a string' });
        // Only the honest request afterwards asks.
        expect(asked.length).to.equal(before + 1);
      }
    });

    it('reaches the loader with a payload marked as unverified', async () => {
      const claims = claimsOf({ tenant: 'red' });
      await gate.expectAdmitted(forge({ claims }));
      expect(asked).to.deep.equal([{ unverifiedHeader: HEADER, unverifiedPayload: claims }]);
    });
  });

  it('§3.1: checks the algorithm, even if several are configured', async () => {
    const { privateKey } = RSA;
    const gate = await Gate.of({
      algorithm: 'PS256',
      secretKey: undefined,
      privateKey,
      decodeAlgorithms: ['RS256'],
    });
    try {
      await gate.expectAdmitted(forge({ header: { alg: 'RS256', typ: 'JWT' }, signer: rsa(privateKey) }));
      await gate.expectRefused(forge({ header: { alg: 'PS256', typ: 'JWT' }, signer: rsa(privateKey) }), {
        msg: BAD_SIGNATURE,
      });
      await gate.expectRefused(forge({ header: { alg: 'PS512', typ: 'JWT' }, signer: rsa(privateKey) }), {
        msg: NOT_ALLOWED,
      });
    } finally {
      await gate.close();
    }
  });

  it('§3.8: keeps two managers apart, even if they share a secret', async () => {
    const us = new JwtManager({ secretKey: SECRET, loaders: [], encodeIssuer: 'us', decodeIssuer: 'us' });
    const gate = await Gate.of({ encodeIssuer: 'them', decodeIssuer: 'them' });
    try {
      await gate.expectRefused(await us.createAccessToken('alice'), { msg: 'Invalid issuer' });
    } finally {
      await gate.close();
    }
  });
});
