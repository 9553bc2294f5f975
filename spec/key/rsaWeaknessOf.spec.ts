import { createPublicKey, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { Service } from 'typedi';
import { DecodeKeyLoader, JwtConfigurationError, JwtManager } from '../../src/index';
import { rsaWeaknessOf } from '../../src/key/rsaWeaknessOf';
import { forge } from '../support/forge';
import { IssuerKey } from '../support/IssuerKey';
import { JwksServer } from '../support/JwksServer';
import { OTHER_RSA, privatePem, publicPem, RSA, type Pair } from '../support/keys';
import { rejection } from '../support/rejection';
import { provide } from '../support/Server';
import { signerFor } from '../support/signerFor';
import { pairOf, primeFrom, randomPrime, rocaFactors } from '../support/weakRsa';

const ROCA =
  /the pattern of keys that faulty chips made \(ROCA, CVE-2017-15361\), so its private part can be/;
const CLOSE = /the factors of its modulus are close together \(CVE-2022-26320\)/;
const SMALL = /its modulus has a small factor/;

/** A public key with this modulus, whatever its factors. */
function withModulus(n: bigint): KeyObject {
  const digits = n.toString(16);
  // Half a byte would be dropped, and leave another modulus.
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return createPublicKey({ key: { kty: 'RSA', n: bytes.toString('base64url'), e: 'AQAB' }, format: 'jwk' });
}

describe('rsaWeaknessOf', function () {
  this.timeout(60_000);
  const p = randomPrime(1024);
  const roca = pairOf(...rocaFactors());
  const weak: readonly (readonly [string, Pair, RegExp])[] = [
    ['ROCA, 2048 bits', roca, ROCA],
    ['ROCA, 3072 bits', pairOf(...rocaFactors(3072)), ROCA],
    ['the next prime after the first', pairOf(p, primeFrom(p + 2n)), CLOSE],
    ['primes whose upper halves are the same', pairOf(p, primeFrom(p + (1n << 512n))), CLOSE],
  ];

  for (const [what, { privateKey, publicKey }, message] of weak) {
    it(`refuses a key at start: ${what}, private or public, PEM or KeyObject`, () => {
      for (const algorithm of ['RS256', 'PS512'] as const) {
        for (const key of [privateKey, privatePem(privateKey)])
          expect(() => new JwtManager({ algorithm, privateKey: key, loaders: [] })).to.throw(
            JwtConfigurationError,
            message,
          );
        for (const key of [publicKey, publicPem(publicKey)])
          expect(() => new JwtManager({ algorithm, publicKey: key, loaders: [] })).to.throw(
            JwtConfigurationError,
            message,
          );
        expect(() => new JwtManager({ keys: [{ algorithm, publicKey }], loaders: [] })).to.throw(message);
      }
    });
  }

  it('says what to do', () => {
    expect(() => new JwtManager({ algorithm: 'RS256', publicKey: roca.publicKey, loaders: [] })).to.throw(
      /^Option publicKey does not fit RS256: its modulus has .* Make a new key with: openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:3072$/,
    );
  });

  it('sees small factors, an even modulus, a square, and 4096 bits of ROCA', () => {
    const large = randomPrime(2040);
    for (const factor of [2n, 3n, 251n]) expect(rsaWeaknessOf(withModulus(factor * large))).to.match(SMALL);
    expect(rsaWeaknessOf(withModulus(997n * large))).to.match(SMALL);
    expect(rsaWeaknessOf(withModulus(p * p))).to.match(CLOSE);
    const [one, other] = rocaFactors(4096);
    expect(rsaWeaknessOf(withModulus(one * other))).to.match(ROCA);
  });

  it('lets pass what nobody can factor: one prime of ROCA with another one', () => {
    const [one] = rocaFactors();
    expect(rsaWeaknessOf(withModulus(one * randomPrime(1024)))).to.equal(undefined);
  });

  it('refuses none of 3000 ordinary keys', () => {
    for (const { publicKey, privateKey } of [RSA, OTHER_RSA]) {
      expect(rsaWeaknessOf(publicKey)).to.equal(undefined);
      expect(rsaWeaknessOf(privateKey)).to.equal(undefined);
    }
    // Each pair of these is a modulus.
    const primes = Array.from({ length: 78 }, () => randomPrime(1024));
    const moduli = primes.flatMap((one, i) => primes.slice(i + 1).map((other) => one * other));
    expect(moduli.length).to.be.greaterThan(3000);
    const refused = moduli.filter((n) => rsaWeaknessOf(withModulus(n)) !== undefined);
    expect(refused).to.deep.equal([]);
  });

  it('is asked once for each key', () => {
    const key = withModulus(randomPrime(1024) * randomPrime(1024));
    rsaWeaknessOf(key);
    let exports = 0;
    Object.defineProperty(key, 'export', { value: () => exports++ });
    rsaWeaknessOf(key);
    expect(exports).to.equal(0);
  });

  it('never lets in a token that such a key of a JWK Set signed', async () => {
    const weakKey = new IssuerKey('weak', 'RS256', roca);
    const good = new IssuerKey('good', 'RS256');
    const server = await JwksServer.of(weakKey.jwk(), good.jwk());
    try {
      const { issuer, jwksUri } = server;
      const manager = new JwtManager({ issuers: [{ issuer, audience: 'api', jwksUri }], loaders: [] });
      const { message } = await rejection(manager.decodeToken(weakKey.token(issuer)));
      expect(message).to.equal('Signature verification failed');
      expect(await manager.decodeToken(good.token(issuer))).to.include({ sub: 'alice' });
    } finally {
      await server.stop();
    }
  });

  it('never lets in a token whose key a loader returned: that is an error of the application', async () => {
    @Service()
    @DecodeKeyLoader()
    class LoadKey {
      load() {
        return publicPem(roca.publicKey);
      }
    }
    const manager = new JwtManager({ algorithm: 'RS256', loaders: [LoadKey] });
    provide(manager);
    const token = forge({
      header: { alg: 'RS256', typ: 'JWT' },
      signer: signerFor('RS256', roca.privateKey),
    });
    const error = await rejection(manager.decodeToken(token));
    expect(error).to.be.an.instanceOf(JwtConfigurationError);
    expect(error.message).to.match(/^What LoadKey\.load\(\) returned does not fit RS256: /);
    expect(error.message).to.match(ROCA);
  });
});
