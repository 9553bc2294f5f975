import { expect } from 'chai';
import type { JwtIssuer, JwtOptions } from '../../src/index';
import { expectNothingTold, Gate } from './Gate';
import type { JwksServer } from './JwksServer';
import { bearer, provide, type Answer } from './Server';

/** Options that accept ES256 tokens of an issuer. */
export function issuerOf(server: JwksServer, changes: Partial<JwtIssuer> = {}): JwtIssuer {
  const { issuer, jwksUri } = server;
  return { issuer, audience: 'api', algorithms: ['ES256'], jwksUri, ...changes };
}

/** A gate for tokens of this issuer and its own. */
export function gateFor(
  server: JwksServer,
  changes: Partial<JwtIssuer> = {},
  options: JwtOptions = {},
): Promise<Gate> {
  return Gate.of({ issuers: [issuerOf(server, changes)], ...options });
}

/** Sends all tokens at once, and returns the statuses of the answers. */
export async function statuses(gate: Gate, tokens: readonly string[]): Promise<number[]> {
  provide(gate.manager);
  const answers = await Promise.all(tokens.map((token) => gate.server.get('/gate/protected', token)));
  return answers.map(({ status }) => status);
}

/** Asserts that a token gets a 503, the cause is logged, and own tokens are still served. */
export async function expectUnavailable(gate: Gate, token: string, cause?: RegExp): Promise<Answer> {
  const logged = gate.server.errors.length;
  const { answer, ran } = await gate.knock('/gate/protected', { headers: bearer(token) });
  expect(answer.json, answer.text).to.deep.equal({
    msg: 'Tokens of this issuer cannot be verified at the moment',
  });
  expect(answer.status).to.equal(503);
  expect(answer.headers['retry-after']).to.equal('5');
  expect(answer.headers).to.not.have.property('www-authenticate');
  expect(ran).to.deep.equal([]);
  expectNothingTold(answer, token);
  // Logged once per fetch, for any number of requests.
  expect(gate.server.errors.length).to.be.within(Math.max(logged, 1), logged + 1);
  const causes = causesOf(gate.server.errors.at(-1));
  expect(causes[0]).to.equal('A token could not be verified');
  expect(causes[1]).to.match(/^The keys of http.* cannot be fetched$/);
  if (cause !== undefined) expect(causes.slice(2).join(': ')).to.match(cause);
  await gate.expectHonestServed();
  return answer;
}

function causesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...causesOf(error.cause)] : [];
}
