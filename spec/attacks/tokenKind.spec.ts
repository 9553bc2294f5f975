import http from 'node:http';
import { expect } from 'chai';
import { Get, JsonController, Post } from 'routing-controllers';
import { Service } from 'typedi';
import { JwtIdentity, JwtManager, JwtOptional, JwtRequired, RefreshJwtRequired } from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { claimsOf, forge, hmac, now, opened, type Claims } from '../support/forge';
import { Gate } from '../support/Gate';
import { SECRET } from '../support/secret';
import { bearer, serve, type Server } from '../support/Server';

const BAD_TYPE = 'Claim type must be access or refresh';

describe('a token of the wrong kind', () => {
  let gate: Gate;

  before(async () => {
    gate = await Gate.of();
  });
  after(() => gate.close());

  it('opens no route unless its type is exactly access or refresh', async () => {
    const types = [
      'Access',
      'ACCESS',
      'access ',
      ' refresh',
      'accessrefresh',
      '',
      'toString',
      'true',
      null,
      true,
      1,
      {},
      [],
      ['access'],
      ['refresh'],
      [['access']],
      { access: true },
    ];
    for (const type of types)
      for (const path of ['/gate/protected', '/gate/fresh', '/gate/refresh', '/gate/optional'])
        await gate.expectRefused(forge({ claims: claimsOf({ type }) }), { msg: BAD_TYPE, path });
  });

  it('opens no route without a type, such as a password-reset token with the same secret', async () => {
    for (const path of ['/gate/protected', '/gate/fresh', '/gate/refresh', '/gate/optional'])
      await gate.expectRefused(forge({ claims: claimsOf({ type: undefined }) }), {
        msg: 'Missing claim: type',
        path,
      });
  });

  it('opens access routes only, if it has no type and defaultTokenType is access', async () => {
    const lenient = await Gate.of({ defaultTokenType: 'access' });
    try {
      const token = forge({ claims: claimsOf({ type: undefined }) });
      await lenient.expectAdmitted(token);
      await lenient.expectRefused(token, { msg: 'Only refresh tokens are allowed', path: '/gate/refresh' });
      for (const type of [null, '', 'reset'])
        await lenient.expectRefused(forge({ claims: claimsOf({ type }) }), { msg: BAD_TYPE });
    } finally {
      await lenient.close();
    }
  });

  it('opens no route for the other type', async () => {
    const access = await gate.manager.createAccessToken('alice', { fresh: true });
    const refresh = await gate.manager.createRefreshToken('alice');
    await gate.expectAdmitted(refresh, 'alice', '/gate/refresh');
    await gate.expectRefused(access, { msg: 'Only refresh tokens are allowed', path: '/gate/refresh' });
    for (const path of ['/gate/protected', '/gate/fresh', '/gate/optional'])
      await gate.expectRefused(refresh, { msg: 'Only non-refresh tokens are allowed', path });
  });
});

describe('freshness', () => {
  let gate: Gate;
  const refusal = {
    status: 401,
    msg: 'Fresh token required',
    error: 'insufficient_user_authentication',
    path: '/gate/fresh',
  };

  before(async () => {
    gate = await Gate.of();
  });
  after(() => gate.close());

  it('is true or a future time', async () => {
    for (const fresh of [true, now() + 60, now() + 0.5 + 60, 253_402_300_799])
      await gate.expectAdmitted(forge({ claims: claimsOf({ fresh }) }), 'alice', '/gate/fresh');
  });

  it('is nothing else, and a stale token still opens other routes', async () => {
    const stale = [
      Date.now(),
      253_402_300_800,
      undefined,
      false,
      null,
      0,
      1,
      -1,
      now(),
      now() - 1,
      'true',
      '',
      String(now() + 900),
      'fresh',
      [],
      [true],
      {},
      { fresh: true },
    ];
    for (const fresh of stale) {
      const token = forge({ claims: claimsOf({ fresh }) });
      await gate.expectRefused(token, refusal);
      await gate.expectAdmitted(token);
    }
  });

  it('ends by itself', async () => {
    const token = await gate.manager.createAccessToken('alice', { fresh: 60 });
    await gate.expectAdmitted(token, 'alice', '/gate/fresh');
    const clock = new JwtClock();
    try {
      clock.advance(61);
      await gate.expectRefused(token, refusal);
      await gate.expectAdmitted(token);
    } finally {
      clock.restore();
    }
  });
});

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });

@Service()
@JsonController('/session')
class SessionController {
  @Post('/refresh')
  @RefreshJwtRequired()
  async refresh(@JwtIdentity() identity: string): Promise<object> {
    return { access_token: await manager.createAccessToken(identity) };
  }

