import { expect } from 'chai';
import Koa from 'koa';
import { jwtGuard, JwtManager } from '../../src/index';
import { segment } from '../support/forge';
import { SECRET } from '../support/secret';
import { provide, Server, type Sent } from '../support/Server';

/** As much as fits beside the rest of a request. Node's HTTP parser accepts 16 KiB of headers. */
const ROOM = 15_000;
const filled = (text: string): string => text.repeat(Math.floor(ROOM / text.length));

const nested = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
const header = segment({ alg: 'HS256', typ: 'JWT' });

const inHeader = (authorization: string): [string, Sent] => ['/', { headers: { authorization } }];
const inCookie = (cookie: string): [string, Sent] => ['/', { headers: { cookie, host: 'a.example.com' } }];
const inBody = (body: string): [string, Sent] => [
  '/',
  { method: 'POST', headers: { 'content-type': 'application/json' }, body },
];

const REQUESTS: [title: string, request: [path: string, sent: Sent]][] = [
  ['a query of a&', [`/?${filled('a&')}`, {}]],
  ['a query of jwt&', [`/?${filled('jwt&')}`, {}]],
  ['a query of jwt=x&', [`/?${filled('jwt=x&')}`, {}]],
  ['a query of different names', [`/?${Array.from({ length: 2_500 }, (_, i) => `${i}`).join('&')}`, {}]],
  ['a query of escapes', [`/?${filled('%6a%77%74&')}`, {}]],
  ['a query of malformed escapes', [`/?${filled('%&%f')}`, {}]],
  ['cookies without a name', inCookie(filled(';'))],
  ['cookies without a value', inCookie(filled('a;'))],
  ['cookies of equal signs', inCookie(filled('='))],
  ['empty token cookies', inCookie(filled('access_token_cookie=;'))],
  ['different token cookies', inCookie(filled('access_token_cookie=a;access_token_cookie=b;'))],
  ['a token cookie of escapes', inCookie(`access_token_cookie=${filled('%25')}`)],
  ['a header of commas', inHeader(filled(','))],
  ['a header of words', inHeader(filled('a '))],
  ['a header of schemes', inHeader(filled('Bearer x,'))],
  ['a header of quotes', inHeader(`Bearer x,${filled('b "')}`)],
  ['a token of dots', inHeader(`Bearer ${filled('.')}`)],
  ['a token of nested claims', inHeader(`Bearer ${header}.${segment(Buffer.from(nested))}.AAAA`)],
  ['a header of nested JSON', inHeader(`Bearer ${segment(Buffer.from(nested))}.AAAA.AAAA`)],
  [
    'a header of names',
    inHeader(`Bearer ${segment(Buffer.from(`{${filled('"a":1,').slice(0, 9_000)}"b":1}`))}.a.a`),
  ],
  ['a body of nested JSON', inBody(nested)],
  ['a body of names', inBody(`{${filled('"access_token":"x",')}"a":1}`)],
  [
    'a long path with two cookies',
    [`/${filled('a/').slice(0, 14_000)}`, inCookie('access_token_cookie=a; access_token_cookie=b')[1]],
  ],
];

describe('an unverified request', () => {
  let server: Server;
  before(async () => {
    provide(
      new JwtManager({
        secretKey: SECRET,
        loaders: [],
        tokenLocation: ['headers', 'query_string', 'cookies', 'json'],
      }),
    );
    const app = new Koa();
    app.silent = true;
    app.use(jwtGuard());
    server = await Server.of(app);
    // The first request compiles.
    await server.get('/?jwt=x');
  });
  after(() => server.close());

  for (const [title, [path, sent]] of REQUESTS) {
    it(`costs little: ${title}`, async () => {
      const started = process.cpuUsage();
      const answer = await server.send(path, sent);
      const { user, system } = process.cpuUsage(started);
      expect(answer.status, answer.text).to.be.within(400, 422);
      expect((user + system) / 1000, 'milliseconds').to.be.below(100);
      expect(JSON.stringify(answer.headers).length + answer.text.length).to.be.below(6_000);
    });
  }
});
