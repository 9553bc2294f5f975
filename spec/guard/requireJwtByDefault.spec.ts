import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';

interface Report {
  readonly port?: number;
  readonly token?: string;
  readonly error?: string;
}

describe('requireJwtByDefault(options)', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill());

  /** In a separate process, because the default applies to the whole process. */
  async function started(when: 'before' | 'after' | 'mixed' | 'twice'): Promise<Report> {
    child = fork(join(__dirname, 'fixtures/default.program.js'), [when]);
    const [report] = (await once(child, 'message')) as [Report];
    return report;
  }

  it('guards every action without a policy', async () => {
    const { port, token } = await started('before');
    const statuses: Record<string, [number, number]> = {};
    const passed: Record<string, [boolean, boolean]> = {};
    for (const path of ['/silent', '/plain', '/silent/optional', '/silent/exempt', '/exempt']) {
      const url = `http://127.0.0.1:${String(port)}${path}`;
      const [without, withToken] = [
        await fetch(url),
        await fetch(url, { headers: { authorization: `Bearer ${String(token)}` } }),
      ];
      statuses[path] = [without.status, withToken.status];
      passed[path] = [without.headers.has('x-passed'), withToken.headers.has('x-passed')];
      if (path === '/silent') expect(await withToken.json()).to.deep.equal({ identity: 'alice' });
    }
    // Nothing of the class runs before its guard.
    expect(passed['/plain']).to.deep.equal([false, true]);
    expect(statuses).to.deep.equal({
      '/silent': [401, 200],
      '/plain': [401, 200],
      '/silent/optional': [200, 200],
      '/silent/exempt': [200, 200],
      '/exempt': [200, 200],
    });
  });

  it('throws if it comes too late for one action of a partly guarded controller', async () => {
    const { error } = await started('mixed');
    expect(error).to.contain('created: SilentController.action would stay open');
  });

  it('throws if it is called again, which might loosen it', async () => {
    const { error } = await started('twice');
    expect(error).to.contain('requireJwtByDefault() must be called once');
  });

  it('throws if it comes too late, and names what would stay open', async () => {
    const { error } = await started('after');
    expect(error).to.contain('requireJwtByDefault() must come before the server is created');
    expect(error).to.match(
      / is created: SilentController\.action, .*PlainController\.action would stay open$/,
    );
  });
});
