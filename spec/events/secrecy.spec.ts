import { inspect } from 'node:util';
import { expect } from 'chai';
import { parseSetCookie } from 'cookie';
import type Koa from 'koa';
import { BodyParam, Ctx, Get, JsonController, Param, Post, QueryParam } from 'routing-controllers';
import { Service } from 'typedi';
import {
  JwtExempt,
  JwtManager,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  type TokenFacts,
  type TokenPair,
  type Verdict,
} from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { claimsOf, forge, hmac } from '../support/forge';
import { Heard } from '../support/Heard';
import { issuerOf } from '../support/IssuerGate';
import { IssuerKey } from '../support/IssuerKey';
import { JwksServer } from '../support/JwksServer';
import { SECRET } from '../support/secret';
import { bearer, serve, type Answer, type Sent, type Server } from '../support/Server';
import { Warnings } from '../support/Warnings';

let manager: JwtManager;

@Service()
@JsonController('/secrets')
@JwtRequired()
class SecretsController {
  @Get('/me')
  me(): object {
    return {};
  }
  @Post('/me')
  change(): object {
    return {};
  }
  @Get('/download/:token')
  download(@Param('token') token: string): object {
    return { length: token.length };
  }
  @Post('/rotate')
  @RefreshJwtRequired()
  rotate(@Ctx() ctx: Koa.Context): Promise<TokenPair> {
    return manager.rotate(ctx);
  }
  @Post('/log-in')
  @JwtExempt()
  async logIn(@Ctx() ctx: Koa.Context, @QueryParam('name') name: string): Promise<TokenPair> {
    const pair = await manager.createTokenPair(name, { fresh: true });
    await manager.setAccessCookies(ctx, pair.accessToken);
    await manager.setRefreshCookies(ctx, pair.refreshToken);
    return pair;
  }
  @Post('/log-out')
  @JwtExempt()
  async logOut(@Ctx() ctx: Koa.Context): Promise<object> {
    await manager.logOut(ctx);
    return {};
  }
  @Post('/inspect')
  @JwtExempt()
  inspect(@BodyParam('text') text: string): Promise<object> {
    return manager.decodeToken(text);
  }
}

/** A store whose client keeps its credentials and commands in its errors, as ioredis does. */
class TalkativeStore extends MemoryRevocationStore {
  isDown = false;

  override async check(token: TokenFacts, grace: number): Promise<Verdict> {
    if (!this.isDown) return super.check(token, grace);
    throw Object.assign(new Error('connect rediss://user:store-password@redis:6379/0?token=store-token'), {
      command: { name: 'auth', args: ['store-secret'] },
    });
  }
}

