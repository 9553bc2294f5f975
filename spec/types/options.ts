// Compiled, never run: the compiler must find a mistake in each line under @ts-expect-error.
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
  maxSessions: false,
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
// @ts-expect-error -- null is not a duration
new JwtManager({ secretKey, accessTokenExpires: null });
// @ts-expect-error -- true is not a duration
new JwtManager({ secretKey, refreshTokenExpires: true });
// @ts-expect-error -- leeway is a number of seconds
new JwtManager({ secretKey, decodeLeeway: '10s' });
// @ts-expect-error -- a number of sessions is no duration
new JwtManager({ secretKey, maxSessions: '5m' });
// @ts-expect-error -- an unknown location
new JwtManager({ secretKey, tokenLocation: ['body'] });
// @ts-expect-error -- must be a list
new JwtManager({ secretKey, tokenLocation: 'headers' });
// @ts-expect-error -- refresh is never a default
new JwtManager({ secretKey, defaultTokenType: 'refresh' });
// @ts-expect-error -- classes, not instances
new JwtManager({ secretKey, loaders: [new Users()] });

// @ts-expect-error -- a configuration is frozen
manager.config.algorithm = 'HS256';
// @ts-expect-error -- a configuration is frozen
manager.config.tokenLocation[0] = 'headers';
// @ts-expect-error -- so are options
((options: JwtOptions) => options)({ secretKey }).secretKey = '';

JwtRequired({ locations: ['headers'], verifyType: false, skipRevocationCheck: true });
FreshJwtRequired({ locations: ['headers'], skipRevocationCheck: true });
RefreshJwtRequired({ locations: ['headers'], skipRevocationCheck: true });
JwtOptional({ locations: ['headers'], fresh: true, refresh: false, verifyType: false });

JwtRequired({ purpose: 'password-reset', singleUse: true });
JwtOptional({ purpose: 'password-reset' });
// @ts-expect-error -- a token for one purpose is never fresh
FreshJwtRequired({ purpose: 'password-reset' });
// @ts-expect-error -- a token for one purpose renews nothing
RefreshJwtRequired({ purpose: 'password-reset' });

// @ts-expect-error -- use @FreshJwtRequired()
JwtRequired({ fresh: true });
// @ts-expect-error -- use @RefreshJwtRequired()
JwtRequired({ refresh: true });
// @ts-expect-error -- use @JwtOptional()
JwtRequired({ optional: true });
// @ts-expect-error -- a token that is not required cannot be fresh
FreshJwtRequired({ optional: true });
// @ts-expect-error -- a refresh token is never fresh
FreshJwtRequired({ refresh: true });
// @ts-expect-error -- a refresh token is never fresh
RefreshJwtRequired({ fresh: true });
// @ts-expect-error -- would accept access tokens
RefreshJwtRequired({ verifyType: false });
// @ts-expect-error -- it is optional already
JwtOptional({ optional: false });
// @ts-expect-error -- a number of sessions is no duration
new JwtManager({ secretKey, maxSessions: '5m' });
// @ts-expect-error -- an unknown location
JwtRequired({ locations: ['body'] });
// @ts-expect-error -- true or false
JwtRequired({ skipRevocationCheck: 1 });
// @ts-expect-error -- a misspelt option
jwtGuard({ location: ['headers'] });
// @ts-expect-error -- a misspelt option
requireJwtByDefault({ option: true });
