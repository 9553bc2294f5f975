import { getFromContainer, type Action } from 'routing-controllers';
import type { Constructor } from '../config/Constructor';
import { JwtConfigurationError } from '../errors';
import { JwtManager } from '../JwtManager';

/** A container that was asked for a manager: what it threw, or what it gave instead. */
export type Outcome = { readonly threw: unknown } | { readonly gave: unknown };

/**
 * Why the container of the application has no manager, and what to write instead. Several mistakes end here that look
 * the same from outside, so each is told by what it alone leaves behind.
 */
export function whyNoManager(
  managerClass: Constructor,
  action: Action | undefined,
  outcome: Outcome,
): string {
  const { name } = managerClass;
  return 'threw' in outcome ? whyItThrew(managerClass, action, outcome.threw) : whyItGave(name, outcome.gave);
}

function whyItThrew(managerClass: Constructor, action: Action | undefined, error: unknown): string {
  const { name } = managerClass;
  const maker = error instanceof Error ? makerOf(error) : '';
  if (/ContainerInstance|[\\/]typedi[\\/]/.test(maker)) {
    // A container of a request copies what the global one knows of a class, but not the value.
    return (
      `TypeDI tried to make a ${name} itself: Container.of(…) does not see what Container.set(${name}, …) gave to the ` +
      `global container. Call Container.set({ id: ${name}, value: new ${name}({ … }), global: true }), without @Service()`
    );
  }
  // Only a manager without options throws this, so a container of the application is not asked again in vain.
  const made = error instanceof JwtConfigurationError ? defaultContainer(action) : undefined;
  if (made === undefined) return `${howToProvide(name)}. It said: ${String(error)}`;
  const server = filesOnTheWay().find((file) => COPY.test(file) && copyOf(file) !== copyOf(made));
  if (server !== undefined) {
    return (
      `Two copies of routing-controllers are loaded, and useContainer(…) was called on one of them only: the server ` +
      `is of ${copyOf(server)}, this library uses ${copyOf(made)}. Let both import the same file: npm ls routing-controllers, and for ` +
      `Vite and bundlers the page docs/containers.md of this library`
    );
  }
  return (
    `${howToProvide(name)}. routing-controllers tried to make one itself: useContainer(…) was not called, or was ` +
    `called on another copy of routing-controllers, or its option fallback is on and the container has none`
  );
}

function whyItGave(name: string, given: unknown): string {
  const why = `The container has no ${name}`;
  if (given instanceof JwtManager) {
    return `${why}: it gives ${given.constructor.name} for it, which does not extend ${name}`;
  }
  if (given instanceof Promise)
    return `${why}: its get(…) returns a promise, and must return the manager itself`;
  if (isOfAnotherCopy(given)) {
    return `${why}, but one of another copy of this package. Two are installed or bundled: npm ls shows them`;
  }
  return howToProvide(name);
}

function howToProvide(name: string): string {
  return (
    `The container has no ${name}: call useContainer(Container) of routing-controllers and ` +
    `Container.set(${name}, new ${name}({ … })) before the first request. Without TypeDI: ` +
    `useContainer({ get: (wanted) => (wanted === ${name} ? manager : undefined) as never }, { fallback: true })` +
    ifRenamed(name)
  );
}

/** Containers such as awilix find a class by its name, which a minifier may have changed. */
function ifRenamed(name: string): string {
  if (JwtManager.name === 'JwtManager' && name.length > 2) return '';
  return (
    `. The bundler has renamed the class to ${name}, so a container that finds classes by their names cannot find it: ` +
    `keep the names (terser: keep_classnames, esbuild: --keep-names)`
  );
}

function isOfAnotherCopy(given: unknown): boolean {
  const members: unknown[] = ['verifyJwtInRequest', 'createAccessToken', 'decodeToken'];
  return (
    typeof given === 'object' &&
    given !== null &&
    members.every((member) => typeof (given as Record<string, unknown>)[String(member)] === 'function')
  );
}

/** Such as /app/node_modules/routing-controllers/cjs. */
const COPY = /(?:\/|[A-Z]:\\)[^\s()]*node_modules[\\/]routing-controllers[\\/](?!node_modules)\w+/;

function copyOf(file: string): string {
  return COPY.exec(file)?.[0] ?? file;
}

/**
 * The file of routing-controllers whose own container makes what is asked for, because the application gave it no
 * container. Undefined when another container is asked. A class that throws finds out, and stays in no container.
 */
function defaultContainer(action: Action | undefined): string | undefined {
  const outside = filesOnTheWay().length;
  let files: string[] = [];
  const probe = function (): never {
    files = filesOnTheWay();
    throw new Error('probe');
  };
  try {
    getFromContainer(probe as unknown as Constructor, action);
  } catch {
    // The probe, or a container that does not know it.
  }
  // The probe, the container and getFromContainer: nobody else was asked.
  return files.length === outside + 3 && files[1] === files[2] ? files[1] : undefined;
}

/** The files of the functions that led here, innermost first. Their own names, whatever source maps say. */
function filesOnTheWay(): string[] {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- only kept, and put back
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = Infinity;
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName() ?? '');
    const way: { stack?: unknown } = {};
    Error.captureStackTrace(way, filesOnTheWay);
    return way.stack as string[];
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}

/** Who called the constructor of the manager that threw, as the stack has it. */
function makerOf({ stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const isNew = (frame = ''): boolean => /^\s+at new /.test(frame);
  return frames.find((frame, i) => !isNew(frame) && isNew(frames[i - 1])) ?? '';
}
