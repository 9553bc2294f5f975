// Compiled and never run: each line under @ts-expect-error has to be a mistake that the compiler finds.
import {
  FreshJwtRequired,
  JwtConfig,
  jwtGuard,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  requireJwtByDefault,
  type JwtOptions,
} from '../../src/index';
import { Users } from './loaders';

const secretKey = 'a secret';
const unset = undefined as string | undefined;

export const manager = new JwtManager({
  ...JwtConfig.fromEnv(),
  secretKey,
  algorithm: 'HS512',
  accessTokenExpires: '15m',
  refreshTokenExpires: false,
  tokenLocation: ['headers'],
  encodeIssuer: unset,
  loaders: [Users],
});

// @ts-expect-error -- options are needed
new JwtManager();
// @ts-expect-error -- a misspelt option
new JwtManager({ secretkey: secretKey });
// @ts-expect-error -- a key is text, bytes or a KeyObject
new JwtManager({ secretKey: 42 });
// @ts-expect-error -- unsigned tokens
new JwtManager({ secretKey, algorithm: 'none' });
// @ts-expect-error -- no such algorithm
new JwtManager({ secretKey, decodeAlgorithms: ['HS257'] });
// @ts-expect-error -- null is no duration
new JwtManager({ secretKey, accessTokenExpires: null });
// @ts-expect-error -- true is no duration
new JwtManager({ secretKey, refreshTokenExpires: true });
// @ts-expect-error -- leeway is a number of seconds
new JwtManager({ secretKey, decodeLeeway: '10s' });
// @ts-expect-error -- there is no such place
new JwtManager({ secretKey, tokenLocation: ['body'] });
// @ts-expect-error -- a list, even of one
new JwtManager({ secretKey, tokenLocation: 'headers' });
// @ts-expect-error -- the other type is never a default
new JwtManager({ secretKey, defaultTokenType: 'refresh' });
// @ts-expect-error -- classes, not what was made of them
new JwtManager({ secretKey, loaders: [new Users()] });

// @ts-expect-error -- a configuration is final
manager.config.algorithm = 'HS256';
// @ts-expect-error -- a configuration is final
manager.config.tokenLocation[0] = 'headers';
// @ts-expect-error -- so are options
((options: JwtOptions) => options)({ secretKey }).secretKey = '';

JwtRequired({ locations: ['headers'], verifyType: false, skipRevocationCheck: true });
FreshJwtRequired({ locations: ['headers'], skipRevocationCheck: true });
RefreshJwtRequired({ locations: ['headers'], skipRevocationCheck: true });
JwtOptional({ locations: ['headers'], fresh: true, refresh: false, verifyType: false });

// @ts-expect-error -- what @FreshJwtRequired() is for
JwtRequired({ fresh: true });
// @ts-expect-error -- what @RefreshJwtRequired() is for
JwtRequired({ refresh: true });
// @ts-expect-error -- what @JwtOptional() is for
JwtRequired({ optional: true });
// @ts-expect-error -- a token that is not required cannot be fresh
FreshJwtRequired({ optional: true });
// @ts-expect-error -- a refresh token is never fresh
FreshJwtRequired({ refresh: true });
// @ts-expect-error -- a refresh token is never fresh
RefreshJwtRequired({ fresh: true });
// @ts-expect-error -- would let in access tokens
RefreshJwtRequired({ verifyType: false });
// @ts-expect-error -- it is optional already
JwtOptional({ optional: false });
// @ts-expect-error -- there is no such place
JwtRequired({ locations: ['body'] });
// @ts-expect-error -- true or false
JwtRequired({ skipRevocationCheck: 1 });
// @ts-expect-error -- a misspelt option
jwtGuard({ location: ['headers'] });
// @ts-expect-error -- a misspelt option
requireJwtByDefault({ option: true });
