import { NOBODY, PATH } from '../measure/requests.mjs';
import { SECRET } from '../measure/tokens.mjs';

const peer = { kind: 'peer', framework: 'express', algorithm: 'HS256', token: 'seen' };

export const ON_EXPRESS = [{ ...peer, key: 'express-jwt', title: 'express-jwt', open: guarded }];

export async function express(guards = []) {
  const { default: newApplication } = await import('express');
  const app = newApplication();
  app.get(PATH, ...guards, (request, response) => {
    response.json({ hello: request.auth?.sub ?? NOBODY });
  });
  return app;
}

async function guarded() {
  const { expressjwt } = await import('express-jwt');
  return express([expressjwt({ secret: SECRET, algorithms: ['HS256'] })]);
}
