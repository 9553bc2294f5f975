import { expect } from 'chai';
import { Service } from 'typedi';
import {
  ClaimsVerificationLoader,
  JwtManager,
  MemoryRevocationStore,
  RefreshTokenReusedLoader,
  TokenInBlocklistLoader,
  UserLoader,
  type JwtErrorCode,
  type JwtOptions,
  type VerifiedEvent,
  type VerifyTokenOptions,
} from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { claimsOf, forge } from '../support/forge';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { provide } from '../support/Server';
import { Warnings } from '../support/Warnings';

const asked: string[] = [];

@Service()
@UserLoader()
class Users {
  load({ identity, payload }: VerifiedEvent): object | null {
    asked.push('user');
    return payload['unknown'] === true ? null : { name: identity };
  }
}
@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load({ payload }: VerifiedEvent): boolean {
    asked.push('blocklist');
    return payload['outlaw'] === true;
  }
}
@Service()
@ClaimsVerificationLoader()
class Tenants {
  load(event: VerifiedEvent): boolean {
    asked.push('claims');
    return { ...event }.payload['tenant'] !== 'other';
  }
}
@Service()
@RefreshTokenReusedLoader()
class Alarm {
  load({ identity }: VerifiedEvent): void {
    asked.push(`reused ${String(identity)}`);
  }
}
@Service()
@ClaimsVerificationLoader()
class ReadsTheRequest {
  load({ context }: VerifiedEvent): boolean {
    return context.path !== '/elsewhere';
  }
}

function managerWith(options: JwtOptions = {}): JwtManager {
  const manager = new JwtManager({
    secretKey: SECRET,
    loaders: [Users, Blocklist, Tenants, Alarm],
    revocationStore: new MemoryRevocationStore(),
    ...options,
  });
  provide(manager);
  return manager;
}

beforeEach(() => {
  asked.length = 0;
});

