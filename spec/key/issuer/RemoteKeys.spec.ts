import { expect } from 'chai';
import { JwtManager, KeysUnavailableError, type JwtIssuer } from '../../../src/index';
import { Gate } from '../../support/Gate';
import { IssuerKey } from '../../support/IssuerKey';
import { expectUnavailable, gateFor, issuerOf, statuses } from '../../support/IssuerGate';
import { JwksServer, MISBEHAVIOURS } from '../../support/JwksServer';
import { rejection } from '../../support/rejection';
import { bearer, provide } from '../../support/Server';
import { skipTime } from '../../support/skipTime';
import { Warnings } from '../../support/Warnings';

const BAD_SIGNATURE = 'Signature verification failed';

describe('The keys of another issuer', () => {
  let server: JwksServer;
  let gate: Gate;
  let key: IssuerKey;
  let warnings: Warnings;

  beforeEach(async () => {
    warnings = new Warnings();
    key = IssuerKey.fresh('first');
    server = await JwksServer.of(key.jwk());
  });

  afterEach(async () => {
    warnings.stop();
    await gate.close();
    await server.stop();
  });

  async function open(changes: Partial<JwtIssuer> = {}): Promise<void> {
    gate = await gateFor(server, changes);
  }

  function token(by = key): string {
    return by.token(server.issuer);
  }

  describe('are fetched', () => {
    it('with the first of its tokens, and no sooner', async () => {
      await open();
      await gate.expectHonestServed();
      expect(server.asked).to.deep.equal([]);
      await gate.expectAdmitted(token());
      expect(server.asked).to.deep.equal(['/jwks']);
    });

    it('once for many tokens', async () => {
      await open();
      for (let i = 0; i < 50; i++) await gate.expectAdmitted(token());
      expect(server.fetches).to.equal(1);
    });

    it('once for many requests at a cold start', async () => {
      await open();
      const answers = await statuses(
        gate,
        Array.from({ length: 200 }, () => token()),
      );
      expect(new Set(answers)).to.deep.equal(new Set([200]));
      expect(server.fetches).to.equal(1);
    });

    it('once for many tokens with a new key', async () => {
      await open();
      await gate.expectAdmitted(token());
      const second = IssuerKey.fresh('second');
      server.publish(key.jwk(), second.jwk());
      skipTime(31);
      const answers = await statuses(
        gate,
        Array.from({ length: 200 }, () => token(second)),
      );
      expect(new Set(answers)).to.deep.equal(new Set([200]));
      expect(server.fetches).to.equal(2);
      await gate.expectAdmitted(token());
    });

    it('at most once per cooldown for made-up kids, while honest tokens are served', async () => {
      await open();
      for (const fetches of [1, 2, 3]) {
        const made = Array.from({ length: 200 }, (_, i) => token(new IssuerKey(`made-up-${i}`, 'ES256')));
        const answers = await statuses(gate, [...made, ...Array.from({ length: 50 }, () => token())]);
        expect(new Set(answers.slice(0, 200))).to.deep.equal(new Set([422]));
        expect(new Set(answers.slice(200))).to.deep.equal(new Set([200]));
        for (const each of made.slice(0, 20)) await gate.expectRefused(each, { msg: BAD_SIGNATURE });
        expect(server.fetches).to.equal(fetches);
        skipTime(31);
      }
    });

    it('not again for a made-up kid at a cold start', async () => {
      await open();
      await gate.expectRefused(token(new IssuerKey('made-up', 'ES256')), { msg: BAD_SIGNATURE });
      await gate.expectAdmitted(token());
      expect(server.fetches).to.equal(1);
    });

    it('at once for a new key, whenever the last fetch was', async () => {
      await open();
      await gate.expectAdmitted(token());
      for (const fetches of [2, 3, 4]) {
        const next = IssuerKey.fresh(`key ${fetches}`);
        server.publish(key.jwk(), next.jwk());
        await gate.expectAdmitted(token(next));
        expect(server.fetches).to.equal(fetches);
      }
    });

    it('at once for a new key after old keys were fetched again', async () => {
      await open();
      await gate.expectAdmitted(token());
      skipTime(601);
      await gate.expectAdmitted(token());
      const second = IssuerKey.fresh('second');
      server.publish(key.jwk(), second.jwk());
      await gate.expectAdmitted(token(second));
      expect(server.fetches).to.equal(3);
    });

    it('after jwksCooldown seconds for a new key if a kid was unknown, and not before', async () => {
      await open({ jwksCooldown: 10 });
      await gate.expectAdmitted(token());
      for (const kid of ['made up', 'another', 'a third'])
        await gate.expectRefused(token(IssuerKey.fresh(kid)), { msg: BAD_SIGNATURE });
      expect(server.fetches).to.equal(2);
      const second = IssuerKey.fresh('second');
      server.publish(second.jwk());
      skipTime(9);
      await gate.expectRefused(token(second), { msg: BAD_SIGNATURE });
      expect(server.fetches).to.equal(2);
      skipTime(1);
      await gate.expectAdmitted(token(second));
      expect(server.fetches).to.equal(3);
    });

    it('after jwksMaxAge seconds, 600 by default, even with a longer cooldown', async () => {
      await open({ jwksCooldown: 3600 });
      await gate.expectAdmitted(token());
      skipTime(599);
      await gate.expectAdmitted(token());
      expect(server.fetches).to.equal(1);
      skipTime(2);
      await Promise.all([statuses(gate, [token(), token()]), statuses(gate, [token()])]);
      expect(server.fetches).to.equal(2);
    });

    it('separately for each issuer', async () => {
      const other = await JwksServer.of(key.jwk());
      try {
        gate = await Gate.of({ issuers: [issuerOf(server), issuerOf(other)] });
        await gate.expectAdmitted(key.token(other.issuer));
        expect([server.fetches, other.fetches]).to.deep.equal([0, 1]);
        await other.stop();
        skipTime(31);
        await gate.expectAdmitted(token());
        await gate.expectAdmitted(key.token(other.issuer));
        await expectUnavailable(gate, IssuerKey.fresh('second').token(other.issuer));
        expect(server.fetches).to.equal(1);
      } finally {
        await other.stop();
      }
    });
  });

  describe('that were withdrawn verify nothing', () => {
    it('after jwksMaxAge, in use', async () => {
      await open();
      await gate.expectAdmitted(token());
      server.publish(IssuerKey.fresh('second').jwk());
      for (let i = 0; i < 6; i++) {
        skipTime(99);
        await gate.expectAdmitted(token());
      }
      skipTime(7);
      await gate.expectRefused(token(), { msg: BAD_SIGNATURE });
      expect(server.fetches).to.equal(2);
    });

    it('after an idle time: the first token waits for the fetch', async () => {
      await open();
      await gate.expectAdmitted(token());
      server.publish(IssuerKey.fresh('second').jwk());
      skipTime(601);
      expect(await statuses(gate, [token(), token(), token()])).to.deep.equal([422, 422, 422]);
      expect(server.fetches).to.equal(2);
    });

    it('if all were withdrawn', async () => {
      await open();
      await gate.expectAdmitted(token());
      server.publish();
      skipTime(601);
      await gate.expectRefused(token(), { msg: BAD_SIGNATURE });
    });

    it('after an outage, during which they were valid', async () => {
      await open();
      await gate.expectAdmitted(token());
      await server.stop();
      skipTime(601);
      await gate.expectAdmitted(token());
      server.publish();
      await server.start();
      skipTime(601);
      await gate.expectRefused(token(), { msg: BAD_SIGNATURE });
    });
  });

  describe('when the issuer', () => {
    for (const [how, misbehaviour] of Object.entries(MISBEHAVIOURS)) {
      it(`${how}: cause 503 at a cold start, then recover`, async () => {
        await open({ jwksTimeout: 0.1 });
        server.misbehaviour = misbehaviour;
        const start = performance.now();
        await expectUnavailable(gate, token());
        expect(performance.now() - start).to.be.lessThan(3000);
        server.misbehaviour = undefined;
        skipTime(6);
        await gate.expectAdmitted(token());
      });

      it(`${how}: stay valid if known, without a wait for each request`, async () => {
        await open({ jwksTimeout: 0.5 });
        await gate.expectAdmitted(token());
        server.misbehaviour = misbehaviour;
        skipTime(601);
        const waits: number[] = [];
        for (let i = 0; i < 10; i++) {
          const start = performance.now();
          expect(await statuses(gate, [token()])).to.deep.equal([200]);
          waits.push(performance.now() - start);
          // The issuer may be asked again.
          skipTime(6);
        }
        expect(waits.filter((wait) => wait > 400).length, waits.join()).to.be.at.most(1);
        expect(server.fetches).to.be.within(2, 11);
        const second = IssuerKey.fresh('second');
        await expectUnavailable(gate, token(second));
        server.misbehaviour = undefined;
        server.publish(second.jwk());
        skipTime(6);
        await gate.expectAdmitted(token(second));
        await gate.expectRefused(token(), { msg: BAD_SIGNATURE });
      });
    }

    it('answers without end: are read only up to a limit', async () => {
      await open();
      let sent = 0;
      const hungUp = new Promise<void>((resolve) => {
        server.misbehaviour = (response) => {
          response.on('close', resolve);
          const more = (): void => {
            while (!response.destroyed && response.write(' '.repeat(65_536))) sent += 65_536;
            response.once('drain', more);
          };
          more();
        };
      });
      await expectUnavailable(gate, token(), /answered more than 262144 bytes/);
      await hungUp;
      expect(sent).to.be.lessThan(50_000_000);
    });

    it('answers too late: share jwksTimeout with discovery', async () => {
      await open({ jwksUri: undefined as never, jwksTimeout: 0.5 });
      server.misbehaviour = (response, url) => {
        const honest = url === '/jwks' ? server.set : { issuer: server.issuer, jwks_uri: server.jwksUri };
        setTimeout(() => response.end(JSON.stringify(honest)), 300);
      };
      await expectUnavailable(gate, token(), /timeout/);
      expect(server.asked).to.deep.equal(['/.well-known/openid-configuration', '/jwks']);
    });

    it('is down: are fetched again after five seconds, for one token or many', async () => {
      await open();
      await server.stop();
      const answers = await statuses(
        gate,
        Array.from({ length: 100 }, () => token()),
      );
      expect(new Set(answers)).to.deep.equal(new Set([503]));
      expect(gate.server.errors).to.have.lengthOf(1);
      await server.start();
      await expectUnavailable(gate, token());
      expect(server.fetches).to.equal(0);
      skipTime(5);
      await gate.expectAdmitted(token());
    });

    it('is down: cause 503 on optional routes and in decodeToken too', async () => {
      await open();
      await server.stop();
      const { answer, ran } = await gate.knock('/gate/optional', { headers: bearer(token()) });
      expect([answer.status, ran]).to.deep.equal([503, []]);
      const error = await rejection(gate.manager.decodeToken(token()));
      expect(error).to.be.an.instanceOf(KeysUnavailableError);
      expect(error).to.include({ code: 'ERR_JWT_KEYS_UNAVAILABLE', status: 503 });
    });

    it('is down: stay valid for a day if known', async () => {
      await open();
      await gate.expectAdmitted(token());
      await server.stop();
      skipTime(86_000);
      await gate.expectAdmitted(token());
      skipTime(10);
      await gate.expectAdmitted(token());
      skipTime(400);
      await expectUnavailable(gate, token(), /ECONNREFUSED/);
      await server.start();
      skipTime(6);
      await gate.expectAdmitted(token());
    });

    it('is down: cause one warning per outage', async () => {
      await open();
      for (const outages of [1, 2]) {
        await server.stop();
        for (let i = 0; i < 3; i++) {
          skipTime(601);
          await statuses(gate, [token(new IssuerKey('unknown', 'ES256'))]);
        }
        await server.start();
        skipTime(6);
        await gate.expectAdmitted(token());
        const warning = `The keys of ${server.issuer} cannot be fetched`;
        expect(warnings.told).to.deep.equal(Array.from({ length: outages }, () => warning));
      }
    });

    it('redirects: are not fetched from there', async () => {
      const elsewhere = await JwksServer.of(key.jwk());
      try {
        await open();
        for (const status of [301, 302, 303, 307, 308]) {
          server.misbehaviour = (response) => {
            response.writeHead(status, { location: elsewhere.jwksUri }).end(JSON.stringify(elsewhere.set));
          };
          await expectUnavailable(gate, token(), /redirect/);
          skipTime(6);
        }
        expect(elsewhere.asked).to.deep.equal([]);
      } finally {
        await elsewhere.stop();
      }
    });
  });

  describe('are located', () => {
    const METADATA = '/.well-known/openid-configuration';

    async function discover(path = ''): Promise<void> {
      server.path = path;
      await open({ jwksUri: undefined as never });
    }

    it('by the metadata of the issuer', async () => {
      await discover();
      await gate.expectAdmitted(token());
      await gate.expectAdmitted(token());
      expect(server.asked).to.deep.equal([METADATA, '/jwks']);
    });

    for (const [path, asked] of [
      ['/', METADATA],
      ['/realms/shop', `/realms/shop${METADATA}`],
      ['/tenant/', `/tenant${METADATA}`],
    ] as const) {
      it(`by the metadata of an issuer whose name ends with ${path}`, async () => {
        await discover(path);
        await gate.expectAdmitted(token());
        expect(server.asked).to.deep.equal([asked, '/jwks']);
      });
    }

    it('not by metadata of another issuer, even if only a slash differs', async () => {
      await discover();
      for (const issuer of [`${server.issuer}/`, 'https://evil.example', undefined, [server.issuer]]) {
        server.metadata = { issuer };
        await expectUnavailable(gate, token(), /is of another issuer/);
        skipTime(6);
      }
      expect(server.fetches).to.equal(0);
    });

    it('not by metadata with an untrusted jwks_uri', async () => {
      await discover();
      for (const uri of [
        'http://keys.example/jwks',
        'http://10.0.0.1/jwks',
        'http://169.254.169.254/latest/meta-data',
        `http://user:password@${server.jwksUri.slice('http://'.length)}`,
        'file:///etc/passwd',
        'data:application/json,{"keys":[]}',
        '/jwks',
        '',
        null,
        undefined,
        [server.jwksUri],
      ]) {
        server.metadata = { jwks_uri: uri };
        await expectUnavailable(gate, token(), /names no jwks_uri that can be trusted/);
        skipTime(6);
      }
      expect(server.fetches).to.equal(0);
    });

    it('not by remote metadata that names this machine', async () => {
      gate = await Gate.of({ issuers: [{ issuer: 'https://id.example', audience: 'api' }] });
      const { fetch } = globalThis;
      const asked: unknown[] = [];
      try {
        for (const uri of [
          server.jwksUri,
          'https://localhost/jwks',
          'https://127.1/jwks',
          'http://[::1]/jwks',
        ]) {
          globalThis.fetch = async (url) => {
            asked.push(url);
            return Response.json({ issuer: 'https://id.example', jwks_uri: uri });
          };
          const foreign = new IssuerKey('first').token('https://id.example');
          await expectUnavailable(gate, foreign, /names no jwks_uri that can be trusted/);
          skipTime(6);
        }
      } finally {
        globalThis.fetch = fetch;
      }
      expect(new Set(asked)).to.deep.equal(new Set([`https://id.example${METADATA}`]));
    });

    describe('over http:, for an issuer inside a cluster', () => {
      const CLUSTER = 'http://id.auth.svc.cluster.local';
      const { fetch } = globalThis;

      /** Leads the name of the cluster to the server, as its DNS would. */
      beforeEach(() => {
        globalThis.fetch = (url, init) => fetch((url as string).replace(CLUSTER, server.origin), init);
      });

      afterEach(() => {
        globalThis.fetch = fetch;
      });

      async function openCluster(changes: Partial<JwtIssuer>): Promise<void> {
        server.metadata = { issuer: CLUSTER, jwks_uri: `${CLUSTER}/jwks` };
        gate = await Gate.of({
          issuers: [{ issuer: CLUSTER, audience: 'api', algorithms: ['ES256'], ...changes }],
        });
      }

      it('by the metadata or jwksUri, if dangerouslyAllowHttp says so', async () => {
        for (const changes of [{}, { jwksUri: `${CLUSTER}/jwks` }]) {
          await openCluster({ dangerouslyAllowHttp: true, ...changes });
          await gate.expectAdmitted(key.token(CLUSTER));
          await gate.expectRefused(IssuerKey.fresh('first').token(CLUSTER), { msg: BAD_SIGNATURE });
          await gate.close();
        }
        expect(server.asked).to.include.members([METADATA, '/jwks']);
        await openCluster({ dangerouslyAllowHttp: true });
      });

      it('not by metadata that names this machine or no http: address', async () => {
        await openCluster({ dangerouslyAllowHttp: true });
        for (const uri of [
          server.jwksUri,
          'file:///etc/passwd',
          'ftp://id.example/jwks',
          `http://a:b@id.example/`,
        ]) {
          server.metadata = { issuer: CLUSTER, jwks_uri: uri };
          await expectUnavailable(gate, key.token(CLUSTER), /names no jwks_uri that can be trusted/);
          skipTime(6);
        }
        expect(server.fetches).to.equal(0);
      });

      it('not without it, nor if it is false', async () => {
        await open();
        for (const changes of [
          {},
          { dangerouslyAllowHttp: false },
          { dangerouslyAllowHttp: undefined as never },
        ]) {
          for (const jwksUri of [undefined as never, `${CLUSTER}/jwks`]) {
            const issuers = [{ issuer: CLUSTER, audience: 'api', jwksUri, ...changes }];
            expect(() => new JwtManager({ issuers, loaders: [] })).to.throw(
              /dangerouslyAllowHttp allows http: elsewhere/,
            );
          }
        }
        const issuers = [{ issuer: CLUSTER, audience: 'api', dangerouslyAllowHttp: 'true' as never }];
        expect(() => new JwtManager({ issuers, loaders: [] })).to.throw(/must be true or false/);
      });
    });

    it('not by malformed metadata', async () => {
      await discover();
      for (const answer of ['null', '[]', '"metadata"', '{', '42']) {
        server.misbehaviour = (response) => void response.end(answer);
        await expectUnavailable(gate, token());
        skipTime(6);
      }
      expect(server.fetches).to.equal(0);
    });

    it('not by the header of a token', async () => {
      const evil = await JwksServer.of(new IssuerKey('first', 'RS256').jwk());
      try {
        await open();
        const own = new IssuerKey('first', 'ES256');
        for (const header of [
          { jku: evil.jwksUri },
          { jwk: own.jwk() },
          { x5u: evil.jwksUri },
          { x5c: ['MIIB'] },
          { kid: evil.jwksUri },
          { kid: '../../../../dev/null' },
          { kid: '' },
        ]) {
          await gate.expectRefused(own.token(server.issuer, {}, header), { msg: BAD_SIGNATURE });
        }
        // With a valid signature they are ignored too.
        await gate.expectAdmitted(key.token(server.issuer, {}, { jku: evil.jwksUri, jwk: own.jwk() }));
        expect(evil.asked).to.deep.equal([]);
        // Again for the first unknown kid.
        expect(server.asked).to.deep.equal(['/jwks', '/jwks']);
      } finally {
        await evil.stop();
      }
    });
  });

  it('are not fetched if the token is refused without them', async () => {
    await open();
    provide(gate.manager);
    for (const [bad, msg] of [
      [key.token('https://unknown.example'), 'The specified alg value is not allowed'],
      [key.token(server.issuer, {}, { alg: 'none' }), 'The specified alg value is not allowed'],
      [key.token(server.issuer, {}, { crit: ['exp'] }), 'Header parameter crit is not supported'],
      [key.token(server.issuer, {}, { typ: 'logout+jwt' }), 'Header parameter typ must be JWT'],
    ] as const)
      await gate.expectRefused(bad, { msg });
    expect(server.asked).to.deep.equal([]);
  });
});
