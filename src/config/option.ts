import { ValidateBy, ValidateIf } from 'class-validator';

/** What a configuration option takes, and how it is written in an environment variable. */
export interface OptionKind {
  /** Completes "must be …". */
  readonly expects: string;
  accepts(value: unknown): boolean;
  /** Undefined where the option cannot be given in the environment. */
  readonly fromText?: (text: string) => unknown;
}

const kinds = new Map<string, OptionKind & { readonly variable: string }>();

/** Every option there is, by name: filled by the properties of JwtConfig. */
export const optionKinds: ReadonlyMap<string, OptionKind & { readonly variable: string }> = kinds;

/**
 * Declares a property of JwtConfig as an option: a class-validator rule and a reader for the environment, where
 * it is called like the property in upper case, unless flask-jwt-extended has another name for it.
 */
export function Option(kind: OptionKind, variable?: string): PropertyDecorator {
  const rule = ValidateBy({
    name: 'option',
    validator: { validate: (value) => kind.accepts(value), defaultMessage: () => `must be ${kind.expects}` },
  });
  // Unlike IsOptional this lets undefined pass, and not null: a null audience is no audience check.
  const whenGiven = ValidateIf((_config, value) => value !== undefined);
  return (target, property) => {
    whenGiven(target, property);
    rule(target, property);
    const name = String(property);
    kinds.set(name, { ...kind, variable: variable ?? inUpperCase(name) });
  };
}

function inUpperCase(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}
