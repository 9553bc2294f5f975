import { expect } from 'chai';
import { fork } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Service } from 'typedi';
import {
  AdditionalHeadersLoader,
  DecodeKeyLoader,
  EncodeKeyLoader,
  InvalidTokenError,
  JwtConfigurationError,
  JwtManager,
  UserClaimsLoader,
  UserIdentityLoader,
  type AdditionalHeadersLoaderInterface,
  type DecodeKeyLoaderInterface,
  type EncodeKeyLoaderInterface,
  type IssueEvent,
  type KeyMaterial,
  type UnverifiedEvent,
  type UserClaimsLoaderInterface,
  type UserIdentityLoaderInterface,
} from '../../src/index';
import { registeredLoaders } from '../../src/loader/loaderRegistry';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { provide } from '../support/Server';

interface User {
  readonly id: number;
  readonly role: string;
}

const alice: User = { id: 7, role: 'admin' };

@Service()
class Teams {
  of({ id }: User): Promise<string[]> {
    return Promise.resolve([`team of ${id}`]);
  }
}

@Service()
@UserIdentityLoader()
class IdLoader implements UserIdentityLoaderInterface {
  load({ identity }: IssueEvent): string {
    return String((identity as User).id);
  }
}

@Service()
@UserClaimsLoader()
class ClaimsLoader implements UserClaimsLoaderInterface {
  static readonly shared = Object.freeze({ role: 'from the loader' });
  constructor(private readonly teams: Teams) {}
  async load({ identity, type }: IssueEvent): Promise<Record<string, unknown>> {
    return { ...ClaimsLoader.shared, teams: await this.teams.of(identity as User), for: type };
  }
}

@Service()
@AdditionalHeadersLoader()
class HeadersLoader implements AdditionalHeadersLoaderInterface {
  load({ identity }: IssueEvent): Record<string, unknown> {
    return { kid: `of ${(identity as User).id}`, region: 'eu' };
  }
}

describe('the loaders that make a token', () => {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [IdLoader, ClaimsLoader, HeadersLoader] });
  before(() => {
    provide(manager);
  });

  it('come from the container, and get the original identity', async () => {
    const encoded = await manager.createAccessToken(alice);
    const claims = await manager.decodeToken(encoded);
    expect(claims).to.deep.include({
      sub: '7',
      role: 'from the loader',
      teams: ['team of 7'],
      for: 'access',
    });
    expect(manager.getUnverifiedHeader(encoded)).to.deep.equal({
      alg: 'HS256',
      typ: 'JWT',
      kid: 'of 7',
      region: 'eu',
    });
  });

  it('run for refresh tokens too', async () => {
    const claims = await manager.decodeToken(await manager.createRefreshToken(alice));
    expect(claims).to.deep.include({ sub: '7', for: 'refresh', fresh: false });
  });

  it('are overridden by the call', async () => {
    const encoded = await manager.createAccessToken(alice, {
      additionalClaims: { role: 'guest' },
      additionalHeaders: { region: 'us' },
    });
    expect(await manager.decodeToken(encoded)).to.deep.include({ role: 'guest', teams: ['team of 7'] });
    expect(manager.getUnverifiedHeader(encoded)).to.include({ kid: 'of 7', region: 'us' });
    expect(await manager.decodeToken(await manager.createAccessToken(alice))).to.include({
      role: 'from the loader',
    });
  });

  it('are named when the identity that one made was a mistake', async () => {
    const mistaken: [unknown, string][] = [
      [{ name: 'alice' }, 'must not be "undefined", which IdLoader.load() returned'],
      [{ id: null }, 'must not be "null", which IdLoader.load() returned'],
      [{ id: {} }, 'must not be "[object Object]", which IdLoader.load() returned'],
      [{ id: NaN }, 'must not be "NaN", which IdLoader.load() returned'],
      [{ id: '' }, 'must be a non-empty string, unlike what IdLoader.load() returned'],
      ['7', 'must not be "undefined", which IdLoader.load() returned'],
    ];
    const own = new JwtManager({ secretKey: SECRET, loaders: [IdLoader] });
    for (const [user, message] of mistaken) {
      const error = await rejection(own.createAccessToken(user));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.contain(message);
    }
  });

  it('must produce a string as identity, unless verifySub is off', async () => {
    const bare = new JwtManager({ secretKey: SECRET, loaders: [] });
    expect(await rejection(bare.createAccessToken(alice))).to.be.instanceOf(TypeError);
    const numbers = new JwtManager({ secretKey: SECRET, loaders: [], verifySub: false });
    expect((await numbers.decodeToken(await numbers.createAccessToken(7))).sub).to.equal(7);
  });
});

