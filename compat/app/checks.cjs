/* What the application must answer. Plain CommonJS, so that every test runner can load it. */
const assert = require('node:assert/strict');

const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** Runs all checks, in order, and returns how many there are. Throws for the first that fails. */
exports.runChecks = async function runChecks(url) {
  let checks = 0;
  const send = async (path, { method = 'GET', headers = {}, json, body } = {}) => {
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const text = json === undefined ? body : JSON.stringify(json);
    const response = await fetch(url + path, { method, headers: { ...type, ...headers }, body: text });
    const answer = await response.text();
    let parsed;
    try {
      parsed = JSON.parse(answer);
    } catch {
      // Not every answer has a body.
    }
    return { status: response.status, headers: response.headers, text: answer, json: parsed };
  };
  const check = (title, actual, expected) => {
    checks++;
    assert.deepEqual(actual, expected, title);
  };
  const checkAnswer = async (title, request, status, json) => {
    const answer = await request;
    check(title, [answer.status, json === undefined ? undefined : answer.json], [status, json]);
    return answer;
  };
  const logIn = async (name, options = {}) =>
    (await send('/session', { method: 'POST', json: { name, ...options } })).json;

  const { accessToken, refreshToken } = await logIn('alice');
  check('a log-in gives a pair', [typeof accessToken, typeof refreshToken], ['string', 'string']);

  const missing = await checkAnswer('no token', send('/guarded/fresh'), 401);
  await checkAnswer('no token, and why', send('/guarded/partner'), 401, {
    msg: 'Missing Authorization Header',
  });
  check('a challenge', missing.headers.get('www-authenticate'), 'Bearer');
  await checkAnswer('no JWT', send('/guarded/me', { headers: bearer('x') }), 422, {
    msg: 'Not enough segments',
  });
  const forged = `${accessToken.slice(0, -8)}AAAAAAAA`;
  await checkAnswer('a forged token', send('/guarded/me', { headers: bearer(forged) }), 422, {
    msg: 'Signature verification failed',
  });
  await checkAnswer('a refresh token', send('/guarded/me', { headers: bearer(refreshToken) }), 422, {
    msg: 'Only non-refresh tokens are allowed',
  });
  const me = await checkAnswer('a good token', send('/guarded/me', { headers: bearer(accessToken) }), 200, {
    identity: 'alice',
    type: 'access',
    alg: 'HS256',
    location: 'headers',
    user: { name: 'alice' },
    lifetime: 900,
  });
  check('the guard comes before @UseBefore', me.headers.get('x-seen'), 'alice');
  const stranger = await logIn('eve');
  await checkAnswer('no such user', send('/guarded/me', { headers: bearer(stranger.accessToken) }), 401, {
    msg: 'Error loading the user eve',
  });
  const expired = (await send('/session/expired', { method: 'POST' })).json.accessToken;
  await checkAnswer("a loader's answer", send('/guarded/me', { headers: bearer(expired) }), 401, {
    endedAt: 1,
  });

  await checkAnswer('optional, anonymous', send('/guarded/optional'), 200, { for: 'everyone' });
  await checkAnswer('optional', send('/guarded/optional', { headers: bearer(accessToken) }), 200, {
    for: 'alice',
  });
  await checkAnswer('optional, forged', send('/guarded/optional', { headers: bearer(forged) }), 422);
  await checkAnswer('exempt', send('/guarded/open'), 200, { open: true });
  await checkAnswer('inherited, open to nobody', send('/guarded/inherited'), 401);
  await checkAnswer('inherited', send('/guarded/inherited', { headers: bearer(accessToken) }), 200, {
    identity: 'alice',
  });
  await checkAnswer('HEAD', send('/guarded/me', { method: 'HEAD' }), 401);
  await checkAnswer('a path without an action', send('/nothing'), 404);

  await checkAnswer('not fresh', send('/guarded/fresh', { headers: bearer(accessToken) }), 401, {
    msg: 'Fresh token required',
  });
  const fresh = await logIn('alice', { fresh: true });
  await checkAnswer('fresh', send('/guarded/fresh', { headers: bearer(fresh.accessToken) }), 200, {
    fresh: true,
  });

  await checkAnswer('no role', send('/guarded/admin', { headers: bearer(accessToken) }), 403);
  const admin = await logIn('alice', { additionalClaims: { roles: ['admin'] } });
  await checkAnswer('@CurrentUser()', send('/guarded/admin', { headers: bearer(admin.accessToken) }), 200, {
    name: 'alice',
  });

  const response = await fetch(`${url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"alice"}',
  });
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  check('two cookies', cookies.length, 2);
  const cookie = cookies.join('; ');
  const csrf = /csrf_access_token=([^;]+)/.exec(cookie)[1];
  const byCookie = await send('/guarded/me', { headers: { cookie } });
  check('a cookie', [byCookie.status, byCookie.json.location], [200, 'cookies']);
  const post = { method: 'POST', json: {} };
  await checkAnswer('no CSRF value', send('/guarded/change', { ...post, headers: { cookie } }), 401);
  await checkAnswer(
    'a CSRF value',
    send('/guarded/change', { ...post, headers: { cookie, 'x-csrf-token': csrf } }),
    200,
    { identity: 'alice' },
  );
  await checkAnswer('a query string', send(`/guarded/query?jwt=${accessToken}`), 200, {
    location: 'query_string',
  });
  await checkAnswer(
    'a JSON body',
    send('/guarded/json', { method: 'POST', json: { access_token: accessToken } }),
    200,
    { location: 'json' },
  );
  const broken = { method: 'POST', body: '{"name', headers: { 'content-type': 'application/json' } };
  await checkAnswer('a broken body without a token', send('/guarded/change', broken), 401);
  await checkAnswer('a broken body', send('/session', broken), 400);

  await checkAnswer('by hand, no token', send('/guarded/by-hand'), 401);
  await checkAnswer('by hand', send('/guarded/by-hand', { headers: bearer(accessToken) }), 200, {
    byHand: 'alice',
  });
  await checkAnswer('jwtGuard(), no token', send('/plain'), 401);
  await checkAnswer('jwtGuard()', send('/plain', { headers: bearer(accessToken) }), 200, { plain: 'alice' });

  const partner = (await send('/partner-token')).json.accessToken;
  await checkAnswer("a partner's token", send('/guarded/partner', { headers: bearer(partner) }), 200, {
    partner: 'acme',
  });
  await checkAnswer('for partners only', send('/guarded/partner', { headers: bearer(accessToken) }), 422);
  await checkAnswer('not for partners', send('/guarded/me', { headers: bearer(partner) }), 422);
  const jwks = (await send('/.well-known/jwks.json')).json.keys;
  check('a public key', [jwks.length, jwks[0].crv, jwks[0].d], [1, 'Ed25519', undefined]);

  const refresh = (token) => send('/session/refresh', { method: 'POST', headers: bearer(token) });
  await checkAnswer('an access token refreshes nothing', refresh(accessToken), 422);
  const next = await checkAnswer('a refresh token', refresh(refreshToken), 200);
  await checkAnswer(
    'the new access token',
    send('/guarded/me', { headers: bearer(next.json.accessToken) }),
    200,
  );
  await checkAnswer('a refresh token again', refresh(refreshToken), 401);
  await checkAnswer(
    'ends its session',
    send('/guarded/me', { headers: bearer(next.json.accessToken) }),
    401,
    { msg: 'Token has been revoked' },
  );
  await checkAnswer(
    'a log-out',
    send('/session', { method: 'DELETE', headers: bearer(admin.accessToken) }),
    200,
  );
  await checkAnswer('after the log-out', send('/guarded/me', { headers: bearer(admin.accessToken) }), 401, {
    msg: 'Token has been revoked',
  });
  return checks;
};
