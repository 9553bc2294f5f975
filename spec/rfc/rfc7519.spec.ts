import { expect } from 'chai';
import type { JwtOptions } from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { claimsOf, forge, HEADER, now, raw, segment, type Claims } from '../support/forge';
import { Gate } from '../support/Gate';

const NOT_AN_OBJECT = 'Invalid payload: must be a JSON object';
/** JSON of each type except number and string. */
const ODD = [null, true, false, [], [1], {}, { value: 1 }];

describe('RFC 7519, JSON Web Token', () => {
  describe('without options', () => {
    let gate: Gate;

    before(async () => {
      gate = await Gate.of();
    });
    after(() => gate.close());

    async function refusesClaims(claims: Claims, msg: string): Promise<void> {
      await gate.expectRefused(forge({ claims: claimsOf(claims) }), { msg });
    }

    it('§2: refuses times beyond the year 9999, such as milliseconds and 1e400', async () => {
      for (const name of ['iat', 'nbf', 'exp']) {
        const msg = `Claim ${name} must be a number of seconds`;
        await refusesClaims({ [name]: Date.now() }, msg);
        await refusesClaims({ [name]: -1 }, msg);
        for (const text of ['1e400', '-1e400', '1e308'])
          await gate.expectRefused(
            forge({ claims: raw(JSON.stringify(claimsOf({ [name]: 'TIME' })).replace('"TIME"', text)) }),
            { msg },
          );
      }
    });

    it('§2: accepts fractional times', async () => {
      await gate.expectAdmitted(forge({ claims: claimsOf({ exp: now() + 60.5, iat: now() - 0.5 }) }));
    });

    it('§4: refuses duplicate claims', async () => {
      const others = JSON.stringify(claimsOf()).slice(1);
      for (const first of ['"sub":"bob"', '"\\u0073ub":"bob"', '"type":"refresh"', '"sub" : "alice"'])
        await gate.expectRefused(forge({ claims: raw(`{${first},${others}`) }), { msg: NOT_AN_OBJECT });
    });

    it('§4.1.2: refuses a sub that is missing, empty or not a string', async () => {
      for (const sub of [7, ...ODD]) await refusesClaims({ sub }, 'Subject must be a string');
      await refusesClaims({ sub: '' }, 'Subject must not be empty');
      await refusesClaims({ sub: undefined }, 'Missing claim: sub');
    });

    it('§4.1.3: refuses a token with an audience if none is configured', async () => {
      for (const aud of ['api', '', ['api'], ...ODD]) await refusesClaims({ aud }, 'Invalid audience');
    });

    it('§4.1.4: refuses a token from the second in which it expires', async () => {
      for (const exp of [now(), now() - 1, now() - 0.001, 0, 1]) {
        const token = forge({ claims: claimsOf({ exp }) });
        await gate.expectRefused(token, { status: 401, msg: 'Token has expired' });
      }
    });

    it('§4.1.4: refuses it on fresh, refresh and optional routes too', async () => {
      for (const [path, claims] of [
        ['/gate/fresh', { fresh: true }],
        ['/gate/refresh', { type: 'refresh' }],
        ['/gate/optional', {}],
      ] as const) {
        const token = forge({ claims: claimsOf({ exp: now() - 1, ...claims }) });
        await gate.expectRefused(token, { status: 401, msg: 'Token has expired', path });
      }
    });

    it('§4.1.4 and §4.1.5: refuses an exp, nbf or iat that is not a number', async () => {
      for (const name of ['exp', 'nbf', 'iat'])
        for (const value of [String(now() + 900), '', 'never', ...ODD])
          await refusesClaims({ [name]: value }, `Claim ${name} must be a number of seconds`);
    });

    it('§4.1.5: refuses a token before its nbf', async () => {
      await refusesClaims({ nbf: now() + 60 }, 'The token is not yet valid (nbf)');
    });

    it('§4.1.6: refuses a token with an iat in the future', async () => {
      await refusesClaims({ iat: now() + 60 }, 'The token is not yet valid (iat)');
    });

    it('§4.1.7: refuses a jti that is empty, very long or not a string', async () => {
      for (const jti of [7, '', 'x'.repeat(257), ...ODD])
        await refusesClaims({ jti }, 'JWT ID must be a string');
    });

    it('§4.1.1: refuses an iss that is not a string, even if none is configured', async () => {
      for (const iss of [7, ...ODD]) await refusesClaims({ iss }, 'Claim iss must be a string');
    });

    it('§5.1: accepts typ in any case, and refuses other types', async () => {
      for (const typ of ['JWT', 'jwt', 'Jwt'])
        await gate.expectAdmitted(forge({ header: { alg: 'HS256', typ } }));
      for (const typ of ['at+jwt', 'dpop+jwt', 'logout+jwt', 'application/jwt', 'JOSE', '', 7, ...ODD]) {
        const token = forge({ header: { alg: 'HS256', typ } });
        await gate.expectRefused(token, { msg: 'Header parameter typ must be JWT' });
      }
    });

    it('§5.2: refuses nested, compressed and encrypted tokens', async () => {
      for (const [name, value] of [
        ['cty', 'JWT'],
        ['zip', 'DEF'],
        ['enc', 'A128GCM'],
      ] as const) {
        const token = forge({ header: { ...HEADER, [name]: value } });
        await gate.expectRefused(token, { msg: `Header parameter ${name} is not supported` });
      }
    });

    it('§7.2: refuses a header that is not a JSON object', async () => {
      const texts = [
        'null',
        '[]',
        '[{"alg":"HS256"}]',
        '"HS256"',
        '1',
        'true',
        'alg=HS256',
        '{"alg":"HS256"',
        '\uFEFF{"alg":"HS256"}',
      ];
      for (const text of texts)
        await gate.expectRefused(forge({ header: raw(text) }), { msg: 'Invalid header' });
      const quoted = JSON.stringify(JSON.stringify(HEADER));
      await gate.expectRefused(forge({ header: raw(quoted) }), { msg: 'Invalid header' });
    });

    const object = JSON.stringify(claimsOf());

    it('§7.2: refuses a payload that is JSON but not an object, even if rightly signed', async () => {
      for (const text of [
        '[]',
        `[${object}]`,
        '"alice"',
        JSON.stringify(object),
        '1',
        '0',
        'true',
        'false',
      ]) {
        for (const header of [HEADER, { alg: 'HS256' }])
          await gate.expectRefused(forge({ header, claims: raw(text) }), { msg: NOT_AN_OBJECT });
      }
    });

    it('§7.2: refuses a payload that is null or not JSON', async () => {
      const cut = object.slice(0, -1);
      for (const text of [
        'null',
        'sub=alice',
        cut,
        `${object},`,
        object.replaceAll('"', "'"),
        `\uFEFF${object}`,
        '{',
      ]) {
        await gate.expectRefused(forge({ claims: raw(text) }), { msg: NOT_AN_OBJECT });
      }
    });

    it('§7.2: refuses invalid UTF-8 in header or payload, so two identities never become one', async () => {
      for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
        const odd = (text: string): Buffer => {
          const [start, end] = text.split('ODD') as [string, string];
          return Buffer.concat([Buffer.from(start), Buffer.from(bytes), Buffer.from(end)]);
        };
        const claims = odd(JSON.stringify(claimsOf({ sub: 'aliceODD' })));
        await gate.expectRefused(forge({ claims }), { msg: NOT_AN_OBJECT });
        const header = odd(JSON.stringify({ ...HEADER, kid: 'ODD' }));
        await gate.expectRefused(forge({ header }), { msg: 'Invalid header' });
      }
    });

    it('§7.2: accepts an identity in any script', async () => {
      for (const sub of ['Ålesund', 'ανδρέας', '爱丽丝', '👩‍💻', ' ', '\u0000', "'; --"])
        await gate.expectAdmitted(forge({ claims: claimsOf({ sub }) }), sub);
    });

    it('§7.2: refuses an unsigned token and an encrypted one', async () => {
      const unsigned = `${segment({ alg: 'none' })}.${segment(claimsOf())}.`;
      await gate.expectRefused(unsigned, { msg: 'The token is not signed' });
      await gate.expectRefused(`${segment({ alg: 'dir', enc: 'A128GCM' })}..AAAA.AAAA.AAAA`, {
        msg: 'Not enough segments',
      });
    });
  });

  const configured: { title: string; options: JwtOptions; good: Claims[]; bad: [Claims, string][] }[] = [
    {
      title: '§4.1.1: accepts only tokens of the configured issuer',
      options: { decodeIssuer: 'https://us.example', encodeIssuer: 'https://us.example' },
      good: [{ iss: 'https://us.example' }],
      bad: [
        [{}, 'Missing claim: iss'],
        [{ iss: 'https://us.example/' }, 'Invalid issuer'],
        [{ iss: 'https://us.exampl' }, 'Invalid issuer'],
        [{ iss: 'https://us.example.evil.test' }, 'Invalid issuer'],
        [{ iss: 'HTTPS://US.EXAMPLE' }, 'Invalid issuer'],
        [{ iss: '' }, 'Invalid issuer'],
        [{ iss: 'toString' }, 'Invalid issuer'],
        [{ iss: ['https://us.example'] }, 'Claim iss must be a string'],
        [{ iss: ['https://evil.test', 'https://us.example'] }, 'Claim iss must be a string'],
        ...ODD.map((iss): [Claims, string] => [{ iss }, 'Claim iss must be a string']),
      ],
    },
    {
      title: '§4.1.1: accepts exactly one of several configured issuers',
      options: { decodeIssuer: ['us', 'them'], encodeIssuer: 'us' },
      good: [{ iss: 'us' }, { iss: 'them' }],
      bad: [
        [{ iss: 'us,them' }, 'Invalid issuer'],
        [{ iss: 'usthem' }, 'Invalid issuer'],
        [{ iss: 'u' }, 'Invalid issuer'],
      ],
    },
    {
      title: '§4.1.3: accepts only tokens for the configured audience',
      options: { decodeAudience: 'api', encodeAudience: 'api' },
      good: [{ aud: 'api' }, { aud: ['api'] }, { aud: ['web', 'api'] }],
      bad: [
        [{}, 'Missing claim: aud'],
        [{ aud: 'API' }, 'Invalid audience'],
        [{ aud: 'api2' }, 'Invalid audience'],
        [{ aud: 'ap' }, 'Invalid audience'],
        [{ aud: 'web api' }, 'Invalid audience'],
        [{ aud: '' }, 'Invalid audience'],
        [{ aud: [] }, 'Invalid audience'],
        [{ aud: ['web', 'undefined'] }, 'Invalid audience'],
        [{ aud: [['api']] }, 'Claim aud must be a string or a list of strings'],
        [{ aud: ['api', null] }, 'Claim aud must be a string or a list of strings'],
        [{ aud: { 0: 'api', length: 1 } }, 'Claim aud must be a string or a list of strings'],
        [{ aud: null }, 'Claim aud must be a string or a list of strings'],
        [{ aud: true }, 'Claim aud must be a string or a list of strings'],
      ],
    },
    {
      title: '§4.1.3: checks encodeAudience if no decodeAudience is configured',
      options: { encodeAudience: ['api', 'web'] },
      good: [{ aud: 'web' }, { aud: ['api', 'web'] }],
      bad: [
        [{}, 'Missing claim: aud'],
        [{ aud: 'other' }, 'Invalid audience'],
      ],
    },
    {
      title: '§4.1.3: ignores the audience with decodeAudience: false',
      options: { decodeAudience: false },
      good: [{}, { aud: 'web' }, { aud: [1] }, { aud: null }],
      bad: [],
    },
    {
      title: '§4.1.4: allows decodeLeeway seconds in exp, nbf and iat',
      options: { decodeLeeway: 30 },
      // A getter, because the test may run much later.
      get good() {
        return [{ exp: now() - 5 }, { nbf: now() + 10 }, { iat: now() + 10 }];
      },
      bad: [
        [{ nbf: now() + 86_400 }, 'The token is not yet valid (nbf)'],
        [{ iat: now() + 86_400 }, 'The token is not yet valid (iat)'],
      ],
    },
  ];
  for (const each of configured) {
    it(each.title, async () => {
      const { options, good, bad } = each;
      const gate = await Gate.of(options);
      try {
        for (const claims of good) await gate.expectAdmitted(forge({ claims: claimsOf(claims) }));
        for (const [claims, msg] of bad)
          await gate.expectRefused(forge({ claims: claimsOf(claims) }), { msg });
      } finally {
        await gate.close();
      }
    });
  }

  it('§4.1.4: gives no leeway to freshness, because leeway is about clocks', async () => {
    const gate = await Gate.of({ decodeLeeway: 600 });
    try {
      const token = forge({ claims: claimsOf({ fresh: now() - 1 }) });
      const refusal = { status: 401, msg: 'Fresh token required', error: 'insufficient_user_authentication' };
      await gate.expectRefused(token, { ...refusal, path: '/gate/fresh' });
    } finally {
      await gate.close();
    }
  });

  it('§4.1.4: accepts its own token until it expires, and no longer', async () => {
    const gate = await Gate.of({ encodeIssuer: 'us', decodeIssuer: 'us', encodeAudience: 'api' });
    const clock = new JwtClock();
    try {
      const token = await gate.manager.createAccessToken('alice', { expires: 60 });
      await gate.expectAdmitted(token);
      clock.advance(61);
      await gate.expectRefused(token, { status: 401, msg: 'Token has expired' });
      expect((await gate.manager.decodeToken(token, { allowExpired: true })).sub).to.equal('alice');
    } finally {
      clock.restore();
      await gate.close();
    }
  });
});
