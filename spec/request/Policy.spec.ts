import { expect } from 'chai';
import { Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import {
  FreshJwtRequired,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  TokenInBlocklistLoader,
  type TokenInBlocklistLoaderInterface,
  type VerifiedEvent,
} from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { serve, type Server } from '../support/Server';

@Service()
@TokenInBlocklistLoader()
class OutlawLoader implements TokenInBlocklistLoaderInterface {
  load({ payload }: VerifiedEvent): boolean {
    return payload['outlaw'] === true;
  }
}

const manager = new JwtManager({ secretKey: SECRET, loaders: [OutlawLoader] });

@Service()
@JsonController('/options')
class OptionsController {
  @Get('/access')
  @JwtRequired()
  access(): object {
    return {};
  }
  @Get('/refresh')
  @RefreshJwtRequired()
  refresh(): object {
    return {};
  }
  @Get('/either')
  @JwtRequired({ verifyType: false, locations: ['headers'] })
  either(): object {
    return {};
  }
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return {};
  }
  @Get('/unchecked')
  @JwtRequired({ skipRevocationCheck: true })
  unchecked(): object {
    return {};
  }
  @Get('/optional-refresh')
  @JwtOptional({ refresh: true })
  optionalRefresh(@JwtIdentity() identity?: string): object {
    return { identity: identity ?? null };
  }
  @Get('/optional-fresh')
  @JwtOptional({ fresh: true })
  optionalFresh(@JwtIdentity() identity?: string): object {
    return { identity: identity ?? null };
  }
}

const NOT_ACCESS = 'Only non-refresh tokens are allowed';
const NOT_REFRESH = 'Only refresh tokens are allowed';
const NOT_FRESH = 'Fresh token required';

describe('a policy', () => {
  let server: Server;
  before(async () => {
    server = await serve(manager, { controllers: [OptionsController] });
  });
  after(() => server.close());

  const access = (): Promise<string> => manager.createAccessToken('alice');
  const refresh = (): Promise<string> => manager.createRefreshToken('alice');

  it('tells access and refresh tokens apart, unless verifyType is off', async () => {
    for (const [path, token, refusal] of [
      ['/access', access, undefined],
      ['/access', refresh, NOT_ACCESS],
      ['/refresh', access, NOT_REFRESH],
      ['/refresh', refresh, undefined],
      ['/either', access, undefined],
      ['/either', refresh, undefined],
      ['/optional-refresh', access, NOT_REFRESH],
      ['/optional-refresh', refresh, undefined],
    ] as const) {
      const answer = await server.get(`/options${path}`, await token());
      if (refusal === undefined) expect(answer.status, path).to.equal(200);
      else expectRefused(answer, 422, refusal, 'invalid_token');
    }
  });

  it('accepts tokens that are fresh for ever or for a while', async () => {
    for (const fresh of [true, 60, '1 hour'] as const) {
      const token = await manager.createAccessToken('alice', { fresh });
      expect((await server.get('/options/fresh', token)).status, String(fresh)).to.equal(200);
      expect((await server.get('/options/optional-fresh', token)).json).to.deep.equal({ identity: 'alice' });
    }
    for (const token of [await access(), await manager.createAccessToken('alice', { fresh: false })]) {
      for (const path of ['/options/fresh', '/options/optional-fresh']) {
        expectRefused(await server.get(path, token), 401, NOT_FRESH, 'insufficient_user_authentication');
      }
    }
    expectRefused(await server.get('/options/fresh', await refresh()), 422, NOT_ACCESS, 'invalid_token');
  });

  it('stops treating a token as fresh after that time', async () => {
    const token = await manager.createAccessToken('alice', { fresh: 60 });
    expect((await server.get('/options/fresh', token)).status).to.equal(200);
    const clock = new JwtClock();
    try {
      clock.advance(61);
      const answer = await server.get('/options/fresh', token);
      expectRefused(answer, 401, NOT_FRESH, 'insufficient_user_authentication');
      expect((await server.get('/options/access', token)).status).to.equal(200);
    } finally {
      clock.restore();
    }
  });

  it('refuses revoked tokens, access and refresh, unless skipRevocationCheck is on', async () => {
    const options = { additionalClaims: { outlaw: true } };
    const outlaw = await manager.createAccessToken('alice', options);
    for (const path of ['/access', '/either']) {
      const answer = await server.get(`/options${path}`, outlaw);
      expectRefused(answer, 401, 'Token has been revoked', 'invalid_token');
    }
    const refreshing = await server.get(
      '/options/refresh',
      await manager.createRefreshToken('alice', options),
    );
    expectRefused(refreshing, 401, 'Token has been revoked', 'invalid_token');
    expect((await server.get('/options/unchecked', outlaw)).status).to.equal(200);
  });
});
