import { expect } from 'chai';
import { Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import {
  FreshJwtRequired,
  JwtConfigurationError,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  TokenInBlocklistLoader,
  type TokenInBlocklistLoaderInterface,
  type VerifiedEvent,
} from '../../src/index';
import {
  EXEMPT,
  OPTIONS_BY_HAND,
  OPTIONS_OF_TOKENS,
  policyFrom,
  tightened,
  type GuardOptions,
  type Policy,
} from '../../src/request/Policy';
import { shared } from '../../src/registry/registry';
import { areParseErrorsDeferred } from '../../src/request/parseErrors';
import { JwtClock } from '../../src/testing/JwtClock';
import { claimsOf, forge } from '../support/forge';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { serve, type Server } from '../support/Server';

@Service()
@TokenInBlocklistLoader()
class OutlawLoader implements TokenInBlocklistLoaderInterface {
  load({ payload }: VerifiedEvent): boolean {
    return payload['outlaw'] === true;
  }
}

const manager = new JwtManager({ secretKey: SECRET, loaders: [OutlawLoader] });

@Service()
@JsonController('/options')
class OptionsController {
  @Get('/access')
  @JwtRequired()
  access(): object {
    return {};
  }
  @Get('/refresh')
  @RefreshJwtRequired()
  refresh(): object {
    return {};
  }
  @Get('/either')
  @JwtRequired({ verifyType: false, locations: ['headers'] })
  either(): object {
    return {};
  }
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return {};
  }
  @Get('/unchecked')
  @JwtRequired({ skipRevocationCheck: true })
  unchecked(): object {
    return {};
  }
  @Get('/optional-refresh')
  @JwtOptional({ refresh: true })
  optionalRefresh(@JwtIdentity() identity?: string): object {
    return { identity: identity ?? null };
  }
  @Get('/optional-fresh')
  @JwtOptional({ fresh: true })
  optionalFresh(@JwtIdentity() identity?: string): object {
    return { identity: identity ?? null };
  }
}

const NOT_ACCESS = 'Only non-refresh tokens are allowed';
const NOT_REFRESH = 'Only refresh tokens are allowed';
const NOT_FRESH = 'Fresh token required';

describe('a policy', () => {
  let server: Server;
  before(async () => {
    server = await serve(manager, { controllers: [OptionsController] });
  });
  after(() => server.close());

  const access = (): Promise<string> => manager.createAccessToken('alice');
  const refresh = (): Promise<string> => manager.createRefreshToken('alice');

  it('tells access and refresh tokens apart, unless verifyType is off', async () => {
    for (const [path, token, refusal] of [
      ['/access', access, undefined],
      ['/access', refresh, NOT_ACCESS],
      ['/refresh', access, NOT_REFRESH],
      ['/refresh', refresh, undefined],
      ['/either', access, undefined],
      ['/either', refresh, undefined],
      ['/optional-refresh', access, NOT_REFRESH],
      ['/optional-refresh', refresh, undefined],
    ] as const) {
      const answer = await server.get(`/options${path}`, await token());
      if (refusal === undefined) expect(answer.status, path).to.equal(200);
      else expectRefused(answer, 422, refusal, 'invalid_token');
    }
  });

  it('minds a claim with the name of a purpose only in tokens for one', async () => {
    const token = forge({ claims: claimsOf({ purpose: 'reset' }) });
    for (const path of ['/access', '/either'])
      expect((await server.get(`/options${path}`, token)).status, path).to.equal(200);
  });

  it('accepts tokens that are fresh for ever or for a while', async () => {
    for (const fresh of [true, 60, '1 hour'] as const) {
      const token = await manager.createAccessToken('alice', { fresh });
      expect((await server.get('/options/fresh', token)).status, String(fresh)).to.equal(200);
      expect((await server.get('/options/optional-fresh', token)).json).to.deep.equal({ identity: 'alice' });
    }
    for (const token of [await access(), await manager.createAccessToken('alice', { fresh: false })]) {
      for (const path of ['/options/fresh', '/options/optional-fresh']) {
        expectRefused(await server.get(path, token), 401, NOT_FRESH, 'insufficient_user_authentication');
      }
    }
    expectRefused(await server.get('/options/fresh', await refresh()), 422, NOT_ACCESS, 'invalid_token');
  });

  it('stops treating a token as fresh after that time', async () => {
    const token = await manager.createAccessToken('alice', { fresh: 60 });
    expect((await server.get('/options/fresh', token)).status).to.equal(200);
    const clock = new JwtClock();
    try {
      clock.advance(61);
      const answer = await server.get('/options/fresh', token);
      expectRefused(answer, 401, NOT_FRESH, 'insufficient_user_authentication');
      expect((await server.get('/options/access', token)).status).to.equal(200);
    } finally {
      clock.restore();
    }
  });

  it('refuses revoked tokens, access and refresh, unless skipRevocationCheck is on', async () => {
    const options = { additionalClaims: { outlaw: true } };
    const outlaw = await manager.createAccessToken('alice', options);
    for (const path of ['/access', '/either']) {
      const answer = await server.get(`/options${path}`, outlaw);
      expectRefused(answer, 401, 'Token has been revoked', 'invalid_token');
    }
    const refreshing = await server.get(
      '/options/refresh',
      await manager.createRefreshToken('alice', options),
    );
    expectRefused(refreshing, 401, 'Token has been revoked', 'invalid_token');
    expect((await server.get('/options/unchecked', outlaw)).status).to.equal(200);
  });
});

