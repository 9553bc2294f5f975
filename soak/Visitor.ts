import { setTimeout as sleep } from 'node:timers/promises';
import { LIFE } from './application/messages';
import { Client, type Answer, type Asked } from './Client';
import type { Case, Flaw, Judge } from './Judge';
import { knownToken, type KnownSession, type KnownToken, type Service } from './KnownToken';
import type { Process } from './Process';
import type { Random } from './Random';
import type { Troubles } from './Troubles';

interface LogIn {
  readonly session: KnownSession;
  access: KnownToken;
  refresh: KnownToken;
  /** The refresh token before this one, and when it was exchanged. */
  before?: { readonly refresh: KnownToken; readonly at: number };
}

/** After so many milliseconds a refresh token that was exchanged has lost its grace, also by the clock of Redis. */
const AFTER_GRACE = LIFE.grace * 1000 + 300;

/** Milliseconds by which a request without an answer may still change something: the user loader hangs, Redis is paused. */
const LATE_AT_MOST = 8000;

const FLAWED: Record<string, Flaw> = {
  missing: { status: 401 },
  invalid: { status: 422 },
  csrf: { status: 401 },
  expired: { status: 401, isOfTime: true },
  revoked: { status: 401, asksStore: true },
};

export interface World {
  readonly processes: readonly Process[];
  readonly client: Client;
  readonly judge: Judge;
  readonly troubles: Troubles;
  readonly random: Random;
}

/** One person with an account at both services, who does by chance what users, attackers and time do. */
export class Visitor {
  readonly #logIns: Record<Service, LogIn | undefined> = { users: undefined, partners: undefined };
  /** Of an earlier log-in. */
  #old: KnownToken | undefined;
  /** Until then a log-out everywhere whose answer is missing may still happen, and end what has begun meanwhile. */
  readonly #uncertainUntil: Record<Service, number> = { users: 0, partners: 0 };

  constructor(
    readonly name: string,
    private readonly world: World,
  ) {}

