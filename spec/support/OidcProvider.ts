import { createHash, randomBytes, randomUUID, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Algorithm } from '../../src/index';
import type { IssuerKey } from './IssuerKey';

const CLIENT = { client_id: 'shop', client_secret: randomUUID() };
const ARTIFACTS = ['AccessToken', 'ClientCredentials', 'Grant', 'IdToken', 'Interaction', 'Session'];
const REDIRECT_URI = 'https://shop.example/callback';

/** A certified OpenID provider on loopback that accepts any password. */
export class OidcProvider {
  #handle: http.RequestListener = (_request, response) => void response.writeHead(503).end();
  readonly #server = http.createServer((request, response) => {
    this.#handle(request, response);
  });

  private constructor(private readonly redirectUri: string) {}

  static of(...keys: readonly IssuerKey[]): Promise<OidcProvider> {
    return OidcProvider.for(REDIRECT_URI, ...keys);
  }

  /** With a client whose users come back to this address. */
  static async for(redirectUri: string, ...keys: readonly IssuerKey[]): Promise<OidcProvider> {
    const provider = new OidcProvider(redirectUri);
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    await provider.use(...keys);
    return provider;
  }

  /** What the client is told when it is registered. */
  readonly client: Readonly<Record<'id' | 'secret', string>> = {
    id: CLIENT.client_id,
    secret: CLIENT.client_secret,
  };

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on it publishes these keys, and signs with the first for each algorithm. */
  async use(...keys: readonly IssuerKey[]): Promise<void> {
    await quietly(async () => {
      const { default: Provider } = await import('oidc-provider');
      this.#handle = new Provider(this.issuer, configurationWith(keys, this.redirectUri)).callback();
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** An access token for the client itself, signed with an algorithm. */
  async clientToken(algorithm: Algorithm): Promise<string> {
    const answer = await this.#token({
      grant_type: 'client_credentials',
      scope: 'read',
      resource: resourceOf(algorithm),
    });
    return String(answer['access_token']);
  }

  /** The tokens of a log-in in a browser: for the API, or for the provider's own userinfo. */
  async logIn(login: string, algorithm?: Algorithm): Promise<{ accessToken: string; idToken: string }> {
    const verifier = randomBytes(32).toString('base64url');
    const resource = algorithm === undefined ? {} : { resource: resourceOf(algorithm) };
    const query = new URLSearchParams({
      client_id: CLIENT.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: algorithm === undefined ? 'openid' : 'openid read',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...resource,
    });
    const back = await this.visit(new URL(`/auth?${query.toString()}`, this.issuer), login);
    const code = back.searchParams.get('code');
    if (code === null) throw new Error(`The provider refused: ${back.search}`);
    const answer = await this.#token({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
      ...resource,
    });
    return { accessToken: String(answer['access_token']), idToken: String(answer['id_token']) };
  }

  /**
   * What a browser does that a client has sent to this address: follows redirects and fills in forms, or cancels without
   * a login, until it is back at the client. Returns the address there.
   */
  async visit(start: URL, login?: string): Promise<URL> {
    const jar = new Map<string, string>();
    let [url, form] = [start, undefined as Record<string, string> | undefined];
    for (let i = 0; i < 12; i++) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (value === '') jar.delete(String(name));
        else jar.set(String(name), String(value));
      }
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) {
        const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1];
        if (prompt === undefined) throw new Error(`${url.href} answered ${response.status}: ${text}`);
        if (login === undefined) url = new URL(String(/href="([^"]*abort)"/.exec(text)?.[1]), url);
        else form = { prompt, login, password: 'any' };
        continue;
      }
      form = undefined;
      url = new URL(location, url);
      if (url.href.startsWith(this.redirectUri)) return url;
    }
    throw new Error('The provider never came back to the client');
  }

  async #token(form: Record<string, string>): Promise<Record<string, unknown>> {
    const body = new URLSearchParams({ ...CLIENT, ...form });
    const response = await fetch(`${this.issuer}/token`, { method: 'POST', body });
    const text = await response.text();
    if (!response.ok) throw new Error(`The provider answered ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }
}

function configurationWith(keys: readonly IssuerKey[], redirectUri: string): object {
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))];
  return {
    jwks: { keys: keys.map((key) => ({ ...key.jwk(), ...privateJwk(key) })) },
    clients: [
      {
        ...CLIENT,
        grant_types: ['client_credentials', 'authorization_code'],
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [new URL('/', redirectUri).href],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: algorithms[0],
      },
    ],
    scopes: ['openid', 'read'],
    cookies: { keys: [randomUUID()] },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    ttl: Object.fromEntries(ARTIFACTS.map((name) => [name, 300])),
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'read',
          audience: 'api',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: resource.slice(resourceOf('').length) } },
        }),
      },
    },
  };
}

function privateJwk({ pair }: IssuerKey): JsonWebKey {
  return pair.privateKey.export({ format: 'jwk' });
}

function resourceOf(algorithm: string): string {
  return `https://api.example/${algorithm}`;
}

/** Keeps the provider's development hints off the console. */
async function quietly(work: () => Promise<void>): Promise<void> {
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    await work();
  } finally {
    Object.assign(console, { info, warn });
  }
}
