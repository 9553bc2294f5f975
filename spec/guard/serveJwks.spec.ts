import { createPublicKey } from 'node:crypto';
import { expect } from 'chai';
import Koa from 'koa';
import { Get, JsonController } from 'routing-controllers';
import { Container, Service } from 'typedi';
import { JwtManager, JwtRequired, serveJwks, type JwtOptions } from '../../src/index';
import { EC, ED25519, OTHER_RSA, RSA } from '../support/keys';
import { SECRET } from '../support/secret';
import { provide, serve, Server } from '../support/Server';

const RING: JwtOptions = {
  loaders: [],
  keys: [
    { algorithm: 'EdDSA', privateKey: ED25519.privateKey },
    { kid: 'next', algorithm: 'RS256', privateKey: RSA.privateKey },
    { kid: 'last', algorithm: 'ES384', publicKey: EC[384].publicKey },
    { kid: 'own', secretKey: SECRET },
  ],
};

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

@Service()
class PartnerJwtManager extends JwtManager {}

@Service()
@JsonController('/published')
class PublishedController {
  @Get()
  @JwtRequired()
  get(): object {
    return {};
  }
}

describe('jwks()', () => {
  const { keys } = new JwtManager(RING).jwks();

  it('holds the public keys of the ring, with kid, use and alg (RFC 7517 §4)', () => {
    expect(keys.map(({ kty, use, alg }) => [kty, use, alg])).to.deep.equal([
      ['OKP', 'sig', 'EdDSA'],
      ['RSA', 'sig', 'RS256'],
      ['EC', 'sig', 'ES384'],
    ]);
    expect(keys.map(({ kid }) => kid).slice(1)).to.deep.equal(['next', 'last']);
  });

  it('holds keys that others can import', () => {
    const made = keys.map((key) => createPublicKey({ key, format: 'jwk' }));
    for (const [i, { publicKey }] of [ED25519, RSA, EC[384]].entries())
      expect(made[i]?.equals(publicKey)).to.equal(true);
  });

  it('never holds a secret or a private part', () => {
    for (const key of keys) expect(key).to.not.have.any.keys(...PRIVATE_MEMBERS);
    expect(new JwtManager({ secretKey: SECRET, loaders: [] }).jwks()).to.deep.equal({ keys: [] });
    for (const options of [
      { algorithm: 'RS256', privateKey: RSA.privateKey },
      { algorithm: 'RS256', privateKey: RSA.privateKey, publicKey: RSA.publicKey },
      { algorithm: 'ES256', privateKey: EC[256].privateKey },
    ] as const) {
      const [key] = new JwtManager({ ...options, loaders: [] }).jwks().keys;
      expect(key).to.include({ use: 'sig', alg: options.algorithm });
      expect(key).to.not.have.any.keys(...PRIVATE_MEMBERS);
    }
  });

  it('sets no alg for a key with several algorithms', () => {
    const several = { algorithm: 'RS256', decodeAlgorithms: ['RS512'], publicKey: RSA.publicKey } as const;
    expect(new JwtManager({ ...several, loaders: [] }).jwks().keys[0]).to.not.have.property('alg');
  });
});

describe('serveJwks(options)', () => {
  const manager = new JwtManager(RING);
  let server: Server;

  before(async () => {
    provide(manager);
    Container.set(
      PartnerJwtManager,
      new PartnerJwtManager({ algorithm: 'RS256', publicKey: OTHER_RSA.publicKey, loaders: [] }),
    );
    const app = new Koa();
    app.use(serveJwks());
    app.use(serveJwks({ path: '/partners/jwks.json', maxAge: 60, manager: PartnerJwtManager }));
    server = await Server.of(app);
  });
  after(() => server.close());

  it('publishes the keys, with caching headers', async () => {
    const answer = await server.get('/.well-known/jwks.json');
    expect(answer.status).to.equal(200);
    expect(answer.json).to.deep.equal(manager.jwks());
    expect(answer.headers['content-type']).to.match(/^application\/jwk-set\+json/);
    expect(answer.headers['cache-control']).to.equal('public, max-age=300, must-revalidate');
    expect(answer.headers).to.not.have.any.keys('set-cookie', 'www-authenticate');
  });

  it('answers 304 to a client that has the keys (RFC 9110 §13.1.2)', async () => {
    const { etag } = (await server.get('/.well-known/jwks.json')).headers;
    const headers = { 'if-none-match': String(etag) };
    const again = await server.send('/.well-known/jwks.json', { headers });
    expect([again.status, again.text]).to.deep.equal([304, '']);
    expect(again.headers.etag).to.equal(etag);
    const other = await server.send('/.well-known/jwks.json', { headers: { 'if-none-match': '"other"' } });
    expect(other.status).to.equal(200);
  });

  it('answers HEAD without a body', async () => {
    const answer = await server.send('/.well-known/jwks.json', { method: 'HEAD' });
    expect([answer.status, answer.text]).to.deep.equal([200, '']);
    expect(answer.headers).to.include.keys('etag', 'cache-control');
  });

  it('ignores other methods and paths', async () => {
    expect((await server.send('/.well-known/jwks.json', { method: 'POST' })).status).to.equal(404);
    expect((await server.get('/.well-known/jwks.json/')).status).to.equal(404);
  });

  it('publishes those of another manager, with another path and max-age', async () => {
    const answer = await server.get('/partners/jwks.json');
    const { n } = OTHER_RSA.publicKey.export({ format: 'jwk' });
    expect(answer.json).to.have.nested.property('keys[0].n', n);
    expect(answer.headers['cache-control']).to.include('max-age=60');
  });

  it('works after controllers too, whose routes come first', async () => {
    const behind = await serve(manager, { controllers: [PublishedController] }, (app) =>
      app.use(serveJwks()),
    );
    expect((await behind.get('/.well-known/jwks.json')).json).to.deep.equal(manager.jwks());
    expect((await behind.get('/published')).status).to.equal(401);
    await behind.close();
  });
});
