import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DocPage, type PageServer } from '../support/DocPage';
import { freePort, isListening } from '../support/freePort';
import { Program, run } from '../support/Program';
import { describeWithRedisServer, RedisServer } from '../support/RedisServer';
import { ROOT } from '../support/root';

const page = new DocPage('deployment');
const SECRET = randomBytes(32).toString('base64url');
const LOG_IN = JSON.stringify({ name: 'alice', password: 'wonderland' });
const NO_WAIT = { DRAIN_MS: '0' };

interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const serve = (redis: RedisServer | { url: string }, env: Record<string, string> = {}): Promise<PageServer> =>
  page.serve('server', { JWT_SECRET_KEY: SECRET, REDIS_URL: redis.url, ...NO_WAIT, ...env });

async function send(
  { url }: PageServer,
  call: string,
  token?: string,
  body?: string,
): Promise<{ status: number; json: unknown; headers: Headers }> {
  const [method = '', target = ''] = call.split(' ');
  const answer = await fetch(url + target, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, json: await answer.json(), headers: answer.headers };
}

const logIn = async (server: PageServer): Promise<Pair> =>
  (await send(server, 'POST /session', undefined, LOG_IN)).json as Pair;

/** Tries until Redis is there. */
async function whenReady(server: PageServer): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await send(server, 'GET /ready')).status === 200) return;
    await sleep(25);
  }
  throw new Error(server.program.output);
}

describeWithRedisServer('docs/deployment.md, when Redis is down at start', () => {
  it('serves /health, answers 503 to tokens and log-ins, and works without a restart once Redis is there', async () => {
    const redis = await RedisServer.started();
    const before = await serve(redis);
    await whenReady(before);
    const { accessToken } = await logIn(before);
    await before.stop();
    await redis.kill();
    const server = await serve(redis);
    try {
      expect((await send(server, 'GET /health')).json).to.deep.equal({ alive: true });
      expect((await send(server, 'GET /ready')).status).to.equal(503);
      const refused = [
        await send(server, 'GET /me', accessToken),
        await send(server, 'POST /session', undefined, LOG_IN),
        await send(server, 'DELETE /session', accessToken),
      ];
      for (const { status, json, headers } of refused) {
        expect([status, json]).to.deep.equal([503, { msg: 'Sessions cannot be checked at the moment' }]);
        expect(headers.get('retry-after')).to.equal('1');
      }
      await redis.start();
      await whenReady(server);
      const next = await logIn(server);
      expect((await send(server, 'GET /me', next.accessToken)).status).to.equal(200);
    } finally {
      await server.stop();
      await redis.remove();
    }
  });
});

describeWithRedisServer('docs/deployment.md, in several processes', () => {
  let redis: RedisServer;
  let one: PageServer;
  let other: PageServer;

  before(async () => {
    redis = await RedisServer.started();
    [one, other] = await Promise.all([serve(redis), serve(redis, { BEHIND_PROXY: '1' })]);
    await Promise.all([whenReady(one), whenReady(other)]);
  });
  after(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await redis.remove();
  });

  it('refuses in the other what one has revoked', async () => {
    const { accessToken, refreshToken } = await logIn(one);
    expect((await send(other, 'GET /me', accessToken)).status).to.equal(200);
    expect((await send(one, 'DELETE /session', accessToken)).json).to.deep.equal({ loggedOut: true });
    const revoked = { msg: 'Token has been revoked' };
    expect((await send(other, 'GET /me', accessToken)).json).to.deep.equal(revoked);
    expect((await send(other, 'POST /session/refresh', refreshToken)).json).to.deep.equal(revoked);
  });

  it('lets both refresh at once with the same token', async () => {
    const { refreshToken } = await logIn(one);
    const refreshes = [one, other].map((each) => send(each, 'POST /session/refresh', refreshToken));
    const answers = await Promise.all(refreshes);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200]);
    for (const { json } of answers)
      expect((await send(one, 'GET /me', (json as Pair).accessToken)).status).to.equal(200);
  });

  it('believes X-Forwarded-* where it is told to, and nowhere else', async () => {
    const { accessToken } = await logIn(one);
    const headers = {
      authorization: `Bearer ${accessToken}`,
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
    };
    const asked = [one, other].map(async ({ url }) => (await fetch(`${url}/me`, { headers })).json());
    expect(await Promise.all(asked)).to.deep.equal([
      { name: 'alice', ip: '127.0.0.1', protocol: 'http' },
      { name: 'alice', ip: '203.0.113.7', protocol: 'https' },
    ]);
  });

  it('sets Secure cookies without TLS, and keeps the answer out of caches', async () => {
    const { headers } = await send(one, 'POST /session', undefined, LOG_IN);
    expect(headers.getSetCookie()).to.have.length(4);
    for (const cookie of headers.getSetCookie()) expect(cookie).to.match(/; Secure/);
    expect(headers.get('cache-control')).to.equal('no-store');
  });

  it('answers 431 to more than 16 KiB of headers', async () => {
    const headers = { 'x-large': 'x'.repeat(17_000) };
    expect((await fetch(`${one.url}/health`, { headers })).status).to.equal(431);
  });
});

