import { forge, HEADER, hmac, opened, raw, segment } from '../support/forge';
import { Gate } from '../support/Gate';

describe('RFC 7515, JSON Web Signature', () => {
  let gate: Gate;
  let token: string;

  before(async () => {
    gate = await Gate.of();
  });
  after(() => gate.close());
  beforeEach(async () => {
    token = await gate.manager.createAccessToken('alice');
  });

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

  it('§2: refuses spare bits in a segment, because a token has one spelling', async () => {
    // The signature has 32 bytes, so two bits of its last character are unused.
    const last = alphabet.indexOf(token.slice(-1));
    for (const other of [last + 1, last + 2, last + 3])
      await gate.expectRefused(token.slice(0, -1) + String(alphabet[other]), { msg: 'Invalid base64url' });
  });

  it('§2: refuses padding and characters outside of base64url', async () => {
    const [header, claims, signature] = token.split('.') as [string, string, string];
    const spellings = [
      `${token}=`,
      `${header}.${claims}=.${signature}`,
      `${token}!`,
      `${header}+.${claims}.${signature}`,
    ];
    for (const each of spellings) await gate.expectRefused(each, { msg: 'Invalid base64url' });
  });

  it('§4: refuses a header with a duplicate parameter', async () => {
    for (const header of [
      '{"alg":"HS256","alg":"none"}',
      '{"alg":"none","alg":"HS256"}',
      '{"alg":"HS256","\\u0061lg":"HS256"}',
    ])
      await gate.expectRefused(forge({ header: raw(header) }), { msg: 'Invalid header' });
  });

  it('§4.1.11: refuses any crit, because no extension is implemented', async () => {
    const lists = [
      ['exp'],
      ['b64'],
      ['alg'],
      ['__proto__'],
      ['toString'],
      [],
      'exp',
      null,
      {},
      ['http://example.org/x'],
    ];
    for (const crit of lists) {
      const header = { ...HEADER, crit, exp: 1, 'http://example.org/x': true };
      await gate.expectRefused(forge({ header }), { msg: 'Header parameter crit is not supported' });
    }
  });

  it('§5.2: refuses a header or payload that was changed after signing', async () => {
    const { header, claims } = opened(token);
    const [head, body, signature] = token.split('.') as [string, string, string];
    const changed = [
      `${segment({ ...header, kid: '1' })}.${body}.${signature}`,
      `${segment(raw(JSON.stringify(header, undefined, 1)))}.${body}.${signature}`,
      `${head}.${segment({ ...claims, sub: 'bob' })}.${signature}`,
      `${head}.${segment(raw(`${JSON.stringify(claims)} `))}.${signature}`,
    ];
    for (const each of changed) await gate.expectRefused(each, { msg: 'Signature verification failed' });
  });

  it('§7.1: refuses a token without exactly three non-empty segments', async () => {
    const [header, claims, signature] = token.split('.') as [string, string, string];
    const shapes = [
      header,
      `${header}.${claims}`,
      `${header}..${signature}`,
      `.${claims}.${signature}`,
      `${token}.`,
      `.${token}`,
      `${token}.${signature}`,
      `${header}.${claims}.${signature}.${claims}.${signature}`,
      `${header}....`,
      '..',
    ];
    for (const each of shapes) await gate.expectRefused(each, { msg: 'Not enough segments' });
    await gate.expectRefused(`${header}.${claims}.`, { msg: 'The token is not signed' });
  });

  it('§7.2: refuses the JSON serialisation', async () => {
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const flattened = JSON.stringify({ protected: header, payload, signature }).replaceAll(',', ' ');
    const msg = "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'";
    await gate.expectRefused(flattened, { msg, error: 'invalid_request' });
    const list = segment(raw(JSON.stringify({ payload, signatures: [{ protected: header, signature }] })));
    await gate.expectRefused(list, { msg: 'Not enough segments' });
  });

  it('RFC 7797 §6: refuses b64, true or false, critical or not', async () => {
    for (const b64 of [false, true, 'false', null]) {
      await gate.expectRefused(forge({ header: { ...HEADER, b64 } }), {
        msg: 'Header parameter b64 is not supported',
      });
      const header = { ...HEADER, b64, crit: ['b64'] };
      await gate.expectRefused(forge({ header }), { msg: 'Header parameter crit is not supported' });
    }
  });

  it('RFC 7797 §5.1: refuses a payload that was signed without base64url', async () => {
    const contents = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const header = segment({ ...HEADER, b64: false });
    const signature = hmac()(`${header}.${contents}`).toString('base64url');
    await gate.expectRefused(`${header}.${segment(raw(contents))}.${signature}`, {
      msg: 'Header parameter b64 is not supported',
    });
  });
});