  @Get('/slow')
  @JwtRequired()
  async slow(@JwtIdentity() identity: string): Promise<object> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    return { identity };
  }

  @Get('/optional')
  @JwtOptional()
  optional(@JwtIdentity() identity?: string): object {
    return { identity: identity ?? null };
  }
}

describe('a session', () => {
  let server: Server;

  before(async () => {
    server = await serve(manager, { controllers: [SessionController] });
  });
  after(() => server.close());

  it('gets access tokens that are not fresh and do not share jti or csrf with the refresh token', async () => {
    // As if an issuer with the same secret marked refresh tokens as fresh.
    const refresh = forge({ claims: claimsOf({ type: 'refresh', fresh: true }) });
    const answer = await server.send('/session/refresh', { method: 'POST', headers: bearer(refresh) });
    const { access_token } = answer.json as { access_token: string };
    const [old, made] = [opened(refresh).claims, opened(access_token).claims];
    expect(made).to.include({ sub: 'alice', type: 'access', fresh: false });
    expect(made['csrf']).to.be.a('string').and.not.equal(old['csrf']);
    expect(made['jti']).to.not.equal(old['jti']);
  });

  it('is never mixed up with another one served at the same time', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `user ${i}`);
    const answers = await Promise.all(
      names.map(async (name) => server.get('/session/slow', await manager.createAccessToken(name))),
    );
    expect(answers.map(({ json }) => json)).to.deep.equal(names.map((identity) => ({ identity })));
  });

  it('leaves nothing behind on a keep-alive connection', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    const get = (token?: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const { port } = server;
        const options = { host: '127.0.0.1', port, path: '/session/optional', agent, headers: bearer(token) };
        http
          .get(options, (response) => {
            sockets.add(response.socket);
            let text = '';
            response.on('data', (chunk) => (text += String(chunk)));
            response.on('end', () => {
              resolve(text);
            });
          })
          .on('error', reject);
      });
    try {
      const alice = await manager.createAccessToken('alice');
      expect(await get(alice)).to.equal('{"identity":"alice"}');
      expect(await get()).to.equal('{"identity":null}');
      expect(await get(await manager.createAccessToken('bob'))).to.equal('{"identity":"bob"}');
      expect(await get(forge({ signer: hmac('x') }))).to.equal('{"msg":"Signature verification failed"}');
      expect(await get()).to.equal('{"identity":null}');
      expect(await get(alice)).to.equal('{"identity":"alice"}');
      expect(sockets.size).to.equal(1);
    } finally {
      agent.destroy();
    }
  });
});

describe('an optional route', () => {
  let gate: Gate;
  const path = '/gate/optional';

  before(async () => {
    gate = await Gate.of();
  });
  after(() => gate.close());

  it('is anonymous without a token, and identifies the sender of a valid one', async () => {
    for (const headers of [{}, { authorization: '' }, { authorization: 'Basic YTpi' }]) {
      const { answer, ran } = await gate.knock(path, { headers });
      expect(answer.json).to.deep.equal({ identity: null });
      expect(ran).to.deep.equal([undefined]);
    }
    await gate.expectAdmitted(await gate.manager.createAccessToken('alice'), 'alice', path);
  });

  const bad: [string, Claims, number, string][] = [
    ['expired', { exp: 1 }, 401, 'Token has expired'],
    ['not valid yet', { nbf: now() + 86_400 }, 422, 'The token is not yet valid (nbf)'],
    ['a refresh token', { type: 'refresh' }, 422, 'Only non-refresh tokens are allowed'],
    ['for somebody else', { aud: 'them' }, 422, 'Invalid audience'],
    ['without an identity', { sub: undefined }, 422, 'Missing claim: sub'],
  ];
  for (const [title, claims, status, msg] of bad) {
    it(`refuses a bad token instead of treating its sender as anonymous: ${title}`, async () => {
      await gate.expectRefused(forge({ claims: claimsOf(claims) }), { status, msg, path });
    });
  }

  it('refuses a forged token, an unsigned one and a non-token', async () => {
    await gate.expectRefused(forge({ signer: hmac('x') }), { msg: 'Signature verification failed', path });
    await gate.expectRefused(forge({ signer: () => Buffer.alloc(0) }), {
      msg: 'The token is not signed',
      path,
    });
    await gate.expectRefused('undefined', { msg: 'Not enough segments', path });
    await gate.expectHeadersRefused(
      { authorization: 'Bearer' },
      {
        msg: "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'",
        error: 'invalid_request',
        path,
      },
    );
  });
});
