import type { MetadataArgsStorage, RoutingControllersOptions } from 'routing-controllers';
import { getFullPath, routingControllersToSpec } from 'routing-controllers-openapi';
import { managerOf } from '../guard/managerOf';
import { Loaders } from '../loader/Loaders';
import type { Policy } from '../request/Policy';
import { notesOf } from '../request/RequestNotes';
import { servedActions, type ServedAction } from '../route/servedActions';
import type { OpenApiDocument, Operation, Responses } from './OpenApi';
import { refusalResponses } from './refusalResponses';
import { sampleContext } from './sampleContext';
import { OPEN, securityOf, type Security } from './security';
import { tokenDemand } from './tokenDemand';

export type { OpenApiDocument } from './OpenApi';

/** The methods that an OpenAPI document can describe. */
const VERBS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
/** The ones that `@All()` means here: HEAD is a GET, and guards answer OPTIONS. */
const ALL_VERBS = ['get', 'put', 'post', 'delete', 'patch'] as const;
type Verb = (typeof VERBS)[number];

/**
 * `routingControllersToSpec` of routing-controllers-openapi, with the security that guards enforce: the security schemes
 * of the configuration, the `security` of every operation, and the answers to refused requests. It also lists inherited
 * actions. Takes the options of the server, and additional properties, which are merged in. Managers and answer loaders
 * come from the container; each loader is asked with a sample request without credentials. What `@OpenAPI()` says
 * about an operation's `security`, or about the response of a status, stays. Throws JwtConfigurationError where the
 * server would refuse to start.
 */
export async function openApiSpec(
  options: RoutingControllersOptions = {},
  additionalProperties: Partial<OpenApiDocument> = {},
): Promise<OpenApiDocument> {
  const documented = documentedOf(servedActions(options));
  const document = routingControllersToSpec(
    storageOf(documented),
    withoutPrefix(options),
    additionalProperties,
  );
  const schemes: Security['schemes'] = {};
  const ids = new Set<string>();
  for (const { path, verb, served } of documented) {
    const operation = (document.paths[path] as Partial<Record<Verb, Operation>>)[verb];
    // Only if additional properties have taken it out.
    if (operation === undefined) continue;
    makeValid(operation, ids);
    const { security, responses } = await protection(served, verb, path);
    if (operation.security === undefined) {
      operation.security = [...security.requirements];
      Object.assign(schemes, security.schemes);
    }
    if (security.remarks.length > 0) {
      operation.description = [operation.description ?? [], ...security.remarks].flat().join('\n\n');
    }
    operation.responses = { ...responses, ...operation.responses };
  }
  if (Object.keys(schemes).length > 0) {
    const { components } = document;
    document.components = { ...components, securitySchemes: { ...schemes, ...components?.securitySchemes } };
  }
  return document;
}

interface Documented {
  readonly served: ServedAction;
  readonly verb: Verb;
  /** In the syntax of OpenAPI. */
  readonly path: string;
  readonly action: ServedAction['action'];
}

/** The operations of a document. It cannot describe a path that is a regular expression, or a verb of WebDAV. */
function documentedOf(actions: readonly ServedAction[]): Documented[] {
  const documented = new Map<string, Documented>();
  for (const served of actions) {
    if (served.path instanceof RegExp) continue;
    const route = forOpenApi(served.path);
    const verbs =
      served.verb === 'ALL' ? ALL_VERBS : VERBS.filter((verb) => verb === served.verb.toLowerCase());
    for (const verb of verbs) {
      const action = { ...served.action, type: verb as ServedAction['action']['type'], route };
      const path = getFullPath({
        action,
        controller: withoutRoute(served),
        options: {},
        params: [],
        responseHandlers: [],
      });
      // The first of two that fit answers a request.
      if (!documented.has(`${verb} ${path}`))
        documented.set(`${verb} ${path}`, { served, verb, path, action });
    }
  }
  return [...documented.values()];
}

/** routing-controllers-openapi reads the syntax of path-to-regexp 6, in which a wildcard has no name. */
function forOpenApi(path: string): string {
  return path.replace(/\*([\p{ID_Start}_$][\p{ID_Continue}$]*)/gu, ':$1(.*)');
}

/**
 * What routing-controllers-openapi reads of the storage. The storage itself has actions of classes that are no
 * controllers, at which it fails, and has inherited ones only there.
 */
function storageOf(documented: readonly Documented[]): MetadataArgsStorage {
  const find = (target: unknown, method: string): ServedAction | undefined =>
    documented.find(({ action }) => action.target === target && action.method === method)?.served;
  return {
    actions: documented.map(({ action }) => action),
    controllers: documented.map(({ served }) => withoutRoute(served)),
    filterParamsWithTargetAndMethod: (target: unknown, method: string) => [
      ...(find(target, method)?.params ?? []),
    ],
    filterResponseHandlersWithTargetAndMethod: (target: unknown, method: string) =>
      find(target, method)?.responseHandlers ?? [],
  } as Partial<MetadataArgsStorage> as MetadataArgsStorage;
}

/** The route of each action is complete: routing-controllers-openapi joins them in another way than the server. */
function withoutRoute({ controller }: ServedAction): ServedAction['controller'] {
  return { ...controller, route: '' };
}

function withoutPrefix(options: RoutingControllersOptions): RoutingControllersOptions {
  return { ...options, routePrefix: '' };
}

/** Mends what routing-controllers-openapi gets wrong: ids that are not unique, and optional parts of a path. */
function makeValid(operation: Operation, ids: Set<string>): void {
  const { operationId } = operation;
  if (operationId !== undefined) {
    let id = operationId;
    for (let count = 2; ids.has(id); count++) id = `${operationId}.${count}`;
    ids.add((operation.operationId = id));
  }
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'path') parameter.required = true;
  }
}

/** How an operation is secured, and its answers to refused requests. */
async function protection(
  served: ServedAction,
  verb: Verb,
  path: string,
): Promise<{ security: Security; responses: Responses }> {
  const demand = tokenDemand(served);
  if (demand === undefined) return { security: OPEN, responses: {} };
  const { policy } = demand;
  const manager = managerFor(policy, verb, path);
  const { config } = manager;
  const method = verb.toUpperCase();
  const refusable = {
    demand,
    verb: method,
    roles: served.roles,
    config,
    loaders: new Loaders(config.loaders),
  };
  return {
    security: securityOf(policy, method, config),
    responses: await refusalResponses(manager, refusable, path),
  };
}

function managerFor(policy: Policy, verb: Verb, path: string): ReturnType<typeof managerOf> {
  return managerOf(notesOf(sampleContext(verb.toUpperCase(), path)).action, policy.manager);
}
