import { createConfig, lintFromString } from '@redocly/openapi-core';

/** Matters of taste, or of what the application says about itself. */
const OTHER = ['no-empty-servers', 'info-license', 'operation-4xx-response', 'tag-description'];

/** What Redocly's validator, with its strict rules, finds in an OpenAPI document. It fetches nothing. */
export async function openApiProblems(document: object): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      ...Object.fromEntries(OTHER.map((rule) => [rule, 'off' as const])),
      'no-invalid-media-type-examples': 'error',
      'no-invalid-parameter-examples': 'error',
    },
  });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(
    ({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer ?? 'the document'}`,
  );
}
