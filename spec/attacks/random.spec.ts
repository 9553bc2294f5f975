import { expect } from 'chai';
import fc from 'fast-check';
import { claimsOf, forge, HEADER, now, raw, segment, type Claims } from '../support/forge';
import { expectNothingTold, Gate } from '../support/Gate';
import { bearer } from '../support/Server';

const RUNS = { numRuns: 150 };

/** JSON text of any value: any type, deep nesting, and numbers beyond a double. */
const jsonText = fc.oneof(
  { weight: 6, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('1e400', '-1e400', '1e-400', '0.0', '-0', '""', '{}', '[]', 'null'),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 40 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  },
  { weight: 1, arbitrary: fc.integer({ min: -2_000_000_000, max: 300_000_000_000 }).map(String) },
);

const claimName = fc.oneof(
  fc.constantFrom('sub', 'type', 'exp', 'nbf', 'iat', 'iss', 'aud', 'jti', 'fresh', 'csrf'),
  fc.constantFrom('__proto__', 'constructor', 'then', 'toJSON', 'roles', ''),
  fc.string({ maxLength: 10 }),
);

/** The JSON of an object, with the text of some members replaced. */
function withMembers(object: Claims, changes: readonly (readonly [string, string])[]): Buffer {
  const texts = new Map(Object.entries(object).map(([name, value]) => [name, JSON.stringify(value)]));
  for (const [name, text] of changes) texts.set(name, text);
  return raw(`{${[...texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** The documented rules for claims, written independently of the source. */
function isGood(claims: Claims): boolean {
  const has = (name: string): boolean => Object.hasOwn(claims, name);
  const isTime = (name: string, from: number, to: number): boolean =>
    !has(name) || (typeof claims[name] === 'number' && claims[name] >= from && claims[name] <= to);
  const isText = (name: string): boolean => typeof claims[name] === 'string' && claims[name] !== '';
  return (
    has('sub') &&
    isText('sub') &&
    has('type') &&
    claims['type'] === 'access' &&
    isTime('iat', 0, now() + 6) &&
    isTime('nbf', 0, now() + 6) &&
    isTime('exp', now() + 1, 253_402_300_799) &&
    (!has('iss') || typeof claims['iss'] === 'string') &&
    !has('aud') &&
    (!has('jti') || (isText('jti') && String(claims['jti']).length <= 256)) &&
    depthOf(claims) <= 32
  );
}

describe('random requests', () => {
  let gate: Gate;

  before(async () => {
    gate = await Gate.of();
  });
  after(() => gate.close());

  /** Expects a request to be admitted or not (undefined: either), and the next honest one served. */
  async function knock(authorization: string, admitted: boolean | undefined): Promise<void> {
    const { answer, ran } = await gate.knock('/gate/protected', { headers: { authorization } });
    const isAdmitted = admitted ?? answer.status === 200;
    if (isAdmitted) {
      expect(answer.status, answer.text).to.equal(200);
      expect(ran).to.have.lengthOf(1);
    } else {
      expect(answer.status, answer.text).to.be.oneOf([400, 401, 422]);
      expect(answer.json).to.have.all.keys('msg');
      expect(answer.headers['www-authenticate']).to.match(
        /^Bearer( error="[a-z_]+", error_description="[^"\\]+")?$/,
      );
      expect(ran).to.deep.equal([]);
      if (authorization.length > 200) expectNothingTold(answer, authorization);
    }
    await gate.expectHonestServed();
  }

  it('are refused with a random Authorization header', async () => {
    const latin1 = fc
      .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
        maxLength: 80,
      })
      .map((codes) => String.fromCharCode(...codes));
    const prefix = fc.constantFrom(
      '',
      'Bearer ',
      'bearer  ',
      'Basic ',
      'Bearer,',
      'Bearer "',
      'Bearer a.b.c',
      ', ',
    );
    await fc.assert(
      fc.asyncProperty(prefix, latin1, (start, rest) => knock(start + rest, false)),
      RUNS,
    );
  });

  it('are admitted only if a valid token is the one Bearer token in the header', async () => {
    const token = await gate.manager.createAccessToken('alice');
    const part = fc.constantFrom(
      'Bearer',
      'bearer',
      ' ',
      ' ',
      ',',
      ', ',
      token,
      token,
      'Basic YTpi',
      '"',
      '=',
      ';',
      '\t',
      'x',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
        const value = parts.join('');
        const isPlain = new RegExp(`^[ \\t]*bearer +${token}[ \\t]*$`, 'i').test(value);
        const isAmong = new RegExp(`(^|,) *bearer +${token} *(,|$)`, 'i').test(value);
        const isOnly = value.split(token).length === 2;
        await knock(value, isPlain ? true : isAmong && isOnly ? undefined : false);
      }),
      RUNS,
    );
  });

  it('are refused if any byte of a token is changed', async () => {
    const token = await gate.manager.createAccessToken('alice');
    const bytes = [...token.split('.').entries()].flatMap(([part, text]) =>
      [...Buffer.from(text, 'base64url').keys()].map((at) => [part, at] as const),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bytes),
        fc.integer({ min: 1, max: 255 }),
        async ([part, at], flip) => {
          const parts = token.split('.').map((text) => Buffer.from(text, 'base64url'));
          const changed = parts[part];
          if (changed === undefined) throw new Error('no such part');
          changed[at] = (changed[at] ?? 0) ^ flip;
          await knock(`Bearer ${parts.map((each) => each.toString('base64url')).join('.')}`, false);
        },
      ),
      RUNS,
    );
  });

  it('are refused if a character of a token is changed, added or removed', async () => {
    const token = await gate.manager.createAccessToken('alice');
    const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    const place = fc.nat({ max: token.length - 1 });
    await fc.assert(
      fc.asyncProperty(
        place,
        fc.nat({ max: 1 }),
        fc.oneof(fc.constant(''), character),
        async (at, cut, put) => {
          const changed = token.slice(0, at) + put + token.slice(at + cut);
          // A leading comma adds an empty field, which a list of fields may have.
          const isSame = changed === token || changed === `,${token}`;
          await knock(`Bearer ${changed}`, isSame ? undefined : false);
        },
      ),
      RUNS,
    );
  });

  it('are refused if segments of valid tokens are mixed, swapped, repeated or omitted', async () => {
    const alice = await gate.manager.createAccessToken('alice', { fresh: true });
    const bob = await gate.manager.createRefreshToken('bob');
    const pieces = [...alice.split('.'), ...bob.split('.'), '', segment({}), segment(HEADER)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }),
        async (parts) => {
          const text = parts.join('.');
          const isGenuine = text === alice;
          await knock(`Bearer ${text}`, isGenuine);
        },
      ),
      RUNS,
    );
  });

  it('are admitted with random signed claims only if the claims are valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(claimName, jsonText), { maxLength: 3 }), async (changes) => {
        const claims = withMembers(claimsOf(), changes);
        await knock(`Bearer ${forge({ claims })}`, isGood(JSON.parse(claims.toString()) as Claims));
      }),
      RUNS,
    );
  });

  it('are refused with a random signed payload', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(jsonText, fc.string()), async (text) => {
        await knock(`Bearer ${forge({ claims: raw(text === '' ? ' ' : text) })}`, false);
      }),
      RUNS,
    );
  });

  it('are admitted with a random signed header only if the header is supported', async () => {
    const parameter = fc.constantFrom(
      'alg',
      'typ',
      'kid',
      'crit',
      'b64',
      'cty',
      'zip',
      'enc',
      'jwk',
      'jku',
      'x5c',
      'p2c',
      '__proto__',
      'toString',
    );
    const spelt = fc.constantFrom('"HS256"', '"none"', '"JWT"', '"jwt"', '"RS256"', '["HS256"]');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(parameter, fc.string({ maxLength: 5 })), fc.oneof(jsonText, spelt)), {
          maxLength: 2,
        }),
        async (changes) => {
          const text = withMembers(HEADER, changes);
          const header = JSON.parse(text.toString()) as Claims;
          const isText = (name: string): boolean =>
            !Object.hasOwn(header, name) || typeof header[name] === 'string';
          const good =
            header['alg'] === 'HS256' &&
            /^jwt$/i.test(String(header['typ'])) &&
            isText('typ') &&
            isText('kid') &&
            !['crit', 'b64', 'cty', 'zip', 'enc'].some((name) => Object.hasOwn(header, name)) &&
            depthOf(header) <= 32;
          await knock(`Bearer ${forge({ header: text })}`, good);
        },
      ),
      RUNS,
    );
  });

  it('are refused with random bytes as segments', async () => {
    const bytes = fc
      .uint8Array({ minLength: 1, maxLength: 60 })
      .map((each) => Buffer.from(each).toString('base64url'));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(segment(HEADER), undefined),
        bytes,
        bytes,
        bytes,
        async (header, a, b, c) => {
          await knock(String(bearer([header ?? a, b, c].join('.')).authorization), false);
        },
      ),
      RUNS,
    );
  });
});
