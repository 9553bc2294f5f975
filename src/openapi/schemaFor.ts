import type { Schema } from './OpenApi';

/** A JSON schema that fits every one of the values, which came from JSON. */
export function schemaFor(values: readonly unknown[]): Schema {
  const distinct = new Map(values.map(schemaOf).map((schema) => [JSON.stringify(schema), schema]));
  const [schema = {}, ...others] = distinct.values();
  return others.length === 0 ? schema : { anyOf: [schema, ...others] };
}

function schemaOf(value: unknown): Schema {
  if (value === null) return {};
  if (Array.isArray(value)) return { type: 'array', items: schemaFor(value) };
  if (typeof value !== 'object') return { type: typeof value as 'string' | 'number' | 'boolean' };
  const members = Object.entries(value) as [string, unknown][];
  if (members.length === 0) return { type: 'object' };
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([name, member]) => [name, schemaOf(member)])),
    required: members.map(([name]) => name),
  };
}
