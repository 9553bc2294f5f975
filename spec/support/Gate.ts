import { expect } from 'chai';
import { Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import {
  FreshJwtRequired,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  type JwtOptions,
} from '../../src/index';
import { expectRefused } from './refused';
import { SECRET } from './secret';
import { bearer, provide, serve, type Answer, type Sent, type Server } from './Server';

/** How a request is expected to be refused. */
export interface Refusal {
  readonly msg: string;
  readonly status?: number;
  /** In the challenge; `null` for a bare one. */
  readonly error?: string | null;
  readonly path?: string;
}

/** The identities for which an action ran. */
let ran: (string | undefined)[] = [];

@Service()
@JsonController('/gate')
class GateController {
  @Get('/protected')
  @JwtRequired()
  protected(@JwtIdentity() identity: string): object {
    return run(identity);
  }

  @Get('/fresh')
  @FreshJwtRequired()
  fresh(@JwtIdentity() identity: string): object {
    return run(identity);
  }

  @Get('/refresh')
  @RefreshJwtRequired()
  refresh(@JwtIdentity() identity: string): object {
    return run(identity);
  }

  @Get('/optional')
  @JwtOptional()
  optional(@JwtIdentity() identity?: string): object {
    return run(identity);
  }
}

function run(identity: string | undefined): object {
  ran.push(identity);
  return { identity: identity ?? null };
}

/** A server with an action for each kind of protection, to try good and bad tokens on. */
export class Gate {
  private constructor(
    readonly manager: JwtManager,
    readonly server: Server,
  ) {}

  static async of(options: JwtOptions = {}): Promise<Gate> {
    const manager = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
    return new Gate(manager, await serve(manager, { controllers: [GateController], development: true }));
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** Sends a request. `ran` has the identities for which an action ran. */
  async knock(path: string, sent: Sent): Promise<{ answer: Answer; ran: (string | undefined)[] }> {
    // The container holds one manager per process, and another gate may have replaced it.
    provide(this.manager);
    ran = [];
    const answer = await this.server.send(path, sent);
    return { answer, ran };
  }

  async expectAdmitted(token: string, identity = 'alice', path = '/gate/protected'): Promise<void> {
    const { answer, ran } = await this.knock(path, { headers: bearer(token) });
    expect(answer.json, answer.text).to.deep.equal({ identity });
    expect(answer.status).to.equal(200);
    expect(ran).to.deep.equal([identity]);
  }

  /** Asserts that a token is refused, the answer reveals nothing, and the next honest request is served. */
  async expectRefused(token: string, refusal: Refusal): Promise<void> {
    await this.expectHeadersRefused(bearer(token), refusal);
  }

  async expectHeadersRefused(
    headers: NonNullable<Sent['headers']>,
    { msg, status = 422, error = 'invalid_token', path = '/gate/protected' }: Refusal,
  ): Promise<void> {
    const { answer, ran } = await this.knock(path, { headers });
    expectRefused(answer, status, msg, error ?? undefined);
    expect(ran).to.deep.equal([]);
    expectNothingTold(answer, JSON.stringify(headers));
    await this.expectHonestServed();
  }

  async expectHonestServed(): Promise<void> {
    await this.expectAdmitted(await this.manager.createAccessToken('alice'));
  }
}

/** Asserts that an answer has no stack, no secret, and no long word of what was sent. */
export function expectNothingTold(answer: Answer, sent: string): void {
  const told = JSON.stringify(answer.headers) + answer.text;
  expect(told).to.not.match(/\bat .*:\d+:\d+|\.[jt]s\b|node_modules|PRIVATE|PUBLIC/);
  expect(told).to.not.include(SECRET);
  const words = sent.split(/[^\w-]+/).filter((word) => word.length > 12 && word !== 'Authorization');
  for (const word of words) expect(told).to.not.include(word);
}
