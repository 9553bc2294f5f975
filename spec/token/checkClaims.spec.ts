import { expect } from 'chai';
import { JwtManager, type JwtClaims, type JwtOptions } from '../../src/index';
import { checkClaims, isFresh, withDefaults } from '../../src/token/checkClaims';
import type { ClaimRules } from '../../src/token/Trust';
import { claimsOf, forge, now, raw, type Claims } from '../support/forge';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';

function managerOf(options: JwtOptions = {}): JwtManager {
  return new JwtManager({ secretKey: SECRET, loaders: [], ...options });
}

const RULES: ClaimRules = {
  decodeLeeway: 0,
  identityClaim: 'sub',
  verifySub: true,
  tokenTypes: ['access', 'refresh'],
  needsExpiry: false,
};

/** Runs code at a time that stands still. */
function at(milliseconds: number, run: () => void): void {
  const { now: real } = Date;
  Date.now = () => milliseconds;
  try {
    run();
  } finally {
    Date.now = real;
  }
}

function without(claims: Claims, name: string): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name));
}

describe('checkClaims(claims, rules)', () => {
  const LATEST = 253_402_300_799;
  const times = (name: string): [Claims, string][] =>
    [null, '1', true, [1], {}, -1, LATEST + 1].map((value) => [
      { [name]: value },
      `Claim ${name} must be a number of seconds`,
    ]);
  const refused: [JwtOptions, Claims, string][] = [
    ...[...times('iat'), ...times('nbf'), ...times('exp')].map(
      ([claims, message]): [JwtOptions, Claims, string] => [{}, claims, message],
    ),
    [{}, { iat: now() + 86_400 }, 'The token is not yet valid (iat)'],
    [{}, { nbf: now() + 86_400 }, 'The token is not yet valid (nbf)'],
    [{}, { iss: 7 }, 'Claim iss must be a string'],
    [{}, { iss: null }, 'Claim iss must be a string'],
    [{ decodeIssuer: 'us' }, {}, 'Missing claim: iss'],
    [{ decodeIssuer: 'us' }, { iss: 'US' }, 'Invalid issuer'],
    [{ decodeIssuer: 'us' }, { iss: 'us ' }, 'Invalid issuer'],
    [{ decodeIssuer: 'us' }, { iss: 'u' }, 'Invalid issuer'],
    [{ decodeIssuer: 'us' }, { iss: ['us'] }, 'Claim iss must be a string'],
    [{ decodeIssuer: ['us', 'them'] }, { iss: 'us,them' }, 'Invalid issuer'],
    [{}, { aud: 'api' }, 'Invalid audience'],
    [{}, { aud: [] }, 'Invalid audience'],
    [{}, { aud: null }, 'Invalid audience'],
    [{ decodeAudience: 'api' }, {}, 'Missing claim: aud'],
    [{ decodeAudience: 'api' }, { aud: 'web' }, 'Invalid audience'],
    [{ decodeAudience: 'api' }, { aud: '' }, 'Invalid audience'],
    [{ decodeAudience: 'api' }, { aud: [] }, 'Invalid audience'],
    [{ decodeAudience: 'api' }, { aud: [['api']] }, 'Claim aud must be a string or a list of strings'],
    [{ decodeAudience: 'api' }, { aud: ['api', 7] }, 'Claim aud must be a string or a list of strings'],
    [{ decodeAudience: 'api' }, { aud: { api: true } }, 'Claim aud must be a string or a list of strings'],
    [{ decodeAudience: 'api' }, { aud: null }, 'Claim aud must be a string or a list of strings'],
    [{ encodeAudience: 'api' }, { aud: 'web' }, 'Invalid audience'],
    [{}, { sub: 7 }, 'Subject must be a string'],
    [{}, { sub: '' }, 'Subject must not be empty'],
    [{}, { sub: null }, 'Subject must be a string'],
    [{}, { sub: ['alice'] }, 'Subject must be a string'],
    [{}, { sub: undefined }, 'Missing claim: sub'],
    [{ verifySub: false }, { sub: undefined }, 'Missing claim: sub'],
    [{ verifySub: false }, { sub: null }, 'Missing claim: sub'],
    [{ identityClaim: 'uid' }, {}, 'Missing claim: uid'],
    [{ identityClaim: 'uid' }, { uid: 7 }, 'Claim uid must be a string'],
    [{ identityClaim: 'uid' }, { uid: '' }, 'Claim uid must not be empty'],
    [{ identityClaim: 'constructor' }, {}, 'Missing claim: constructor'],
    [{}, { jti: 7 }, 'JWT ID must be a string'],
    [{}, { jti: '' }, 'JWT ID must be a string'],
    [{}, { jti: null }, 'JWT ID must be a string'],
    [{}, { jti: 'x'.repeat(257) }, 'JWT ID must be a string'],
    [{}, { type: undefined }, 'Missing claim: type'],
    [{}, { type: 'Access' }, 'Claim type must be access or refresh'],
    [{}, { type: ['access'] }, 'Claim type must be access or refresh'],
    [{}, { type: null }, 'Claim type must be access or refresh'],
    [{ defaultTokenType: 'access' }, { type: 'reset' }, 'Claim type must be access or refresh'],
    [{ defaultTokenType: 'access' }, { type: null }, 'Claim type must be access or refresh'],
  ];
  for (const [options, claims, message] of refused) {
    const given = JSON.stringify(claims, (_, value: unknown) => value ?? String(value)).slice(0, 60);
    it(`refuses ${given} with ${JSON.stringify(options)}: ${message}`, async () => {
      const error = await rejection(managerOf(options).decodeToken(forge({ claims: claimsOf(claims) })));
      expect(error.message).to.equal(message);
      expect(error.code).to.equal('ERR_JWT_INVALID');
    });
  }

  for (const name of ['iat', 'nbf']) {
    it(`accepts an ${name} of a clock that is up to 5 seconds ahead, and decodeLeeway beyond that`, async () => {
      const decoded = (options: JwtOptions, ahead: number): Promise<unknown> =>
        managerOf(options).decodeToken(forge({ claims: claimsOf({ [name]: Date.now() / 1000 + ahead }) }));
      await decoded({}, 4.5);
      await decoded({ decodeLeeway: 60 }, 59);
      expect((await rejection(decoded({}, 6))).message).to.equal(`The token is not yet valid (${name})`);
      expect((await rejection(decoded({ decodeLeeway: 60 }, 61))).message).to.include('not yet valid');
    });
  }

  for (const name of ['iat', 'nbf', 'exp']) {
    it(`refuses an infinite ${name}`, async () => {
      const text = JSON.stringify(claimsOf({ [name]: 0 })).replace(`"${name}":0`, `"${name}":1e400`);
      const error = await rejection(managerOf().decodeToken(forge({ claims: raw(text) })));
      expect(error.message).to.equal(`Claim ${name} must be a number of seconds`);
    });
  }

  const taken: [JwtOptions, Claims][] = [
    [{}, { iat: undefined, nbf: undefined, exp: undefined }],
    [{}, { iat: 0, nbf: 0.5, exp: LATEST }],
    [{}, { iss: 'anyone' }],
    [{ decodeIssuer: 'us' }, { iss: 'us' }],
    [{ decodeIssuer: ['us', 'them'] }, { iss: 'them' }],
    [{ decodeAudience: 'api' }, { aud: 'api' }],
    [{ decodeAudience: ['web', 'api'] }, { aud: ['x', 'api'] }],
    [{ decodeAudience: false }, { aud: { what: 'ever' } }],
    [{ encodeAudience: 'web', decodeAudience: 'api' }, { aud: 'api' }],
    [{ verifySub: false }, { sub: 7 }],
    [{ verifySub: false }, { sub: '' }],
    [{ identityClaim: 'uid' }, { uid: 'alice', sub: undefined }],
    [{}, { jti: 'x'.repeat(256) }],
    [{}, { type: 'refresh' }],
    [{}, { csrf: 7, roles: null, sid: [] }],
  ];
  for (const [options, claims] of taken) {
    it(`accepts ${JSON.stringify(claims).slice(0, 60)} with ${JSON.stringify(options)}`, async () => {
      const expected = JSON.parse(JSON.stringify(claims)) as object;
      const payload = await managerOf(options).decodeToken(forge({ claims: claimsOf(claims) }));
      expect(payload).to.deep.include(expected);
    });
  }

  it('reads a missing fresh as false, a missing jti as null, and a missing type as configured', async () => {
    const claims = claimsOf({ fresh: undefined, jti: undefined, type: undefined });
    const payload = await managerOf({ defaultTokenType: 'access' }).decodeToken(forge({ claims }));
    expect(payload).to.include({ fresh: false, jti: null, type: 'access' });
  });

  it('reads no claim of a prototype', () => {
    const rules = {
      decodeLeeway: 0,
      identityClaim: 'sub',
      verifySub: true,
      tokenTypes: ['access'],
      needsExpiry: false,
    };
    checkClaims(claimsOf(), rules);
    for (const name of ['sub', 'type']) {
      const inherited: unknown = Object.create({ [name]: claimsOf()[name] });
      const claims = Object.assign(inherited as Record<string, unknown>, without(claimsOf(), name));
      expect(() => {
        checkClaims(claims, rules);
      }).to.throw(`Missing claim: ${name}`);
    }
  });

  it('reads own claims only, never those of a __proto__', async () => {
    const text = `{"__proto__":${JSON.stringify(claimsOf())}}`;
    const error = await rejection(managerOf().decodeToken(forge({ claims: raw(text) })));
    expect(error.message).to.equal('Missing claim: sub');
  });

  describe('decodeLeeway', () => {
    const late: [string, () => Claims][] = [
      ['an iat', () => ({ iat: now() + 60 })],
      ['an nbf', () => ({ nbf: now() + 60 })],
      ['an exp', () => ({ exp: now() - 60 })],
    ];
    for (const [title, claims] of late) {
      it(`tolerates ${title} within its limit`, async () => {
        const token = forge({ claims: claimsOf(claims()) });
        expect((await managerOf({ decodeLeeway: 120 }).decodeToken(token)).sub).to.equal('alice');
        await rejection(managerOf({ decodeLeeway: 30 }).decodeToken(token));
        await rejection(managerOf().decodeToken(token));
      });
    }
  });

  it('accepts an iat and an nbf of exactly 5 seconds ahead', () => {
    at(1_800_000_000_000, () => {
      expect(() => {
        checkClaims(claimsOf({ iat: 1_800_000_005, nbf: 1_800_000_005 }), RULES);
      }).not.to.throw();
      expect(() => {
        checkClaims(claimsOf({ nbf: 1_800_000_005.001 }), RULES);
      }).to.throw('not yet valid (nbf)');
    });
  });

  it('demands an exp where tokens must end', () => {
    const rules = { ...RULES, needsExpiry: true };
    expect(() => {
      checkClaims(claimsOf(), rules);
    }).not.to.throw();
    expect(() => {
      checkClaims(claimsOf({ exp: undefined }), rules);
    }).to.throw('Missing claim: exp');
  });

  it('treats a token that expires now as expired', async () => {
    const error = await rejection(managerOf().decodeToken(forge({ claims: claimsOf({ exp: now() }) })));
    expect(error.message).to.equal('Token has expired');
    expect(error.code).to.equal('ERR_JWT_EXPIRED');
  });
});

