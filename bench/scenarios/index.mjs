import { NOBODY } from '../measure/requests.mjs';
import { bareFastify, ON_FASTIFY } from './fastify.mjs';
import { express, ON_EXPRESS } from './express.mjs';
import { FLOORS } from './floors.mjs';
import { nest, ON_NEST } from './nest.mjs';
import { listenerOfOurs, OURS } from './ours.mjs';
import { koa, ON_KOA } from './peersOnKoa.mjs';
import { application, grown } from './routingControllers.mjs';

/** All scenarios. `kind` is ours, refusal, nothing, floor, growth or peer. */
export const SCENARIOS = [...OURS, ...FLOORS, ...ON_KOA, ...ON_FASTIFY, ...ON_EXPRESS, ...ON_NEST].map(
  (scenario) => ({
    as: 'header',
    status: 200,
    ...scenario,
  }),
);

const BARE = {
  'routing-controllers': ({ load }, scenario) =>
    application(load, { identity: parameterOf(load), ...grown(scenario) }),
  koa: ({ load }) => koa(load),
  fastify: bareFastify,
  express: () => express(),
  NestJS: () => nest(),
};

/** A parameter like the identity, because its cost in routing-controllers is not protection. */
function parameterOf(load) {
  return load('routing-controllers').createParamDecorator({ value: () => NOBODY });
}

export function scenarioOf(key) {
  return SCENARIOS.find((each) => each.key === key);
}

/** What a scenario is compared with: its framework in the same size, without protection. */
export function bareKey(scenario) {
  const { routes, services } = grown(scenario);
  return `bare/${scenario.framework}/${routes}/${services}`;
}

/** The listener of a scenario, or of its bare version. */
export function listenerOf(key, surroundings) {
  const scenario = SCENARIOS.find((each) => each.key === key || bareKey(each) === key);
  if (scenario.key !== key) return BARE[scenario.framework](surroundings, scenario);
  const { open = () => listenerOfOurs(scenario, surroundings) } = scenario;
  return open(surroundings, scenario);
}

/** Whether it is a use of the library, which two builds of it can be compared by. */
export function isOurs({ kind }) {
  return kind === 'ours' || kind === 'refusal';
}

/** What a scenario sends, for the process that sends it. */
export function sentBy({ algorithm, token, as }) {
  return { algorithm, token, as };
}
