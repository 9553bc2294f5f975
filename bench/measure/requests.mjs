import { Buffer } from 'node:buffer';
import { CSRF, TokenMaker } from './tokens.mjs';

export const PATH = '/hello';
export const NOBODY = 'user-0000000';

/** How many different tokens to make per second of load: about as many as can be used, or made, in that time. */
const TOKENS_PER_SECOND = { HS256: 25_000, ES256: 8000, EdDSA: 8000, RS256: 1500 };

/**
 * The requests of a scenario. The bare version of a framework gets identical ones, so that the client and the HTTP
 * parser cost the same.
 */
export class Requests {
  #maker;
  #sent;
  #seen;
  #made = 0;

  constructor(sent, keys) {
    this.#sent = sent;
    this.#maker = new TokenMaker(sent.algorithm, keys);
    this.#seen = sent.token === 'seen' ? this.#request() : undefined;
  }

  /** Requests for so many seconds over loopback. */
  takeFor(seconds) {
    return this.take(Math.ceil(TOKENS_PER_SECOND[this.#sent.algorithm] * seconds));
  }

  /** At most so many; only one if all are the same. */
  take(most) {
    if (this.#seen !== undefined) return [this.#seen];
    return Array.from({ length: most }, () => this.#request());
  }

  #request() {
    const { token, as } = this.#sent;
    if (token === 'none') return { method: 'GET', headers: [] };
    const text = this.#text(token);
    if (as === 'header') return { method: 'GET', headers: ['Authorization', `Bearer ${text}`] };
    const headers = ['Cookie', `access_token_cookie=${text}`, 'X-CSRF-TOKEN', CSRF, 'Content-Length', '0'];
    return { method: 'POST', headers };
  }

  #text(token) {
    const sub = `user-${String(this.#made++ % 10_000_000).padStart(7, '0')}`;
    if (token === 'forged') return this.#maker.forged(sub);
    return token === 'expired' ? this.#maker.expired(sub) : this.#maker.valid(sub);
  }
}

/** A request as bytes. */
export function asBytes({ method, headers }) {
  const lines = [`${method} ${PATH} HTTP/1.1`, 'Host: 127.0.0.1'];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}
