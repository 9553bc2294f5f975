const REASONS = {
  ERR_JWT_MISSING: ['There was no token in the places where this route looks for one.', 'answers'],
  ERR_JWT_BAD_REQUEST: ['What was in the place of the token cannot be one.', 'answers'],
  ERR_JWT_INVALID: [
    'The signature does not fit: the token was changed, or signed with a key that is not ours.',
    'security',
  ],
  ERR_JWT_WRONG_TYPE: ['An access token and a refresh token open different routes.', 'answers'],
  ERR_JWT_CSRF: [
    'The browser added the cookie by itself. Only a page of this site can read the CSRF value that belongs to it.',
    'website-with-cookies',
  ],
  ERR_JWT_EXPIRED: ['The token was good, but its end has passed.', 'website-with-cookies'],
  ERR_JWT_NOT_FRESH: [
    'The token is good, but its log-in was too long ago for this route: the password is needed again.',
    'answers',
  ],
  ERR_JWT_REVOKED: [
    'The signature is good and the end has not come, but the session of this token is over.',
    'ending-sessions',
  ],
  ERR_JWT_NO_USER: ['The token is good, but its user is gone.', 'loaders'],
  ERR_JWT_FORBIDDEN: ['The token is good, but it has none of the roles that the route demands.', 'routes'],
  ERR_JWT_STORE_UNAVAILABLE: [
    'Nobody knows at the moment which sessions have ended, so nobody gets in.',
    'ending-sessions',
  ],
};

/** Why the guard refuses with a code, and the page of the documentation about it. */
export function reasonOf(code) {
  const [sentence, page] = REASONS[code] ?? [];
  return sentence && { sentence, href: `/docs/${page}.md`, page };
}
