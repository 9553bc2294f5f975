import { inspect } from 'node:util';
import { expect } from 'chai';
import { Get, JsonController, KoaDriver } from 'routing-controllers';
import { Service } from 'typedi';
import {
  AdditionalHeadersLoader,
  ClaimsVerificationLoader,
  FreshJwtRequired,
  JwtManager,
  TokenInBlocklistLoader,
  UserClaimsLoader,
  UserIdentityLoader,
  UserLoader,
  type IssueEvent,
} from '../src/index';
import { claimsOf, forge, hmac, now, opened, type Claims, segment } from './support/forge';
import { expectRefused } from './support/refused';
import { rejection } from './support/rejection';
import { SECRET } from './support/secret';
import { provide, serve, type Server } from './support/Server';

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });

describe('JwtManager', () => {
  it('changes no prototype of routing-controllers when it is made', () => {
    const before = Object.entries(Object.getOwnPropertyDescriptors(KoaDriver.prototype));
    new JwtManager({ secretKey: SECRET, loaders: [], tokenLocation: ['json'] });
    const after = Object.getOwnPropertyDescriptors(KoaDriver.prototype);
    for (const [name, { value }] of before) {
      expect(after[name as keyof typeof after]?.value, name).to.equal(value);
    }
  });

  describe('createAccessToken(identity, { additionalClaims, additionalHeaders })', () => {
    const CLAIMS = { role: 'user', team: { name: 'red', size: 3 } };
    const HEADERS = { kid: 'of the loader', region: 'eu' };
    let asked: unknown[] = [];

    @Service()
    @UserClaimsLoader()
    class SharedClaims {
      load(event: IssueEvent): typeof CLAIMS {
        asked.push(event);
        return CLAIMS;
      }
    }

    @Service()
    @AdditionalHeadersLoader()
    class SharedHeaders {
      async load(): Promise<typeof HEADERS> {
        return HEADERS;
      }
    }

    @Service()
    @UserIdentityLoader()
    class ById {
      load({ identity }: IssueEvent): string {
        return (identity as { id: string }).id;
      }
    }

    const loaded = new JwtManager({ secretKey: SECRET, loaders: [SharedClaims, SharedHeaders, ById] });

    beforeEach(() => {
      provide(loaded);
      asked = [];
    });

    it('adds what the loaders return', async () => {
      const { header, claims } = opened(await loaded.createAccessToken({ id: 'alice' }));
      expect(claims).to.deep.include({ sub: 'alice', ...CLAIMS });
      expect(header).to.deep.equal({ alg: 'HS256', typ: 'JWT', ...HEADERS });
    });

    it('merges at the top level, and the call overrides the loader', async () => {
      const token = await loaded.createAccessToken(
        { id: 'alice' },
        { additionalClaims: { team: { name: 'blue' } }, additionalHeaders: { kid: 'of the call' } },
      );
      expect(opened(token).claims).to.deep.include({ role: 'user', team: { name: 'blue' } });
      expect(opened(token).header).to.include({ kid: 'of the call', region: 'eu' });
    });

    it("does not change the loader's objects, so users never get each other's roles", async () => {
      await loaded.createAccessToken({ id: 'root' }, { additionalClaims: { role: 'admin' } });
      const { claims } = opened(await loaded.createRefreshToken({ id: 'alice' }));
      expect(claims['role']).to.equal('user');
      expect(CLAIMS).to.deep.equal({ role: 'user', team: { name: 'red', size: 3 } });
      expect(HEADERS).to.deep.equal({ kid: 'of the loader', region: 'eu' });
    });

    it('passes the original identity and the type to the loaders', async () => {
      const identity = { id: 'alice', password: 'hidden' };
      await loaded.createAccessToken(identity);
      await loaded.createRefreshToken(identity);
      expect(asked).to.deep.equal([
        { identity, type: 'access' },
        { identity, type: 'refresh' },
      ]);
    });
  });

  describe('decodeToken(encoded, { allowExpired, csrfValue })', () => {
    it('returns the claims of access and refresh tokens', async () => {
      for (const create of ['createAccessToken', 'createRefreshToken'] as const) {
        const token = await manager[create]('alice');
        expect(await manager.decodeToken(token)).to.deep.equal(opened(token).claims);
      }
    });

    it('returns deeply frozen claims', async () => {
      const token = await manager.createAccessToken('alice', { additionalClaims: { teams: [{ id: 1 }] } });
      const payload = await manager.decodeToken(token);
      const [team] = payload['teams'] as [object];
      for (const part of [payload, payload['teams'], team]) expect(part).to.be.frozen;
    });

    it('refuses an expired token with an error that has its claims', async () => {
      const error = await rejection(manager.decodeToken(forge({ claims: claimsOf({ exp: 1 }) })));
      expect(error).to.include({ code: 'ERR_JWT_EXPIRED', message: 'Token has expired' });
      expect(error).to.have.nested.property('token.payload.sub', 'alice');
    });

    it('accepts an expired token with allowExpired, but no other bad one', async () => {
      const expired = claimsOf({ exp: 1 });
      const token = forge({ claims: expired });
      expect(await manager.decodeToken(token, { allowExpired: true })).to.deep.equal(expired);
      const forged = forge({ claims: expired, signer: hmac('x'.repeat(64)) });
      const error = await rejection(manager.decodeToken(forged, { allowExpired: true }));
      expect(error.message).to.equal('Signature verification failed');
    });

    it('compares csrfValue with the csrf claim', async () => {
      const token = await manager.createAccessToken('alice');
      const csrfValue = await manager.getCsrfToken(token);
      expect((await manager.decodeToken(token, { csrfValue })).csrf).to.equal(csrfValue);
    });

    for (const csrfValue of [undefined, null, 7, ['x']]) {
      it(`refuses the csrfValue ${inspect(csrfValue)}, as of a header that did not come`, async () => {
        const token = await manager.createAccessToken('alice');
        const error = await rejection(manager.decodeToken(token, { csrfValue } as object));
        expect(error).to.include({ code: 'ERR_JWT_CSRF', message: 'Missing CSRF token', status: 401 });
      });
    }

    it('refuses unknown options, because a misspelt csrfValue would check nothing', async () => {
      const token = await manager.createAccessToken('alice');
      const error = await rejection(manager.decodeToken(token, { csrfvalue: 'x' } as object));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.equal('Unknown option csrfvalue: did you mean csrfValue?');
    });

    for (const csrfValue of ['', 'x', '\ud800', 'é', 'a'.repeat(100_000)]) {
      it(`refuses the csrfValue ${JSON.stringify(csrfValue.slice(0, 10))} of ${csrfValue.length} characters`, async () => {
        const token = await manager.createAccessToken('alice');
        const error = await rejection(manager.decodeToken(token, { csrfValue }));
        expect(error).to.include({
          code: 'ERR_JWT_CSRF',
          message: 'CSRF double submit tokens do not match',
          status: 401,
        });
      });
    }

    for (const csrf of [undefined, null, '', 7, ['x'], {}, true]) {
      it(`refuses any csrfValue for a token whose csrf claim is ${inspect(csrf)}`, async () => {
        const token = forge({ claims: claimsOf({ csrf }) });
        for (const csrfValue of ['', 'undefined', 'null', '7', 'x', 'true', '[object Object]']) {
          const error = await rejection(manager.decodeToken(token, { csrfValue }));
          expect(error).to.include({ code: 'ERR_JWT_INVALID', message: 'Missing claim: csrf' });
        }
      });
    }
  });

  describe('getJti(encoded)', () => {
    it('returns the jti, or null if there is none', async () => {
      const token = await manager.createAccessToken('alice');
      expect(await manager.getJti(token)).to.equal(opened(token).claims['jti']);
      expect(await manager.getJti(forge({ claims: claimsOf({ jti: undefined }) }))).to.equal(null);
    });

    it('verifies the token', async () => {
      expect((await rejection(manager.getJti(forge({ signer: hmac('another') })))).code).to.equal(
        'ERR_JWT_INVALID',
      );
      expect((await rejection(manager.getJti(forge({ claims: claimsOf({ exp: 1 }) })))).code).to.equal(
        'ERR_JWT_EXPIRED',
      );
    });
  });

  describe('getCsrfToken(encoded)', () => {
    it('returns the csrf claim', async () => {
      const token = await manager.createRefreshToken('alice');
      expect(await manager.getCsrfToken(token)).to.equal(opened(token).claims['csrf']);
    });

    it('refuses a token without one', async () => {
      for (const csrf of [undefined, 7, null]) {
        const error = await rejection(manager.getCsrfToken(forge({ claims: claimsOf({ csrf }) })));
        expect(error).to.include({ code: 'ERR_JWT_INVALID', message: 'Missing claim: csrf' });
      }
    });

    it('verifies the token', async () => {
      const error = await rejection(manager.getCsrfToken(forge({ signer: hmac('another') })));
      expect(error.message).to.equal('Signature verification failed');
    });
  });

  describe('getUnverifiedHeader(encoded)', () => {
    it('returns the header of a token without a valid signature', () => {
      const header = { alg: 'HS256', kid: 'any' };
      expect(manager.getUnverifiedHeader(forge({ header, signer: hmac('another') }))).to.deep.equal(header);
    });

    it('returns a header that the library would never accept', () => {
      const header = { alg: 'none', crit: ['x'] };
      expect(manager.getUnverifiedHeader(forge({ header }))).to.deep.equal(header);
    });

    it('refuses a header that is not of its type', () => {
      for (const header of [
        {},
        { typ: 'JWT' },
        { alg: null },
        { alg: 1 },
        { alg: ['HS256'] },
        { alg: 'HS256', typ: null },
        { alg: 'HS256', typ: 7 },
        { alg: 'HS256', kid: {} },
        { alg: 'HS256', kid: 7 },
      ]) {
        expect(() => manager.getUnverifiedHeader(forge({ header })), JSON.stringify(header))
          .to.throw(/^Header parameter (alg|typ|kid) must be a string$/)
          .with.property('code', 'ERR_JWT_INVALID');
      }
    });

    it('refuses text that is not a token', () => {
      for (const token of ['', 'a.b', 'a.b.c', `${segment([])}.b.c`]) {
        expect(() => manager.getUnverifiedHeader(token))
          .to.throw()
          .with.property('code', 'ERR_JWT_INVALID');
      }
    });
  });

  describe('authenticate(ctx, policy)', () => {
    let userRan = 0;

    @Service()
    @TokenInBlocklistLoader()
    class Blocklist {
      load({ payload }: { payload: Claims }): boolean {
        return payload['revoked'] === true;
      }
    }

    @Service()
    @ClaimsVerificationLoader()
    class NotBanned {
      load({ payload }: { payload: Claims }): boolean {
        return payload['banned'] !== true;
      }
    }

    @Service()
    @UserLoader()
    class Users {
      load({ payload }: { payload: Claims }): unknown {
        userRan++;
        return payload['gone'] === true ? null : payload['user'];
      }
    }

    let ran = 0;

    @Service()
    @JsonController('/order')
    class OrderController {
      @Get('/fresh')
      @FreshJwtRequired()
      fresh(): object {
        ran++;
        return { ran };
      }
    }

    const strict = new JwtManager({
      secretKey: SECRET,
      loaders: [Blocklist, NotBanned, Users],
      decodeIssuer: 'us',
      decodeAudience: 'api',
      identityClaim: 'uid',
    });
    let server: Server;

    before(async () => {
      server = await serve(strict, { controllers: [OrderController] });
    });
    after(() => server.close());
    beforeEach(() => {
      ran = userRan = 0;
    });

    const honest = (): Claims =>
      claimsOf({ iss: 'us', aud: 'api', uid: 'alice', fresh: true, user: { name: 'Alice' } });

    const INVALID = 'invalid_token';
    const faults: [Claims, number, string, string][] = [
      [{ iat: now() + 86_400 }, 422, 'The token is not yet valid (iat)', INVALID],
      [{ nbf: now() + 86_400 }, 422, 'The token is not yet valid (nbf)', INVALID],
      [{ exp: 'soon' }, 422, 'Claim exp must be a number of seconds', INVALID],
      [{ iss: 'them' }, 422, 'Invalid issuer', INVALID],
      [{ aud: 'web' }, 422, 'Invalid audience', INVALID],
      [{ sub: 7 }, 422, 'Subject must be a string', INVALID],
      [{ jti: 7 }, 422, 'JWT ID must be a string', INVALID],
      [{ uid: undefined }, 422, 'Missing claim: uid', INVALID],
      [{ exp: now() - 1 }, 401, 'Token has expired', INVALID],
      [{ type: 'refresh' }, 422, 'Only non-refresh tokens are allowed', INVALID],
      [{ fresh: false }, 401, 'Fresh token required', 'insufficient_user_authentication'],
      [{ revoked: true }, 401, 'Token has been revoked', INVALID],
      [{ banned: true }, 400, 'User claims verification failed', INVALID],
      [{ gone: true }, 401, 'Error loading the user alice', INVALID],
    ];

    it('accepts a token without any fault', async () => {
      const answer = await server.get('/order/fresh', forge({ claims: honest() }));
      expect(answer.status, answer.text).to.equal(200);
      expect({ ran, userRan }).to.deep.equal({ ran: 1, userRan: 1 });
    });

    it('reports a bad signature before any fault in the claims', async () => {
      const claims = Object.assign({}, honest(), ...faults.map(([fault]) => fault)) as Claims;
      const answer = await server.get('/order/fresh', forge({ claims, signer: hmac('another') }));
      expectRefused(answer, 422, 'Signature verification failed', INVALID);
      expect(ran).to.equal(0);
    });

    for (const [place, [, status, msg, error]] of faults.entries()) {
      it(`reports '${msg}' before every fault that is checked later`, async () => {
        // Later ones first, because two of them set exp.
        const present = faults.slice(place).reverse();
        const claims = Object.assign({}, honest(), ...present.map(([fault]) => fault)) as Claims;
        expectRefused(await server.get('/order/fresh', forge({ claims })), status, msg, error);
        expect(ran).to.equal(0);
      });
    }

    for (const user of [null, 0, '', false]) {
      it(`does not accept ${JSON.stringify(user)} as a user`, async () => {
        const answer = await server.get('/order/fresh', forge({ claims: { ...honest(), user } }));
        expect([answer.status, ran]).to.deep.equal([401, 0]);
      });
    }
  });
});
