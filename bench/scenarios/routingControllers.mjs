import { NOBODY, PATH } from '../measure/requests.mjs';
import { decorated } from './decorated.mjs';

/** Per controller. */
const ACTIONS = 10;

/**
 * An application with routing-controllers on Koa and TypeDI. `guards` decorate the action and `identity` its
 * parameter; without them it is bare. `routes` is the number of other, unused routes, and `services` that of other
 * services in the container.
 */
export function application(load, { guards = [], identity, options = {}, routes = 0, services = 0 } = {}) {
  load('reflect-metadata');
  const { createKoaServer, Get, JsonController, Post, useContainer } = load('routing-controllers');
  const { Container, Service } = load('typedi');
  useContainer(Container);
  for (let i = 0; i < services; i++) decorated(class {}, [Service()], {});

  class Hello {
    get(user = NOBODY) {
      return { hello: user };
    }

    post(user = NOBODY) {
      return { hello: user };
    }
  }
  const parameters = identity === undefined ? [] : [identity];
  decorated(Hello, [Service(), JsonController()], {
    get: { on: [Get(PATH), ...guards], parameters },
    post: { on: [Post(PATH), ...guards], parameters },
  });
  const others = [];
  for (let left = routes; left > 0; left -= ACTIONS) {
    others.push(otherController(load, others.length, Math.min(left, ACTIONS), guards));
  }
  return createKoaServer({ controllers: [Hello, ...others], ...options }).callback();
}

function otherController(load, number, size, guards) {
  const { Get, JsonController } = load('routing-controllers');
  const { Service } = load('typedi');
  class Other {}
  const actions = {};
  for (let i = 0; i < size; i++) {
    Other.prototype[`action${i}`] = () => ({});
    actions[`action${i}`] = { on: [Get(`/action${i}`), ...guards] };
  }
  return decorated(Other, [Service(), JsonController(`/other${number}`)], actions);
}

/** The size of a scenario's application. */
export function grown({ routes = 0, services = 0 }) {
  return { routes, services };
}
