import type { getOperation, routingControllersToSpec } from 'routing-controllers-openapi';

/** An OpenAPI document, as routing-controllers-openapi has it. */
export type OpenApiDocument = ReturnType<typeof routingControllersToSpec>;

type Components = Required<NonNullable<OpenApiDocument['components']>>;

export type Operation = ReturnType<typeof getOperation>;
export type SecurityRequirement = NonNullable<Operation['security']>[number];
export type SecurityScheme = Components['securitySchemes'][string];
export type Schema = Components['schemas'][string];
/** By status. */
export type Responses = Record<string, Components['responses'][string]>;
