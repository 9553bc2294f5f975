/** One run mutates the files of one room, with the specs that cover it. Specs that start processes take too long. */
const ROOMS = {
  guard: {
    mutate: ['src/guard/**'],
    specs: [
      'guard/**',
      'decorator/**',
      'contract/**',
      'attacks/answers',
      'request/Authenticator',
      'request/ImplicitRefresh',
      'registry/**',
      'route/**',
    ],
    forking: ['guard/policyRegistry', 'guard/checkSetup', 'guard/requireJwtByDefault'],
  },
  token: {
    mutate: ['src/token/**', 'src/claims.ts'],
    specs: [
      'token/**',
      'claims',
      'request/verifyToken',
      'request/findInCookies',
      'request/Authenticator',
      'attacks/contents',
      'attacks/tokenKind',
      'attacks/cost',
      'rfc/**',
      'session/Issuer',
      'session/purpose',
      'config/JwtConfig',
      'key/issuer/TrustedIssuer',
      'JwtManager',
    ],
  },
  request: {
    mutate: ['src/request/**'],
    specs: [
      'request/**',
      'decorator/**',
      'attacks/answers',
      'attacks/tokenKind',
      'rfc/rfc6750',
      'events/jwtEvents',
      'loader/**',
      'session/purpose',
      'guard/managers',
      'JwtManager',
    ],
  },
  session: {
    mutate: ['src/session/**'],
    specs: [
      'session/**',
      'request/LogOut',
      'request/ImplicitRefresh',
      'request/ImplicitRefresh.revoked',
      'JwtManager',
      'store/clock',
      'request/verifyToken',
      'request/watchToken',
      'events/jwtEvents',
    ],
  },
  store: {
    mutate: ['src/store/*.ts'],
    specs: ['store/*', 'session/Sessions', 'session/family', 'session/maxSessions'],
  },
  redis: {
    mutate: ['src/store/redis/**'],
    specs: ['store/redis/**', 'store/RevocationStore', 'store/clock'],
  },
  key: {
    mutate: ['src/key/**'],
    specs: ['key/**', 'config/**', 'rfc/rfc7518', 'rfc/rfc8725'],
  },
  config: {
    mutate: ['src/config/**'],
    specs: ['config/**', 'JwtManager', 'key/OwnKeys', 'request/tokenCookies'],
  },
  loader: {
    mutate: ['src/loader/**'],
    specs: ['loader/**', 'decorator/**', 'request/answerRefusal', 'key/OwnKeys', 'errors'],
  },
  decorator: { mutate: ['src/decorator/**'], specs: ['decorator/**', 'guard/**', 'loader/**'] },
  events: { mutate: ['src/events/**'], specs: ['events/**', 'guard/managers', 'request/verifyToken'] },
  openapi: { mutate: ['src/openapi/**'], specs: ['openapi/**'] },
  route: {
    mutate: ['src/route/**', 'src/registry/**'],
    specs: ['route/**', 'registry/**', 'testing/**', 'openapi/**', 'guard/**'],
  },
  testing: { mutate: ['src/testing/**'], specs: ['testing/**', 'store/RevocationStore', 'store/clock'] },
  manager: {
    mutate: ['src/JwtManager.ts', 'src/errors.ts', 'src/index.ts'],
    specs: ['JwtManager', 'errors', 'config/**', 'request/**', 'session/**', 'guard/**'],
  },
};
export { ROOMS };

/** What starts processes or servers of its own, or measures time and memory. */
export const LEFT_OUT = [
  'attacks/pollution',
  'attacks/random',
  'attacks/tokenCache',
  'events/documented',
  'events/explainRefusals',
  'guard/requireJwtByDefault',
  'key/rotation',
  'openapi/whole',
  'registry/registry',
  'session/bursts',
  'store/MemoryRevocationStore',
  'store/redis/faults',
  'store/redis/glide',
  'store/redis/localCache',
  'store/redis/race',
  'testing/runners',
];

/** All mutants of these must be killed, or be proven equivalent. */
export const CRITICAL = [
  'src/claims.ts',
  'src/guard/guard.ts',
  'src/guard/interceptStorage.ts',
  'src/guard/policyRegistry.ts',
  'src/request/Authenticator.ts',
  'src/request/Policy.ts',
  'src/request/cookieNames.ts',
  'src/request/findInCookies.ts',
  'src/request/tokenCookies.ts',
  'src/session/Sessions.ts',
  'src/store/verdict.ts',
  'src/token/CompactToken.ts',
  'src/token/TokenCache.ts',
  'src/token/Verifier.ts',
  'src/token/areEqual.ts',
  'src/token/checkClaims.ts',
  'src/token/checkCsrf.ts',
  'src/token/signature.ts',
  'src/token/strictJson.ts',
];

/** Critical files that have not met all specs of their room yet. Empty this list: `npm run mutation -- --critical`. */
export const PENDING = [
  'src/guard/guard.ts',
  'src/guard/interceptStorage.ts',
  'src/guard/policyRegistry.ts',
  'src/request/Authenticator.ts',
  'src/request/Policy.ts',
  'src/request/cookieNames.ts',
  'src/request/findInCookies.ts',
  'src/request/tokenCookies.ts',
];

/** The room whose patterns name a file. */
export function roomOf(file) {
  return Object.keys(ROOMS).find((room) => ROOMS[room].mutate.some((pattern) => matches(file, pattern)));
}

function matches(file, pattern) {
  if (pattern.endsWith('/**')) return file.startsWith(pattern.slice(0, -2));
  if (pattern.endsWith('/*.ts')) return file.slice(0, file.lastIndexOf('/')) === pattern.slice(0, -5);
  return file === pattern;
}
