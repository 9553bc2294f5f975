import { bare } from '../claims';

/** What an option takes, what becomes of it, and how it is written in an environment variable. */
export interface OptionKind {
  /** Completes "must be …". */
  readonly expects: string;
  accepts(value: unknown): boolean;
  /** The value that the configuration holds. Default: the value itself. */
  readonly parse?: (value: never) => unknown;
  /** Undefined when the option cannot be given in the environment. */
  readonly fromText?: (text: string) => unknown;
  /** For a list of objects: the options of each, and the required ones. */
  readonly entries?: { readonly kinds: OptionKinds; readonly required: readonly string[] };
  /** An option that is given as undefined counts as left out, unless this is set. */
  readonly isUndefinedRefused?: true;
}

export type OptionKinds = ReadonlyMap<string, OptionKind>;

/** A Map, because an object would also have the names that it inherits, such as `constructor`. */
export function kindsByName<Options>(kinds: Readonly<Record<keyof Options, OptionKind>>): OptionKinds {
  return new Map(Object.entries(kinds));
}

interface ConfigOption extends OptionKind {
  /** The name of its environment variable, without the prefix. */
  readonly variable: string;
}

const declared = new Map<string, ConfigOption>();

/** Every option of the configuration, by name. The properties of OptionTable fill it. */
export const configOptions: ReadonlyMap<string, ConfigOption> = declared;

/**
 * Declares a property as an option of the configuration. Its environment variable is its name in upper case, unless
 * flask-jwt-extended has another name for it.
 */
export function Option(kind: OptionKind, variable?: string): PropertyDecorator {
  return (_target, property) => {
    const name = String(property);
    declared.set(name, bare({ ...kind, variable: variable ?? inUpperCase(name) }));
  };
}

function inUpperCase(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}
