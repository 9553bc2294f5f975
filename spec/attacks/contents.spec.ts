import { expect } from 'chai';
import { Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import { JwtClaim, JwtHeader, JwtManager, JwtPayload, JwtRequired, type JwtClaims } from '../../src/index';
import { claimsOf, forge, HEADER, now, raw, segment } from '../support/forge';
import { Gate } from '../support/Gate';
import { SECRET } from '../support/secret';
import { serve, type Server } from '../support/Server';

const TOO_DEEP = 'Invalid payload: must be a JSON object';

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** Claims of alice, plus one given as text. */
function withClaim(text: string): Buffer {
  return raw(`${JSON.stringify(claimsOf()).slice(0, -1)},${text}}`);
}

describe('deep, long and odd tokens', () => {
  let gate: Gate;

  before(async () => {
    gate = await Gate.of();
  });
  after(() => gate.close());

  it('are refused if nested more than 32 levels deep', async () => {
    await gate.expectAdmitted(forge({ claims: withClaim(`"deep":${nested(31)}`) }));
    for (const levels of [32, 100, 1000, 4500])
      await gate.expectRefused(forge({ claims: withClaim(`"deep":${nested(levels)}`) }), { msg: TOO_DEEP });
    const header = raw(`{"alg":"HS256","deep":${nested(1000)}}`);
    await gate.expectRefused(forge({ header }), { msg: 'Invalid header' });
  });

  it('are refused if longer than 16 KiB, before any decoding', async () => {
    const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
    const token = forge({ claims: claimsOf({ long: 'x'.repeat(16_384) }) });
    const started = process.cpuUsage();
    for (const text of [token, 'a'.repeat(50_000_000), '.'.repeat(5_000_000)]) {
      try {
        await manager.decodeToken(text);
        expect.fail('was taken');
      } catch (error) {
        expect(error).to.have.property('message', 'Token is too long');
      }
    }
    expect(process.cpuUsage(started).user).to.be.below(500_000);
  });

  it('are refused by Node if the HTTP header is too long, and the next request is served', async () => {
    const headers = { authorization: `Bearer ${'x'.repeat(20_000)}` };
    const { answer, ran } = await gate.knock('/gate/protected', { headers });
    expect(answer.status).to.equal(431);
    expect(ran).to.deep.equal([]);
    await gate.expectHonestServed();
  });

  it('never get claims through __proto__', async () => {
    const inherited = JSON.stringify(claimsOf({ fresh: true }));
    for (const [text, msg] of [
      [`{"__proto__":${inherited}}`, 'Missing claim: sub'],
      [`{"__proto__":${inherited},"sub":"alice"}`, 'Missing claim: type'],
      [`{"constructor":{"prototype":${inherited}}}`, 'Missing claim: sub'],
    ] as const)
      await gate.expectRefused(forge({ claims: raw(text) }), { msg });
    await gate.expectRefused(forge({ header: raw(`{"__proto__":${JSON.stringify(HEADER)}}`) }), {
      msg: 'The specified alg value is not allowed',
    });
    expect({}).to.not.have.any.keys('fresh', 'sub', 'alg');
    expect(Object.hasOwn(Object.prototype, 'sub')).to.equal(false);
  });

  it('are fresh by their own claim only', async () => {
    const refusal = { status: 401, msg: 'Fresh token required', error: 'insufficient_user_authentication' };
    const claims = JSON.stringify(claimsOf({ fresh: undefined })).slice(0, -1);
    const token = forge({ claims: raw(`${claims},"__proto__":{"fresh":true}}`) });
    await gate.expectRefused(token, { ...refusal, path: '/gate/fresh' });
  });

  it('are answered within a second, even if hard to parse', async () => {
    const hard = [
      `${'a.'.repeat(4000)}a`,
      `${segment(raw(`{"${'\\"'.repeat(2000)}`))}.e30.AA`,
      `${segment(raw(`{${'"a":1,'.repeat(1000)}"a":1}`))}.e30.AA`,
      forge({ claims: withClaim(`"n":${'9'.repeat(7000)}`) }),
    ];
    for (const token of hard) {
      const started = Date.now();
      const { answer } = await gate.knock('/gate/protected', {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).to.be.oneOf([200, 422]);
      expect(Date.now() - started).to.be.below(1000);
    }
    await gate.expectHonestServed();
  });
});

@Service()
@JsonController('/contents')
class ContentsController {
  @Get('/payload')
  @JwtRequired()
  payload(@JwtPayload() payload: JwtClaims): JwtClaims {
    return payload;
  }

  @Get('/header')
  @JwtRequired()
  header(@JwtHeader() header: object): object {
    return header;
  }

  @Get('/claim')
  @JwtRequired()
  claim(@JwtClaim('constructor') found: unknown): object {
    return { found: typeof found };
  }
}

describe('claims with special JavaScript names', () => {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
  let server: Server;

  before(async () => {
    // class-transformer cannot copy a member named constructor.
    server = await serve(manager, { controllers: [ContentsController], classTransformer: false });
  });
  after(() => server.close());

  for (const name of [
    'constructor',
    'toString',
    'valueOf',
    '__proto__',
    'then',
    'toJSON',
    'hasOwnProperty',
    'length',
  ]) {
    for (const value of ['"text"', 'true', '{"call":1}', 'null']) {
      it(`are verified and answered like any other: ${name} = ${value}`, async () => {
        const answer = await server.get(
          '/contents/payload',
          forge({ claims: withClaim(`"${name}":${value}`) }),
        );
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.text).to.include(`"${name}":${value}`);
        const header = raw(`{"alg":"HS256","${name}":${value}}`);
        const answered = await server.get('/contents/header', forge({ header }));
        expect(answered.text).to.equal(header.toString());
      });
    }
  }

  it('are undefined if a token does not have them', async () => {
    const answer = await server.get('/contents/claim', forge({ claims: claimsOf({ exp: now() + 60 }) }));
    expect(answer.json).to.deep.equal({ found: 'undefined' });
  });
});
