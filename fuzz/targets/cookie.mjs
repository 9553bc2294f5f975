import bodyParser from 'koa-bodyparser';
import { Application } from '../engine/application.mjs';
import { valuesOf } from '../engine/readRequest.mjs';
import { hold } from '../engine/Violation.mjs';

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** Cookies and their CSRF values, in a header or a form. */
export async function cookie(library) {
  const options = { tokenLocation: ['cookies'], csrfCheckForm: true };
  const application = await Application.of(library, options, (app) => app.use(bodyParser()));
  return {
    files: ['request/findInCookies.js', 'token/checkCsrf.js', 'request/duplicateEndings.js'],
    words: [
      ...['access_token_cookie={good}', 'refresh_token_cookie={refresh}', 'access_token_cookie={nocsrf}'],
      ...['Cookie: access_token_cookie={good}', 'X-CSRF-TOKEN: {csrf-good}', 'X-CSRF-TOKEN: undefined'],
      ...['{good}', '{fresh}', '{nocsrf}', '{refresh}', '{csrf-good}', '{csrf-fresh}', '{csrf-nocsrf}'],
      ...['POST /required', 'DELETE /fresh', 'GET /optional', 'csrf_token={csrf-good}', '%', '%7B', '%zz'],
      ...['Content-Type: application/x-www-form-urlencoded', 'Content-Type: multipart/form-data', '\n\n'],
      ...['X-HTTP-Method-Override: GET', '__Host-access_token_cookie='],
    ],
    seeds: [
      'GET /required\nCookie: access_token_cookie={good}',
      'POST /required\nCookie: access_token_cookie={good}\nX-CSRF-TOKEN: {csrf-good}',
      'POST /refresh\nCookie: a=b; refresh_token_cookie={refresh}\nX-CSRF-TOKEN: {csrf-refresh}',
      'POST /required\nCookie: access_token_cookie={nocsrf}\nX-CSRF-TOKEN: undefined',
      'PUT /fresh\nCookie: access_token_cookie={fresh}\nContent-Type: application/x-www-form-urlencoded\n\ncsrf_token={csrf-fresh}',
      'GET /optional/a/b/c/d\nCookie: access_token_cookie="{expired}"; access_token_cookie=x',
    ],
    async run(text) {
      const { request, path, ran } = await application.send(text);
      const { method, body } = request;
      if (method === 'OPTIONS') return;
      const name = path === '/refresh' ? 'refresh_token_cookie' : 'access_token_cookie';
      const values = [...new Set(cookiesOf(request, name))];
      const [token] = values;
      const isToken = values.length === 1 && application.opens(token, path);
      hold(ran[0] !== 'alice' || isToken, 'let in without a token', () => values.join('|'));
      hold(ran.length === 0 || ran[0] === 'alice' || !isToken, 'a cookie taken for none', () => token);
      if (ran[0] !== 'alice' || SAFE.includes(method)) return;
      const csrf = application.csrf[application.nameOf(token)];
      const inHeader = valuesOf(request, 'x-csrf-token').join(', ');
      const inForm = new URLSearchParams(body.toString()).getAll('csrf_token');
      const isSent = inHeader === '' ? inForm.length === 1 && inForm[0] === csrf : inHeader === csrf;
      hold(csrf !== undefined && isSent, 'let in without a CSRF value', () => `${inHeader}|${inForm.join()}`);
    },
  };
}

/** The values of the cookies with a name, read as RFC 6265 §5.4 has them. */
function cookiesOf(request, name) {
  return valuesOf(request, 'cookie')
    .flatMap((value) => value.split(';'))
    .filter((pair) => pair.includes('=') && pair.slice(0, pair.indexOf('=')).trim() === name)
    .map((pair) => decoded(pair.slice(pair.indexOf('=') + 1).trim()))
    .filter((value, _, all) => value !== '' || all.length > 1);
}

function decoded(value) {
  const bare = /^".*"$/.test(value) ? value.slice(1, -1) : value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}
