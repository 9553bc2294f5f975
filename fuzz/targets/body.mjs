import { Application } from '../engine/application.mjs';
import { valuesOf } from '../engine/readRequest.mjs';
import { hold } from '../engine/Violation.mjs';

/** JSON bodies, parsed by routing-controllers; or, in plain Koa, by the library itself. */
export async function body(library) {
  const options = { tokenLocation: ['json'] };
  const application = await Application.of(library, options);
  const plain = await Application.of(library, options, undefined, true);
  return {
    files: ['request/findInJson.js', 'request/parseErrors.js'],
    words: [
      ...['{"access_token":"{good}"}', '"access_token":"{good}"', '"refresh_token":"{refresh}"', '{good}'],
      ...['{fresh}', '{expired}', '\n\n', 'Content-Type: application/json', 'application/problem+json'],
      ...[
        '; charset=utf-8',
        'charset=utf-16',
        'Content-Encoding: gzip',
        'Content-Encoding: identity',
        'br',
        'PLAIN ',
      ],
      ...['Content-Length: 3', 'Content-Length: 2000000', 'Transfer-Encoding: chunked', 'POST /required'],
    ],
    seeds: [
      'POST /required\nContent-Type: application/json\n\n{"access_token":"{good}"}',
      'PUT /refresh\nContent-Type: application/x+json; charset=utf-8\n\n{"a":[],"refresh_token":"{refresh}"}',
      'POST /optional\nContent-Type: application/json\n\n{"access_token":null}',
      'POST /required\nContent-Type: application/json\n\n[{"access_token":"{good}"}',
      'POST /required\nContent-Type: text/plain\n\n{"access_token":"{good}"}',
      'PLAIN /required\nContent-Type: application/json\n\n{"access_token":"{good}"}',
      'POST /fresh\nContent-Type: application/json\nContent-Encoding: gzip\n\n{"access_token":"{fresh}"}',
    ],
    async run(text) {
      const isPlain = text.startsWith('PLAIN ');
      const to = isPlain ? plain : application;
      const { request, path, ran } = await to.send(isPlain ? `POST ${text.slice(6)}` : text);
      if (request.method === 'OPTIONS') return;
      const types = valuesOf(request, 'content-type');
      const key = path === '/refresh' ? 'refresh_token' : 'access_token';
      const isJson = types.length === 1 && /^application\/(?:[^\s;/]+\+)?json\s*(;|$)/i.test(types[0]);
      const isToken = isJson && to.opens(memberOf(request.body, key), path);
      hold(ran[0] !== 'alice' || isToken, 'let in without a token', () => request.body.toString());
    },
  };
}

function memberOf(bytes, key) {
  try {
    const parsed = JSON.parse(bytes.toString());
    return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, key)
      ? parsed[key]
      : undefined;
  } catch {
    return undefined;
  }
}
