// Compiled, never run: the compiler must find a mistake in each line under @ts-expect-error.
import Koa from 'koa';
import { getJwtState, jwtGuard, type JwtState, type TokenLocation } from '../../src/index';
import { manager } from './options';

interface User {
  readonly name: string;
}

export function read(ctx: Koa.Context): unknown[] {
  const identity: string | undefined = ctx.state.jwt?.identity;
  const expires: number | undefined = ctx.state.jwt?.payload?.exp;
  const algorithm: string | undefined = ctx.state.jwt?.header?.alg;
  const location: TokenLocation | undefined = ctx.state.jwt?.location;
  const token: string | undefined = ctx.state.jwt?.token;
  // @ts-expect-error -- undefined if no guard has run
  const unguarded: JwtState = ctx.state.jwt;
  // @ts-expect-error -- an anonymous request has no identity
  const anonymous: string = getJwtState(ctx).identity;
  // @ts-expect-error -- an identity is text
  const counted: number | undefined = ctx.state.jwt?.identity;
  // @ts-expect-error -- only the application knows the type of its users
  const stranger: User | undefined = getJwtState(ctx).user;
  const known: User | undefined = (getJwtState(ctx) as JwtState<User>).user;
  const numbered: number | undefined = ((state: JwtState<User, number>) => state.identity)({
    ...(getJwtState(ctx) as JwtState<User, never>),
  });
  // @ts-expect-error -- the state is frozen
  getJwtState(ctx).identity = 'bob';
  // @ts-expect-error -- an unknown member
  const unknown: unknown = ctx.state.jwt?.username;
  return [
    identity,
    expires,
    algorithm,
    location,
    token,
    unguarded,
    anonymous,
    counted,
    stranger,
    known,
    numbered,
    unknown,
  ];
}

// In middleware, as koa types it.
export const app = new Koa().use(jwtGuard({ optional: true })).use(async (ctx) => {
  const state: JwtState | undefined = await manager.verifyJwtInRequest(ctx, { fresh: true });
  // @ts-expect-error -- undefined for OPTIONS
  ctx.body = { name: state.identity };
  ctx.body = { name: state?.identity, same: ctx.state.jwt?.identity };
});
