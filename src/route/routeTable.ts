import type { Policy } from '../request/Policy';
import type { RouteDescription } from './describeRoutes';

const HEADINGS = ['', 'VERB', 'PATH', 'ACTION', 'DEMANDS', 'FROM'];

/** The routes as a table to print, by path. It marks the open ones, which need no token. */
export function routeTable(routes: readonly RouteDescription[]): string {
  const sorted = [...routes].sort(
    (one, other) => compare(one.path, other.path) || compare(one.verb, other.verb),
  );
  const rows = [HEADINGS, ...sorted.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const open = routes.filter(({ isOpen }) => isOpen).length;
  return `${lines.join('\n')}\n\n${routes.length} routes, ${open} of them open: a request without a token gets to the action\n`;
}

function rowOf(route: RouteDescription): string[] {
  const { isOpen, verb, path, controller, method } = route;
  return [isOpen ? 'open' : '', verb, path, `${controller}.${method}`, demandsOf(route), sourceOf(route)];
}

/** What a route demands, in words. */
export function demandsOf({ verb, policy, roles, needsUser }: RouteDescription): string {
  const demands = [
    ...(policy === undefined || policy.demand === 'none' ? [] : [inWords(policy)]),
    ...(roles === undefined ? [] : [`@Authorized(${roles.map((role) => `'${role}'`).join(', ')})`]),
    ...(needsUser ? ['@CurrentUser, required'] : []),
  ];
  const isLetPass = verb === 'OPTIONS' && policy?.demand === 'required';
  return (demands.join(' and ') || 'nothing') + (isLetPass ? ', but guards let OPTIONS pass' : '');
}

function inWords(policy: Policy): string {
  const { demand, tokenType, purpose, singleUse, fresh, locations, checkRevocation, manager } = policy;
  return [
    demand === 'optional' ? 'optional ' : '',
    fresh ? 'fresh ' : '',
    purpose !== undefined
      ? `token for the purpose ${purpose}`
      : tokenType === 'either'
        ? 'access or refresh token'
        : `${tokenType} token`,
    manager === undefined ? '' : ` of ${manager.name}`,
    locations === undefined ? '' : ` in ${locations.join(' or ')}`,
    checkRevocation ? '' : ', revoked or not',
    singleUse ? ', used up' : '',
  ].join('');
}

/** Where the policy of a route comes from, in words. */
export function sourceOf({
  controller,
  origin,
  declaredOn,
  policy,
  roles,
  needsUser,
}: RouteDescription): string {
  if (origin === 'none') return roles !== undefined || needsUser ? 'routing-controllers' : 'no decorator';
  const isExempt = origin === 'exempt' ? '@JwtExempt() ' : '';
  // An exempt default does not exist, so a policy without a decorator is that of requireJwtByDefault().
  if (declaredOn.length === 0 || policy === undefined) return 'requireJwtByDefault()';
  return isExempt + declaredOn.map((name) => placeOf(name, controller)).join(' and ');
}

function placeOf(name: string, controller: string): string {
  if (name === controller) return 'on the class';
  if (name.startsWith(`${controller}.`)) return 'on the method';
  return `inherited from ${name}`;
}

/** Not by locale, so that the table is the same everywhere. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
