import { Application } from '../engine/application.mjs';
import { hold } from '../engine/Violation.mjs';

/** Query parameters, with and without a prefix. */
export async function query(library) {
  const options = { tokenLocation: ['query_string'] };
  const application = await Application.of(library, options);
  const prefixed = await Application.of(library, { ...options, queryStringValuePrefix: 'Bearer ' });
  return {
    files: ['request/findInQueryString.js'],
    words: [
      ...['?jwt={good}', '&jwt={good}', 'jwt=', '{good}', '{fresh}', '{refresh}', '{purpose}', '{expired}'],
      ...[
        'GET /required?jwt={good}',
        'PREFIX ',
        'Bearer+',
        'Bearer%20',
        'jwt[]=',
        '?',
        '#',
        '//',
        '%2e',
        '@',
      ],
    ],
    seeds: [
      'GET /required?jwt={good}',
      'GET /refresh?a=b&jwt={refresh}&c',
      'GET /optional?jwt=',
      'HEAD /purpose?jwt={purpose}',
      'PREFIX /required?jwt=Bearer+{good}',
      'GET /required?jwt={expired}&jwt=%7B',
    ],
    async run(text) {
      const isPrefixed = text.startsWith('PREFIX ');
      const to = isPrefixed ? prefixed : application;
      const { request, path, answer, ran } = await to.send(isPrefixed ? `GET ${text.slice(7)}` : text);
      if (request.method === 'OPTIONS') return;
      const [url] = request.url.split('#');
      const search = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
      const values = new URLSearchParams(search).getAll('jwt');
      const prefix = isPrefixed ? 'Bearer ' : '';
      const token = values[0]?.startsWith(prefix) === true ? values[0].slice(prefix.length) : undefined;
      const isToken = values.length === 1 && to.opens(token, path);
      hold(ran[0] !== 'alice' || isToken, 'let in without a token', () => search);
      hold(ran[0] === 'alice' || !isToken, 'a good token refused', () => search);
      const isStored = !/no-store/.test(String(answer.headers['cache-control']));
      hold(ran[0] !== 'alice' || !isStored, 'an answer that caches may store');
    },
  };
}