  async act(): Promise<void> {
    const { random } = this.world;
    const service = random.of(['users', 'users', 'partners'] as const);
    const logIn = this.#logIns[service];
    if (logIn === undefined || wallClock() > logIn.access.exp - 1) {
      // A refresh when there is something to refresh, and a log-in otherwise.
      if (logIn === undefined || random.below(3) === 0) return this.#logIn(service);
      if (logIn.refresh.exp - 1 > wallClock()) return this.#rotate(logIn);
      return this.#logIn(service);
    }
    const acts = [
      ...Array.from({ length: 8 }, () => () => this.#visit(logIn)),
      () => this.#visitAnonymously(service),
      () => this.#attack(logIn),
      () => this.#attack(logIn),
      () => this.#rotate(logIn),
      () => this.#reuse(logIn),
      () => this.#logOut(logIn),
      () => this.#logOutEverywhere(logIn),
      () => this.#abandon(logIn),
    ];
    if (service === 'users')
      acts.push(
        () => this.#visitFresh(logIn),
        () => this.#followLink(),
      );
    await random.of(acts)();
  }

  async #logIn(service: Service): Promise<void> {
    const path = service === 'users' && this.world.random.below(2) === 0 ? 'cookies' : 'log-in';
    const answer = await this.#ask({
      method: 'POST',
      path: `/${service}/${path}`,
      body: { name: this.name },
    });
    this.#judge({ what: 'log in', service, answer });
    if (answer.status !== 200) return;
    const isUncertain = answer.from < this.#uncertainUntil[service];
    const session: KnownSession = { service, identity: this.name, isUncertain };
    this.#old = this.#logIns[service]?.access;
    this.#logIns[service] = { session, ...this.#pairIn(answer, session) };
  }

  /** With a good token, in any place where one may be. */
  async #visit({ session, access }: LogIn): Promise<void> {
    const { service } = session;
    const { random } = this.world;
    const path = `/${service}/any`;
    const way =
      service === 'partners' ? 'header' : random.of(['header', 'cookie', 'csrf', 'query', 'json'] as const);
    const good: Record<typeof way, Asked> = {
      header: { method: 'GET', path, headers: bearer(access) },
      cookie: { method: 'GET', path, headers: cookie(access) },
      csrf: { method: 'POST', path, headers: { ...cookie(access), 'X-CSRF-TOKEN': String(access.csrf) } },
      query: { method: 'GET', path: `${path}?jwt=${access.text}` },
      json: { method: 'POST', path, body: { access_token: access.text } },
    };
    const answer = await this.#ask(good[way]);
    this.#judge({ what: `good token, ${service}, ${way}`, service, answer, token: access });
  }

  async #visitFresh({ access }: LogIn): Promise<void> {
    const answer = await this.#ask({ method: 'GET', path: '/users/fresh', headers: bearer(access) });
    const freshUntil = this.#freshUntil(access);
    this.#judge({ what: 'fresh route', service: 'users', answer, token: access, freshUntil });
  }

  /** A renewed token is never fresh. */
  #freshUntil(access: KnownToken): number {
    const claims = JSON.parse(Buffer.from(access.text.split('.')[1] ?? '', 'base64url').toString()) as {
      fresh?: boolean | number;
    };
    return typeof claims.fresh === 'number' ? claims.fresh : 0;
  }

  async #visitAnonymously(service: Service): Promise<void> {
    const path = this.world.random.of(['optional', 'any']);
    const answer = await this.#ask({ method: 'GET', path: `/${service}/${path}` });
    const isOptional = path === 'optional';
    this.#judge({
      what: `no token, ${path}`,
      service,
      answer,
      ...(!isOptional && { flaw: FLAWED['missing'] as Flaw }),
    });
  }

  async #attack({ session, access, refresh }: LogIn): Promise<void> {
    const { service } = session;
    const { random } = this.world;
    const path = `/${service}/any`;
    const [header = '', claims = '', signature = ''] = access.text.split('.');
    const other = this.#logIns[service === 'users' ? 'partners' : 'users']?.access;
    const text = (
      what: string,
      sent: string,
      flaw: keyof typeof FLAWED,
      to = path,
    ): [string, Asked, Flaw] => [
      what,
      { method: to === path ? 'GET' : 'POST', path: to, headers: { Authorization: `Bearer ${sent}` } },
      FLAWED[flaw] as Flaw,
    ];
    const forged = Buffer.from(
      JSON.stringify({
        ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object),
        sub: 'admin',
      }),
    ).toString('base64url');
    const attacks = [
      text('signature changed', `${header}.${claims}.${flipped(signature)}`, 'invalid'),
      text('claims changed', `${header}.${forged}.${signature}`, 'invalid'),
      text(
        'alg none',
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.${signature}`,
        'invalid',
      ),
      text('refresh token at an access route', refresh.text, 'invalid'),
      text('access token at a refresh route', access.text, 'invalid', `/${service}/rotate`),
      text('half a token', `${header}.${claims}`, 'invalid'),
    ];
    if (other !== undefined) attacks.push(text('token of the other service', other.text, 'invalid'));
    if (service === 'users') {
      const change = (what: string, csrf?: string): [string, Asked, Flaw] => [
        what,
        {
          method: 'POST',
          path,
          headers: { ...cookie(access), ...(csrf !== undefined && { 'X-CSRF-TOKEN': csrf }) },
        },
        FLAWED['csrf'] as Flaw,
      ];
      attacks.push(
        change('cookie without CSRF value'),
        change('cookie with a CSRF value of others', 'x'.repeat(36)),
      );
      attacks.push(text('access token for a link', access.text, 'invalid', '/users/link/use'));
    }
    if (this.#old !== undefined && this.#old.session.service === service && wallClock() > this.#old.exp)
      attacks.push(text('expired token', this.#old.text, 'expired'));
    const [what, asked, flaw] = random.of(attacks);
    this.#judge({ what, service, answer: await this.#ask(asked), token: access, flaw });
  }

  async #rotate(logIn: LogIn): Promise<void> {
    const { session, refresh } = logIn;
    const { service } = session;
    const answer = await this.#ask({ method: 'POST', path: `/${service}/rotate`, headers: bearer(refresh) });
    this.#judge({ what: 'rotate', service, answer, token: refresh });
    if (answer.status === 200) {
      Object.assign(logIn, this.#pairIn(answer, session), { before: { refresh, at: answer.to } });
      return;
    }
    // Perhaps it was exchanged, and only the answer is missing.
    if (answer.status === undefined || answer.status >= 500) session.isUncertain = true;
    this.#logIns[service] = undefined;
  }

  /** A refresh token that was exchanged comes again, as if someone had copied it: the session ends. */
  async #reuse(logIn: LogIn): Promise<void> {
    const { session, before } = logIn;
    if (before === undefined || performance.now() < before.at + AFTER_GRACE) return;
    if (session.isUncertain || before.refresh.exp - 1 < wallClock()) return;
    const { service } = session;
    const asked: Asked = { method: 'POST', path: `/${service}/rotate`, headers: bearer(before.refresh) };
    const answer = await this.#ask(asked);
    this.#judge({
      what: 'reuse a refresh token',
      service,
      answer,
      token: before.refresh,
      flaw: FLAWED['revoked'] as Flaw,
    });
    await this.#expectEnd(
      logIn,
      answer,
      answer.status === 401 && answer.body['msg'] === 'Token has been revoked',
    );
  }

  async #logOut(logIn: LogIn): Promise<void> {
    const { session, access } = logIn;
    const asked: Asked = { method: 'POST', path: `/${session.service}/log-out`, headers: bearer(access) };
    const answer = await this.#ask(asked);
    this.#judge({ what: 'log out', service: session.service, answer, token: access });
    await this.#expectEnd(logIn, answer, answer.status === 200);
  }

  async #logOutEverywhere(logIn: LogIn): Promise<void> {
    const { session, access } = logIn;
    const { service } = session;
    const asked: Asked = { method: 'POST', path: `/${service}/log-out-everywhere`, headers: bearer(access) };
    const answer = await this.#ask(asked);
    this.#judge({ what: 'log out everywhere', service, answer, token: access });
    const isMissing = answer.status === undefined || answer.status >= 500;
    if (isMissing) this.#uncertainUntil[service] = answer.to + LATE_AT_MOST;
    await this.#expectEnd(logIn, answer, answer.status === 200);
  }

  /** The tokens of the log-in are tried at all processes. */
  async #expectEnd(logIn: LogIn, answer: Answer, hasEnded: boolean): Promise<void> {
    const { session, access } = logIn;
    const { service } = session;
    this.#logIns[service] = undefined;
    // A process whose clock is wrong may have taken no token to be good, and ended nothing.
    const isSure =
      hasEnded && !this.world.troubles.within('clock', answer.process.name, answer.from, answer.to);
    if (isSure && !access.isOfWrongClock) session.ended = { at: answer.to, process: answer.process.name };
    else session.isUncertain = true;
    for (const pause of [0, 0, 5, 20, 100]) {
      if (pause > 0) await sleep(pause);
      const what = `token after its end, ${service}`;
      const asked: Asked = { method: 'GET', path: `/${service}/any`, headers: bearer(access) };
      this.#judge({ what, service, answer: await this.#ask(asked), token: access });
    }
  }

  /** A link works once, however many follow it at the same time. */
  async #followLink(): Promise<void> {
    const service = 'users';
    const made = await this.#ask({ method: 'POST', path: '/users/link', body: { name: this.name } });
    this.#judge({ what: 'make a link', service, answer: made });
    if (made.status !== 200) return;
    const session: KnownSession = { service, identity: this.name, isUncertain: true };
    const link = this.#known(String(made.body['link']), session, made);
    const asked: Asked = { method: 'POST', path: '/users/link/use', headers: bearer(link) };
    const from = performance.now();
    const answers = await Promise.all([this.#ask(asked), this.#ask(asked), this.#ask(asked)]);
    for (const answer of answers) this.#judge({ what: 'follow a link', service, answer, token: link });
    const isLost = this.world.troubles.within('data lost', made.process.name, from, performance.now());
    const used = answers.filter(({ status }) => status === 200).length;
    if (used > 1 && !isLost) this.world.judge.complain(`a link was followed ${used} times`);
  }

  async #abandon({ session, access }: LogIn): Promise<void> {
    const { client, processes, random } = this.world;
    const asked: Asked = { method: 'GET', path: `/${session.service}/any`, headers: bearer(access) };
    client.abandon(random.of(processes), asked);
    await sleep(5);
  }

  #ask(asked: Asked): Promise<Answer> {
    const { client, processes, random } = this.world;
    return client.ask(random.of(processes), asked);
  }

  #judge(tried: Case): void {
    this.world.judge.judge(tried);
  }

  #pairIn(answer: Answer, session: KnownSession): Pick<LogIn, 'access' | 'refresh'> {
    const { accessToken, refreshToken } = answer.body as { accessToken: string; refreshToken: string };
    return {
      access: this.#known(accessToken, session, answer),
      refresh: this.#known(refreshToken, session, answer),
    };
  }

  #known(text: string, session: KnownSession, { process, from, to }: Answer): KnownToken {
    return knownToken(text, session, from, this.world.troubles.within('clock', process.name, from, to));
  }
}

function wallClock(): number {
  return Date.now() / 1000;
}

function bearer({ text }: KnownToken): Record<string, string> {
  return { Authorization: `Bearer ${text}` };
}

function cookie({ text }: KnownToken): Record<string, string> {
  return { Cookie: `access_token_cookie=${text}` };
}

/** Another character in the middle, where every bit counts. */
function flipped(signature: string): string {
  const middle = signature.length >> 1;
  return signature.slice(0, middle) + (signature[middle] === 'A' ? 'B' : 'A') + signature.slice(middle + 1);
}
