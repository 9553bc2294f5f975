// Compiled and never run: each line under @ts-expect-error has to be a mistake that the compiler finds.
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

// @ts-expect-error -- a token is for someone
void manager.createAccessToken();
// @ts-expect-error -- the name that jsonwebtoken has for it
void manager.createAccessToken('alice', { expiresIn: 60 });
// @ts-expect-error -- true is no duration
void manager.createAccessToken('alice', { expires: true });
// @ts-expect-error -- null is no duration
void manager.createAccessToken('alice', { expires: null });
// @ts-expect-error -- claims are an object
void manager.createAccessToken('alice', { additionalClaims: 'admin' });
// @ts-expect-error -- headers are an object
void manager.createAccessToken('alice', { additionalHeaders: 1 });
// @ts-expect-error -- a refresh token is never fresh
void manager.createRefreshToken('alice', { fresh: true });
// @ts-expect-error -- options are not for changing
((options: AccessTokenOptions) => options)({}).expires = 1;

// @ts-expect-error -- it has to be awaited
export const token: string = manager.createAccessToken('alice');

export async function read(encoded: string): Promise<void> {
  const claims: JwtClaims = await manager.decodeToken(encoded, { allowExpired: true, csrfValue: '' });
  const jti: string | null = await manager.getJti(encoded);
  // @ts-expect-error -- another issuer's token may have no jti
  jti.toUpperCase();
  // @ts-expect-error -- claims are frozen
  claims.sub = 'bob';
  // @ts-expect-error -- nobody knows what is in it
  const role: string = claims['role'];
  // @ts-expect-error -- a token may live for ever
  const expires: number = claims.exp;
  // @ts-expect-error -- a misspelt option
  await manager.decodeToken(encoded, { allowExpires: true });
  console.log(role, expires);
}
