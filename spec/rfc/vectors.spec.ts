import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { JwtManager } from '../../src/index';
import { isSignedBy } from '../../src/token/signature';
import type { Algorithm } from '../../src/config/algorithms';
import { JwksServer } from '../support/JwksServer';
import { rejection } from '../support/rejection';

interface Vector {
  readonly source: string;
  readonly alg: Algorithm;
  readonly jwk: JsonWebKey;
  readonly jws: string;
}

const JOE = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';

/** The examples of the standards, as they are printed there. */
const vectors: readonly Vector[] = [
  {
    source: 'RFC 7515 appendix A.1',
    alg: 'HS256',
    jwk: {
      kty: 'oct',
      k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
    },
    jws: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
  },
  {
    source: 'RFC 7515 appendix A.2',
    alg: 'RS256',
    jwk: {
      kty: 'RSA',
      n:
        'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS' +
        '-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2' +
        'CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9' +
        'gb54h4FRWyuXpoQ',
      e: 'AQAB',
    },
    jws:
      `eyJhbGciOiJSUzI1NiJ9.${JOE}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF` +
      '5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe' +
      '7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq' +
      'Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
  },
  {
    source: 'RFC 7515 appendix A.3',
    alg: 'ES256',
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
    jws:
      `eyJhbGciOiJFUzI1NiJ9.${JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6` +
      'NU1Q',
  },
  {
    source: 'RFC 7515 appendix A.4',
    alg: 'ES512',
    jwk: {
      kty: 'EC',
      crv: 'P-521',
      x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
      y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
    },
    jws:
      'eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0a' +
      'w_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn',
  },
  {
    source: 'RFC 7520 §4.4',
    alg: 'HS256',
    jwk: { kty: 'oct', k: 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg' },
    jws:
      'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.' +
      'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmI' +
      'HlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.' +
      's0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0',
  },
  {
    source: 'RFC 8037 appendix A.4',
    alg: 'EdDSA',
    jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    jws:
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR' +
      '4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  },
];

function keyOf({ jwk }: Vector): KeyObject {
  return jwk.kty === 'oct'
    ? createSecretKey(Buffer.from(String(jwk.k), 'base64url'))
    : createPublicKey({ key: jwk, format: 'jwk' });
}

describe('The examples of the standards', () => {
  for (const vector of vectors) {
    const { source, alg, jws } = vector;
    const [header = '', payload = '', signature = ''] = jws.split('.');

    it(`${source}: ${alg} verifies, and with any bit changed does not`, () => {
      const key = keyOf(vector);
      const input = `${header}.${payload}`;
      expect(isSignedBy(key, alg, input, signature)).to.equal(true);
      expect(isSignedBy(key, alg, `${input}A`, signature)).to.equal(false);
      const bytes = Buffer.from(signature, 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += alg === 'ES512' ? 31 : 3) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = Number(changed[bit >> 3]) ^ (1 << (bit & 7));
        expect(isSignedBy(key, alg, input, changed.toString('base64url'))).to.equal(false);
      }
    });
  }

  // All of them expired in 2011, and have no identity: a manager verifies the signature first, then the claims.
  for (const vector of vectors.filter(({ jws }) => jws.includes(JOE))) {
    const { source, alg, jwk, jws } = vector;
    const [header = '', , signature = ''] = jws.split('.');
    const managerWith = (identityClaim: string): JwtManager => {
      const key = keyOf(vector);
      return new JwtManager({
        algorithm: alg,
        identityClaim,
        verifySub: false,
        defaultTokenType: 'access',
        loaders: [],
        ...(jwk.kty === 'oct' ? { secretKey: key } : { publicKey: key }),
      });
    };

    it(`${source}: a manager reads its claims once the end is allowed to have passed`, async () => {
      const manager = managerWith('http://example.com/is_root');
      const claims = await manager.decodeToken(jws, { allowExpired: true });
      expect(claims).to.include({ iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true });
      expect((await rejection(manager.decodeToken(jws))).message).to.equal('Token has expired');
      const forged = Buffer.from('{"iss":"joe","http://example.com/is_root":true}').toString('base64url');
      const refused = await rejection(manager.decodeToken(`${header}.${forged}.${signature}`));
      expect(refused.message).to.equal('Signature verification failed');
    });

    if (jwk.kty === 'oct') continue;
    it(`${source}: and so does one that fetches the key from a JWK Set`, async () => {
      const server = await JwksServer.of({ ...jwk, alg, use: 'sig' });
      try {
        const manager = new JwtManager({
          issuers: [{ issuer: 'joe', audience: 'any', jwksUri: server.jwksUri, algorithms: [alg] }],
          loaders: [],
        });
        // The signature is good, so the next check refuses it.
        const reason = async (text: string) => (await rejection(manager.decodeToken(text))).message;
        expect(await reason(jws)).to.equal('Missing claim: aud');
        const [head, body, end = ''] = jws.split('.');
        expect(await reason([head, body, `AAAA${end.slice(4)}`].join('.'))).to.equal(
          'Signature verification failed',
        );
      } finally {
        await server.stop();
      }
    });
  }

  // A.5 is unsecured, A.6 and A.7 are the JSON serialisations: a JWT is none of these (RFC 7519 §3, §6).
  for (const { source, alg, jwk, jws } of vectors.filter(({ jws }) => jws.includes(JOE))) {
    const [header = '', payload = '', signature = ''] = jws.split('.');
    it(`RFC 7515 appendices A.5 to A.7 are refused with the key of ${source}`, async () => {
      const key = keyOf({ source, alg, jwk, jws });
      const manager = new JwtManager({
        algorithm: alg,
        verifySub: false,
        defaultTokenType: 'access',
        loaders: [],
        ...(jwk.kty === 'oct' ? { secretKey: key } : { publicKey: key }),
      });
      const reasons: Readonly<Record<string, string>> = {
        [`eyJhbGciOiJub25lIn0.${payload}.`]: 'The token is not signed',
        [JSON.stringify({ payload, signatures: [{ protected: header, header: { kid: 'x' }, signature }] })]:
          'Not enough segments',
        [JSON.stringify({ payload, protected: header, header: { kid: 'x' }, signature })]:
          'Not enough segments',
      };
      for (const [text, reason] of Object.entries(reasons))
        expect((await rejection(manager.decodeToken(text, { allowExpired: true }))).message).to.equal(reason);
    });
  }
});
