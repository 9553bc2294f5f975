import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { openApiSpec, type OpenApiDocument } from 'routing-controllers-jwt-extended/openapi';
import { SERVER_OPTIONS } from '../serverOptions';

/** What the application offers, for people and generators of clients. */
export function apiDocument(): Promise<OpenApiDocument> {
  return openApiSpec(SERVER_OPTIONS, {
    info: { title: 'Example application', version: '1.0.0' },
    servers: [{ url: '/' }],
    components: { schemas: validationMetadatasToSchemas({ refPointerPrefix: '#/components/schemas/' }) },
  });
}
