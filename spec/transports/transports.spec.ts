import { once } from 'node:events';
import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import { WebSocket, type ClientOptions } from 'ws';
import { JwtManager } from '../../src/index';
import { Documented } from './Documented';

const PAGE = 'other-transports.md';

/** Opens a WebSocket. Returns it, or the status with which the server has refused. */
async function open(port: number, options: ClientOptions = {}): Promise<WebSocket | number> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, options);
  client.on('error', () => undefined);
  return new Promise((resolve) => {
    client.on('open', () => {
      resolve(client);
    });
    client.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

async function opened(port: number, options?: ClientOptions): Promise<WebSocket> {
  const client = await open(port, options);
  if (typeof client === 'number') throw new Error(`refused with ${client}`);
  return client;
}

async function said(client: WebSocket, message: string): Promise<string> {
  const answer = once(client, 'message') as Promise<[Buffer]>;
  client.send(message);
  return String((await answer)[0]);
}

async function ending(client: WebSocket): Promise<[number, string]> {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return [code, String(reason)];
}

async function logIn(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/session`, { method: 'POST' });
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

async function logOut(port: number, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(`http://127.0.0.1:${port}/session`, { method: 'DELETE', headers });
  expect(status).to.equal(200);
}

let server: Documented;

function serving(file: string): void {
  before(async () => {
    server = await Documented.start(PAGE, file);
  });
  after(() => server.stop());
}

describe('The WebSocket server of docs/other-transports.md', () => {
  serving('sockets.ts');

  it('serves clients with a token in a header, and ends the connection at log-out', async () => {
    const token = await logIn(server.port);
    const client = await opened(server.port, { headers: { authorization: `Bearer ${token}` } });
    expect(await said(client, 'hello')).to.equal('alice says hello');
    const end = ending(client);
    await logOut(server.port, token);
    expect(await end).to.deep.equal([4401, 'ERR_JWT_REVOKED']);
  });

  it('ends the connection when the token expires', async () => {
    const manager = new JwtManager({ secretKey: server.secret, loaders: [] });
    const token = await manager.createAccessToken('bob', { expires: 5 });
    const client = await opened(server.port, { headers: { authorization: `Bearer ${token}` } });
    expect(await said(client, 'hello')).to.equal('bob says hello');
    expect(await ending(client)).to.deep.equal([4401, 'ERR_JWT_EXPIRED']);
  });

  it('takes a cookie from its own pages and the allowed ones, and from no others', async () => {
    const headers = { cookie: `access_token_cookie=${await logIn(server.port)}` };
    const own = `http://127.0.0.1:${server.port}`;
    for (const origin of [own, 'https://app.example.com']) {
      const client = await opened(server.port, { headers, origin });
      expect(await said(client, 'hello')).to.equal('alice says hello');
      client.close();
    }
    for (const origin of ['https://evil.example', 'null', `${own}0`]) {
      expect(await open(server.port, { headers, origin }), origin).to.equal(401);
    }
    expect(await open(server.port, { headers })).to.equal(401);
  });

  it('refuses clients without a good access token', async () => {
    expect(await open(server.port)).to.equal(401);
    expect(await open(server.port, { headers: { authorization: 'Bearer nonsense' } })).to.equal(422);
    const manager = new JwtManager({ secretKey: server.secret, loaders: [] });
    for (const token of [await manager.createRefreshToken('bob'), await manager.createToken('mail', 'bob')]) {
      expect(await open(server.port, { headers: { authorization: `Bearer ${token}` } })).to.equal(422);
    }
  });
});

describe('The server with tokens in messages of docs/other-transports.md', () => {
  serving('messages.ts');

  it('knows a client by its first message, and takes the next token of the same user', async () => {
    const manager = new JwtManager({ secretKey: server.secret, loaders: [] });
    const client = await opened(server.port);
    const short = await manager.createAccessToken('alice', { expires: 10 });
    expect(await said(client, `token ${short}`)).to.equal('hello alice');
    const long = await manager.createAccessToken('alice');
    expect(await said(client, `token ${long}`)).to.equal('hello alice');
    expect(await said(client, 'hi')).to.equal('alice says hi');
    const end = ending(client);
    client.send(`token ${await manager.createAccessToken('eve')}`);
    expect(await end).to.deep.equal([4401, 'ERR_JWT_INVALID']);
  });

  it('ends the connection of a client without a token, with a bad one, and of one that has expired', async () => {
    const manager = new JwtManager({ secretKey: server.secret, loaders: [] });
    for (const [message, code] of [
      ['hi', 'ERR_JWT_MISSING'],
      ['token nonsense', 'ERR_JWT_INVALID'],
      [`token ${await manager.createRefreshToken('alice')}`, 'ERR_JWT_WRONG_TYPE'],
      [`token ${await manager.createAccessToken('alice', { expires: 2 })}`, 'ERR_JWT_EXPIRED'],
    ] as const) {
      const client = await opened(server.port);
      const end = ending(client);
      client.send(message);
      expect(await end, message).to.deep.equal([4401, code]);
    }
  });
});

describe('The socket.io server of docs/other-transports.md', () => {
  serving('chat.ts');
  let client: Socket;
  afterEach(() => client.disconnect());

  const connect = (auth: object): Socket => {
    client = io(`http://127.0.0.1:${server.port}`, { auth, reconnection: false, forceNew: true });
    return client;
  };
  const send = async (method: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${server.port}/`, { method })).text();
  const event = (name: string): Promise<unknown> =>
    new Promise((resolve) => {
      client.once(name, resolve);
    });

  it('serves clients with a good token, and ends the connection at log-out', async () => {
    connect({ token: await send('POST') });
    await event('connect');
    expect(await client.emitWithAck('say', 'hello')).to.equal('alice says hello');
    const [ended, disconnected] = [event('ended'), event('disconnect')];
    await send('DELETE');
    expect(await ended).to.equal('ERR_JWT_REVOKED');
    expect(await disconnected).to.equal('io server disconnect');
  });

  it('refuses the others, with the code', async () => {
    const manager = new JwtManager({ secretKey: server.secret, loaders: [] });
    const refresh = await manager.createRefreshToken('alice');
    for (const [auth, code] of [
      [{}, 'ERR_JWT_INVALID'],
      [{ token: { toString: 1 } }, 'ERR_JWT_INVALID'],
      [{ token: refresh }, 'ERR_JWT_WRONG_TYPE'],
    ] as const) {
      connect(auth);
      expect(((await event('connect_error')) as Error).message).to.equal(code);
    }
  });
});

describe('The server-sent events of docs/other-transports.md', () => {
  serving('events.ts');

  it('flow until the log-out', async () => {
    const token = await logIn(server.port);
    const headers = { cookie: `access_token_cookie=${token}` };
    const answer = await fetch(`http://127.0.0.1:${server.port}/events`, { headers });
    expect(answer.headers.get('content-type')).to.equal('text/event-stream');
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of answer.body ?? []) text += decoder.decode(chunk as Uint8Array);
    })();
    await logOut(server.port, token);
    await reading;
    expect(text).to.equal('data: hello alice\n\nevent: ended\ndata: ERR_JWT_REVOKED\n\n');
  });

  it('need a token', async () => {
    expect((await fetch(`http://127.0.0.1:${server.port}/events`)).status).to.equal(401);
  });
});
