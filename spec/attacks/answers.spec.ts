import { expect } from 'chai';
import { inspect } from 'node:util';
import { Container, Service } from 'typedi';
import {
  ClaimsVerificationLoader,
  DecodeKeyLoader,
  JwtManager,
  TokenInBlocklistLoader,
  UserLoader,
  type Constructor,
  type JwtOptions,
} from '../../src/index';
import { claimsOf, forge, HEADER, hmac, now, type Claims } from '../support/forge';
import { expectNothingTold, Gate } from '../support/Gate';
import { expectRefused } from '../support/refused';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { bearer } from '../support/Server';

const MARKUP = '<script>alert(1)</script>';
const INJECTIONS = [
  MARKUP,
  'x\r\nSet-Cookie: a=b',
  '"quoted" \\ back',
  'ünïcödé \u2028',
  '\u0000\u0007',
  '${7*7}%s%n',
];

describe('an answer', () => {
  let gate: Gate;

  before(async () => {
    gate = await Gate.of({ decodeIssuer: 'us', encodeIssuer: 'us' });
  });
  after(() => gate.close());

  for (const name of ['alg', 'typ', 'kid', 'crit', 'cty', 'zip']) {
    it(`does not repeat a header's ${name}`, async () => {
      for (const value of INJECTIONS) {
        const token = forge({ header: { ...HEADER, [name]: value }, signer: hmac('x') });
        const { answer, ran } = await gate.knock('/gate/protected', { headers: bearer(token) });
        expectHarmless(answer.text + JSON.stringify(answer.headers), value);
        expect(answer.status).to.equal(422);
        expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8');
        expect(ran).to.deep.equal([]);
      }
      await gate.expectHonestServed();
    });
  }

  for (const name of ['iss', 'aud', 'type', 'exp', 'nbf', 'iat']) {
    it(`does not repeat the claim ${name}, even if signed`, async () => {
      for (const value of INJECTIONS) {
        const token = forge({ claims: claimsOf({ iss: 'us', [name]: value }) });
        const { answer, ran } = await gate.knock('/gate/protected', { headers: bearer(token) });
        expectHarmless(answer.text + JSON.stringify(answer.headers), value);
        expect(answer.status).to.equal(422);
        expect(ran).to.deep.equal([]);
      }
      await gate.expectHonestServed();
    });
  }

  it('does not repeat what JSON.parse says of a header or payload', async () => {
    for (const text of [`{"a":${MARKUP}`, MARKUP, `{"${MARKUP}":1,}`]) {
      for (const token of [forge({ header: Buffer.from(text) }), forge({ claims: Buffer.from(text) })]) {
        const { answer } = await gate.knock('/gate/protected', { headers: bearer(token) });
        expect(answer.status).to.equal(422);
        expectHarmless(answer.text + JSON.stringify(answer.headers), MARKUP);
        expect(answer.text).to.not.match(/JSON at position|Unexpected/);
      }
    }
  });

  it('does not repeat a malformed Authorization header', async () => {
    for (const value of [
      MARKUP,
      `Bearer ${MARKUP} x`,
      `Bearer x, ${MARKUP}`,
      'Bearer "quoted"',
      `Bearer ${MARKUP}`,
    ]) {
      const { answer, ran } = await gate.knock('/gate/protected', { headers: { authorization: value } });
      expect(answer.status).to.be.oneOf([401, 422]);
      expectHarmless(answer.text + JSON.stringify(answer.headers), MARKUP);
      expectNothingTold(answer, value);
      expect(ran).to.deep.equal([]);
    }
    await gate.expectHonestServed();
  });

  it('is byte-identical for a forged signature, another secret and another signing algorithm', async () => {
    const claims = claimsOf({ iss: 'us' });
    const tokens = [
      hmac('x'),
      hmac('y'.repeat(64)),
      hmac(SECRET, 'sha512'),
      (): Buffer => Buffer.alloc(32),
    ].map((signer) => forge({ claims, signer }));
    const answers = await Promise.all(
      tokens.map((token) => gate.knock('/gate/protected', { headers: bearer(token) })),
    );
    const told = answers.map(({ answer: { text, status, headers } }) => [
      text,
      status,
      { ...headers, date: '' },
    ]);
    for (const each of told) expect(each).to.deep.equal(told[0]);
  });

  function expectHarmless(told: string, value: string): void {
    expect(told).to.not.include(value);
    expect(told).to.not.match(/alert|set-cookie|quoted|ünï/i);
  }
});

