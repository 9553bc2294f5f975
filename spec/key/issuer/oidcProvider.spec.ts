import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { opened } from '../../support/forge';
import { Gate } from '../../support/Gate';
import { IssuerKey } from '../../support/IssuerKey';
import { OidcProvider } from '../../support/OidcProvider';
import { skipTime } from '../../support/skipTime';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;

describe('An OpenID provider', function () {
  this.timeout(20_000);
  const keys = ALGORITHMS.map((algorithm) => new IssuerKey(`for ${algorithm}`, algorithm));
  let provider: OidcProvider;
  let gate: Gate;

  beforeEach(async () => {
    provider = await OidcProvider.of(...keys);
    // Found through the metadata.
    gate = await Gate.of({ issuers: [{ issuer: provider.issuer, audience: 'api', algorithms: ALGORITHMS }] });
  });

  afterEach(async () => {
    await gate.close();
    await provider.stop();
  });

  for (const algorithm of ALGORITHMS) {
    it(`lets a service in with ${algorithm}`, async () => {
      const token = await provider.clientToken(algorithm);
      expect(opened(token).header).to.include({ alg: algorithm, typ: 'at+jwt', kid: `for ${algorithm}` });
      await gate.expectAdmitted(token, 'shop');
    });

    it(`lets a logged-in user in with ${algorithm}`, async () => {
      const { accessToken } = await provider.logIn('alice', algorithm);
      expect(opened(accessToken).claims).to.include({ sub: 'alice', aud: 'api', client_id: 'shop' });
      await gate.expectAdmitted(accessToken, 'alice');
      const fresh = { status: 401, msg: 'Fresh token required', path: '/gate/fresh' };
      await gate.expectRefused(accessToken, { ...fresh, error: 'insufficient_user_authentication' });
      await gate.expectRefused(accessToken, {
        msg: 'Only refresh tokens are allowed',
        path: '/gate/refresh',
      });
    });
  }

  it('gives its client ID tokens, which open no route', async () => {
    const { idToken } = await provider.logIn('alice', 'RS256');
    expect(opened(idToken)).to.nested.include({ 'claims.aud': 'shop', 'claims.sub': 'alice' });
    await gate.expectRefused(idToken, { msg: 'Invalid audience' });
  });

  it('gives opaque tokens for itself, which open no route', async () => {
    const { accessToken } = await provider.logIn('alice');
    await gate.expectRefused(accessToken, { msg: 'Not enough segments' });
  });

  it('rotates its keys without any restart', async () => {
    const old = await provider.clientToken('ES256');
    await gate.expectAdmitted(old, 'shop');
    const fresh = new IssuerKey('rotated', 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const [rsa, ...others] = keys as [IssuerKey, ...IssuerKey[]];
    // It publishes the new key, and keeps the old one for existing tokens.
    await provider.use(rsa, fresh, ...others);
    const token = await provider.clientToken('ES256');
    expect(opened(token).header).to.include({ kid: 'rotated' });
    skipTime(31);
    await gate.expectAdmitted(token, 'shop');
    await gate.expectAdmitted(old, 'shop');
    // Finally it removes the old one.
    await provider.use(rsa, fresh);
    skipTime(601);
    await gate.expectAdmitted(token, 'shop');
    await gate.expectRefused(old, { msg: 'Signature verification failed' });
  });

  it('cannot issue tokens of another, even with the same kid', async () => {
    const other = await OidcProvider.of(new IssuerKey('for RS256'), IssuerKey.fresh('for ES256'));
    try {
      const token = await other.clientToken('ES256');
      // For an unknown issuer, the own algorithms apply.
      await gate.expectRefused(token, { msg: 'The specified alg value is not allowed' });
      const [header, , signature] = token.split('.');
      const claims = { ...opened(token).claims, iss: provider.issuer };
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      await gate.expectRefused([header, payload, signature].join('.'), {
        msg: 'Signature verification failed',
      });
    } finally {
      await other.stop();
    }
  });
});