describe('the policy of @JwtExempt()', () => {
  it('demands nothing, so that it adds nothing to another', () => {
    expect(EXEMPT).to.deep.equal({
      demand: 'none',
      tokenType: 'either',
      looksFor: 'access',
      fresh: false,
      locations: undefined,
      checkRevocation: false,
      purpose: undefined,
      singleUse: false,
      manager: undefined,
    });
    expect(EXEMPT).to.satisfy(Object.isFrozen);
  });
});

const PLAIN: Policy = {
  demand: 'required',
  tokenType: 'access',
  looksFor: 'access',
  fresh: false,
  locations: undefined,
  checkRevocation: true,
  purpose: undefined,
  singleUse: false,
  manager: undefined,
};

class PartnerManager extends JwtManager {}

describe('policyFrom(given, allowed, fixed)', () => {
  const cases: [GuardOptions, Partial<Policy>][] = [
    [{}, {}],
    [{ optional: false, fresh: false, refresh: false, verifyType: true, skipRevocationCheck: false }, {}],
    [{ optional: true }, { demand: 'optional' }],
    [{ fresh: true }, { fresh: true }],
    [{ refresh: true }, { tokenType: 'refresh', looksFor: 'refresh' }],
    [{ locations: ['query_string', 'cookies'] }, { locations: ['query_string', 'cookies'] }],
    [{ verifyType: false }, { tokenType: 'either' }],
    [
      { verifyType: false, refresh: true },
      { tokenType: 'either', looksFor: 'refresh' },
    ],
    [{ skipRevocationCheck: true }, { checkRevocation: false }],
    [{ purpose: 'reset' }, { tokenType: 'purpose', purpose: 'reset' }],
    [
      { purpose: 'reset', singleUse: true, locations: ['headers'] },
      { tokenType: 'purpose', purpose: 'reset', singleUse: true, locations: ['headers'] },
    ],
    [{ manager: PartnerManager }, { manager: PartnerManager }],
  ];
  for (const [options, expected] of cases) {
    it(`turns ${JSON.stringify(options)} into a frozen policy`, () => {
      const policy = policyFrom(options);
      expect(policy).to.deep.equal({ ...PLAIN, ...expected });
      expect(Object.isFrozen(policy)).to.equal(true);
    });
  }

  it('has what a decorator stands for, whatever was given', () => {
    expect(policyFrom({ fresh: false }, ['fresh'], { fresh: true })).to.deep.equal({ ...PLAIN, fresh: true });
    expect(policyFrom(undefined)).to.deep.equal(PLAIN);
  });

  it('copies and freezes the locations', () => {
    const locations = ['headers', 'cookies'] as ('headers' | 'cookies')[];
    const policy = policyFrom({ locations });
    locations.pop();
    expect(policy.locations).to.deep.equal(['headers', 'cookies']);
    expect(Object.isFrozen(policy.locations)).to.equal(true);
  });

  const AT_ODDS =
    'Option purpose is at odds with fresh, refresh and verifyType: such a token is neither an access nor a refresh token';
  const refused: [unknown, string][] = [
    [null, "Options must be an object, such as { locations: ['cookies'] }"],
    ['fresh', "Options must be an object, such as { locations: ['cookies'] }"],
    [['fresh'], "Options must be an object, such as { locations: ['cookies'] }"],
    [{ fresh: true, refresh: true }, 'Options fresh and refresh are at odds: a refresh token is never fresh'],
    [{ singleUse: true }, 'Option singleUse needs a purpose: only tokens for one purpose are used up'],
    [{ purpose: 'reset', fresh: true }, AT_ODDS],
    [{ purpose: 'reset', refresh: true }, AT_ODDS],
    [{ purpose: 'reset', verifyType: false }, AT_ODDS],
    [
      { purpose: 'reset', locations: ['headers', 'cookies'] },
      'Option purpose is at odds with the location cookies: they carry log-ins',
    ],
    [
      { purpose: 'reset', singleUse: true, skipRevocationCheck: true },
      'Option singleUse is at odds with skipRevocationCheck',
    ],
    ...[[], ['cookie'], ['headers', 'cookie'], 'headers', { length: 1, 0: 'headers' }].map(
      (locations): [unknown, string] => [
        { locations },
        'Option locations must be a non-empty list of headers, cookies, query_string, json',
      ],
    ),
  ];
  for (const [options, message] of refused) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => policyFrom(options as GuardOptions)).to.throw(
        JwtConfigurationError,
        new RegExp(`^${message.replace(/[{}[\]()]/g, '\\$&')}$`),
      );
    });
  }

  it('lets errors of body parsers wait for the guard if a token may be in a body, and not otherwise', () => {
    const deferral = shared('parse errors', () => ({ areDeferred: false }));
    const before = { ...deferral };
    try {
      deferral.areDeferred = false;
      policyFrom({});
      policyFrom({ locations: ['headers', 'cookies'] });
      expect(areParseErrorsDeferred()).to.equal(false);
      policyFrom({ locations: ['headers', 'json'] });
      expect(areParseErrorsDeferred()).to.equal(true);
    } finally {
      Object.assign(deferral, before);
    }
  });

  it('lists all problems of options, one a line', () => {
    expect(() => policyFrom({ fresh: 1, refresh: 'yes' } as never)).to.throw(
      JwtConfigurationError,
      /^Option fresh .*\nOption refresh /,
    );
  });

  it('takes no manager by hand, and neither that nor a place in a request for a text', () => {
    const all = ['optional', 'fresh', 'refresh', 'locations', 'verifyType', 'skipRevocationCheck'];
    expect(OPTIONS_BY_HAND).to.deep.equal([...all, 'purpose', 'singleUse']);
    expect(OPTIONS_OF_TOKENS).to.deep.equal([
      'fresh',
      'refresh',
      'verifyType',
      'skipRevocationCheck',
      'purpose',
      'singleUse',
    ]);
    expect(() => policyFrom({ manager: PartnerManager }, OPTIONS_BY_HAND)).to.throw(JwtConfigurationError);
    expect(() => policyFrom({ optional: true }, OPTIONS_OF_TOKENS)).to.throw(JwtConfigurationError);
  });
});