describeWithRedisServer('docs/deployment.md, at SIGTERM', () => {
  it('is not ready any more, answers what has begun, and ends', async () => {
    const redis = await RedisServer.started();
    const server = await serve(redis, { DRAIN_MS: '1000' });
    try {
      await whenReady(server);
      const slow = http.request(`${server.url}/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': LOG_IN.length },
      });
      slow.write(LOG_IN.slice(0, 5));
      const answer = once(slow, 'response') as Promise<[http.IncomingMessage]>;
      const ended = server.stop();
      while ((await send(server, 'GET /ready')).status !== 503) await sleep(10);
      expect((await send(server, 'GET /health')).status).to.equal(200);
      while (await isListening(server.port)) await sleep(20);
      slow.end(LOG_IN.slice(5));
      const [{ statusCode }] = await answer;
      expect(statusCode).to.equal(200);
      await ended;
    } finally {
      await server.stop();
      await redis.remove();
    }
  });
});

interface LambdaAnswer {
  readonly statusCode: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, string[]>>;
  readonly cookies?: string[];
}

interface Call {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
}

/** Runs the handler as Lambda does: events in, answers out, one process. */
const RUNNER = `const { handler } = require(process.env.HANDLER);
require('node:http').createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  try {
    response.end(JSON.stringify(await handler(JSON.parse(text), { awsRequestId: '1' })));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** The events of API Gateway and of a load balancer, as the documentation of AWS has them. */
const EVENTS = {
  'payload 2.0': ({ method = 'GET', path: rawPath, headers = {}, cookies = [], body }: Call) => ({
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    ...(cookies.length > 0 && { cookies }),
    headers: { host: 'id.execute-api.eu-central-1.amazonaws.com', 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'id',
      domainName: 'id.execute-api.eu-central-1.amazonaws.com',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'agent' },
      requestId: 'request',
      routeKey: '$default',
      stage: '$default',
      time: '12/Mar/2020:19:03:58 +0000',
      timeEpoch: 1583348638390,
    },
    ...(body !== undefined && { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined,
  }),
  'payload 1.0': ({ method = 'GET', path: target, headers = {}, cookies = [], body }: Call) => {
    const all = { Host: 'id.execute-api.eu-central-1.amazonaws.com', ...headers, ...cookieHeader(cookies) };
    return {
      version: '1.0',
      resource: '/{proxy+}',
      path: target,
      httpMethod: method,
      headers: all,
      multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      requestContext: {
        accountId: '123456789012',
        httpMethod: method,
        identity: { sourceIp: '203.0.113.7', userAgent: 'agent' },
        path: target,
        protocol: 'HTTP/1.1',
        requestId: 'request',
        stage: 'prod',
      },
      pathParameters: { proxy: target.slice(1) },
      stageVariables: null,
      body: body ?? null,
      isBase64Encoded: false,
    };
  },
  'a load balancer with multi-value headers': (call: Call) => ({
    ...balanced(call),
    multiValueHeaders: Object.fromEntries(
      Object.entries({ ...call.headers, ...cookieHeader(call.cookies ?? []) }).map(([name, value]) => [
        name,
        [value],
      ]),
    ),
  }),
} as const;

function balanced({ method = 'GET', path: target, body }: Call): object {
  const elb = { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/a/b' };
  const requestContext = { elb };
  return { requestContext, httpMethod: method, path: target, queryStringParameters: {}, body: body ?? '' };
}

function cookieHeader(cookies: readonly string[]): Record<string, string> {
  return cookies.length > 0 ? { Cookie: cookies.join('; ') } : {};
}

describeWithRedisServer('The Lambda handler of docs/deployment.md', () => {
  let redis: RedisServer;
  let lambda: Program;
  let port: number;

  before(async () => {
    redis = await RedisServer.started();
    const runner = path.join(ROOT, 'build/pages/deployment/runner.cjs');
    writeFileSync(runner, RUNNER);
    port = await freePort();
    lambda = await Program.start(runner, () => isListening(port), {
      cwd: ROOT,
      env: {
        HANDLER: page.fileOf('lambda'),
        PORT: String(port),
        JWT_SECRET_KEY: SECRET,
        REDIS_URL: redis.url,
        BEHIND_PROXY: '1',
      },
    });
  });
  after(async () => {
    await lambda.stop();
    await redis.remove();
  });

  const invoke = async (event: object): Promise<LambdaAnswer> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(event) });
    const text = await answer.text();
    expect(answer.status, text).to.equal(200);
    return JSON.parse(text) as LambdaAnswer;
  };
  const cookiesOf = ({ cookies, multiValueHeaders }: LambdaAnswer): string[] =>
    cookies ?? multiValueHeaders?.['set-cookie'] ?? [];
  const json = { 'content-type': 'application/json' };

  for (const [name, event] of Object.entries(EVENTS)) {
    it(`logs in and out with cookies and headers: ${name}`, async () => {
      const call = async (given: Call): Promise<LambdaAnswer> => invoke(event(given));
      const loggedIn = await call({ method: 'POST', path: '/session', headers: json, body: LOG_IN });
      expect(loggedIn.statusCode, loggedIn.body).to.equal(200);
      const pairs = cookiesOf(loggedIn).map((line) => String(line.split(';')[0]));
      expect(pairs.map((pair) => pair.split('=')[0])).to.deep.equal([
        'access_token_cookie',
        'csrf_access_token',
        'refresh_token_cookie',
        'csrf_refresh_token',
      ]);
      const { accessToken } = JSON.parse(loggedIn.body) as Pair;
      const withHeader = await call({ path: '/me', headers: { authorization: `Bearer ${accessToken}` } });
      expect(JSON.parse(withHeader.body)).to.include({ name: 'alice', protocol: 'https' });
      expect(JSON.parse((await call({ path: '/me', cookies: pairs })).body)).to.include({ name: 'alice' });
      const nobody = await call({ path: '/me' });
      expect(nobody.statusCode).to.equal(401);
      expect(
        nobody.headers?.['www-authenticate'] ?? nobody.multiValueHeaders?.['www-authenticate']?.[0],
      ).to.equal('Bearer');
      const logOut = { method: 'DELETE', path: '/session', cookies: pairs };
      expect((await call(logOut)).statusCode).to.equal(401);
      const csrf = String(pairs.find((pair) => pair.startsWith('csrf_access_token='))?.split('=')[1]);
      const out = await call({ ...logOut, headers: { 'x-csrf-token': csrf } });
      expect(out.statusCode, out.body).to.equal(200);
      expect(cookiesOf(out)).to.have.length(4);
      expect((await call({ path: '/me', cookies: pairs })).body).to.equal('{"msg":"Token has been revoked"}');
    });
  }

  it('loses all cookies at a load balancer without multi-value headers, as the page says', async () => {
    const event = { ...balanced({ method: 'POST', path: '/session', body: LOG_IN }), headers: json };
    const answer = await invoke(event);
    expect(answer.statusCode).to.equal(200);
    expect(Object.keys(answer.headers ?? {})).to.not.include('set-cookie');
    expect(answer.multiValueHeaders).to.equal(undefined);
  });

  it('answers 503 while Redis is down', async () => {
    await redis.kill();
    const event = EVENTS['payload 2.0']({ method: 'POST', path: '/session', headers: json, body: LOG_IN });
    const start = performance.now();
    expect((await invoke(event)).statusCode).to.equal(503);
    expect(performance.now() - start).to.be.lessThan(10_000);
    await redis.start();
  });
});

describe('The Dockerfile of docs/deployment.md', () => {
  const lines = page
    .block('dockerfile')
    .split('\n')
    .filter((line) => line !== '');
  const argumentsOf = (instruction: string): string[] =>
    lines
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1));
  const listOf = (text: string): string[] => JSON.parse(text.slice(text.indexOf('['))) as string[];
  const [healthCheck, command] = [
    listOf(String(argumentsOf('HEALTHCHECK')[0])),
    listOf(String(argumentsOf('CMD')[0])),
  ];
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'jwt-docker-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs as another user than root, without dependencies for development and without secrets', () => {
    expect(argumentsOf('USER')).to.deep.equal(['node']);
    expect(lines.indexOf('USER node')).to.be.lessThan(lines.findIndex((line) => line.startsWith('CMD ')));
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).to.include('RUN npm ci --omit=dev');
    expect(lines.filter((line) => /secret|\bARG\b|COPY \. /i.test(line))).to.deep.equal([]);
  });

  it('compiles, starts and tells its health with the commands that it names', async () => {
    // What COPY brings. The packages come from this repository instead of `npm ci`.
    const sources = [...page.text.matchAll(/^```ts\n\/\/ ([\w-]+\.ts)\n([^]*?)^```$/gm)];
    for (const [, name = '', code = ''] of sources) writeFileSync(path.join(folder, name), code);
    const readme = new DocPage('../README').block('json', 'emitDecoratorMetadata');
    const options = JSON.parse(readme) as { compilerOptions: object };
    Object.assign(options.compilerOptions, { types: ['node'] });
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(options));
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true }));
    linkPackages(folder);
    expect(lines).to.include('RUN npx tsc');
    await run('npx', ['tsc'], { cwd: folder });
    const image = path.join(folder, 'image');
    mkdirSync(image);
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.js')))
      copyFileSync(path.join(folder, name), path.join(image, name));

    const port = await freePort();
    const given = String(argumentsOf('ENV')[0]).replace('PORT=3000', `PORT=${port}`);
    const env = {
      ...process.env,
      ...Object.fromEntries(given.split(' ').map((each) => each.split('=') as [string, string])),
      NODE_V8_COVERAGE: undefined,
      JWT_SECRET_KEY: undefined,
      REDIS_URL: 'redis://127.0.0.1:1',
      ...NO_WAIT,
    };
    const check = async (): Promise<number> => exitCodeOf(start(healthCheck, image, env));
    expect(await check()).to.equal(1);
    // Without a secret it does not start. The file may end with a newline.
    expect(await exitCodeOf(start(command, image, env))).to.equal(1);
    const file = path.join(folder, 'secret.txt');
    writeFileSync(file, `${SECRET}\n`);
    const server = start(command, image, { ...env, SECRET_FILE: file });
    const ended = exitCodeOf(server);
    while (server.exitCode === null && !(await isListening(port))) await sleep(20);
    expect(await check()).to.equal(0);
    server.kill('SIGTERM');
    expect(await ended).to.equal(0);

    const checked = (secret: string): Promise<number> => {
      writeFileSync(file, secret);
      const line = /^NODE_ENV=production SECRET_FILE=secret\.txt (node -e .*)$/m.exec(page.text)?.[1];
      const shell = ['bash', '-c', String(line).replace('./app.js', './image/app.js')];
      return exitCodeOf(start(shell, folder, { ...env, SECRET_FILE: 'secret.txt' }));
    };
    expect(await checked(SECRET)).to.equal(0);
    expect(await checked('secret')).to.equal(1);
  });

  function start(
    [program = '', ...given]: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv,
  ): ChildProcess {
    return spawn(program, given, { cwd, env, stdio: 'ignore' });
  }

  async function exitCodeOf(child: ChildProcess): Promise<number> {
    const [code] = (await once(child, 'exit')) as [number];
    return code;
  }
});

/** The packages of this repository, and the library itself as it was built. */
function linkPackages(folder: string): void {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(path.join(ROOT, 'node_modules')))
    if (name !== 'routing-controllers-jwt-extended')
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  symlinkSync(ROOT, path.join(modules, 'routing-controllers-jwt-extended'));
}