describe('manager.verifyToken(encoded, options)', () => {
  it('returns the state that a guard would publish, but for a location', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice', { additionalClaims: { team: 'red' } });
    const state = await manager.verifyToken(token);
    expect(state.identity).to.equal('alice');
    expect(state.payload['team']).to.equal('red');
    expect(state.header.alg).to.equal('HS256');
    expect(state.user).to.deep.equal({ name: 'alice' });
    expect(state.token).to.equal(token);
    expect(state.location).to.equal(undefined);
    expect(JSON.stringify(state)).to.not.include(token);
    expect(asked).to.deep.equal(['blocklist', 'claims', 'user']);
  });

  it('asks again at each call', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    await manager.verifyToken(token);
    await manager.verifyToken(token);
    expect(asked).to.deep.equal(['blocklist', 'claims', 'user', 'blocklist', 'claims', 'user']);
    await manager.revoke(token);
    expect((await rejection(manager.verifyToken(token))).code).to.equal('ERR_JWT_REVOKED');
  });

  const make = {
    access: (manager: JwtManager) => manager.createAccessToken('alice'),
    fresh: (manager: JwtManager) => manager.createAccessToken('alice', { fresh: true }),
    refresh: (manager: JwtManager) => manager.createRefreshToken('alice'),
    forged: async () => forge({ claims: claimsOf(), signer: () => Buffer.alloc(32) }),
    outlaw: (manager: JwtManager) =>
      manager.createAccessToken('alice', { additionalClaims: { outlaw: true } }),
    stranger: (manager: JwtManager) =>
      manager.createAccessToken('alice', { additionalClaims: { tenant: 'other' } }),
    unknown: (manager: JwtManager) =>
      manager.createAccessToken('alice', { additionalClaims: { unknown: true } }),
    revoked: async (manager: JwtManager) => {
      const token = await manager.createAccessToken('alice');
      await manager.revoke(token);
      return token;
    },
    'logged out': async (manager: JwtManager) => {
      const { accessToken } = await manager.createTokenPair('alice');
      await manager.revokeAll('alice');
      return accessToken;
    },
    nonsense: async () => 'nonsense',
    nothing: async () => undefined as unknown as string,
  };
  const rows: readonly [keyof typeof make, VerifyTokenOptions, JwtErrorCode | undefined][] = [
    ['access', {}, undefined],
    ['access', { fresh: true }, 'ERR_JWT_NOT_FRESH'],
    ['access', { refresh: true }, 'ERR_JWT_WRONG_TYPE'],
    ['access', { purpose: 'mail' }, 'ERR_JWT_WRONG_TYPE'],
    ['fresh', { fresh: true }, undefined],
    ['refresh', {}, 'ERR_JWT_WRONG_TYPE'],
    ['refresh', { refresh: true }, undefined],
    ['refresh', { verifyType: false }, undefined],
    ['forged', {}, 'ERR_JWT_INVALID'],
    ['outlaw', {}, 'ERR_JWT_REVOKED'],
    ['outlaw', { skipRevocationCheck: true }, undefined],
    ['stranger', {}, 'ERR_JWT_CLAIMS'],
    ['unknown', {}, 'ERR_JWT_NO_USER'],
    ['revoked', {}, 'ERR_JWT_REVOKED'],
    ['revoked', { skipRevocationCheck: true }, undefined],
    ['logged out', {}, 'ERR_JWT_REVOKED'],
    ['nonsense', {}, 'ERR_JWT_INVALID'],
    ['nothing', {}, 'ERR_JWT_INVALID'],
  ];
  for (const [token, options, code] of rows) {
    it(`${code === undefined ? 'lets in' : 'refuses'} ${token} with ${JSON.stringify(options)}`, async () => {
      const manager = managerWith();
      const encoded = await make[token](manager);
      const verified = manager.verifyToken(encoded, options);
      if (code === undefined) expect((await verified).identity).to.equal('alice');
      else expect((await rejection(verified)).code).to.equal(code);
    });
  }

  it('refuses a token that has expired', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice', { expires: 60 });
    const clock = new JwtClock();
    try {
      clock.advance(61);
      expect((await rejection(manager.verifyToken(token))).code).to.equal('ERR_JWT_EXPIRED');
    } finally {
      clock.restore();
    }
  });

  it('treats a refresh token that comes again as theft', async () => {
    const manager = managerWith({ rotationGrace: 0 });
    const { refreshToken } = await manager.createTokenPair('alice');
    const { jti, ...claims } = await manager.decodeToken(refreshToken);
    const [sid, gen] = [String(claims['sid']), Number(claims['gen'])];
    const store = manager.config.revocationStore as MemoryRevocationStore;
    await store.rotate({ identity: 'alice', type: 'refresh', jti, sid, gen }, 'next', 0);
    const error = await rejection(manager.verifyToken(refreshToken, { refresh: true }));
    expect(error.code).to.equal('ERR_JWT_REVOKED');
    expect(asked).to.include('reused alice');
    expect(await manager.sessions('alice')).to.deep.equal([]);
  });

  it('gives its events no context, and says so to a loader that reads it', async () => {
    const manager = managerWith({ loaders: [ReadsTheRequest] });
    const token = await manager.createAccessToken('alice');
    const error = await rejection(manager.verifyToken(token));
    expect(error).to.be.an.instanceOf(TypeError);
    expect(error.message).to.equal(
      'This token did not come with a request of Koa, so there is no context: it came through verifyToken, verifyUpgrade or watchToken',
    );
  });

  it('asks the blocklist about the first token of a family too', async () => {
    const manager = managerWith();
    const token = forge({ claims: claimsOf({ family: 'the first' }) });
    expect((await manager.verifyToken(token)).identity).to.equal('alice');
    expect(asked).to.deep.equal(['blocklist', 'blocklist', 'claims', 'user']);
  });

  for (const [options, message] of [
    [{ freshh: true }, 'Unknown option freshh: did you mean fresh?'],
    [{ Purpose: 'mail' }, 'Unknown option Purpose: did you mean purpose?'],
    [{ fresh: 1 }, 'Option fresh must be true or false'],
    [{ fresh: true, refresh: true }, 'Options fresh and refresh are at odds: a refresh token is never fresh'],
  ] as const) {
    it(`refuses the options ${JSON.stringify(options)}`, async () => {
      const error = await rejection(managerWith().verifyToken('', options as never));
      expect(error.name).to.equal('JwtConfigurationError');
      expect(error.message).to.equal(message);
    });
  }

  for (const name of ['locations', 'optional', 'manager']) {
    it(`does not know the option ${name}, which needs a request`, async () => {
      const error = await rejection(managerWith().verifyToken('', { [name]: true }));
      expect(error.message).to.include(`Unknown option ${name}`);
    });
  }

  it('tells why the store could not be asked in the cause of the error', async () => {
    const store = new MemoryRevocationStore();
    const manager = managerWith({ revocationStore: store });
    const token = await manager.createAccessToken('alice');
    store.check = () => Promise.reject(new Error('The store is broken'));
    const error = await rejection(manager.verifyToken(token));
    expect(error.code).to.equal('ERR_JWT_STORE_UNAVAILABLE');
    expect((error.cause as Error).message).to.equal('The store is broken');
  });

  it('warns of tokens that onStoreFailure lets in, and not of each one', async () => {
    const store = new MemoryRevocationStore();
    const manager = managerWith({ revocationStore: store, onStoreFailure: 'allow' });
    const token = await manager.createAccessToken('alice');
    store.check = () => Promise.reject(new Error('The store is broken'));
    const warnings = new Warnings();
    try {
      for (let i = 0; i < 5; i++) expect((await manager.verifyToken(token)).identity).to.equal('alice');
    } finally {
      warnings.stop();
    }
    expect(warnings.told).to.deep.equal([
      'A token was let in that could not be checked: The store is broken',
    ]);
  });

  it('does not warn of a token that it refuses: that is an error', async () => {
    const store = new MemoryRevocationStore();
    const manager = managerWith({ revocationStore: store });
    const token = await manager.createAccessToken('alice');
    store.check = () => Promise.reject(new Error('The store is broken'));
    const warnings = new Warnings();
    try {
      expect((await rejection(manager.verifyToken(token))).name).to.equal('StoreUnavailableError');
    } finally {
      warnings.stop();
    }
    expect(warnings.told).to.deep.equal([]);
  });

  it('warns again after ten seconds, whatever the store throws', async () => {
    const store = new MemoryRevocationStore();
    const manager = managerWith({ revocationStore: store, onStoreFailure: 'allow' });
    const token = await manager.createAccessToken('alice');
    let thrown: unknown;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- some clients do
    store.check = () => Promise.reject(thrown);
    const warnings = new Warnings();
    const now = performance.now.bind(performance);
    try {
      for (const time of [50_000, 59_999, 60_000]) {
        performance.now = () => time;
        thrown = `broken at ${time}`;
        await manager.verifyToken(token);
      }
    } finally {
      performance.now = now;
      warnings.stop();
    }
    expect(warnings.told).to.deep.equal([
      'A token was let in that could not be checked: broken at 50000',
      'A token was let in that could not be checked: broken at 60000',
    ]);
  });

  it('says so when its result was not awaited', () => {
    const manager = managerWith();
    const promise = manager.verifyToken('nonsense');
    promise.catch(() => undefined);
    expect(() => JSON.stringify({ state: promise })).to.throw('promise of verifyToken()');
  });
});
