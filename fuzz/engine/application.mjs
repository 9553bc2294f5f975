import 'reflect-metadata';
import jsonwebtoken from 'jsonwebtoken';
import Koa from 'koa';
import { All, Ctx, JsonController, useContainer, useKoaServer } from 'routing-controllers';
import { inject } from './inject.mjs';
import { readRequest } from './readRequest.mjs';
import { filled } from './placeholders.mjs';
import { hold } from './Violation.mjs';

export const SECRET = 'a secret of the fuzzer that is long enough for HS256, HS384 and HS512';
const OTHER_SECRET = 'another secret, with which nobody signs here, of sixty-four bytes';

const PATHS = ['/required', '/fresh', '/optional', '/refresh', '/purpose', '/either'];
/** The tokens that open each of them. */
const OPENED_BY = {
  '/required': ['good', 'fresh', 'nocsrf'],
  '/fresh': ['fresh'],
  '/optional': ['good', 'fresh', 'nocsrf'],
  '/refresh': ['refresh'],
  '/purpose': ['purpose'],
  '/either': ['good', 'fresh', 'refresh', 'nocsrf'],
};

/** What a client may be answered: never a fault of the server, never a redirect. */
const PROMISED = [200, 204, 400, 401, 403, 413, 415, 422];

/** An application with one action for each kind of guard, and what its answers must never do. */
export class Application {
  #listener;
  #provide;
  #ran = [];
  #errors = [];
  tokens;
  /** The CSRF values of the tokens, by the name of the token. */
  csrf = {};
  #names = [];
  #paths;

  /** `use` gets the Koa application and may add middleware before the actions. */
  static async of(library, options, use = () => undefined, isPlain = false) {
    const application = new Application();
    const manager = new library.JwtManager({ secretKey: SECRET, loaders: [], ...options });
    // No cookie carries a token for one purpose.
    const isForCookies = String(manager.config.tokenLocation) === 'cookies';
    application.#paths = PATHS.filter((path) => path !== '/purpose' || !isForCookies);
    application.tokens = await tokensOf(library, manager);
    application.#provide = () =>
      useContainer({ get: (wanted) => (wanted === library.JwtManager ? manager : new wanted()) });
    application.#provide();
    for (const [name, token] of Object.entries(application.tokens)) {
      application.csrf[name] = jsonwebtoken.decode(token)?.csrf;
      application.#names.push(name);
    }
    application.#listener = isPlain ? application.#plain(library) : application.#served(library, use);
    return application;
  }

