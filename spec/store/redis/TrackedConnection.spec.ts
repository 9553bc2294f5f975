import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { JwtConfigurationError, type TokenFacts } from '../../../src/index';
import { TrackedConnection } from '../../../src/store/redis/TrackedConnection';
import { TrackedVerdicts, type TimedVerdict } from '../../../src/store/redis/TrackedVerdicts';
import { skipTime } from '../../support/skipTime';

const TRACKING = { flags: ['on'], redirect: 0 };

/** What is needed of a client of Redis, and nothing else. */
class Client extends EventEmitter {
  readonly options: Record<string, unknown> = { emitInvalidate: true };
  isReady = true;
  id: number | Error = 1;
  tracking: unknown = TRACKING;
  probes = 0;

  async clientId(): Promise<number> {
    this.probes++;
    await Promise.resolve();
    if (this.id instanceof Error) throw this.id;
    return this.id;
  }
  async clientTrackingInfo(): Promise<unknown> {
    await Promise.resolve();
    return this.tracking;
  }
}

describe('TrackedConnection', () => {
  let client: Client;
  let heard: (string | null)[];
  let connection: TrackedConnection;
  beforeEach(() => {
    client = new Client();
    heard = [];
    connection = new TrackedConnection(client, {
      changed: (key) => heard.push(key),
      confirmed: () => heard.push('confirmed'),
    });
  });
  /** What a question says after the probe that it sends. */
  async function isTrusted(): Promise<boolean> {
    const before = connection.isTrusted;
    await nextTurn();
    return [before, connection.isTrusted].at(-1) === true;
  }

  it('is trusted once it has answered a probe, for a second', async () => {
    expect(connection.isTrusted).to.equal(false);
    await nextTurn();
    expect(connection.isTrusted).to.equal(true);
    expect(heard).to.deep.equal([null, 'confirmed']);
    connection.assertTracking();
    client.clientId = () => new Promise(() => undefined);
    skipTime(0.9);
    expect(connection.isTrusted).to.equal(true);
    skipTime(0.2);
    expect(connection.isTrusted).to.equal(false);
  });

  it('is probed four times a second at most, and once at a time', async () => {
    for (let i = 0; i < 5; i++) expect(await isTrusted()).to.equal(true);
    expect(client.probes).to.equal(1);
    skipTime(0.24);
    expect(await isTrusted()).to.equal(true);
    expect(client.probes).to.equal(1);
    skipTime(0.02);
    expect(await isTrusted()).to.equal(true);
    expect(client.probes).to.equal(2);
    skipTime(1);
    let answer: (id: number) => void = () => undefined;
    client.clientId = () => {
      client.probes++;
      return new Promise((resolve) => (answer = resolve));
    };
    expect(await isTrusted()).to.equal(false);
    skipTime(1);
    expect(await isTrusted()).to.equal(false);
    expect(client.probes).to.equal(3);
    answer(1);
    await nextTurn();
    skipTime(1);
    expect(await isTrusted()).to.equal(false);
    expect(client.probes).to.equal(4);
  });

  it('is not trusted while the client is not ready', async () => {
    expect(await isTrusted()).to.equal(true);
    client.isReady = false;
    expect(connection.isTrusted).to.equal(false);
  });

  it('tells every change, and that any key may have changed', () => {
    client.emit('invalidate', 'a');
    client.emit('invalidate', Buffer.from('b'));
    client.emit('invalidate', null);
    expect(heard).to.deep.equal(['a', 'b', null]);
  });

  it('is another one after it was lost, or replaced', async () => {
    expect(await isTrusted()).to.equal(true);
    heard.length = 0;
    client.emit('ready');
    expect(connection.isTrusted).to.equal(false);
    expect(heard).to.deep.equal([null]);
    skipTime(0.3);
    expect(await isTrusted()).to.equal(true);
    heard.length = 0;
    client.id = 2;
    skipTime(0.3);
    expect(await isTrusted()).to.equal(true);
    expect(heard).to.deep.equal([null, 'confirmed']);
    heard.length = 0;
    skipTime(0.3);
    expect(await isTrusted()).to.equal(true);
    expect(heard).to.deep.equal(['confirmed']);
  });

  for (const tracking of [
    { flags: ['off'], redirect: -1 },
    { flags: ['on', 'bcast'], redirect: 0 },
    { flags: ['on'], redirect: 7 },
    { flags: ['on'], redirect: -1 },
    { flags: [], redirect: 0 },
    { flags: 'on', redirect: 0 },
    { redirect: 0 },
    {},
  ]) {
    it(`refuses a connection that says ${JSON.stringify(tracking)}`, async () => {
      expect(await isTrusted()).to.equal(true);
      client.tracking = tracking;
      heard.length = 0;
      skipTime(0.3);
      expect(await isTrusted()).to.equal(false);
      expect(heard).to.include(null).and.not.include('confirmed');
      expect(() => {
        connection.assertTracking();
      })
        .to.throw(
          JwtConfigurationError,
          'localCache: the connection to Redis does not track what it reads, or may not report it (Redis 6.2 or later)',
        )
        .with.nested.property('cause.message', 'CLIENT TRACKINGINFO says otherwise');
      client.tracking = { flags: [Buffer.from('on')], redirect: '0' };
      skipTime(0.3);
      expect(await isTrusted()).to.equal(true);
      connection.assertTracking();
    });
  }

  for (const [message, isRefused] of [
    ["ERR unknown subcommand 'TRACKINGINFO'", true],
    ['NOPERM this user has no permissions', true],
    ['ERRor', false],
    ['no ERR at its beginning', false],
    ['Socket closed unexpectedly', false],
  ] as const) {
    it(`${isRefused ? 'refuses' : 'does not trust'} a connection that fails with ${message}`, async () => {
      expect(await isTrusted()).to.equal(true);
      heard.length = 0;
      client.id = new Error(message);
      skipTime(0.3);
      expect(await isTrusted()).to.equal(false);
      expect(heard).to.include(null);
      const assert = (): void => {
        connection.assertTracking();
      };
      if (isRefused) expect(assert).to.throw(JwtConfigurationError).with.property('cause', client.id);
      else expect(assert).not.to.throw();
    });
  }

  it('needs a client that can receive changes, and adds no prefix', () => {
    const listener = { changed: () => undefined, confirmed: () => undefined };
    const without = (name: string): object => Object.assign(new Client(), { [name]: undefined });
    const withOptions = (options: object | undefined): object => Object.assign(new Client(), { options });
    for (const other of [
      {},
      ...['clientId', 'clientTrackingInfo', 'on', 'options'].map(without),
      withOptions({}),
      withOptions({ emitInvalidate: false }),
    ])
      expect(() => new TrackedConnection(other, listener)).to.throw(
        JwtConfigurationError,
        'localCache needs a client made by createClient({ RESP: 3, emitInvalidate: true }): no cluster, pool or sentinel',
      );
    expect(
      () => new TrackedConnection(withOptions({ emitInvalidate: true, keyPrefix: 'a' }), listener),
    ).to.throw(JwtConfigurationError, 'localCache needs a client without keyPrefix: give the store a prefix');
  });
});

