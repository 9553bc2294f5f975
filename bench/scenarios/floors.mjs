import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { NOBODY } from '../measure/requests.mjs';
import { SECRET } from '../measure/tokens.mjs';
import { redisClient } from './redisClient.mjs';
import { application, grown } from './routingControllers.mjs';

const BEARER = 'Bearer ';
const COOKIE = 'access_token_cookie=';
const floor = { kind: 'floor', framework: 'routing-controllers', algorithm: 'HS256', token: 'seen' };

/**
 * The least that could be called a protection, written by hand as a middleware, on the same action with the same
 * parameter. What the library costs above its floor is what it can save.
 */
export const FLOORS = [
  {
    ...floor,
    kind: 'nothing',
    key: 'nothing',
    title: 'a guard that does nothing',
    open: withGuard(() => (ctx, next) => next(), constantIdentity),
  },
  { ...floor, key: 'by-hand-seen', title: 'a Map of tokens by hand', open: withGuard(seenBefore) },
  {
    ...floor,
    key: 'by-hand',
    title: 'one HMAC and one JSON.parse() by hand, every token new',
    token: 'new',
    open: withGuard(everyTokenNew),
  },
  {
    ...floor,
    key: 'by-hand-forged',
    title: 'one HMAC by hand, forged tokens, every one new',
    token: 'forged',
    status: 401,
    open: withGuard(everyTokenNew),
  },
  {
    ...floor,
    key: 'by-hand-missing',
    title: 'a look for a header by hand, no token',
    token: 'none',
    status: 401,
    open: withGuard(everyTokenNew),
  },
  {
    ...floor,
    key: 'by-hand-memory-store',
    title: 'Maps of tokens and of revoked ids by hand',
    open: withGuard(notRevoked),
  },
  {
    ...floor,
    key: 'by-hand-redis-store',
    title: 'a Map of tokens and one MGET by hand',
    open: withGuard(notRevokedInRedis),
  },
  {
    ...floor,
    key: 'by-hand-cookies',
    title: 'a Map of tokens, a cookie and an equal CSRF value by hand, POST',
    as: 'cookie',
    open: withGuard(inCookie),
  },
  {
    ...floor,
    key: 'by-hand-user-loader',
    title: 'a Map of tokens by hand, and a call of the loader',
    open: withGuard(withUser),
  },
  {
    ...floor,
    kind: 'growth',
    key: 'by-hand-routes',
    title: '1,000 routes instead of 1, by hand',
    than: 'by-hand',
    token: 'new',
    routes: 1000,
    open: withGuard(everyTokenNew),
  },
];

/** Opens an application with a guard by hand. */
function withGuard(guardOf, identityOf = identityOfGuard) {
  return async (surroundings, scenario) => {
    const { load } = surroundings;
    const { createParamDecorator, UseBefore } = load('routing-controllers');
    const guards = [UseBefore(await guardOf(surroundings))];
    const identity = createParamDecorator({ value: identityOf });
    return application(load, { guards, identity, ...grown(scenario) });
  };
}

function identityOfGuard({ context }) {
  return context.state.user.sub;
}

function constantIdentity() {
  return NOBODY;
}

function seenBefore() {
  const claimsOf = remembering();
  return (ctx, next) => {
    const claims = claimsOf(tokenIn(ctx));
    if (claims === undefined) return refuse(ctx);
    ctx.state.user = claims;
    return next();
  };
}

function everyTokenNew() {
  const verified = verifier();
  return (ctx, next) => {
    const token = tokenIn(ctx);
    if (token === undefined) {
      ctx.status = 401;
      return undefined;
    }
    const claims = verified(token);
    if (!isCurrent(claims)) return refuse(ctx);
    ctx.state.user = claims;
    return next();
  };
}

function notRevoked() {
  const claimsOf = remembering();
  const revoked = new Map([['another', true]]);
  return (ctx, next) => {
    const claims = claimsOf(tokenIn(ctx));
    if (claims === undefined || revoked.has(claims.jti)) return refuse(ctx);
    ctx.state.user = claims;
    return next();
  };
}

/** As many keys as the store of the library asks for. */
async function notRevokedInRedis(surroundings) {
  const claimsOf = remembering();
  const client = await redisClient(surroundings);
  return async (ctx, next) => {
    const claims = claimsOf(tokenIn(ctx));
    if (claims === undefined) return refuse(ctx);
    const tag = `by-hand:{${claims.sub}}`;
    const found = await client.mGet([tag, `${tag}:session`, `${tag}:${claims.jti}`]);
    if (found[2] !== null) return refuse(ctx);
    ctx.state.user = claims;
    return next();
  };
}

function inCookie() {
  const claimsOf = remembering();
  return (ctx, next) => {
    const { cookie = '', 'x-csrf-token': csrf } = ctx.req.headers;
    const pair = cookie.split('; ').find((each) => each.startsWith(COOKIE));
    const claims = claimsOf(pair?.slice(COOKIE.length));
    if (claims === undefined || claims.csrf !== csrf) return refuse(ctx);
    ctx.state.user = claims;
    return next();
  };
}

function withUser() {
  const claimsOf = remembering();
  const users = { load: ({ identity }) => ({ name: identity }) };
  return (ctx, next) => {
    const claims = claimsOf(tokenIn(ctx));
    if (claims === undefined) return refuse(ctx);
    ctx.state.user = claims;
    ctx.state.account = users.load({ identity: claims.sub });
    return next();
  };
}

function refuse(ctx) {
  ctx.status = 401;
  ctx.body = { msg: 'The token is not valid' };
}

function tokenIn({ req }) {
  const header = req.headers.authorization;
  return header?.startsWith(BEARER) ? header.slice(BEARER.length) : undefined;
}

function isCurrent(claims) {
  return claims !== undefined && claims.exp > Date.now() / 1000;
}

/** Finds the claims of a valid token, which is verified only when it comes for the first time. */
function remembering() {
  const verified = verifier();
  const seen = new Map();
  return (token) => {
    let claims = seen.get(token);
    if (claims === undefined && token !== undefined) {
      claims = verified(token);
      if (claims !== undefined) seen.set(token, claims);
    }
    return isCurrent(claims) ? claims : undefined;
  };
}

function verifier() {
  const key = createSecretKey(Buffer.from(SECRET));
  return (token) => {
    const dot = token.lastIndexOf('.');
    const hmac = createHmac('sha256', key).update(token.slice(0, dot)).digest();
    const signature = Buffer.from(token.slice(dot + 1), 'base64url');
    if (signature.length !== hmac.length || !timingSafeEqual(signature, hmac)) return undefined;
    return JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, dot), 'base64url').toString());
  };
}
