import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import Koa from 'koa';
import {
  JwtError,
  JwtManager,
  type RevocationStore,
  type TokenFacts,
  type TokenPair,
} from '../../../src/index';
import { claimsOf, forge, opened } from '../../support/forge';
import { SECRET } from '../../support/secret';
import { bearer, Server } from '../../support/Server';
import { RULES, type Kind, type ModelToken } from './SessionModel';

const PURPOSE = 'confirm';

/** A manager with a store, and an HTTP server that rotates and logs out. */
export class SessionSystem {
  #manager!: JwtManager;
  #store!: RevocationStore;
  #server!: Server;
  /** The texts of the tokens of the model, and the sids of its sessions, by their number there. */
  tokens: string[] = [];
  sids: string[] = [];

  private constructor(
    readonly name: string,
    private readonly makeStore: () => RevocationStore,
  ) {}

  static async of(name: string, makeStore: () => RevocationStore): Promise<SessionSystem> {
    const system = new SessionSystem(name, makeStore);
    const app = new Koa();
    app.use(async (ctx) => {
      const manager = system.#manager;
      if (ctx.path === '/log-out') {
        await manager.logOut(ctx);
        ctx.body = {};
        return;
      }
      await manager.verifyJwtInRequest(ctx, { refresh: true });
      ctx.body = await manager.rotate(ctx);
    });
    app.silent = true;
    system.#server = await Server.of(app);
    return system;
  }

  /** Nobody has logged in. */
  reset(): void {
    this.#store = this.makeStore();
    this.#manager = new JwtManager({
      secretKey: SECRET,
      loaders: [],
      revocationStore: this.#store,
      storeTimeout: 60,
      ...RULES,
    });
    this.tokens = [];
    this.sids = [];
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async logIn(identity: string, hasAccessToken: boolean): Promise<void> {
    if (hasAccessToken) this.#addPair(await this.#manager.createTokenPair(identity));
    else this.tokens.push(await this.#manager.createRefreshToken(identity));
    this.sids.push(String(opened(String(this.tokens.at(-1))).claims['sid']));
  }

  async make(kind: Exclude<Kind, 'refresh'>, identity: string): Promise<void> {
    const expires = RULES.accessTokenExpires;
    if (kind === 'access') this.tokens.push(await this.#manager.createAccessToken(identity));
    if (kind === 'purpose') this.tokens.push(await this.#manager.createToken(PURPOSE, identity, { expires }));
    if (kind === 'foreign') {
      const iat = Math.floor(Date.now() / 1000);
      const times = { iat, nbf: iat, exp: iat + expires };
      this.tokens.push(forge({ claims: claimsOf({ sub: identity, jti: randomUUID(), ...times }) }));
    }
  }

  /** What a guard says. */
  use(i: number, kind: Kind): Promise<string> {
    const policy = { refresh: kind === 'refresh', ...(kind === 'purpose' && { purpose: PURPOSE }) };
    return outcomeOf(this.#manager.verifyToken(this.#text(i), policy));
  }

  spend(i: number): Promise<string> {
    return outcomeOf(this.#manager.verifyToken(this.#text(i), { purpose: PURPOSE, singleUse: true }));
  }

  async rotate(i: number): Promise<string> {
    const { status, json, text } = await this.#post('/rotate', i);
    if (status === 401) return text;
    expect(status, text).to.equal(200);
    this.#addPair(json as TokenPair);
    return 'let in';
  }

  async logOut(i: number): Promise<void> {
    const { status, text } = await this.#post('/log-out', i);
    expect(status, text).to.equal(200);
  }

  revoke(i: number): Promise<void> {
    return this.#manager.revoke(this.#text(i));
  }

  revokeSession(i: number): Promise<void> {
    return this.#manager.revokeSession(this.#text(i));
  }

  revokeAll(identity: string): Promise<void> {
    return this.#manager.revokeAll(identity);
  }

  endSession(identity: string, i: number): Promise<void> {
    return this.#manager.endSession(identity, String(this.sids[i]));
  }

  /** Only looks: nothing is used up. */
  async verdict(i: number): Promise<string> {
    return this.#store.check(factsOf(this.#text(i)), RULES.rotationGrace);
  }

  /** What a token says about its times. */
  timesOf(i: number): Pick<ModelToken, 'iat' | 'exp'> {
    const { iat, exp } = opened(this.#text(i)).claims;
    return { iat: Number(iat), exp: Number(exp) };
  }

  /** The sessions of an identity, with the numbers that they have in the model. */
  async sessionsOf(identity: string): Promise<object[]> {
    const listed = await this.#manager.sessions(identity);
    const starts = listed.map(({ started }) => started);
    expect(starts, 'oldest first').to.deep.equal([...starts].sort((one, other) => one - other));
    return listed.map(({ sid, started, refreshed, until }) => ({
      session: this.sids.indexOf(sid),
      started,
      refreshed,
      until,
    }));
  }

  #addPair({ accessToken, refreshToken }: TokenPair): void {
    this.tokens.push(accessToken, refreshToken);
  }

  #text(i: number): string {
    return String(this.tokens[i]);
  }

  #post(path: string, i: number): ReturnType<Server['send']> {
    return this.#server.send(path, { method: 'POST', headers: bearer(this.#text(i)) });
  }
}

async function outcomeOf(verified: Promise<unknown>): Promise<string> {
  try {
    await verified;
    return 'let in';
  } catch (error) {
    if (error instanceof JwtError) return error.message;
    throw error;
  }
}

function factsOf(token: string): TokenFacts {
  const { sub, type, jti, sid, gen, iat, exp } = opened(token).claims;
  return {
    identity: String(sub),
    type: type === 'refresh' ? type : 'access',
    jti: String(jti),
    ...(typeof sid === 'string' && { sid }),
    ...(typeof gen === 'number' && { gen }),
    iat: Number(iat),
    until: Number(exp),
  };
}