describe('No message', () => {
  const secrets = new Set<string>(['store-password', 'store-token', 'store-secret', 'jwks-secret', SECRET]);
  let heard: Heard;
  let server: Server;
  let jwks: JwksServer;
  let warnings: Warnings;
  let clock: JwtClock;
  const store = new TalkativeStore();
  const key = IssuerKey.fresh('kid-of-the-issuer');

  /** A token is secret in whole and in each of its segments. */
  function secret(token: string): string {
    for (const each of [token, ...token.split('.')]) if (each !== '') secrets.add(each);
    return token;
  }

  async function send(path: string, sent: Sent = {}): Promise<Answer> {
    const answer = await server.send(`/secrets${path}`, { method: 'POST', ...sent });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const { value = '' } = parseSetCookie(line);
      if (value !== '') secret(value);
    }
    const { accessToken, refreshToken } = (answer.json ?? {}) as Partial<TokenPair>;
    for (const token of [accessToken, refreshToken]) if (token !== undefined) secret(token);
    return answer;
  }
  const logIn = async (name: string): Promise<TokenPair & { cookies: string; csrf: string }> => {
    const answer = await send(`/log-in?name=${name}`);
    const cookies = (answer.headers['set-cookie'] ?? []).map((line) => parseSetCookie(line));
    const pair = answer.json as TokenPair;
    return {
      ...pair,
      cookies: cookies.map((each) => `${each.name}=${String(each.value)}`).join('; '),
      csrf: await manager.getCsrfToken(pair.accessToken),
    };
  };

  before(async () => {
    warnings = new Warnings();
    clock = new JwtClock();
    jwks = await JwksServer.of(key.jwk());
    manager = new JwtManager({
      secretKey: SECRET,
      loaders: [],
      tokenLocation: ['headers', 'cookies', 'query_string', 'json'],
      revocationStore: store,
      rotationGrace: 0,
      implicitRefreshWithin: 600,
      issuers: [issuerOf(jwks, { jwksCooldown: 0, jwksUri: `${jwks.origin}/jwks?key=jwks-secret` })],
    });
    server = await serve(manager, { controllers: [SecretsController] });
    heard = new Heard();
    await scenario();
  });
  after(async () => {
    heard.stop();
    clock.restore();
    warnings.stop();
    await server.close();
    await jwks.stop();
  });

  /** Everything that can happen to a token. */
  async function scenario(): Promise<void> {
    const { accessToken, refreshToken, cookies, csrf } = await logIn('alice');
    secrets.add(csrf);
    const json = { 'content-type': 'application/json' };
    const forged = secret(forge({ claims: claimsOf({ sub: 'admin' }), signer: hmac('another secret') }));
    const withoutKid = secret(key.token(jwks.issuer, {}, { kid: 'another-kid' }));
    // Good and bad ones, in each location.
    for (const token of [accessToken, refreshToken, forged, `${accessToken}x`, 'not-a-token-1', withoutKid]) {
      if (token.includes('.')) secret(token);
      await send('/me', { method: 'GET', headers: bearer(token) });
      await send(`/me?jwt=${token}`, { method: 'GET' });
      await send(`/me?jwt=${token}&jwt=${token}`, { method: 'GET' });
      await send('/me', { headers: { cookie: `access_token_cookie=${token}`, 'x-csrf-token': csrf } });
      await send('/me', { headers: json, body: JSON.stringify({ access_token: token }) });
      await send('/inspect', { headers: json, body: JSON.stringify({ text: token }) });
      await send(`/download/${token}`, { method: 'GET', headers: bearer(accessToken) });
      await send('/me', { headers: { authorization: `Bearer ${token} ${token}` } });
      await send('/me', { headers: { authorization: token } });
    }
    // Cookies, without their CSRF value and with a wrong one.
    secrets.add('wrong-csrf-value');
    for (const value of [csrf, 'wrong-csrf-value', undefined]) {
      await send('/me', {
        headers: { cookie: cookies, ...(value !== undefined && { 'x-csrf-token': value }) },
      });
    }
    await send('/me', { method: 'GET', headers: { cookie: `${cookies}; ${cookies}` } });
    // The issuer fails, and is back.
    jwks.misbehaviour = (response) => void response.writeHead(500).end();
    const theirs = secret(key.token(jwks.issuer));
    await send('/me', { method: 'GET', headers: bearer(theirs) });
    jwks.misbehaviour = (response) => void response.end(JSON.stringify(jwks.set));
    clock.advance(1);
    await send('/me', { method: 'GET', headers: bearer(theirs) });
    // The store fails, and is back.
    for (const isDown of [true, false]) {
      store.isDown = isDown;
      await send('/me', { method: 'GET', headers: bearer(accessToken) });
    }
    // Rotation and reuse.
    const rotated = await send('/rotate', { headers: bearer(refreshToken) });
    for (const token of Object.values(rotated.json as TokenPair)) secret(token as string);
    await send('/rotate', { headers: bearer(refreshToken) });
    // Implicit refresh, log-outs, revocations.
    const second = await logIn('bob');
    clock.advance(400);
    await send('/me', { method: 'GET', headers: { cookie: second.cookies } });
    await send('/log-out', { headers: { cookie: second.cookies } });
    await send('/log-out', { headers: { cookie: second.cookies, 'x-csrf-token': second.csrf } });
    const third = await logIn('carol');
    await manager.revoke(third.accessToken);
    await manager.revokeSession(third.refreshToken);
    await manager.revokeAll('carol');
    clock.advance(3600);
    await send('/me', { method: 'GET', headers: bearer(third.accessToken) });
  }

  it('is left out: the scenario makes all kinds of them, and most refusals', () => {
    expect(new Set(heard.names)).to.have.all.keys(
      ...['issued', 'admitted', 'refused', 'revoked', 'reused', 'store', 'issuer'],
    );
    expect(new Set(heard.of('refused').map(({ code }) => code))).to.have.all.keys(
      'ERR_JWT_MISSING',
      'ERR_JWT_BAD_REQUEST',
      'ERR_JWT_INVALID',
      'ERR_JWT_WRONG_TYPE',
      'ERR_JWT_CSRF',
      'ERR_JWT_EXPIRED',
      'ERR_JWT_REVOKED',
      'ERR_JWT_STORE_UNAVAILABLE',
      'ERR_JWT_KEYS_UNAVAILABLE',
    );
    expect(heard.of('issuer').map(({ isAvailable }) => isAvailable)).to.deep.equal([false, true]);
    expect(heard.of('store').map(({ isAvailable }) => isAvailable)).to.deep.equal([false, true]);
    const locations = new Set(heard.of('admitted').map(({ location }) => location));
    expect(locations).to.have.all.keys('headers', 'cookies', 'query_string', 'json');
  });

  it('holds a token, a segment of one, a cookie, a CSRF value, a key or a password', () => {
    expect(secrets.size).to.be.above(30);
    for (const { message } of heard.all) {
      for (const text of [JSON.stringify(message), inspect(message, { depth: Infinity, showHidden: true })]) {
        for (const each of secrets) expect(text).to.not.include(each);
      }
    }
  });
});
