import { closestName } from './closestName';
import type { OptionKinds } from './option';

/**
 * What is wrong with options, each by itself: unknown names, and values of the wrong kind. `within` names the entry
 * of a list to which they belong.
 */
export function optionProblems(given: object, kinds: OptionKinds, within?: string): string[] {
  return Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const kind = kinds.get(name);
    if (kind === undefined) {
      const unknown =
        within === undefined ? `Unknown option ${name}` : `Option ${within} has an unknown ${name}`;
      return [`${unknown}: ${hint(name, [...kinds.keys()])}`];
    }
    if (value === undefined && kind.isUndefinedRefused !== true) return [];
    const path = within === undefined ? name : `${within}.${name}`;
    if (!kind.accepts(value)) return [`Option ${path} must be ${kind.expects}`];
    if (kind.entries === undefined) return [];
    const { entries } = kind;
    return (value as object[]).flatMap((entry, i) => entryProblems(entry, entries, `${path}[${i}]`));
  });
}

/** What to write instead of an unknown name. */
export function hint(name: string, known: readonly string[]): string {
  const closest = closestName(name, known);
  return closest === undefined ? `known are ${known.join(', ')}` : `did you mean ${closest}?`;
}

function entryProblems(
  entry: object,
  { kinds, required }: { readonly kinds: OptionKinds; readonly required: readonly string[] },
  name: string,
): string[] {
  const given = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
  const missing = required.filter((member) => !Object.hasOwn(given, member));
  return [
    ...missing.map((member) => `Option ${name} needs ${member}: ${String(kinds.get(member)?.expects)}`),
    ...optionProblems(entry, kinds, name),
  ];
}
