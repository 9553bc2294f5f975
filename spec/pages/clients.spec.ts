import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import axios, { AxiosError } from 'axios';
import { expect } from 'chai';
import { DocPage, type PageServer } from '../support/DocPage';
import { Proxy } from '../support/Proxy';

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Session {
  keep(tokens: Tokens): void;
  headers(): Record<string, string>;
}

/** What the blocks of the page export. */
interface Modules {
  readonly HeaderSession: new (url: string, onEnd: () => void) => Session;
  readonly fetchWith: (session: Session) => typeof fetch;
  readonly refreshWith: (session: Session, api: typeof axios) => typeof axios;
}

type Answer = readonly [status: number, body: unknown];
/** Sends a request, with a JSON body if there is one. */
type Api = (path: string, body?: unknown) => Promise<Answer>;

const EXPIRED = { msg: 'Token has expired' };
const REFRESH = 'POST /session/refresh';

describe('docs/clients.md', () => {
  const page = new DocPage('clients');
  const load = createRequire(__filename);
  const { HeaderSession, fetchWith, refreshWith } = Object.assign(
    {},
    ...['HeaderSession', 'fetchApi', 'axiosApi'].map((name) => load(page.fileOf(name)) as Partial<Modules>),
  ) as Modules;
  let server: PageServer;
  let proxy: Proxy;
  let ended: number;

  before(async () => {
    server = await new DocPage('website-and-mobile').serve('server');
  });
  after(() => server.stop());
  beforeEach(async () => {
    proxy = await Proxy.before(server.url);
    ended = 0;
  });
  afterEach(() => proxy.stop());

  const withFetch = (session: Session): Api => {
    const send = fetchWith(session);
    return async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
      const answer = await send(proxy.url + path, init);
      return [answer.status, await answer.json()];
    };
  };
  const withAxios = (session: Session): Api => {
    const api = refreshWith(session, axios.create({ baseURL: proxy.url, proxy: false }) as typeof axios);
    return async (path, body) => {
      try {
        const { status, data } = await (body === undefined
          ? api.get<unknown>(path)
          : api.post<unknown>(path, body));
        return [status, data];
      } catch (error) {
        const { response } = error as AxiosError;
        if (!(error instanceof AxiosError) || response === undefined) throw error;
        return [response.status, response.data];
      }
    };
  };

  async function loggedIn(): Promise<Session> {
    const session = new HeaderSession(proxy.url, () => {
      ended += 1;
    });
    session.keep(await logIn());
    return session;
  }

  async function logIn(): Promise<Tokens> {
    const answer = await fetch(`${server.url}/session/mobile`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'alice', password: 'wonderland' }),
    });
    return (await answer.json()) as Tokens;
  }

  for (const [name, clientOf] of [
    ['fetch', withFetch],
    ['axios', withAxios],
  ] as const) {
    describe(name, () => {
      const twenty = (api: Api): Promise<Answer[]> =>
        Promise.all(Array.from({ length: 20 }, () => api('/me')));

      it('refreshes once for twenty requests at the same time', async () => {
        const api = clientOf(await loggedIn());
        await server.wait15Minutes();
        expect(await twenty(api)).to.deep.equal(Array(20).fill([200, { name: 'alice' }]));
        expect(proxy.count(`${REFRESH} 200`)).to.equal(1);
        expect(proxy.count('GET /me 401')).to.equal(20);
        expect(proxy.count('GET /me 200')).to.equal(20);
      });

      it('does not refresh again for an answer that came late', async () => {
        const api = clientOf(await loggedIn());
        await server.wait15Minutes();
        let release: (() => void) | undefined;
        proxy.after = (seen) => {
          if (seen !== 'GET /me 401' || release !== undefined) return undefined;
          return new Promise<void>((resolve) => {
            release = resolve;
          });
        };
        const first = api('/me');
        while (release === undefined) await sleep(1);
        expect(await api('/me')).to.deep.equal([200, { name: 'alice' }]);
        release();
        expect(await first).to.deep.equal([200, { name: 'alice' }]);
        expect(proxy.count(`${REFRESH} 200`)).to.equal(1);
      });

      it('sends the body again', async () => {
        const api = clientOf(await loggedIn());
        await server.wait15Minutes();
        expect(await api('/me', { text: 'ä'.repeat(1000) })).to.deep.equal([200, { changed: 'alice' }]);
        expect(proxy.seen).to.deep.equal(['POST /me 401', `${REFRESH} 200`, 'POST /me 200']);
        const [once, again] = proxy.bodies.filter((body) => body.includes('text'));
        expect(once).to.have.length.greaterThan(1000);
        expect(again).to.equal(once);
      });

      it('neither refreshes nor repeats when a fresh token is required', async () => {
        const api = clientOf(await loggedIn());
        await server.wait15Minutes();
        await api('/me');
        proxy.seen.length = 0;
        expect(await api('/me/password', {})).to.deep.equal([401, { msg: 'Fresh token required' }]);
        expect(proxy.seen).to.deep.equal(['POST /me/password 401']);
      });

      it('gives up once for all when the session is over', async () => {
        const session = await loggedIn();
        const api = clientOf(session);
        const end = { method: 'POST', headers: session.headers() };
        expect((await fetch(`${server.url}/session/end`, end)).status).to.equal(200);
        await server.wait15Minutes();
        expect(await twenty(api)).to.deep.equal(Array(20).fill([401, EXPIRED]));
        expect(await api('/me')).to.deep.equal([401, EXPIRED]);
        expect(proxy.count(`${REFRESH} 401`)).to.equal(1);
        expect(ended).to.equal(1);
        session.keep(await logIn());
        expect(await api('/me')).to.deep.equal([200, { name: 'alice' }]);
        await server.wait15Minutes();
        expect(await api('/me')).to.deep.equal([200, { name: 'alice' }]);
      });

      it('stays logged in when the server cannot refresh at the moment', async () => {
        const api = clientOf(await loggedIn());
        await server.wait15Minutes();
        proxy.before = async (seen) => {
          if (seen !== REFRESH) return undefined;
          while (proxy.count('GET /me 401') < 20) await sleep(1);
          await sleep(300); // until all wait for it
          return { status: 503, body: '{}' };
        };
        const results = await Promise.allSettled(Array.from({ length: 20 }, () => api('/me')));
        const reasons = results.map((result) => (result.status === 'rejected' ? String(result.reason) : ''));
        expect(reasons).to.deep.equal(Array(20).fill('Error: No new tokens at the moment: 503'));
        expect(proxy.count(`${REFRESH} 503`)).to.equal(1);
        proxy.before = () => undefined;
        expect(await api('/me')).to.deep.equal([200, { name: 'alice' }]);
        expect(ended).to.equal(0);
      });

      it('never loops', async () => {
        const api = clientOf(await loggedIn());
        const body = JSON.stringify(EXPIRED);
        proxy.before = (seen) => (seen === 'GET /me' ? { status: 401, body } : undefined);
        expect(await api('/me')).to.deep.equal([401, EXPIRED]);
        expect(proxy.seen).to.deep.equal(['GET /me 401', `${REFRESH} 200`, 'GET /me 401']);
      });

      it('goes on when two clients have sent the same refresh token at the same time', async () => {
        const tokens = await logIn();
        const apis = await Promise.all(
          [1, 2].map(async () => {
            const session = await loggedIn();
            session.keep(tokens);
            return clientOf(session);
          }),
        );
        await server.wait15Minutes();
        const answers = await Promise.all(apis.map((api) => api('/me')));
        expect(answers).to.deep.equal(Array(2).fill([200, { name: 'alice' }]));
        expect(proxy.count(`${REFRESH} 200`)).to.equal(2);
      });
    });
  }
});
