import { JwtConfigurationError } from '../errors';
import { shared } from '../registry/registry';
import type { Policy } from '../request/Policy';

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the type that routing-controllers has for a class
export type ControllerClass = Function;

export interface ServedAction {
  readonly controller: ControllerClass;
  readonly method: string;
  readonly policy: Policy | undefined;
  /** Whether it has `@UseBefore` or `@UseAfter`, on its class or itself. */
  readonly hasMiddleware: boolean;
}

export interface ServedParameter {
  readonly controller: ControllerClass;
  readonly method: string;
  /** What gives its value, for a decorator of this package. */
  readonly transform: unknown;
}

/** A server that routing-controllers builds, or has built. */
export interface ServerBuild {
  readonly actions: ServedAction[];
  readonly parameters: ServedParameter[];
  /** What is wrong in every environment, a line for each. */
  readonly errors: Set<string>;
  /** What is wrong besides, which production learns from `checkSetup()`. */
  readonly misuses: string[];
}

const builds = shared(
  'server builds',
  (): { current: ServerBuild | undefined; last: ServerBuild | undefined } => ({
    current: undefined,
    last: undefined,
  }),
);

export function startBuild(): ServerBuild {
  const build: ServerBuild = { actions: [], parameters: [], errors: new Set(), misuses: [] };
  builds.current = build;
  // A build that throws half-way is never finished.
  queueMicrotask(() => {
    if (builds.current === build) builds.current = undefined;
  });
  return build;
}

/** The server that is being built, when its driver is of the routing-controllers that this package imports. */
export function currentBuild(): ServerBuild | undefined {
  return builds.current;
}

export function finishBuild(): ServerBuild | undefined {
  const { current } = builds;
  builds.current = undefined;
  if (current !== undefined) builds.last = current;
  return current;
}

export function lastBuild(): ServerBuild | undefined {
  return builds.last;
}

/** Keeps a mistake until the server is complete, so that all are told at once. Throws it when nobody would ask for it. */
export function reportMistake(message: string): void {
  if (builds.current === undefined) throw new JwtConfigurationError(message);
  builds.current.errors.add(message);
}
