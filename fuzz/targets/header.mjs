import { Application } from '../engine/application.mjs';
import { valuesOf } from '../engine/readRequest.mjs';
import { hold } from '../engine/Violation.mjs';

/** The Authorization header, and one with another name and no scheme. */
export async function header(library) {
  const application = await Application.of(library, {});
  const raw = await Application.of(library, { headerName: 'X-Token', headerType: '' });
  return {
    files: ['request/findInHeader.js', 'request/Authenticator.js', 'request/answerRefusal.js'],
    words: [
      ...['{good}', '{fresh}', '{refresh}', '{purpose}', '{expired}', '{forged}', 'Bearer {good}'],
      ...[
        'Authorization: Bearer {good}',
        'X-Token: {good}',
        'GET /required',
        'POST /fresh',
        'HEAD /optional',
      ],
      ...['OPTIONS /refresh', '/purpose', '/either', 'Basic YTpi, '],
    ],
    seeds: [
      'GET /required\nAuthorization: Bearer {good}',
      'GET /fresh\nAuthorization: Bearer {fresh}',
      'GET /optional',
      'GET /refresh\nAuthorization: bearer {refresh}',
      'POST /purpose\nAuthorization: Bearer {purpose}',
      'GET /either\nAuthorization: Basic YTpi, Bearer {expired}',
      'RAW /required\nX-Token: {good}',
    ],
    async run(text) {
      if (text.startsWith('RAW ')) {
        const { request, path, ran } = await raw.send(`GET ${text.slice(4)}`);
        const values = valuesOf(request, 'x-token');
        // Empty fields of a list are none (RFC 9110 §5.6.1).
        const [word, second] = values
          .join(',')
          .split(/[ ]+/)
          .filter((each) => each !== '');
        const isToken = second === undefined && raw.opens(word, path);
        hold(ran[0] !== 'alice' || isToken, 'let in without a token', () => values.join('|'));
        hold(ran[0] === 'alice' || !isToken, 'a good token refused', () => values.join('|'));
        return;
      }
      const { request, path, ran } = await application.send(text);
      if (request.method === 'OPTIONS') return;
      const values = valuesOf(request, 'authorization');
      const fields = values.flatMap((value) => value.split(',')).map(wordsOf);
      const bearers = fields.filter(([scheme]) => scheme?.toLowerCase() === 'bearer');
      const [[, word, ...rest] = []] = bearers;
      const isOne = values.length === 1 && bearers.length === 1;
      const isGood = isOne && rest.length === 0 && application.opens(word, path);
      hold(ran[0] !== 'alice' || isGood, 'let in without a token', () => values.join('|'));
      hold(ran.length === 0 || ran[0] === 'alice' || !isOne, 'a Bearer field taken for none', () =>
        values.join('|'),
      );
      hold(ran[0] === 'alice' || !isGood || fields.length > 1, 'a good token refused', () =>
        values.join('|'),
      );
    },
  };
}

function wordsOf(field) {
  return field.split(' ').filter((word) => word !== '');
}