  /** The request of an input, with placeholders filled; the answer; and the identities for which an action ran. */
  async send(text) {
    const values = { ...this.tokens };
    for (const name of this.#names) values[`csrf-${name}`] = String(this.csrf[name]);
    const request = readRequest(filled(text, values));
    const path = this.#paths.find((each) => request.url === each || request.url.startsWith(`${each}?`));
    if (path === undefined) request.url = request.url.replace(/^[^?]*/, '/required');
    this.#ran.length = 0;
    this.#errors.length = 0;
    // The container holds one manager, and another application may have replaced it.
    this.#provide();
    const answer = await inject(this.#listener, request);
    const sent = { request, path: path ?? '/required', answer, ran: [...this.#ran] };
    this.#check(sent);
    return sent;
  }

  /** The names of the tokens that open a path. */
  openedBy(path) {
    return OPENED_BY[path].filter((name) => this.tokens[name] !== undefined);
  }

  /** Whether a text is a token that opens a path. */
  opens(text, path) {
    return this.openedBy(path).some((name) => this.tokens[name] === text);
  }

  nameOf(token) {
    return this.#names.find((name) => this.tokens[name] === token);
  }

  #check({ request: { method }, path, answer: { status, headers, text }, ran }) {
    hold(this.#errors.length === 0, 'application error', () => String(this.#errors[0]?.stack));
    hold(PROMISED.includes(status), `status ${status}`, () => text.slice(0, 300));
    const isAdmitted = status === 200 || status === 204;
    hold(isAdmitted || ran.length === 0, 'refused, but the action ran', () => status);
    hold(
      ran.length === 1 || !isAdmitted || method === 'OPTIONS',
      'an answer without the action',
      () => status,
    );
    hold(ran[0] !== undefined || path === '/optional' || !isAdmitted || method === 'OPTIONS', 'anonymous');
    const challenge = String(headers['www-authenticate'] ?? '');
    hold(status !== 401 || /^Bearer\b/.test(challenge), '401 without a challenge', () => challenge);
    hold(!text.includes(SECRET), 'the secret in the answer');
    hold(!/\bat .*:\d+:\d+/.test(text), 'a stack in the answer', () => text.slice(0, 500));
    const told = this.#names.find((name) => text.includes(this.tokens[name]));
    hold(told === undefined, 'a token in the answer', () => told);
  }

  #served(library, use) {
    const { JwtRequired, FreshJwtRequired, JwtOptional, RefreshJwtRequired } = library;
    const guards = {
      '/required': JwtRequired(),
      '/fresh': FreshJwtRequired(),
      '/optional': JwtOptional(),
      '/refresh': RefreshJwtRequired(),
      '/purpose': JwtRequired({ purpose: 'download' }),
      '/either': JwtRequired({ verifyType: false }),
    };
    const ran = this.#ran;
    class Controller {}
    for (const [path, guard] of Object.entries(guards)) {
      const name = path.slice(1);
      Controller.prototype[name] = (ctx) => {
        ran.push(ctx.state.jwt?.identity);
        return { identity: ctx.state.jwt?.identity ?? null };
      };
      const descriptor = Object.getOwnPropertyDescriptor(Controller.prototype, name);
      Reflect.defineMetadata('design:paramtypes', [Object], Controller.prototype, name);
      Ctx()(Controller.prototype, name, 0);
      guard(Controller.prototype, name, descriptor);
      All(path)(Controller.prototype, name, descriptor);
    }
    JsonController()(Controller);
    const app = new Koa();
    use(app);
    useKoaServer(app, { controllers: [Controller], development: true });
    return this.#listenerOf(app);
  }

  /** The same without routing-controllers, where nobody parses the body before the guard. */
  #plain({ jwtGuard }) {
    const guards = {
      '/required': jwtGuard(),
      '/fresh': jwtGuard({ fresh: true }),
      '/optional': jwtGuard({ optional: true }),
      '/refresh': jwtGuard({ refresh: true }),
      '/purpose': jwtGuard({ purpose: 'download' }),
      '/either': jwtGuard({ verifyType: false }),
    };
    const app = new Koa();
    app.use((ctx, next) => guards[ctx.path](ctx, next));
    app.use((ctx) => {
      this.#ran.push(ctx.state.jwt?.identity);
      ctx.body = { identity: ctx.state.jwt?.identity ?? null };
    });
    return this.#listenerOf(app);
  }

  #listenerOf(app) {
    app.silent = true;
    // Others are the answers of body parsers, such as 415.
    app.on('error', (error) => (error.status ?? 500) >= 500 && this.#errors.push(error));
    return app.callback();
  }
}

/** A token of each kind. `nocsrf` has no csrf claim, `forged` another signature. */
async function tokensOf(library, manager) {
  const { JwtManager } = library;
  const plain = new JwtManager({ secretKey: SECRET, loaders: [], cookieCsrfProtect: false });
  const ended = jsonwebtoken.sign({ sub: 'alice', type: 'access', jti: 'ended', csrf: 'x', exp: 1 }, SECRET);
  return {
    good: await manager.createAccessToken('alice'),
    fresh: await manager.createAccessToken('alice', { fresh: true }),
    refresh: await manager.createRefreshToken('alice'),
    purpose: await manager.createToken('download', 'alice'),
    nocsrf: await plain.createAccessToken('alice'),
    expired: ended,
    forged: jsonwebtoken.sign({ sub: 'alice', type: 'access', jti: 'forged', csrf: 'x' }, OTHER_SECRET),
  };
}