describe('an error', () => {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [], decodeIssuer: 'us' });
  const tokens: [string, string][] = [
    ['forged', forge({ signer: hmac('x') })],
    ['not valid yet', forge({ claims: claimsOf({ nbf: now() + 86_400, email: 'alice@example.org' }) })],
    ['expired', forge({ claims: claimsOf({ iss: 'us', exp: 1, email: 'alice@example.org' }) })],
    ['of another issuer', forge({ claims: claimsOf({ iss: 'them', email: 'alice@example.org' }) })],
    ['with an odd header', forge({ header: { ...HEADER, crit: ['hidden'] } })],
    ['not a token', 'not-a-token-but-maybe-a-password'],
  ];
  for (const [title, token] of tokens) {
    it(`contains no part of the token and no key: ${title}`, async () => {
      const error = await rejection(manager.decodeToken(token));
      const shown = [
        inspect(error, { depth: Infinity, showHidden: true }),
        JSON.stringify(error),
        JSON.stringify(Object.assign({}, error)),
        String(error),
        String(error.stack),
      ].join('\n');
      for (const part of [...token.split('.'), SECRET, 'alice', 'hidden']) expect(shown).to.not.include(part);
      expect(error.cause).to.equal(undefined);
      expect(JSON.parse(JSON.stringify(error))).to.deep.equal({ msg: error.message });
      expect(error.stack).to.equal(`${error.name}: ${error.message}`);
    });
  }
});

describe('a broken callback of the application', () => {
  class Broken {
    load(): never {
      throw new Error('the database is down: postgres://user:password@host');
    }
  }
  class Rejecting {
    load(): Promise<never> {
      return Promise.reject(new Error('the database is down: postgres://user:password@host'));
    }
  }
  class RejectingWithNothing {
    load(): Promise<never> {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as careless code does
      return Promise.reject(undefined);
    }
  }

  const decorators = { UserLoader, TokenInBlocklistLoader, ClaimsVerificationLoader, DecodeKeyLoader };
  for (const [name, decorator] of Object.entries(decorators)) {
    for (const Base of [Broken, Rejecting, RejectingWithNothing]) {
      it(`lets nobody in and is answered at once: @${name}(), ${Base.name}`, async () => {
        const loader = class extends Base {};
        decorator()(loader);
        Container.set(loader, new loader());
        const gate = await Gate.of({ loaders: [loader] });
        const sound = await Gate.of();
        try {
          const token = forge();
          for (const path of ['/gate/protected', '/gate/optional']) {
            const { answer, ran } = await gate.knock(path, { headers: bearer(token) });
            expect(answer.status).to.equal(500);
            expect(answer.text).to.not.match(/postgres|password/);
            expect(ran).to.deep.equal([]);
          }
          await sound.expectHonestServed();
        } finally {
          await gate.close();
          await sound.close();
        }
      });
    }
  }

  const undecided: unknown[] = [undefined, null, 0, 1, '', 'false', [], {}];
  for (const [name, decorator] of Object.entries({ TokenInBlocklistLoader, ClaimsVerificationLoader })) {
    it(`lets nobody in if @${name}() returns neither true nor false`, async () => {
      let answered: unknown;
      @Service()
      class Undecided {
        load(): boolean {
          return answered as boolean;
        }
      }
      decorator()(Undecided);
      const gate = await Gate.of({ loaders: [Undecided] });
      try {
        for (answered of undecided) {
          const { answer, ran } = await gate.knock('/gate/protected', { headers: bearer(forge()) });
          expect(answer.status).to.equal(500);
          expect(ran).to.deep.equal([]);
        }
        answered = name === 'ClaimsVerificationLoader';
        await gate.expectHonestServed();
      } finally {
        await gate.close();
      }
    });
  }
});

describe('a user who is gone', () => {
  @Service()
  @UserLoader()
  class NoUsers {
    load(): null {
      return null;
    }
  }

  async function answerFor(
    sub: unknown,
    options: JwtOptions = {},
  ): Promise<Awaited<ReturnType<Gate['knock']>>> {
    const loaders: Constructor[] = [NoUsers];
    const gate = await Gate.of({ loaders, ...options });
    try {
      const claims: Claims = claimsOf({ sub });
      return await gate.knock('/gate/protected', { headers: bearer(forge({ claims })) });
    } finally {
      await gate.close();
    }
  }

  for (const sub of INJECTIONS) {
    it(`is named in the JSON body and in no header: ${JSON.stringify(sub)}`, async () => {
      const { answer, ran } = await answerFor(sub);
      expectRefused(answer, 401, `Error loading the user ${sub}`, 'invalid_token');
      expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8');
      expect(answer.headers['www-authenticate']).to.equal(
        'Bearer error="invalid_token", error_description="Error loading the user"',
      );
      expect(answer.headers).to.not.have.property('set-cookie');
      expect(ran).to.deep.equal([]);
    });
  }

  it('is named for any JSON identity', async () => {
    for (const [sub, msg] of [
      [7, 'Error loading the user 7'],
      [{ id: [1] }, 'Error loading the user {"id":[1]}'],
      [false, 'Error loading the user false'],
    ] as const)
      expectRefused((await answerFor(sub, { verifySub: false })).answer, 401, msg, 'invalid_token');
  });
});
