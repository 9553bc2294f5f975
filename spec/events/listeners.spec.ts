import { createHook } from 'node:async_hooks';
import { expect } from 'chai';
import { jwtEvents, JwtManager, MemoryRevocationStore, type TokenPair } from '../../src/index';
import * as tokenMessages from '../../src/events/tokenMessage';
import * as withoutSecrets from '../../src/events/withoutSecrets';
import * as publishing from '../../src/request/publish';
import { Heard } from '../support/Heard';
import { SECRET } from '../support/secret';
import { StoreGate } from '../support/StoreGate';

describe('A listener', () => {
  let gate: StoreGate;

  before(async () => {
    gate = await StoreGate.of({ revocationStore: new MemoryRevocationStore(), rotationGrace: 0 });
  });
  after(() => gate.close());

  /** Every kind of event but those of stores and issuers. */
  async function live(): Promise<number[]> {
    const { accessToken, refreshToken } = (await gate.login('alice')).json as TokenPair;
    const answers = [
      await gate.me(accessToken),
      await gate.me('x'),
      await gate.rotate(refreshToken),
      await gate.rotate(refreshToken),
      await gate.logout(accessToken),
      await gate.logout(((await gate.login('bob')).json as TokenPair).accessToken),
    ];
    return answers.map(({ status }) => status);
  }
  const STATUSES = [200, 422, 200, 401, 401, 200];

  it('that throws changes no answer, and its error reaches the process', async () => {
    const others = process.listeners('uncaughtException');
    const caught: unknown[] = [];
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => caught.push(error));
    const oops = (): void => {
      throw new Error('Oops');
    };
    const channels = Object.values(jwtEvents) as {
      subscribe(l: () => void): void;
      unsubscribe(l: () => void): boolean;
    }[];
    const heard = new Heard();
    for (const each of channels) each.subscribe(oops);
    try {
      expect(await live()).to.deep.equal(STATUSES);
      await new Promise(setImmediate);
      expect(caught).to.have.length(heard.all.length).and.length.above(8);
      expect(new Set(caught.map(String))).to.deep.equal(new Set(['Error: Oops']));
    } finally {
      for (const each of channels) each.unsubscribe(oops);
      heard.stop();
      process.removeAllListeners('uncaughtException');
      for (const each of others) process.on('uncaughtException', each);
    }
  });

  it('that changes a message changes neither token nor request', async () => {
    const spoil = (message: object): void => {
      for (const name of Object.keys(message)) Reflect.set(message, name, 'spoilt');
    };
    const channels = [jwtEvents.issued, jwtEvents.admitted, jwtEvents.refused, jwtEvents.revoked];
    for (const each of channels) each.subscribe(spoil);
    try {
      expect(await live()).to.deep.equal(STATUSES);
      const { accessToken } = (await gate.login('alice')).json as TokenPair;
      expect((await gate.me(accessToken)).json).to.deep.equal({ identity: 'alice' });
    } finally {
      for (const each of channels) each.unsubscribe(spoil);
    }
  });

  it('that does not exist costs nothing: no message is made', async () => {
    const calls: string[] = [];
    const restore: (() => void)[] = [];
    const count = (owner: object, name: string): void => {
      const own = Object.getOwnPropertyDescriptor(owner, name);
      const value = function (this: unknown, ...args: unknown[]): unknown {
        calls.push(name);
        // A channel changes its prototype when somebody subscribes.
        const original: unknown = own?.value ?? Reflect.get(Object.getPrototypeOf(owner) as object, name);
        return (original as (...args: unknown[]) => unknown).apply(this, args);
      };
      Object.defineProperty(owner, name, { ...own, value, configurable: true, enumerable: true });
      restore.push(() => {
        if (own === undefined) Reflect.deleteProperty(owner, name);
        else Object.defineProperty(owner, name, own);
      });
    };
    count(tokenMessages, 'tokenMessage');
    count(withoutSecrets, 'reasonOf');
    count(withoutSecrets, 'withoutTokens');
    count(publishing, 'publishAdmission');
    count(publishing, 'publishRefused');
    for (const each of Object.values(jwtEvents)) count(each, 'publish');
    try {
      expect(await live()).to.deep.equal(STATUSES);
      expect(calls).to.deep.equal([]);
      // The same calls are counted when somebody listens.
      const heard = new Heard();
      await live();
      heard.stop();
      expect(calls).to.include.members([
        ...['tokenMessage', 'withoutTokens', 'publishAdmission', 'publishRefused', 'publish'],
      ]);
    } finally {
      for (const each of restore) each();
    }
  });

  it('adds no promise to what happens', async () => {
    const promisesOf = async (): Promise<number> => {
      const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
      let promises = 0;
      const hook = createHook({ init: (_, type) => void (promises += type === 'PROMISE' ? 1 : 0) });
      hook.enable();
      await manager.decodeToken(await manager.createAccessToken('alice'));
      hook.disable();
      return promises;
    };
    // The first one also prepares what is prepared once.
    await promisesOf();
    const unheard = await promisesOf();
    const heard = new Heard();
    try {
      expect(await promisesOf()).to.equal(unheard);
      expect(unheard).to.be.above(0);
    } finally {
      heard.stop();
    }
  });
});
