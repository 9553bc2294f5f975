import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { JwtConfigurationError, JwtError, JwtManager } from '../../src/index';
import { MAJOR } from '../../src/registry/registry';
import { ROOT } from '../support/root';
import { SECRET } from '../support/secret';

/** In a separate process, because what is declared there applies to all copies of a process. */
async function reportOf(how: string, what: string): Promise<Record<string, unknown>> {
  const child = fork(join(__dirname, 'fixtures/copies.program.js'), [how, what]);
  const [report] = (await once(child, 'message')) as [Record<string, unknown>];
  return report;
}

describe('the registry', () => {
  for (const [how, title] of [
    ['installed', 'two installed copies'],
    ['reloaded', 'a copy that was loaded again'],
  ] as const) {
    it(`is one for ${title}: guards, loaders and the manager of either`, async () => {
      expect(await reportOf(how, 'explicit')).to.deep.equal({
        json: { identity: 'alice' },
        anonymous: [401, 401, 200],
        alice: [200, 200, 200],
        eve: [401, 401, 200],
        // Of a manager of the other copy, which must not be asked.
        strange: [422, 422, 200],
        // The guard, once.
        uses: 1,
        // Two routes with a guard, for alice twice and for eve, and the first request.
        asked: 5,
        isKnown: true,
        isOther: false,
        messages: [],
      });
    });

    it(`has one default for ${title}`, async () => {
      const { anonymous, alice } = await reportOf(how, 'default');
      expect({ anonymous, alice }).to.deep.equal({ anonymous: [401, 401, 401], alice: [200, 200, 200] });
    });
  }

  it('lets nobody in when the container has a manager of each copy, and says why', async () => {
    const { anonymous, alice, messages } = await reportOf('installed', 'managers');
    expect({ anonymous, alice }).to.deep.equal({ anonymous: [500, 500, 200], alice: [500, 500, 200] });
    expect((messages as string[])[0]).to.contain('Two copies of this package are installed');
  });

  it('is that of the major version in package.json', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(Number(version.split('.')[0])).to.equal(MAJOR);
  });

  it('cannot be replaced, and is not listed', () => {
    const key = Symbol.for(`routing-controllers-jwt-extended@${MAJOR}`);
    const property = Object.getOwnPropertyDescriptor(globalThis, key);
    expect(property).to.include({ writable: false, enumerable: false, configurable: false });
    expect(property?.value).to.satisfy(Object.isFrozen);
  });

  it('refuses to share a process with another major version, which would guard nothing here', () => {
    const other = Symbol.for('routing-controllers-jwt-extended@999');
    Object.defineProperty(globalThis, other, { value: {}, configurable: true });
    try {
      expect(() => new JwtManager({ secretKey: SECRET, loaders: [] })).to.throw(
        JwtConfigurationError,
        'routing-controllers-jwt-extended@999 is loaded too',
      );
    } finally {
      Reflect.deleteProperty(globalThis, other);
    }
  });

  it('takes no error of somebody else for one of its own', () => {
    class Other extends JwtError {
      readonly code = 'ERR_JWT_INVALID';
      readonly event = undefined;
    }
    expect(new Other(401, 'x')).to.be.instanceOf(JwtError);
    expect(new Error('x')).not.to.be.instanceOf(JwtError);
    expect(new Error('x')).not.to.be.instanceOf(Other);
    expect(new JwtConfigurationError('x')).not.to.be.instanceOf(Other);
  });
});