describe('TrackedVerdicts', () => {
  const token = { identity: 'alice', jti: 'a', type: 'access' } as TokenFacts;
  const valid: TimedVerdict = { verdict: 'valid', until: Infinity };
  let client: Client;
  let asked: number;
  let verdicts: TrackedVerdicts;
  beforeEach(async () => {
    client = new Client();
    asked = 0;
    verdicts = new TrackedVerdicts(client, 10, (key) => key.charAt(0));
    verdicts.recall(token);
    await nextTurn();
  });
  const learn = (answer = valid, key = 'alice'): Promise<unknown> =>
    verdicts.learn(token, key, async () => {
      asked++;
      return Promise.resolve(answer);
    });

  it('are recalled until Redis reports a change of their group, or any', async () => {
    for (const key of ['abc', null]) {
      expect(verdicts.recall(token)).to.equal(undefined);
      expect(await learn()).to.equal('valid');
      expect(verdicts.recall(token)).to.equal('valid');
      client.emit('invalidate', 'bcd');
      expect(verdicts.recall(token)).to.equal('valid');
      client.emit('invalidate', key);
    }
    expect(verdicts.recall(token)).to.equal(undefined);
    expect(asked).to.equal(2);
  });

  it('are not recalled on a connection that is not trusted', async () => {
    await learn();
    client.isReady = false;
    expect(verdicts.recall(token)).to.equal(undefined);
    client.isReady = true;
    expect(verdicts.recall(token)).to.equal('valid');
  });

  it('are not kept when the group changed while Redis was asked', async () => {
    await verdicts.learn(token, 'alice', async () => {
      client.emit('invalidate', 'alice');
      return Promise.resolve(valid);
    });
    expect(verdicts.recall(token)).to.equal(undefined);
  });

  it('are not kept, and not asked for, when Redis fails or does not track', async () => {
    let failure: unknown;
    await verdicts
      .learn(token, 'alice', () => Promise.reject(new RangeError('a fault')))
      .catch((error: unknown) => {
        failure = error;
      });
    expect(failure).to.be.instanceOf(RangeError);
    client.tracking = {};
    skipTime(0.3);
    verdicts.recall(token);
    await nextTurn();
    await learn().catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(JwtConfigurationError);
    expect(asked).to.equal(0);
  });

  it('are for a whole number of tokens', () => {
    for (const max of [0, -1, 1.5, NaN, Infinity, '10'])
      expect(() => new TrackedVerdicts(new Client(), max as number, (key) => key)).to.throw(
        JwtConfigurationError,
        'localCache.max must be a whole number from 1',
      );
    expect(new TrackedVerdicts(new Client(), 1, (key) => key)).to.be.instanceOf(TrackedVerdicts);
  });
});