describe('tightened(one, other)', () => {
  const EITHER = { ...PLAIN, tokenType: 'either' } as const;
  const EITHER_REFRESH = { ...EITHER, looksFor: 'refresh' } as const;
  const REFRESH = { ...PLAIN, tokenType: 'refresh', looksFor: 'refresh' } as const;
  const RESET = { ...PLAIN, tokenType: 'purpose', purpose: 'reset' } as const;

  function both(one: Partial<Policy>, other: Partial<Policy>): Policy {
    return tightened({ ...PLAIN, ...one }, { ...PLAIN, ...other });
  }

  it('is frozen', () => {
    expect(Object.isFrozen(tightened(PLAIN, PLAIN))).to.equal(true);
    expect(tightened(PLAIN, PLAIN)).to.deep.equal(PLAIN);
  });

  it('takes the stricter demand', () => {
    const demands = ['none', 'optional', 'required'] as const;
    for (const [i, one] of demands.entries()) {
      for (const [j, other] of demands.entries())
        expect(both({ demand: one }, { demand: other }).demand).to.equal(demands[Math.max(i, j)]);
    }
  });

  for (const name of ['fresh', 'checkRevocation', 'singleUse'] as const) {
    it(`demands ${name} if either does`, () => {
      for (const [one, other] of [
        [true, true],
        [true, false],
        [false, true],
        [false, false],
      ] as const)
        expect(both({ [name]: one }, { [name]: other })[name]).to.equal(one || other);
    });
  }

  const types: [string, Policy, Policy, Partial<Policy>][] = [
    ['either and access', EITHER, PLAIN, PLAIN],
    ['access and either', PLAIN, EITHER, PLAIN],
    ['either and refresh', EITHER, REFRESH, REFRESH],
    ['refresh and either', REFRESH, EITHER, REFRESH],
    ['refresh twice', REFRESH, REFRESH, REFRESH],
    ['either, in the place of refresh tokens', EITHER_REFRESH, EITHER, EITHER_REFRESH],
    ['either, then in the place of refresh tokens', EITHER, EITHER_REFRESH, EITHER],
    ['one purpose twice', RESET, RESET, RESET],
    ['nothing and refresh', EXEMPT, REFRESH, REFRESH],
    ['refresh and nothing', REFRESH, EXEMPT, REFRESH],
    ['nothing and a purpose', EXEMPT, RESET, RESET],
    ['a purpose and nothing', RESET, EXEMPT, RESET],
    ['nothing twice', EXEMPT, EXEMPT, EXEMPT],
  ];
  for (const [title, one, other, expected] of types) {
    it(`narrows the type of token: ${title}`, () => {
      expect(tightened(one, other)).to.deep.equal({ ...one, ...expected });
    });
  }

  const contradictions: [Partial<Policy>, Partial<Policy>, string][] = [
    [PLAIN, REFRESH, 'one demands an access token, the other a refresh token'],
    [REFRESH, PLAIN, 'one demands an access token, the other a refresh token'],
    [RESET, EITHER, 'one demands a token for the purpose reset, the other an access or refresh token'],
    [PLAIN, RESET, 'one demands an access or refresh token, the other a token for the purpose reset'],
    [
      RESET,
      { ...RESET, purpose: 'mail' },
      'one demands a token for the purpose reset, the other a token for the purpose mail',
    ],
    [{ locations: ['headers'] }, { locations: ['cookies'] }, 'they have no token location in common'],
    [{ manager: JwtManager }, { manager: PartnerManager }, 'one asks JwtManager, the other PartnerManager'],
  ];
  for (const [one, other, message] of contradictions) {
    it(`refuses: ${message}`, () => {
      expect(() => both(one, other)).to.throw(JwtConfigurationError, message);
    });
  }

  it('takes the locations that both have, in the order of the first', () => {
    const [one, other] = [
      ['query_string', 'headers', 'json'] as const,
      ['json', 'headers', 'cookies'] as const,
    ];
    expect(both({ locations: one }, { locations: other }).locations).to.deep.equal(['headers', 'json']);
    expect(Object.isFrozen(both({ locations: one }, { locations: other }).locations)).to.equal(true);
    expect(both({ locations: one }, {}).locations).to.equal(one);
    expect(both({}, { locations: other }).locations).to.equal(other);
  });

  it('takes the manager that one or both name', () => {
    expect(both({ manager: PartnerManager }, {}).manager).to.equal(PartnerManager);
    expect(both({}, { manager: PartnerManager }).manager).to.equal(PartnerManager);
    expect(both({ manager: PartnerManager }, { manager: PartnerManager }).manager).to.equal(PartnerManager);
  });
});
