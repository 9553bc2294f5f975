import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';

interface Report {
  readonly port?: number;
  readonly token?: string;
  readonly error?: string;
}

/** In a process of its own, for the default holds for every controller of a process. */
async function started(when: 'before' | 'after' | 'mixed' | 'twice'): Promise<[ChildProcess, Report]> {
  const child = fork(join(__dirname, 'fixtures/default.program.js'), [when]);
  const [report] = (await once(child, 'message')) as [Report];
  return [child, report];
}

describe('requireJwtByDefault(options)', () => {
  it('guards every action that says nothing', async () => {
    const [child, { port, token }] = await started('before');
    const statuses: Record<string, [number, number]> = {};
    for (const path of ['/silent', '/plain', '/silent/optional', '/silent/exempt', '/exempt']) {
      const url = `http://127.0.0.1:${String(port)}${path}`;
      const [without, withToken] = [
        await fetch(url),
        await fetch(url, { headers: { authorization: `Bearer ${String(token)}` } }),
      ];
      statuses[path] = [without.status, withToken.status];
      if (path === '/silent') expect(await withToken.json()).to.deep.equal({ identity: 'alice' });
    }
    child.kill();
    expect(statuses).to.deep.equal({
      '/silent': [401, 200],
      '/plain': [401, 200],
      '/silent/optional': [200, 200],
      '/silent/exempt': [200, 200],
      '/exempt': [200, 200],
    });
  });

  it('throws where it comes too late for one action of a controller that guards others', async () => {
    const [, { error }] = await started('mixed');
    expect(error).to.contain('created: SilentController.action would stay open');
  });

  it('throws where it is called again, which might loosen it', async () => {
    const [, { error }] = await started('twice');
    expect(error).to.contain('requireJwtByDefault() must be called once');
  });

  it('throws where it comes too late, naming what would stay open', async () => {
    const [, { error }] = await started('after');
    expect(error).to.contain('requireJwtByDefault() must come before the server is created');
    expect(error).to.contain('PlainController.action would stay open');
  });
});
