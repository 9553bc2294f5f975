import { AssertionError } from 'node:assert';
import { describeRoutes, type RouteDescription } from '../route/describeRoutes';
import { demandsOf, sourceOf } from '../route/routeTable';
import type { ServedBy } from '../route/servedActions';

/**
 * Fails unless exactly the listed routes are open: a request without a token gets to their actions. A route is written
 * as describeRoutes() has it, such as `POST /login`. Import the controllers first, and pass the options of the server.
 * Throws AssertionError, which names each difference.
 *
 * ```ts
 * it('has no open routes by mistake', () => expectOpenRoutes(['POST /login', 'GET /greeting']));
 * ```
 */
export function expectOpenRoutes(list: readonly string[], options: ServedBy = {}): void {
  const routes = describeRoutes(options);
  // Otherwise a forgotten import would pass.
  if (routes.length === 0)
    throw new AssertionError({ message: 'There are no routes: import the controllers first' });
  const wanted = new Set(list.map(normalised));
  const open = routes.filter(({ isOpen }) => isOpen);
  const opened = new Set(open.map(nameOf));
  const unlisted = open.filter((route) => !wanted.has(nameOf(route)));
  const closed = [...wanted].filter((name) => !opened.has(name));
  if (unlisted.length === 0 && closed.length === 0) return;
  throw new AssertionError({
    message: [
      ...section(
        'Open, but not on the list:',
        unlisted.map((route) => `${nameOf(route)}  ${told(route)}`),
      ),
      ...section(
        'On the list, but not open:',
        closed.map((name) => {
          const found = routes.filter((route) => nameOf(route) === name);
          return `${name}  ${found.length === 0 ? 'there is no such route' : found.map(told).join('; ')}`;
        }),
      ),
    ].join('\n'),
    actual: [...opened].sort(),
    expected: [...wanted].sort(),
    operator: 'expectOpenRoutes',
  });
}

function nameOf({ verb, path }: RouteDescription): string {
  return `${verb} ${path}`;
}

/** The verb in any case, and any number of spaces. */
function normalised(entry: string): string {
  const [verb = '', ...path] = entry.trim().split(/\s+/);
  return `${verb.toUpperCase()} ${path.join(' ')}`;
}

function told(route: RouteDescription): string {
  return `(${route.controller}.${route.method} demands ${demandsOf(route)}: ${sourceOf(route)})`;
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, ...lines.map((line) => `  ${line}`)];
}
