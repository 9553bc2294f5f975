/** What the route of a request demands, in words. Undefined for a path that is no route. */
export function policyOf(routes, method, path) {
  const route = routes.find((each) => each.verb === method && patternOf(each.path).test(path));
  if (route === undefined) return undefined;
  const { policy, roles } = route;
  const isGuarded = policy !== undefined && policy.demand !== 'none';
  const demands = [
    // @Authorized demands an access token by itself.
    ...(isGuarded ? [inWords(policy)] : roles === undefined ? [] : ['access token']),
    ...(roles === undefined ? [] : [`the role ${roles.join(' or ')}`]),
  ];
  return demands.join(' and ') || 'none: open';
}

function inWords({ demand, fresh, tokenType, locations }) {
  const where = locations && ` in ${locations.join(' or ')}`;
  return [demand === 'optional' && 'optional ', fresh && 'fresh ', `${tokenType} token`, where]
    .filter(Boolean)
    .join('');
}

/** `/sessions/:sid` as a pattern. */
function patternOf(path) {
  return new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`);
}
