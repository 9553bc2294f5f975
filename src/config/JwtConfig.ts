import { bare } from '../claims';
import { closeNames } from './closeNames';
import { contradictions } from './contradictions';
import { isPlainObject } from './isPlainObject';
import type { Lifetime } from './lifetime';
import { configOptions } from './option';
import { didYouMean, optionProblems } from './optionProblems';
import { OptionTable } from './OptionTable';
import { JwtConfigurationError } from '../errors';

/** The argument of `new JwtManager({...})`: any of the options of JwtConfig. */
export type JwtOptions = { readonly [Name in keyof JwtConfig]?: Given<Name> | undefined };

/** A duration may be given with a unit; the configuration holds its seconds. */
type Given<Name extends keyof JwtConfig> = Name extends Duration ? Lifetime : JwtConfig[Name];
type Duration = 'accessTokenExpires' | 'refreshTokenExpires' | 'implicitRefreshWithin';

/**
 * The options of a manager. Names are those of flask-jwt-extended without `JWT_`, in camelCase. The constructor checks
 * and parses them, then freezes itself. Throws JwtConfigurationError, which names each wrong option.
 */
export class JwtConfig extends OptionTable {
  constructor(options: JwtOptions = {}) {
    super();
    refuse(problemsOf(options));
    Object.assign(this, parsed(options));
    Object.assign(this, implied(this));
    refuse(contradictions(this));
    // Hidden from util.inspect, JSON.stringify and loggers.
    for (const secret of ['secretKey', 'privateKey', 'publicKey', 'keys']) {
      Object.defineProperty(this, secret, bare({ enumerable: false }));
    }
    // Default lists too.
    for (const value of Object.values(this)) if (Array.isArray(value)) Object.freeze(value);
    Object.freeze(this);
  }

  /**
   * The options given in environment variables: `JWT_SECRET_KEY` is `secretKey`, `JWT_ACCESS_TOKEN_EXPIRES=15m` is
   * `accessTokenExpires`; commas separate the entries of lists. Throws JwtConfigurationError for a variable that has
   * the prefix and is not an option, because a misspelt one would silently turn a check off. An application that has
   * such variables of its own passes another prefix.
   */
  static fromEnv(
    env: Readonly<Record<string, string | undefined>> = process.env,
    prefix = 'JWT_',
  ): JwtOptions {
    const options: Record<string, unknown> = {};
    const problems: string[] = [];
    const readers = new Map(
      [...configOptions].flatMap(([name, { variable, fromText }]) =>
        fromText === undefined ? [] : [[prefix + variable, { name, fromText }]],
      ),
    );
    for (const [variable, value] of Object.entries(env)) {
      if (!variable.startsWith(prefix) || value === undefined) continue;
      const reader = readers.get(variable);
      if (reader === undefined) problems.push(unknownVariable(variable, prefix, [...readers.keys()]));
      else options[reader.name] = reader.fromText(value);
    }
    refuse(problems);
    return options;
  }
}

/** The known variables are too many to list them all. */
function unknownVariable(variable: string, prefix: string, known: readonly string[]): string {
  const inCode = [...configOptions].find(([, option]) => prefix + option.variable === variable);
  if (inCode !== undefined) return `Unknown option ${variable}: ${inCode[0]} can only be set in code`;
  const question = didYouMean(closeNames(variable, known, prefix));
  const remedy = `if it is a variable of your own, rename it, or pass fromEnv another prefix than ${prefix}`;
  return `Unknown option ${variable}: ${question ?? remedy}`;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
}

function problemsOf(options: JwtOptions): string[] {
  // Nobody would read options on the prototype of a class, and that would silently turn a check off.
  if (isPlainObject(options)) return optionProblems(options, configOptions);
  return ['The configuration must be a plain object of options: new JwtManager({ secretKey: … })'];
}

function parsed(options: JwtOptions): object {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => {
      const parse = configOptions.get(name)?.parse ?? copied;
      return [name, parse(value as never)];
    }),
  );
}

/** What the given options imply for others. */
function implied({ algorithm, decodeAlgorithms, decodeAudience, encodeAudience }: JwtConfig): JwtOptions {
  return {
    decodeAlgorithms: Object.freeze([...new Set([...decodeAlgorithms, algorithm])]),
    ...(decodeAudience === undefined && encodeAudience !== undefined && { decodeAudience: encodeAudience }),
  };
}

/** So that a caller who changes a list or key later changes nothing here. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze((value as unknown[]).map(copied));
  if (isPlainObject(value)) {
    const members = Object.entries(value as object).map(([name, each]) => [name, copied(each)] as const);
    return Object.freeze(Object.setPrototypeOf(Object.fromEntries(members), null));
  }
  if (!(value instanceof Uint8Array)) return value;
  // Not in the memory that small Buffers share.
  const bytes = Buffer.alloc(value.length);
  bytes.set(value);
  return bytes;
}
