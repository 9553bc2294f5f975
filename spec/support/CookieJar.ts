/** A client that keeps cookies as a browser does, by name and path. */
export class CookieJar {
  readonly #cookies = new Map<
    string,
    { readonly name: string; readonly path: string; readonly value: string }
  >();

  constructor(readonly url: string) {}

  get names(): string[] {
    return [...this.#cookies.values()].map(({ name }) => name);
  }

  /** The value of a cookie, or '' if there is none. */
  get(name: string): string {
    return [...this.#cookies.values()].find((cookie) => cookie.name === name)?.value ?? '';
  }

  /** Another client with the same cookies. */
  copy(): CookieJar {
    const copy = new CookieJar(this.url);
    for (const [key, cookie] of this.#cookies) copy.#cookies.set(key, cookie);
    return copy;
  }

  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const sent = [...this.#cookies.values()].filter((cookie) => path.startsWith(cookie.path));
    const headers = new Headers(init.headers);
    headers.set('cookie', sent.map(({ name, value }) => `${name}=${value}`).join('; '));
    const answer = await fetch(this.url + path, { ...init, headers });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const [, path = '/'] = /; Path=([^;]*)/i.exec(line) ?? [];
    const key = `${name} ${path}`;
    if (/; (?:Max-Age=0\b|Expires=Thu, 01 Jan 1970)/i.test(line)) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, path, value });
  }
}
