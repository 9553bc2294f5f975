import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { describeWithRedisServer, RedisServer } from '../support/RedisServer';
import { Example, FOLDER, type Env } from './Example';

const DATA_FILE = path.join(FOLDER, 'sessions-spec.sqlite');

const alice = { username: 'alice', password: 'a garden of live flowers' };
const bob = { username: 'bob', password: 'all ways are my ways' };

describe('Sessions of the example application, in memory', function () {
  this.timeout(60_000);
  behavesWith(() => Promise.resolve({}));
});

describeWithRedisServer('Sessions of the example application, in Redis', function () {
  this.timeout(60_000);
  let redis: RedisServer;

  after(async () => {
    await Example.stopAll();
    await redis.remove();
  });

  behavesWith(async () => {
    redis = await RedisServer.started();
    return { REDIS_URL: redis.url };
  });

  it('survive a restart, and so does their end', async () => {
    const env = { REDIS_URL: redis.url, DATABASE_FILE: DATA_FILE };
    rmSync(DATA_FILE, { force: true });
    const first = await Example.start(env);
    await first.signUp(alice);
    const kept = await first.tokensOf(alice);
    const left = await first.tokensOf(alice);
    // Runs next to the first one: each sees which sessions the other has ended.
    const second = await Example.start(env);
    expect((await second.post('/logout', {}, left.refresh_token)).status).to.equal(204);
    expect((await first.get('/me', left.access_token)).status).to.equal(401);
    await first.stop();
    expect((await second.get('/me', kept.access_token)).status).to.equal(200);
    expect(await second.sessionsOf(kept.access_token)).to.have.length(1);
    expect((await second.post('/refresh', {}, kept.refresh_token)).status).to.equal(200);
  });

  it('let nobody in while Redis is down, and recover when it is back', async () => {
    const own = await RedisServer.started({ isPersistent: true });
    try {
      const example = await Example.start({ REDIS_URL: own.url });
      await example.signUp(alice);
      const { access_token } = await example.tokensOf(alice);
      await own.kill();
      const refused = await example.get('/me', access_token);
      expect(refused.status).to.equal(503);
      expect(await refused.json()).to.deep.equal({ msg: 'Sessions cannot be checked at the moment' });
      const noLogIn = await example.post('/login', alice);
      for (const { headers } of [refused, noLogIn]) expect(headers.get('retry-after')).to.equal('1');
      expect(noLogIn.status).to.equal(503);
      await own.start();
      for (let i = 0; i < 100 && (await example.get('/me', access_token)).status !== 200; i++)
        await sleep(100);
      expect((await example.get('/me', access_token)).status).to.equal(200);
      await example.stop();
    } finally {
      await own.remove();
    }
  });
});

function behavesWith(prepare: () => Promise<Env>): void {
  let example: Example;

  before(async () => {
    example = await Example.start({ ...(await prepare()), JWT_ROTATION_GRACE: '0' });
    await example.signUp(alice, bob);
  });
  after(() => Example.stopAll());

  it('are listed for their user, with this one marked', async () => {
    const [one, other] = [await example.tokensOf(alice), await example.tokensOf(alice)];
    await example.tokensOf(bob);
    const sessions = await example.sessionsOf(other.access_token);
    expect(sessions.map(({ isThis }) => isThis)).to.have.members([false, true]);
    for (const { started, refreshed } of sessions) {
      expect(refreshed).to.equal(started);
      expect(Math.abs(Date.parse(started) - Date.now())).to.be.lessThan(60_000);
    }
    await example.delete('/sessions', one.access_token);
  });

  it('can be ended with either token, without ending others', async () => {
    for (const which of ['access_token', 'refresh_token'] as const) {
      const [left, kept] = [await example.tokensOf(alice), await example.tokensOf(alice)];
      expect((await example.post('/logout', {}, left[which])).status).to.equal(204);
      const refused = await example.get('/me', left.access_token);
      expect([refused.status, await refused.json()]).to.deep.equal([401, { msg: 'Token has been revoked' }]);
      expect((await example.post('/refresh', {}, left.refresh_token)).status).to.equal(401);
      expect((await example.get('/me', kept.access_token)).status).to.equal(200);
      await example.delete('/sessions', kept.access_token);
    }
  });

  it('can be ended one by one, by their own user only', async () => {
    const [mine, hers] = [await example.tokensOf(bob), await example.tokensOf(alice)];
    const [session] = await example.sessionsOf(hers.access_token);
    expect((await example.delete(`/sessions/${String(session?.sid)}`, mine.access_token)).status).to.equal(
      204,
    );
    expect((await example.get('/me', hers.access_token)).status).to.equal(200);
    expect((await example.delete(`/sessions/${String(session?.sid)}`, hers.access_token)).status).to.equal(
      204,
    );
    expect((await example.get('/me', hers.access_token)).status).to.equal(401);
  });

  it('can be ended all at once, without those of another user', async () => {
    const [one, other] = [await example.tokensOf(alice), await example.tokensOf(alice)];
    const his = await example.tokensOf(bob);
    expect((await example.delete('/sessions', one.access_token)).status).to.equal(204);
    for (const { access_token } of [one, other]) {
      expect((await example.get('/me', access_token)).status).to.equal(401);
    }
    expect((await example.get('/me', his.access_token)).status).to.equal(200);
    expect((await example.get('/me', (await example.tokensOf(alice)).access_token)).status).to.equal(200);
  });

  it('end when a refresh token is used twice, and the log omits the token', async () => {
    const { refresh_token } = await example.tokensOf(alice);
    const refreshed = await example.post('/refresh', {}, refresh_token);
    const { access_token } = (await refreshed.json()) as { access_token: string };
    expect((await example.get('/me', access_token)).status).to.equal(200);
    expect((await example.post('/refresh', {}, refresh_token)).status).to.equal(401);
    expect((await example.get('/me', access_token)).status).to.equal(401);
    const { output } = example.program;
    expect(output).to.match(
      /Warning: a refresh token was used twice and may be stolen; session [\w-]+ of user [\w-]+ has been ended/,
    );
    expect(output).to.not.include(refresh_token).and.not.match(/eyJ/);
  });
}
