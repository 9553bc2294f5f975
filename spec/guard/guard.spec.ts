import { expect } from 'chai';
import { Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import {
  JwtConfigurationError,
  JwtIdentity,
  JwtManager,
  JwtRequired,
  MemoryRevocationStore,
} from '../../src/index';
import { guard, nameManager } from '../../src/guard/guard';
import { policyFrom } from '../../src/request/Policy';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { serve, type Server } from '../support/Server';

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
let ran = 0;

@Service()
@JsonController('/method')
class MethodController {
  @Get('/protected')
  @JwtRequired()
  whoAmI(@JwtIdentity() identity: string): object {
    ran++;
    return { identity };
  }

  @Get('/open')
  open(): object {
    return { open: true };
  }
}

describe('guard', () => {
  let server: Server;

  before(async () => {
    server = await serve(manager, { controllers: [MethodController] });
  });
  after(() => server.close());
  beforeEach(() => {
    ran = 0;
  });

  it('accepts a valid token and provides its identity', async () => {
    const answer = await server.get('/method/protected', await manager.createAccessToken('alice'));
    expect(answer.json).to.deep.equal({ identity: 'alice' });
    expect(ran).to.equal(1);
  });

  it('refuses a request without a token, and the action does not run', async () => {
    expectRefused(await server.get('/method/protected'), 401, 'Missing Authorization Header');
    expect(ran).to.equal(0);
  });

  it('waits for every check even if the application has replaced the global Promise', async () => {
    const store = new MemoryRevocationStore();
    const guarded = new JwtManager({ secretKey: SECRET, loaders: [], revocationStore: store });
    const revoked = await guarded.createAccessToken('alice');
    await guarded.revoke(revoked);
    const other = await serve(guarded, { controllers: [MethodController] });
    const { Promise: native } = globalThis;
    try {
      globalThis.Promise = class Other<T> extends native<T> {};
      const statuses: number[] = [];
      for (const token of [undefined, `${revoked}A`, revoked])
        statuses.push((await other.get('/method/protected', token)).status);
      expect(statuses).to.deep.equal([401, 422, 401]);
    } finally {
      globalThis.Promise = native;
      await other.close();
    }
    expect(ran).to.equal(0);
  });

  it('throws at once where Express calls it, because the request would hang', () => {
    const express = guard(policyFrom()) as unknown as (...given: object[]) => void;
    expect(() => {
      express({}, {}, () => undefined);
    }).to.throw(TypeError, 'The JWT guard is for Koa: use createKoaServer or useKoaServer');
  });

  it('asks only managers, also for an open action that names one', () => {
    class Other {}
    for (const make of [() => guard(policyFrom({ manager: Other })), () => nameManager(Other)])
      expect(make).to.throw(JwtConfigurationError, 'Option manager names Other, which is no manager');
  });

  it('leaves actions without a policy open', async () => {
    expect((await server.get('/method/open')).json).to.deep.equal({ open: true });
  });
});
