import { bare } from '../claims';
import { closeNames } from './closeNames';
import type { OptionKinds } from './option';

/**
 * What is wrong with options, each by itself: unknown names, and values of the wrong kind. `within` names the entry
 * of a list to which they belong.
 */
export function optionProblems(given: object, kinds: OptionKinds, within?: string): string[] {
  return Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const known = kinds.get(name);
    if (known === undefined) {
      const unknown =
        within === undefined ? `Unknown option ${name}` : `Option ${within} has an unknown ${name}`;
      return [`${unknown}: ${hint(name, [...kinds.keys()])}`];
    }
    const kind = bare(known);
    if (value === undefined && kind.isUndefinedRefused !== true) return [];
    const path = within === undefined ? name : `${within}.${name}`;
    if (!kind.accepts(value)) return [`Option ${path} must be ${kind.expects}`];
    if (kind.entries === undefined) return [];
    const { entries } = kind;
    return (value as object[]).flatMap((entry, i) => entryProblems(entry, entries, `${path}[${i}]`));
  });
}

/** What to write instead of an unknown name: close names, or else all that are known. */
function hint(name: string, known: readonly string[]): string {
  return didYouMean(closeNames(name, known)) ?? `known are ${known.join(', ')}`;
}

/** A question that names a few names. Undefined when there is none. */
export function didYouMean(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return `did you mean ${names.slice(0, MOST_NAMES).join(' or ')}?`;
}

/** More names are no help. */
const MOST_NAMES = 4;

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
