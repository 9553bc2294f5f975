import { expect } from 'chai';
import { Service } from 'typedi';
import { JwtManager, RefusalLoader, type JwtAnswer, type JwtOptions } from '../../src/index';
import { Loaders } from '../../src/loader/Loaders';
import { refusalResponses } from '../../src/openapi/refusalResponses';
import { policyFrom } from '../../src/request/Policy';
import { SECRET } from '../support/secret';

/** What the loader of all refusals answers at present. */
let answer: JwtAnswer | Error = {};

@Service()
@RefusalLoader()
class Answers {
  load(): JwtAnswer {
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

type Documented = Readonly<
  Record<
    string,
    {
      description: string;
      headers?: object;
      content?: Record<string, { schema: unknown; examples: unknown }>;
    }
  >
>;

async function responses(
  given: JwtAnswer | Error | undefined,
  options: JwtOptions = {},
): Promise<Documented> {
  if (given !== undefined) answer = given;
  const manager = new JwtManager({
    secretKey: SECRET,
    loaders: given === undefined ? [] : [Answers],
    ...options,
  });
  const demand = { policy: policyFrom(), isMissingAnswered: true };
  const loaders = new Loaders(manager.config.loaders);
  const refusable = { demand, verb: 'GET', roles: undefined, config: manager.config, loaders };
  return (await refusalResponses(manager, refusable, '/path')) as unknown as Documented;
}

describe('The responses to refused requests', () => {
  it('have by status what a client gets, and when', async () => {
    const found = await responses(undefined);
    expect(Object.keys(found)).to.deep.equal(['401', '422']);
    expect(found['401']?.description).to.equal('Unauthorized: there is no token; or the token has expired');
    expect(found['401']?.headers).to.deep.equal({ 'WWW-Authenticate': { schema: { type: 'string' } } });
    expect(found['401']?.content).to.deep.equal({
      'application/json': {
        schema: { type: 'object', properties: { msg: { type: 'string' } }, required: ['msg'] },
        examples: {
          ERR_JWT_MISSING: {
            summary: 'If there is no token',
            value: { msg: 'Missing Authorization Header' },
          },
          ERR_JWT_EXPIRED: { summary: 'If the token has expired', value: { msg: 'Token has expired' } },
        },
      },
    });
  });

  it('name every location of the token', async () => {
    const found = await responses(undefined, {
      tokenLocation: ['headers', 'query_string'],
      errorMessageKey: 'why',
    });
    expect(JSON.stringify(found['401'])).to.include(
      `{"why":"Missing JWT in headers or query_string (Missing Authorization Header; Missing 'jwt' query parameter)"}`,
    );
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  for (const [body, headers, type] of [
    ['text', {}, 'text/plain'],
    ['', {}, 'text/plain'],
    ['  <p>', {}, 'text/html'],
    ['a <b', {}, 'text/plain'],
    [{ a: 1 }, {}, 'application/json'],
    [7, {}, 'application/json'],
    ['<a/>', { 'content-type': 'application/xml ; charset=utf-8' }, 'application/xml'],
    ['a', { 'Content-Type': 'text/csv' }, 'text/csv'],
    [undefined, {}, undefined],
    [null, {}, undefined],
    [circular, {}, undefined],
    [(): void => undefined, {}, undefined],
  ] as const) {
    it(`are ${type ?? 'empty'} for ${typeof body === 'string' ? body : typeof body} ${JSON.stringify(headers)}`, async () => {
      const { 401: found } = await responses({ status: 401, body, headers });
      expect(Object.keys(found?.content ?? {})).to.deep.equal(type === undefined ? [] : [type]);
      expect(Object.keys(found?.headers ?? {})).to.deep.equal(['WWW-Authenticate']);
      if (type === undefined) expect(found).not.to.have.property('content');
    });
  }

  it('show dates as JSON has them, and headers but that of the type', async () => {
    const at = new Date(0);
    const found = await responses({
      status: 499,
      body: { at },
      headers: { 'X-One': '1', 'CONTENT-TYPE': 'a/b' },
    });
    expect(Object.keys(found)).to.deep.equal(['499']);
    expect(found['499']?.description).to.match(/^Refused: there is no token; or the token is invalid; or /);
    expect(found['499']?.headers).to.deep.equal({ 'X-One': { schema: { type: 'string' } } });
    expect(JSON.stringify(found['499']?.content)).to.include('"value":{"at":"1970-01-01T00:00:00.000Z"}');
  });

  it('are the default ones if a loader cannot answer a sample', async () => {
    const found = await responses(new Error('no such request'));
    expect(Object.keys(found)).to.deep.equal(['401', '422']);
    expect(JSON.stringify(found)).to.include('{"msg":"Token has expired"}');
    expect(found['401']).not.to.have.property('headers');
  });
});
