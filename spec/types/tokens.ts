// Compiled, never run: the compiler must find a mistake in each line under @ts-expect-error.
import type { AccessTokenOptions, JwtClaims } from '../../src/index';
import { manager } from './options';

void manager.createAccessToken('alice');
void manager.createAccessToken({ id: 1 }, { fresh: true, expires: 60, additionalClaims: { role: 'admin' } });
void manager.createAccessToken('alice', {
  fresh: '10 minutes',
  expires: false,
  additionalHeaders: { kid: '1' },
});
void manager.createRefreshToken('alice', { expires: '30 days' });

// @ts-expect-error -- no identity
void manager.createAccessToken();
// @ts-expect-error -- the name in jsonwebtoken
void manager.createAccessToken('alice', { expiresIn: 60 });
// @ts-expect-error -- true is not a duration
void manager.createAccessToken('alice', { expires: true });
// @ts-expect-error -- null is not a duration
void manager.createAccessToken('alice', { expires: null });
// @ts-expect-error -- claims are an object
void manager.createAccessToken('alice', { additionalClaims: 'admin' });
// @ts-expect-error -- headers are an object
void manager.createAccessToken('alice', { additionalHeaders: 1 });
// @ts-expect-error -- a refresh token is never fresh
void manager.createRefreshToken('alice', { fresh: true });
// @ts-expect-error -- options are read-only
((options: AccessTokenOptions) => options)({}).expires = 1;

// @ts-expect-error -- must be awaited
export const token: string = manager.createAccessToken('alice');

export async function read(encoded: string): Promise<void> {
  const claims: JwtClaims = await manager.decodeToken(encoded, { allowExpired: true, csrfValue: '' });
  const jti: string | null = await manager.getJti(encoded);
  // @ts-expect-error -- another issuer's token may have no jti
  jti.toUpperCase();
  // @ts-expect-error -- claims are frozen
  claims.sub = 'bob';
  // @ts-expect-error -- its type is unknown
  const role: string = claims['role'];
  // @ts-expect-error -- a token may never expire
  const expires: number = claims.exp;
  // @ts-expect-error -- a misspelt option
  await manager.decodeToken(encoded, { allowExpires: true });
  console.log(role, expires);
}
