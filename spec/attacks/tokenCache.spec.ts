import { expect } from 'chai';
import fc from 'fast-check';
import type { Context } from 'koa';
import { createParamDecorator, Get, JsonController, useContainer, type Action } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  DecodeKeyLoader,
  EncodeKeyLoader,
  AdditionalHeadersLoader,
  FreshJwtRequired,
  getJwtState,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  type JwtState,
  type UnverifiedEvent,
} from '../../src/index';
import { claimsOf, forge, hmac } from '../support/forge';
import { Server, serve, type Answer } from '../support/Server';

/** The secrets in use, by kid; the last one signs. A rotation changes them. */
let secrets = new Map<string, string>();

function current(): [kid: string, secret: string] {
  return [...secrets].at(-1) ?? ['none', 'the secret of nobody, which is long enough'];
}

@Service()
@DecodeKeyLoader()
class CurrentDecodeKey {
  load({ unverifiedHeader }: UnverifiedEvent): string | undefined {
    return secrets.get(String(unverifiedHeader.kid));
  }
}

@Service()
@EncodeKeyLoader()
class CurrentEncodeKey {
  load(): string {
    return current()[1];
  }
}

@Service()
@AdditionalHeadersLoader()
class CurrentKid {
  load(): { kid: string } {
    return { kid: current()[0] };
  }
}

function State(): ParameterDecorator {
  return createParamDecorator({
    value: ({ context }: Action) => getJwtState(context as Context),
  }) as ParameterDecorator;
}

@Service()
@JsonController('/remembered')
class RememberedController {
  @Get('/protected')
  @JwtRequired()
  protected(@State() state: JwtState): object {
    return { ...state };
  }
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(@State() state: JwtState): object {
    return { ...state };
  }
  @Get('/refresh')
  @RefreshJwtRequired()
  refresh(@State() state: JwtState): object {
    return { ...state };
  }
  @Get('/optional')
  @JwtOptional()
  optional(@State() state: JwtState): object {
    return { ...state };
  }
}

const PATHS = ['protected', 'fresh', 'refresh', 'optional'] as const;
const IDENTITIES = ['alice', 'bob'] as const;

type Step =
  | { readonly do: 'use'; readonly token: number; readonly path: (typeof PATHS)[number] }
  | {
      readonly do: 'issue';
      readonly who: (typeof IDENTITIES)[number];
      readonly fresh: boolean;
      readonly life: number;
    }
  | { readonly do: 'forge'; readonly changes: Readonly<Record<string, unknown>>; readonly kid: number }
  | { readonly do: 'tamper' | 'revoke' | 'revokeSession'; readonly token: number }
  | { readonly do: 'revokeAll'; readonly who: (typeof IDENTITIES)[number] }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'addKey' | 'retireKey' | 'replaceKey' };

const token = fc.nat(30);
const who = fc.constantFrom(...IDENTITIES);
const use = fc.record({ do: fc.constant('use' as const), token, path: fc.constantFrom(...PATHS) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: use },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('issue' as const),
      who,
      fresh: fc.boolean(),
      life: fc.integer({ min: 1, max: 100 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('forge' as const),
      kid: fc.nat(3),
      changes: fc.constantFrom(
        {},
        { aud: 'api' },
        { aud: 'other' },
        { type: undefined },
        { exp: undefined },
        { sub: 7 },
        { iss: 'us' },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('tamper' as const, 'revoke' as const, 'revokeSession' as const),
      token,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revokeAll' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: -30, max: 40 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('addKey' as const, 'retireKey' as const, 'replaceKey' as const),
    }),
  },
);

describe('The token cache', () => {
  const { now } = Date;
  let managers: JwtManager[];
  let servers: Server[];
  /** How often each status was answered, to prove that the spec covers them. */
  const statuses = new Map<number, number>();

  before(async () => {
    const revocationStore = new MemoryRevocationStore();
    managers = [{ tokenCacheEntries: 0 }, { tokenCacheEntries: 8 }, {}].map(
      (options) =>
        new JwtManager({
          revocationStore,
          loaders: [CurrentDecodeKey, CurrentEncodeKey, CurrentKid],
          cookieCsrfProtect: false,
          ...options,
        }),
    );
    servers = [];
    for (const manager of managers)
      servers.push(await serve(manager, { controllers: [RememberedController] }));
    useContainer({
      get: (someClass: unknown, action?: Action): never => {
        if (someClass !== JwtManager) return Container.get(someClass as new () => object) as never;
        const { localPort } = (action?.context as Context).socket;
        return managers[servers.findIndex(({ port }) => port === localPort)] as never;
      },
    });
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    useContainer(Container);
    Date.now = now;
  });

  it('never changes an answer, even if tokens, keys, sessions and the clock change', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
        secrets = new Map();
        Date.now = now;
        addKey();
        const tokens: string[] = [];
        for (const each of steps) await take(each, tokens);
      }),
      { numRuns: 60 },
    );
    expect([...statuses.keys()]).to.include.members([200, 401, 422]);
    for (const status of [200, 401, 422]) expect(statuses.get(status)).to.be.greaterThan(50);
  }).timeout(60_000);

  async function take(step: Step, tokens: string[]): Promise<void> {
    const [plain] = managers;
    const chosen = 'token' in step ? tokens[step.token % Math.max(tokens.length, 1)] : undefined;
    switch (step.do) {
      case 'use':
        return expectSameAnswers(step.path, chosen);
      case 'issue': {
        const pair = await plain?.createTokenPair(step.who, { fresh: step.fresh, expires: step.life });
        if (pair !== undefined) tokens.push(pair.accessToken, pair.refreshToken);
        return;
      }
      case 'forge': {
        const [kid, secret] = [...secrets][step.kid % secrets.size] ?? ['none', 'x'.repeat(40)];
        const header = { alg: 'HS256', typ: 'JWT', kid };
        tokens.push(forge({ header, claims: claimsOf(step.changes), signer: hmac(secret) }));
        return;
      }
      case 'tamper':
        if (chosen !== undefined)
          tokens.push(chosen.slice(0, -4) + (chosen.endsWith('AAAA') ? 'BBBA' : 'AAAA'));
        return;
      case 'revoke':
      case 'revokeSession':
        if (chosen !== undefined) await plain?.[step.do](chosen).catch(() => undefined);
        return;
      case 'revokeAll':
        await plain?.revokeAll(step.who);
        return;
      case 'wait': {
        const offset = Date.now() - now() + step.seconds * 1000;
        Date.now = () => now() + offset;
        return;
      }
      case 'addKey':
        addKey();
        return;
      case 'retireKey':
        secrets.delete([...secrets.keys()][0] ?? '');
        return;
      case 'replaceKey':
        secrets.set(current()[0], `${current()[1]}, replaced`);
    }
  }

  async function expectSameAnswers(path: string, text: string | undefined): Promise<void> {
    // Stop the clock, or a new second may begin between two requests.
    const instant = Date.now();
    const clock = Date.now;
    Date.now = () => instant;
    const answers: Answer[] = [];
    for (const server of servers) answers.push(await server.get(`/remembered/${path}`, text));
    Date.now = clock;
    const [plain, ...others] = answers.map(({ status, text: body, headers }) => ({
      status,
      body,
      challenge: headers['www-authenticate'],
    }));
    for (const other of others) expect(other).to.deep.equal(plain);
    statuses.set(plain?.status ?? 0, (statuses.get(plain?.status ?? 0) ?? 0) + 1);
  }

  function addKey(): void {
    secrets.set(`key ${secrets.size}`, `the secret of key ${secrets.size}, long enough for it`);
  }
});
