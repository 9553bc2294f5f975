import { expect } from 'chai';
import { CookieJar } from '../support/CookieJar';
import { DocPage, type PageServer } from '../support/DocPage';

interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const REVOKED = { msg: 'Token has been revoked' };
const ALICE = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'alice', password: 'wonderland' }),
};

describe('docs/log-out.md, after 15 minutes', () => {
  let server: PageServer;

  before(async () => {
    server = await new DocPage('log-out').serve('server');
  });
  after(() => server.stop());

  const send = async (path: string, method: string, token: string): Promise<unknown> =>
    (await fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}` } })).json();
  const logIn = async (): Promise<Pair> =>
    (await (await fetch(`${server.url}/session`, ALICE)).json()) as Pair;

  it('logs out with an expired access token, which ends its refresh token and no other session', async () => {
    const { accessToken, refreshToken } = await logIn();
    const other = await logIn();
    await server.wait15Minutes();
    expect(await send('/me', 'GET', accessToken)).to.deep.equal({ msg: 'Token has expired' });
    expect(await send('/session', 'DELETE', accessToken)).to.deep.equal({ loggedOut: true });
    expect(await send('/session/refresh', 'POST', refreshToken)).to.deep.equal(REVOKED);
    expect(await send('/session/refresh', 'POST', other.refreshToken)).to.have.property('accessToken');
  });

  it('logs out with a refresh token that was used before', async () => {
    const { refreshToken } = await logIn();
    const next = (await send('/session/refresh', 'POST', refreshToken)) as Pair;
    expect(await send('/session', 'DELETE', refreshToken)).to.deep.equal({ loggedOut: true });
    expect(await send('/me', 'GET', next.accessToken)).to.deep.equal(REVOKED);
  });

  it('logs a browser out with the snippet of the page, and other sites cannot', async () => {
    const jar = new CookieJar(server.url);
    await jar.send('/session/browser', ALICE);
    const copy = jar.copy();
    await server.wait15Minutes();
    expect((await copy.send('/session', { method: 'DELETE' })).status).to.equal(401);
    expect(copy.names).to.have.length(4);
    const [document, fetching] = [
      { cookie: jar.names.map((name) => `${name}=${jar.get(name)}`).join('; ') },
      (path: string, init: RequestInit) => jar.send(path, init),
    ];
    // The snippet, with the cookies that a page can read and a fetch that sends those of the browser.
    const snippet = new DocPage('log-out').block('js', '/session');
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the block of the page
    await new Function('document', 'fetch', `return (async () => {${snippet}})()`)(document, fetching);
    expect(jar.names).to.deep.equal([]);
  });

  it('refuses a log-out everywhere with an expired access token, as the page says', async () => {
    const { accessToken } = await logIn();
    await server.wait15Minutes();
    expect(await send('/sessions', 'DELETE', accessToken)).to.deep.equal({ msg: 'Token has expired' });
  });

  it('ends all other devices at a password change, and keeps the one that made it', async () => {
    const [phone, laptop] = [await logIn(), await logIn()];
    const change = {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${laptop.accessToken}` },
      body: JSON.stringify({ password: 'wonderland' }),
    };
    const next = (await (await fetch(`${server.url}/password`, change)).json()) as Pair;
    expect(await send('/me', 'GET', phone.accessToken)).to.deep.equal(REVOKED);
    expect(await send('/me', 'GET', laptop.accessToken)).to.deep.equal(REVOKED);
    expect(await send('/me', 'GET', next.accessToken)).to.deep.equal({ name: 'alice' });
  });
});
