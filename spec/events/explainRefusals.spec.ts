import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { namesJwt } from '../../src/events/explainRefusals';

describe('DEBUG', () => {
  for (const list of ['jwt', 'jwt:*', 'jwt*', '*', 'koa*,jwt*', 'koa jwt', 'jwt:refused', 'j*t', '*,-koa*']) {
    it(`explains refusals: ${list}`, () => {
      expect(namesJwt(list)).to.equal(true);
    });
  }
  for (const list of [
    '',
    'koa*',
    'jwt-other',
    '-jwt',
    '*,-jwt',
    '*,-jwt:*',
    'jwt,-jwt*',
    'xjwt',
    'j*x',
    'JWT',
  ]) {
    it(`explains nothing: ${list}`, () => {
      expect(namesJwt(list)).to.equal(false);
    });
  }

  it('has one line for each refusal on standard error, without the token', async () => {
    const { errors, token } = await run('other*,jwt*');
    const lines = errors.trimEnd().split('\n');
    const time = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    expect(lines).to.have.length(3);
    expect(lines[0]).to.match(
      new RegExp(
        `${time} jwt GET /cats 401 ERR_JWT_MISSING Missing Authorization Header \\(CatsController.list, headers\\)$`,
      ),
    );
    expect(lines[1]).to.match(
      /jwt GET \/cats 422 ERR_JWT_INVALID Signature verification failed \(CatsController.list, headers\)$/,
    );
    expect(lines[2]).to.match(/jwt GET \/plain%0Aforged 401 ERR_JWT_MISSING Missing .* \(headers\)$/);
    for (const part of token.split('.')) expect(errors).to.not.include(part);
  });

  it('prints nothing without jwt in it', async () => {
    for (const list of [undefined, 'other*']) expect((await run(list)).errors).to.equal('');
  });
});

/** Serves two good and three bad requests in a process of its own. */
async function run(list: string | undefined): Promise<{ errors: string; token: string }> {
  const child = fork(join(__dirname, 'fixtures/refusals.program.js'), {
    env: { ...process.env, NODE_V8_COVERAGE: undefined, NODE_OPTIONS: undefined, DEBUG: list },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close');
  const [token] = (await once(child, 'message')) as [string];
  await ended;
  return { errors, token };
}
