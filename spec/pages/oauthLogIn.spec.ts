import { expect } from 'chai';
import { CookieJar } from '../support/CookieJar';
import { DocPage, type PageServer } from '../support/DocPage';
import { freePort } from '../support/freePort';
import { IssuerKey } from '../support/IssuerKey';
import { OidcProvider } from '../support/OidcProvider';

const page = new DocPage('oauth-log-in');

describe('docs/oauth-log-in.md', () => {
  let provider: OidcProvider;
  let server: PageServer;

  before(async () => {
    const port = String(await freePort());
    const site = `http://127.0.0.1:${port}`;
    provider = await OidcProvider.for(`${site}/oauth/callback`, new IssuerKey('provider'));
    server = await page.serve('server', {
      PORT: port,
      SITE: site,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: provider.client.id,
      OIDC_CLIENT_SECRET: provider.client.secret,
    });
  });
  after(async () => {
    await server.stop();
    await provider.stop();
  });

  /** What a browser gets, without following a redirect. */
  const send = (jar: CookieJar, url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const { pathname, search } = new URL(url, server.url);
    return jar.send(pathname + search, { redirect: 'manual', ...init });
  };
  const begin = async (jar: CookieJar, next = '/me'): Promise<URL> => {
    const answer = await send(jar, `/oauth/log-in?next=${encodeURIComponent(next)}`);
    expect(answer.status).to.equal(302);
    return new URL(String(answer.headers.get('location')));
  };
  const logIn = async (login: string, next?: string): Promise<{ jar: CookieJar; answer: Response }> => {
    const jar = new CookieJar(server.url);
    return { jar, answer: await send(jar, await provider.visit(await begin(jar, next), login)) };
  };
  const me = async (jar: CookieJar): Promise<{ id?: string; msg?: string }> =>
    (await (await send(jar, '/me')).json()) as { id?: string; msg?: string };
  const expectNobody = async (jar: CookieJar): Promise<void> => {
    expect(await me(jar)).to.deep.equal({ msg: 'Missing cookie "access_token_cookie"' });
  };

  it('asks the provider with PKCE, a state and a nonce, and keeps them in a cookie that no script reads', async () => {
    const jar = new CookieJar(server.url);
    const answer = await send(jar, '/oauth/log-in');
    const { searchParams } = new URL(String(answer.headers.get('location')));
    expect(Object.fromEntries(searchParams)).to.include({
      response_type: 'code',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(searchParams.get(name)?.length).to.be.greaterThan(42);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).to.match(
      /^oauth_pending=[^;]+; path=\/oauth; expires=[^;]+; samesite=lax; secure; httponly$/i,
    );
  });

  it('logs in, with cookies of its own, and leads to where the user wanted to go', async () => {
    const { jar, answer } = await logIn('alice');
    expect(answer.headers.get('location')).to.equal(`${server.url}/me`);
    expect(jar.names).to.have.members([
      'access_token_cookie',
      'csrf_access_token',
      'refresh_token_cookie',
      'csrf_refresh_token',
    ]);
    expect((await me(jar)).id).to.match(/^[0-9a-f-]{36}$/);
  });

  it('knows the user again by issuer and subject, and keeps users apart', async () => {
    const ids = [];
    for (const login of ['alice', 'alice', 'bob']) ids.push((await me((await logIn(login)).jar)).id);
    expect(ids[0]).to.equal(ids[1]);
    expect(ids[2]).to.not.equal(ids[0]);
  });

  it('refuses another state, and a browser that has not begun', async () => {
    const [victim, attacker] = [new CookieJar(server.url), new CookieJar(server.url)];
    await begin(victim);
    const back = await provider.visit(await begin(attacker), 'mallory');
    const answer = await send(victim, back);
    expect(answer.status).to.equal(401);
    expect(await answer.text()).to.include('The log-in did not work');
    await expectNobody(victim);
    const stranger = new CookieJar(server.url);
    expect((await send(stranger, back)).status).to.equal(401);
    await expectNobody(stranger);
  });

  it('refuses an answer that comes again, and its code with a state that fits', async () => {
    const jar = new CookieJar(server.url);
    const start = await begin(jar);
    const copy = jar.copy();
    const back = await provider.visit(start, 'alice');
    expect((await send(jar, back)).status).to.equal(302);
    const again = await send(copy, back);
    expect(await again.json()).to.deep.equal({ msg: 'Token has been revoked' });
    await expectNobody(copy);
    const other = new CookieJar(server.url);
    const state = String((await begin(other)).searchParams.get('state'));
    back.searchParams.set('state', state);
    expect((await send(other, back)).status).to.equal(401);
    await expectNobody(other);
  });

  it('refuses the answer of a user who cancels', async () => {
    const jar = new CookieJar(server.url);
    const back = await provider.visit(await begin(jar));
    expect(back.searchParams.get('error')).to.equal('access_denied');
    expect((await send(jar, back)).status).to.equal(401);
    await expectNobody(jar);
    expect(jar.names).to.deep.equal([]);
  });

  const elsewhere = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    'http://127.0.0.1@evil.example/',
    '/.//evil.example',
    '/\t/evil.example',
    'http://[',
  ];
  for (const next of elsewhere) {
    it(`leads to no other site: ${JSON.stringify(next)}`, async () => {
      const { answer } = await logIn('alice', next);
      expect(answer.status).to.equal(302);
      expect(new URL(String(answer.headers.get('location')), server.url).origin).to.equal(server.url);
    });
  }

  it('logs out with the snippet of the page, and leads to the log-out of the provider', async () => {
    const { jar } = await logIn('alice');
    const copy = jar.copy();
    const document = { cookie: jar.names.map((name) => `${name}=${jar.get(name)}`).join('; ') };
    const location = { href: '' };
    const snippet = page.block('js', '/oauth/log-out');
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the block of the page
    await new Function('document', 'location', 'fetch', `return (async () => {${snippet}})()`)(
      document,
      location,
      (path: string, init: RequestInit) => send(jar, path, init),
    );
    expect(jar.names).to.deep.equal([]);
    expect(await me(copy)).to.deep.equal({ msg: 'Token has been revoked' });
    expect(location.href).to.match(new RegExp(`^${provider.issuer}/`));
    expect((await fetch(location.href)).status).to.equal(200);
  });

  // Last, because the clock of the provider stays as it is.
  it('refuses a pending log-in that is too old or forged, and takes it for no log-in', async () => {
    const jar = new CookieJar(server.url);
    const start = await begin(jar);
    const pending = jar.get('oauth_pending');
    const cookie = (value: string): RequestInit => ({ headers: { cookie: value }, redirect: 'manual' });
    const asAccess = await fetch(`${server.url}/me`, cookie(`access_token_cookie=${pending}`));
    expect(asAccess.status).to.equal(422);
    const back = await provider.visit(start, 'alice');
    const forged = await fetch(back, cookie(`oauth_pending=${pending.slice(0, -4)}AAAA`));
    expect(forged.status).to.equal(422);
    await server.wait15Minutes();
    expect(await (await send(jar, back)).json()).to.deep.equal({ msg: 'Token has expired' });
    await expectNobody(jar);
  });
});
