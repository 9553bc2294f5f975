import { Buffer } from 'node:buffer';
import { createSecretKey } from 'node:crypto';
import { NOBODY, PATH } from '../measure/requests.mjs';
import { SECRET } from '../measure/tokens.mjs';
import { application } from './routingControllers.mjs';

const seen = { kind: 'peer', algorithm: 'HS256', token: 'seen' };
const onControllers = { ...seen, framework: 'routing-controllers' };

export const ON_KOA = [
  { ...onControllers, key: 'koa-jwt', title: 'koa-jwt, @UseBefore()', open: koaJwt },
  {
    ...onControllers,
    key: 'koa-jwt-key-object',
    title: 'koa-jwt, @UseBefore(), its secret as a KeyObject',
    open: koaJwtWithKeyObject,
  },
  { ...onControllers, key: 'checkers', title: "the checkers of routing-controllers' README", open: checkers },
  { ...seen, framework: 'koa', key: 'koa-jwt-on-koa', title: 'koa-jwt', open: koaJwtOnKoa },
];

/** Koa with only @koa/router. */
export function koa(load, guards = []) {
  const Koa = load('koa');
  const Router = load('@koa/router');
  const router = new Router();
  router.get(PATH, ...guards, (ctx) => {
    ctx.body = { hello: ctx.state.user?.sub ?? NOBODY };
  });
  return new Koa().use(router.routes()).callback();
}

function koaJwt(surroundings) {
  return withKoaJwt(surroundings, SECRET);
}

function koaJwtWithKeyObject(surroundings) {
  return withKoaJwt(surroundings, createSecretKey(Buffer.from(SECRET)));
}

async function withKoaJwt({ load }, secret) {
  const { default: jwt } = await import('koa-jwt');
  const { createParamDecorator, UseBefore } = load('routing-controllers');
  const identity = createParamDecorator({ value: ({ context }) => context.state.user.sub });
  return application(load, { guards: [UseBefore(jwt({ secret }))], identity });
}

async function koaJwtOnKoa({ load }) {
  const { default: jwt } = await import('koa-jwt');
  return koa(load, [jwt({ secret: SECRET })]);
}

/** Both verify the token, because neither knows of the other. */
async function checkers({ load }) {
  const { default: jwt } = await import('jsonwebtoken');
  const { Authorized, CurrentUser } = load('routing-controllers');
  const userOf = ({ request }) => jwt.verify(request.headers.authorization.split(' ')[1], SECRET).sub;
  const options = {
    authorizationChecker: async (action) => userOf(action) !== undefined,
    currentUserChecker: async (action) => userOf(action),
  };
  return application(load, { guards: [Authorized()], identity: CurrentUser({ required: true }), options });
}
