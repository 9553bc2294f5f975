import { NOBODY, PATH } from '../measure/requests.mjs';
import { SECRET } from '../measure/tokens.mjs';

const peer = { kind: 'peer', framework: 'fastify', algorithm: 'HS256', token: 'seen' };

export const ON_FASTIFY = [
  { ...peer, key: 'fastify-jwt', title: '@fastify/jwt', open: () => guarded({}) },
  { ...peer, key: 'fastify-jwt-cache', title: '@fastify/jwt, verify.cache', open: withCache },
  {
    ...peer,
    key: 'fastify-jwt-cache-new',
    title: '@fastify/jwt, verify.cache, every token new',
    token: 'new',
    open: withCache,
  },
];

export function bareFastify() {
  return listening((app) => app.get(PATH, async () => ({ hello: NOBODY })));
}

function withCache() {
  return guarded({ verify: { cache: true } });
}

function guarded(options) {
  return listening(async (app) => {
    const { default: jwt } = await import('@fastify/jwt');
    await app.register(jwt, { secret: SECRET, ...options });
    const onRequest = (request) => request.jwtVerify();
    app.get(PATH, { onRequest }, async (request) => ({ hello: request.user.sub }));
  });
}

async function listening(build) {
  const { fastify } = await import('fastify');
  const app = fastify();
  await build(app);
  await app.ready();
  return (request, response) => app.routing(request, response);
}
