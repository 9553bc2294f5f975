import { expect } from 'chai';
import type { Answer } from './Server';

/** Asserts a refusal as the client sees it: status, default body and challenge. */
export function expectRefused(answer: Answer, status: number, msg: string, error?: string): void {
  expect(answer.json, answer.text).to.deep.equal({ msg });
  expect(answer.status).to.equal(status);
  const challenge = answer.headers['www-authenticate'];
  if (error === undefined) expect(challenge).to.equal('Bearer');
  else expect(challenge).to.match(new RegExp(`^Bearer error="${error}", error_description="[^"\\\\]+"$`));
}