describe('@EncodeKeyLoader() and @DecodeKeyLoader()', () => {
  const keys: Record<string, KeyMaterial | undefined> = {
    alice: `${SECRET} of alice`,
    bob: `${SECRET} of bob`,
  };

  @Service()
  @EncodeKeyLoader()
  class SigningKeys implements EncodeKeyLoaderInterface {
    load({ identity }: IssueEvent): KeyMaterial {
      return keys[String(identity)] ?? '';
    }
  }

  @Service()
  @DecodeKeyLoader()
  class VerificationKeys implements DecodeKeyLoaderInterface {
    async load({ unverifiedHeader, unverifiedPayload }: UnverifiedEvent): Promise<KeyMaterial | undefined> {
      expect(unverifiedHeader.alg).to.be.a('string');
      return Promise.resolve(keys[String(unverifiedPayload['sub'])]);
    }
  }

  const manager = new JwtManager({ loaders: [SigningKeys, VerificationKeys] });
  const plain = (secretKey: KeyMaterial): JwtManager => new JwtManager({ secretKey, loaders: [] });
  before(() => {
    provide(manager);
  });

  it('choose the key for each token, without a configured one', async () => {
    expect((await manager.decodeToken(await manager.createAccessToken('alice'))).sub).to.equal('alice');
    expect(await plain(keys['bob'] as string).decodeToken(await manager.createAccessToken('bob'))).to.include(
      {
        sub: 'bob',
      },
    );
  });

  it('refuse a token signed with the key of another user', async () => {
    const forged = await plain(keys['bob'] as string).createAccessToken('alice');
    expect(await rejection(manager.decodeToken(forged))).to.be.instanceOf(InvalidTokenError);
  });

  it('refuse a token without a key like one with a bad signature', async () => {
    const stranger = await plain(SECRET).createAccessToken('stranger');
    for (const none of [undefined, null, '', Buffer.alloc(0)]) {
      keys['stranger'] = none as KeyMaterial;
      const error = await rejection(manager.decodeToken(stranger));
      expect(error).to.be.instanceOf(InvalidTokenError);
      expect((error as Error).message).to.equal('Signature verification failed');
    }
  });

  it('refuse keys that are too short, public, of another kind or no keys at all', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const stranger = await plain(SECRET).createAccessToken('stranger');
    for (const [bad, message] of [
      ['short', 'at least 32 bytes'],
      [pem, 'it is no secret'],
      [publicKey, 'must be a secret'],
      [privateKey, 'must be a secret'],
      [() => SECRET, 'must be a non-empty string, a Buffer or a KeyObject'],
      [{ key: SECRET }, 'must be a non-empty string, a Buffer or a KeyObject'],
    ] as const) {
      keys['stranger'] = bad as KeyMaterial;
      for (const promise of [manager.decodeToken(stranger), manager.createAccessToken('stranger')]) {
        const error = await rejection(promise);
        expect(error).to.be.instanceOf(JwtConfigurationError);
        expect((error as Error).message).to.match(/^What (Signing|Verification)Keys.load\(\) returned /);
        expect((error as Error).message).to.contain(message);
      }
    }
  });

  it('refuse to sign without a key', async () => {
    const error = await rejection(manager.createAccessToken('nobody'));
    expect(error).to.be.instanceOf(JwtConfigurationError);
  });
});

describe('the option loaders', () => {
  @UserClaimsLoader()
  class First {
    load(): Record<string, unknown> {
      return {};
    }
  }
  @UserClaimsLoader()
  class Second extends First {}

  it('refuses two loaders for one event, and names both', () => {
    expect(() => new JwtManager({ secretKey: SECRET, loaders: [First, Second] })).to.throw(
      JwtConfigurationError,
      'Two loaders for one event, userClaims: First and Second',
    );
  });

  it('refuses a class without a loader decorator', () => {
    expect(() => new JwtManager({ secretKey: SECRET, loaders: [class Stranger {}] })).to.throw(
      JwtConfigurationError,
      'Option loaders holds Stranger, which no decorator makes a loader',
    );
  });

  it('takes a class that was loaded again for the earlier one', async () => {
    const load = (): typeof First => {
      @Service()
      @AdditionalHeadersLoader()
      class Reloaded extends First {
        override load(): Record<string, unknown> {
          return { region: Reloaded.region };
        }
        static region = 'eu';
      }
      return Reloaded;
    };
    const [earlier, later] = [load(), load()];
    const report = await loadedTwice();
    expect(report).to.deep.equal({ loaders: ['FindUser'], region: 'second' });
    // A manager goes on asking the one that it lists.
    for (const listed of [earlier, later, First])
      expect(new JwtManager({ secretKey: SECRET, loaders: [listed] })).to.be.instanceOf(JwtManager);
    expect(() => new JwtManager({ secretKey: SECRET, loaders: [earlier, later] })).to.throw(
      JwtConfigurationError,
      'additionalHeaders: Reloaded and Reloaded',
    );
  });

  it('takes two classes of one name for two', () => {
    const One = (() => {
      @UserClaimsLoader()
      class Namesake {
        load(): Record<string, unknown> {
          return { one: true };
        }
      }
      return Namesake;
    })();
    const Other = (() => {
      @UserClaimsLoader()
      class Namesake {
        load(): Record<string, unknown> {
          return { other: true };
        }
      }
      return Namesake;
    })();
    expect(() => new JwtManager({ secretKey: SECRET, loaders: [One, Other] })).to.throw(
      JwtConfigurationError,
      'userClaims: Namesake and Namesake',
    );
    expect(registeredLoaders.get('userClaims')).to.include.members([One, Other]);
  });

  it('may name a class twice', () => {
    expect(new JwtManager({ secretKey: SECRET, loaders: [First, First] })).to.be.instanceOf(JwtManager);
  });

  it('holds a loader without a method load to it, when it is asked', async () => {
    @Service()
    class Loadless {}
    UserClaimsLoader()(Loadless as never);
    const manager = new JwtManager({ secretKey: SECRET, loaders: [Loadless] });
    provide(manager);
    const error = await rejection(manager.createAccessToken('alice'));
    expect(error.message).to.equal('Loadless has no method load: a loader is asked by its load(event)');
  });

  it('defaults to every registered loader, and the specs have two for one event', () => {
    expect(() => new JwtManager({ secretKey: SECRET })).to.throw(
      JwtConfigurationError,
      'Two loaders for one event',
    );
  });
});

/** In a separate process, where no other loader is registered. */
async function loadedTwice(): Promise<unknown> {
  const child = fork(join(__dirname, 'fixtures/reload.program.js'));
  const [report] = (await once(child, 'message')) as [unknown];
  return report;
}
