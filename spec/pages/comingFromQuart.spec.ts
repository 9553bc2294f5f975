import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sign } from 'jsonwebtoken';
import { JwtManager } from '../../src/index';
import { DocPage, type PageServer } from '../support/DocPage';

const SECRET = randomBytes(32).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1000);

/** A token with the claims of quart-jwt-extended 0.1.0 (tokens.py); undefined leaves one out. */
function quartToken(changes: Readonly<Record<string, unknown>> = {}): string {
  const [iat, exp] = [now(), now() + 900];
  const claims = { iat, nbf: iat, jti: randomUUID(), exp, identity: 'alice', fresh: false, type: 'access' };
  return sign(JSON.parse(JSON.stringify({ ...claims, ...changes })) as object, SECRET, { noTimestamp: true });
}

const quartRefreshToken = (): string =>
  quartToken({ type: 'refresh', fresh: undefined, exp: now() + 30 * 86_400 });

describe('docs/coming-from-quart.md', () => {
  let server: PageServer;

  before(async () => {
    server = await new DocPage('coming-from-quart').serve('server', { JWT_SECRET_KEY: SECRET });
  });
  after(() => server.stop());

  const send = async (path: string, token: string, method = 'GET'): Promise<unknown> =>
    (await fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}` } })).json();

  it('accepts an access token of quart-jwt-extended, with its claims', async () => {
    const token = quartToken({ user_claims: { team: 'green' } });
    expect(await send('/protected', token)).to.deep.equal({ name: 'alice', claims: { team: 'green' } });
    expect(await send('/protected', quartToken())).to.deep.equal({ name: 'alice', claims: {} });
    expect(await send('/optional', token)).to.deep.equal({ for: 'alice' });
  });

  it('accepts both forms of fresh, and refuses the others', async () => {
    const refused = { msg: 'Fresh token required' };
    expect(await send('/fresh', quartToken({ fresh: true }))).to.deep.equal({ fresh: 'alice' });
    expect(await send('/fresh', quartToken({ fresh: now() + 60 }))).to.deep.equal({ fresh: 'alice' });
    expect(await send('/fresh', quartToken({ fresh: now() - 1 }))).to.deep.equal(refused);
    expect(await send('/fresh', quartToken())).to.deep.equal(refused);
  });

  it('exchanges a refresh token of quart-jwt-extended for a session, and ends it', async () => {
    const token = quartRefreshToken();
    const pair = (await send('/refresh', token, 'POST')) as { accessToken: string; refreshToken: string };
    expect(await send('/protected', pair.accessToken)).to.have.property('name', 'alice');
    expect(await send('/refresh', token, 'POST')).to.deep.equal({ msg: 'Token has been revoked' });
    expect(await send('/refresh', pair.refreshToken, 'POST')).to.have.property('accessToken');
  });

  it('refuses what quart-jwt-extended refuses', async () => {
    expect(await send('/protected', quartRefreshToken())).to.deep.equal({
      msg: 'Only non-refresh tokens are allowed',
    });
    expect(await send('/protected', quartToken({ exp: now() - 1 }))).to.deep.equal({
      msg: 'Token has expired',
    });
    expect(await send('/protected', quartToken({ identity: undefined, sub: 'alice' }))).to.deep.equal({
      msg: 'Missing claim: identity',
    });
    expect(await send('/protected', quartToken({ type: 'other' }))).to.deep.equal({
      msg: 'Claim type must be access or refresh',
    });
  });

  it('makes tokens that have what quart-jwt-extended looks for', async () => {
    const manager = new JwtManager({ secretKey: SECRET, identityClaim: 'identity', loaders: [] });
    const claims = await manager.decodeToken(await manager.createAccessToken('alice'));
    expect(claims).to.include({ identity: 'alice', type: 'access', fresh: false });
    expect(claims).to.include.all.keys('iat', 'nbf', 'exp', 'jti');
    expect(claims).to.not.have.any.keys('sub', 'aud');
  });

  it('accepts identities that are numbers or objects with verifySub: false, and not without', async () => {
    const options = { secretKey: SECRET, identityClaim: 'identity', loaders: [] };
    const lenient = new JwtManager({ ...options, verifySub: false });
    for (const identity of [7, { id: 7 }]) {
      const token = quartToken({ identity });
      expect((await lenient.verifyToken(token)).identity).to.deep.equal(identity);
      const refusal = await new JwtManager(options).verifyToken(token).catch(String);
      expect(refusal).to.match(/Claim identity must be a string/);
    }
  });

  it('refuses a cookie whose token has no csrf claim, and takes one that has it', async () => {
    const manager = new JwtManager({ secretKey: SECRET, identityClaim: 'identity', loaders: [] });
    const csrf = randomUUID();
    expect(await manager.getCsrfToken(quartToken({ csrf }))).to.equal(csrf);
    expect(await manager.getCsrfToken(quartToken()).catch(String)).to.match(/Missing claim: csrf/);
  });
});
