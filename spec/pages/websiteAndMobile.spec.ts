import { expect } from 'chai';
import { DocPage, type PageServer } from '../support/DocPage';
import { CookieJar } from '../support/CookieJar';

const ALICE = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'alice', password: 'wonderland' }),
};

interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

describe('docs/website-and-mobile.md, after 15 minutes', () => {
  let server: PageServer;

  before(async () => {
    server = await new DocPage('website-and-mobile').serve('server');
  });
  after(() => server.stop());

  const logInMobile = async (): Promise<Pair> =>
    (await (await fetch(`${server.url}/session/mobile`, ALICE)).json()) as Pair;
  const mobile = async (token: string, path: string, method = 'POST'): Promise<unknown> =>
    (await fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}` } })).json();

  it('refreshes a mobile app', async () => {
    const { accessToken, refreshToken } = await logInMobile();
    await server.wait15Minutes();
    expect(await mobile(accessToken, '/me', 'GET')).to.deep.equal({ msg: 'Token has expired' });
    const next = (await mobile(refreshToken, '/session/refresh')) as Pair;
    expect(await mobile(next.accessToken, '/me', 'GET')).to.deep.equal({ name: 'alice' });
  });

  it('logs a mobile app out with its expired access token', async () => {
    const { accessToken, refreshToken } = await logInMobile();
    await server.wait15Minutes();
    expect(await mobile(accessToken, '/session/end')).to.deep.equal({});
    const revoked = { msg: 'Token has been revoked' };
    expect(await mobile(refreshToken, '/session/refresh')).to.deep.equal(revoked);
  });

  it('refreshes a website, whose answers hold no token', async () => {
    const jar = new CookieJar(server.url);
    const texts = [await (await jar.send('/session/website', ALICE)).text()];
    await server.wait15Minutes();
    expect(await (await jar.send('/me')).json()).to.deep.equal({ msg: 'Token has expired' });
    const headers = { 'x-csrf-token': jar.get('csrf_refresh_token') };
    texts.push(await (await jar.send('/session/refresh', { method: 'POST', headers })).text());
    expect(await (await jar.send('/me')).json()).to.deep.equal({ name: 'alice' });
    expect(texts).to.deep.equal(['{}', '{}']);
  });

  it('logs a website out with its expired access token, and unsets all cookies', async () => {
    const jar = new CookieJar(server.url);
    await jar.send('/session/website', ALICE);
    const copy = jar.copy();
    await server.wait15Minutes();
    const headers = { 'x-csrf-token': jar.get('csrf_refresh_token') };
    expect(await (await jar.send('/session/end', { method: 'POST', headers })).json()).to.deep.equal({});
    expect(jar.names).to.deep.equal([]);
    const refused = await copy.send('/session/refresh', { method: 'POST', headers });
    expect(await refused.json()).to.deep.equal({ msg: 'Token has been revoked' });
  });
});
