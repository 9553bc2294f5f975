/**
 * Claims that this library gives a meaning to. Were they open to additional claims, whoever gets to name those could
 * make a refresh token an access token, or somebody else's (CWE-915).
 */
export const OWN_CLAIMS = ['sub', 'type', 'jti', 'fresh', 'csrf', 'sid', 'gen'];

/** Those of RFC 7519 that an application may set, and that every new token gets anew. */
export const REGISTERED_CLAIMS = ['iss', 'aud', 'exp', 'nbf', 'iat'];
