import type { Responses } from './OpenApi';

type Content = NonNullable<Extract<Responses[string], { description: string }>['content']>;
type Schema = NonNullable<Content[string]['schema']>;

/** A JSON schema that fits every one of the values. */
export function schemaFor(values: readonly unknown[]): Schema {
  const distinct = new Map(values.map((value) => [JSON.stringify(schemaOf(value)), schemaOf(value)]));
  const [schema = {}, ...others] = distinct.values();
  return others.length === 0 ? schema : { anyOf: [schema, ...others] };
}

function schemaOf(given: unknown): Schema {
  // As the client gets it: a date is a string there.
  const value: unknown = JSON.parse(JSON.stringify(given) ?? 'null');
  if (value === null) return {};
  if (Array.isArray(value)) return { type: 'array', items: value.length === 0 ? {} : schemaFor(value) };
  if (typeof value === 'object') {
    const members = Object.entries(value);
    return {
      type: 'object',
      ...(members.length > 0 && {
        properties: Object.fromEntries(members.map(([name, member]) => [name, schemaOf(member)])),
        required: members.map(([name]) => name),
      }),
    };
  }
  return { type: typeof value as 'string' | 'number' | 'boolean' };
}
