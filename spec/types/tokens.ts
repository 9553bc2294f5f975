// Compiled, never run: the compiler must find a mistake in each line under @ts-expect-error.
import type { AccessTokenOptions, JwtClaims, JwtError } from '../../src/index';
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

void manager.createToken('password-reset', 'alice', {
  expires: '1 hour',
  additionalClaims: { email: 'a@b.test' },
});
// @ts-expect-error -- no identity
void manager.createToken('password-reset');
// @ts-expect-error -- every such token ends
void manager.createToken('password-reset', 'alice', { expires: false });
// @ts-expect-error -- it is no log-in
void manager.createToken('password-reset', 'alice', { fresh: true });

export async function verify(encoded: string): Promise<void> {
  const state = await manager.verifyToken(encoded, { purpose: 'password-reset', singleUse: true });
  const identity: string = state.identity;
  const purpose: string | undefined = state.payload.purpose;
  // @ts-expect-error -- it did not come with a request
  await manager.verifyToken(encoded, { locations: ['headers'] });
  // @ts-expect-error -- there is a token
  await manager.verifyToken(encoded, { optional: true });
  const ended: JwtError | undefined = await manager.watchToken(state, { every: 10 });
  console.log(identity, purpose, ended?.code);
}

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