describe('withDefaults(claims, rules)', () => {
  const whole = claimsOf();

  it('gives the claims themselves when none is missing', () => {
    for (const type of ['access', 'refresh']) {
      const claims = { ...whole, type };
      expect(withDefaults(claims, RULES)).to.equal(claims);
    }
  });

  for (const [name, value] of Object.entries({ type: 'access', fresh: false, jti: null })) {
    it(`fills in ${name} alone`, () => {
      const claims = { ...whole };
      Reflect.deleteProperty(claims, name);
      const filled = withDefaults(claims, { ...RULES, defaultTokenType: 'access' });
      expect({ ...filled }).to.deep.equal({ ...whole, [name]: value });
      expect(Object.isFrozen(filled)).to.equal(true);
    });
  }

  it("makes another issuer's word for access tokens ours", () => {
    for (const type of ['Bearer', 'id', '', 7]) {
      for (const hasPurposes of [undefined, true])
        expect(withDefaults({ ...whole, type }, { ...RULES, hasPurposes }).type).to.equal('access');
    }
  });

  it('keeps the type of a token for one purpose where there are such tokens, and knows none elsewhere', () => {
    const claims = { ...whole, type: 'purpose' };
    expect(withDefaults(claims, { ...RULES, hasPurposes: true })).to.equal(claims);
    expect(withDefaults(claims, { ...RULES, hasPurposes: false }).type).to.equal('access');
    expect(withDefaults(claims, RULES).type).to.equal('access');
  });
});

describe('isFresh(claims)', () => {
  const LATEST = 253_402_300_799;
  const cases: [unknown, boolean][] = [
    [true, true],
    [1_800_000_000.001, true],
    [LATEST, true],
    [1_800_000_000, false],
    [LATEST + 1, false],
    [1_800_000_000_001, false],
    [false, false],
    ['true', false],
    ['1900000000', false],
    [[1_900_000_000], false],
    [undefined, false],
  ];
  for (const [fresh, expected] of cases) {
    it(`is ${String(expected)} for ${JSON.stringify(fresh)}`, () => {
      at(1_800_000_000_000, () => {
        expect(isFresh(claimsOf({ fresh }) as unknown as JwtClaims)).to.equal(expected);
      });
    });
  }
});
