import path from 'node:path';
import { expect } from 'chai';
import { describeWithRedisServer } from '../support/RedisServer';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

const SOAK = path.join(ROOT, 'build/soak/index.js');

function soak(...flags: string[]): Promise<string> {
  return run(process.execPath, ['--enable-source-maps', SOAK, ...flags], { cwd: ROOT });
}

describeWithRedisServer('An application of several processes on Redis, under load', function () {
  this.timeout(180_000);

  it('answers as promised, whatever fails', async () => {
    const report = await soak('--minutes=1');
    expect(report).to.include('Nothing was wrong');
    // A run that has asked nothing has shown nothing.
    const [, tries = '0'] = /users: [\d.]+ ms \((\d+)\)/.exec(report) ?? [];
    expect(Number(tries), report).to.be.greaterThan(100);
  });

  const plants = {
    'forgets-revocations': /WRONG token after its end, .*, 0 were promised/,
    'mixes-identities': /WRONG good token, users, .*: another (identity|token)/,
    'rejects-unhandled': /WRONG .*unhandled rejection: Error: Nobody listens/,
    leaks: /WRONG process 1, life 1: grew by/,
  };
  for (const [plant, complaint] of Object.entries(plants)) {
    it(`is reported when it ${plant.replace('-', ' ')}`, async () => {
      const failure = await soak('--minutes=0.06', `--plant=${plant}`).then(
        () => 'nothing',
        (error: unknown) => String(error),
      );
      expect(failure).to.match(complaint);
    });
  }
});
