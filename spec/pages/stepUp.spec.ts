import { expect } from 'chai';
import { DocPage, type PageServer } from '../support/DocPage';

interface Totp {
  codeAt(step: number, secret: Buffer): string;
  stepOf(code: string, secret: Buffer): number | undefined;
  stepNow(): number;
}

const page = new DocPage('step-up');

describe('The codes of docs/step-up.md', () => {
  // RFC 6238, appendix B, of which these are the last six digits.
  const secret = Buffer.from('12345678901234567890');
  const vectors: readonly [number, string][] = [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ];
  let totp: Totp;

  before(async () => {
    totp = (await import(page.fileOf('totp'))) as Totp;
  });

  for (const [seconds, code] of vectors) {
    it(`are those of RFC 6238 at ${seconds}`, () => {
      expect(totp.codeAt(Math.floor(seconds / 30), secret)).to.equal(code);
    });
  }

  it('are accepted in their step and its neighbours, and as six digits only', () => {
    const now = totp.stepNow();
    const accepted = [-2, -1, 0, 1, 2].map((drift) => totp.stepOf(totp.codeAt(now + drift, secret), secret));
    expect(accepted.slice(1, 4)).to.deep.equal([now - 1, now, now + 1]);
    expect([accepted[0], accepted[4]]).to.deep.equal([undefined, undefined]);
    for (const code of ['', '1', `${totp.codeAt(now, secret)}0`, '١٢٣٤٥٦']) {
      expect(totp.stepOf(code, secret), code).to.equal(undefined);
    }
  });
});

describe('docs/step-up.md', () => {
  let server: PageServer;

  beforeEach(async () => {
    server = await page.serve('server', { MINUTES: '5' });
  });
  afterEach(() => server.stop());

  const send = async (path: string, token = '', body?: object): Promise<Response> =>
    fetch(server.url + path, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  const post = async (path: string, body: object, token = ''): Promise<Record<string, string>> =>
    (await (await send(path, token, body)).json()) as Record<string, string>;
  const code = async (name: string, steps = 0): Promise<string> =>
    ((await (await send(`/phones/${name}?steps=${steps}`)).json()) as { code: string }).code;
  const logIn = (name: string): Promise<Record<string, string>> =>
    post('/session', { name, password: 'wonderland' });

  it('lets nobody in with the password alone who needs a code', async () => {
    const answer = await logIn('alice');
    expect(Object.keys(answer)).to.deep.equal(['codeFor']);
    const pending = answer['codeFor'];
    for (const path of ['/mail', '/accounts']) expect((await send(path, pending)).status, path).to.equal(422);
    for (const path of ['/transfers', '/step-up', '/session/refresh'])
      expect((await send(path, pending, { code: await code('alice') })).status, path).to.equal(422);
  });

  it('lets one request in of many that use the same code at once', async () => {
    const { codeFor } = await logIn('alice');
    const body = { code: await code('alice') };
    const answers = await Promise.all(Array.from({ length: 8 }, () => send('/session/code', codeFor, body)));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
  });

  it('is fresh for five minutes after a code, and the session lives on', async () => {
    const { accessToken } = await logIn('bob');
    const strong = (await post('/step-up', { code: await code('bob') }, accessToken))['accessToken'];
    expect((await send('/transfers', strong, {})).status).to.equal(200);
    await server.wait15Minutes(); // five: see MINUTES
    const stale = await send('/transfers', strong, {});
    expect(stale.status).to.equal(401);
    expect(stale.headers.get('www-authenticate')).to.equal(
      'Bearer error="insufficient_user_authentication", error_description="A code is needed", acr_values="otp", max_age="300"',
    );
    expect((await send('/mail', strong)).status).to.equal(200);
    expect((await send('/accounts', strong)).status).to.equal(200);
  });

  it('tells an admin without a code to step up with 401, and anyone else 403', async () => {
    const { accessToken: bob } = await logIn('bob');
    const refused = await send('/accounts', bob);
    expect(refused.status).to.equal(401);
    expect(await refused.json()).to.deep.equal({ msg: 'A code is needed', stepUp: '/step-up' });
    const { codeFor } = await logIn('alice');
    const { accessToken: alice } = await post('/session/code', { code: await code('alice') }, codeFor);
    const forbidden = await send('/accounts', alice);
    expect(forbidden.status).to.equal(403);
    expect(forbidden.headers.get('www-authenticate')).to.match(/error="insufficient_scope"/);
  });

  it('keeps the methods of the log-in at a refresh, and not those of a step-up', async () => {
    const { codeFor } = await logIn('alice');
    const alice = await post('/session/code', { code: await code('alice') }, codeFor);
    const bob = await logIn('bob');
    await post('/step-up', { code: await code('bob') }, bob['accessToken']);
    const amrOf = (token = ''): unknown =>
      (JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()) as { amr: unknown }).amr;
    const next = [alice, bob].map(({ refreshToken }) => post('/session/refresh', {}, refreshToken));
    const amrs = (await Promise.all(next)).map(({ accessToken }) => amrOf(accessToken));
    expect(amrs).to.deep.equal([['pwd', 'otp'], ['pwd']]);
  });

  it('refuses every code for a quarter of an hour after five wrong ones', async () => {
    const { accessToken } = await logIn('bob');
    for (let i = 0; i < 5; i++)
      expect((await send('/step-up', accessToken, { code: 'wrong!' })).status).to.equal(401);
    const right = async (): Promise<number> =>
      (await send('/step-up', accessToken, { code: await code('bob') })).status;
    expect(await right()).to.equal(429);
    await server.wait15Minutes();
    expect(await right()).to.equal(429);
    for (let i = 0; i < 2; i++) await server.wait15Minutes();
    const { accessToken: again } = await logIn('bob');
    expect((await send('/step-up', again, { code: await code('bob') })).status).to.equal(200);
  });

  it('steps up and repeats the request with the snippet of the page', async () => {
    const snippet = page.block('js', 'insufficient_user_authentication');
    const { accessToken } = await logIn('bob');
    const fetching = (path: string, init: RequestInit): Promise<Response> => fetch(server.url + path, init);
    const asked: string[] = [];
    const ask = async (): Promise<string> => {
      asked.push(await code('bob'));
      return String(asked.at(-1));
    };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the block of the page
    const sending = new Function('fetch', 'askForCode', 'accessToken', `${snippet}\nreturn send`)(
      fetching,
      ask,
      accessToken,
    ) as (path: string, init?: RequestInit) => Promise<Response>;
    expect(await (await sending('/mail')).json()).to.deep.equal({ mailOf: 'bob' });
    expect(asked).to.have.length(0);
    expect(await (await sending('/transfers', { method: 'POST' })).json()).to.deep.equal({ paidBy: 'bob' });
    expect(await (await sending('/accounts')).json()).to.deep.equal(['alice', 'bob']);
    expect(asked).to.have.length(1);
  });
});
