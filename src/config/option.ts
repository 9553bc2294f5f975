import { ValidateBy, ValidateIf } from 'class-validator';

/** What a configuration option takes, and how it is written in an environment variable. */
export interface OptionKind {
  /** Completes "must be …". */
  readonly expects: string;
  accepts(value: unknown): boolean;
  /** Undefined where the option cannot be given in the environment. */
  readonly fromText?: (text: string) => unknown;
}

const kinds = new Map<string, OptionKind>();

/** Every option there is, by name: filled by the properties of JwtConfig. */
export const optionKinds: ReadonlyMap<string, OptionKind> = kinds;

/** Declares a property of JwtConfig as an option: a class-validator rule and a reader for the environment. */
export function Option(kind: OptionKind): PropertyDecorator {
  const rule = ValidateBy({
    name: 'option',
    validator: { validate: (value) => kind.accepts(value), defaultMessage: () => `must be ${kind.expects}` },
  });
  // Unlike IsOptional this lets undefined pass, and not null: a null audience is no audience check.
  const whenGiven = ValidateIf((_config, value) => value !== undefined);
  return (target, property) => {
    whenGiven(target, property);
    rule(target, property);
    kinds.set(String(property), kind);
  };
}
