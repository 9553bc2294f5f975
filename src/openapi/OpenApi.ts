import type { getOperation, routingControllersToSpec } from 'routing-controllers-openapi';

/** An OpenAPI document, as routing-controllers-openapi has it. */
export type OpenApiDocument = ReturnType<typeof routingControllersToSpec>;

export type Operation = ReturnType<typeof getOperation>;
export type SecurityRequirement = NonNullable<Operation['security']>[number];
export type SecurityScheme = NonNullable<
  NonNullable<OpenApiDocument['components']>['securitySchemes']
>[string];
export type Responses = Record<string, Operation['responses'][string]>;
