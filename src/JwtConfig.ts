import { validateSync } from 'class-validator';
import { closestName } from './config/closestName';
import { contradictions } from './config/contradictions';
import { entryProblems } from './config/entryProblems';
import { isPlainObject } from './config/isPlainObject';
import { toSeconds, type Lifetime } from './config/lifetime';
import { optionKinds } from './config/option';
import { OptionTable } from './config/OptionTable';
import { JwtConfigurationError } from './errors';

/** What `new JwtManager({...})` takes: any of the options of JwtConfig. */
export type JwtOptions = { readonly [Name in keyof JwtConfig]?: JwtConfig[Name] | undefined };

/**
 * The options of a manager. Names are those of flask-jwt-extended without `JWT_`, in camelCase. Checked when it
 * is built, then frozen; throws JwtConfigurationError naming each wrong option.
 */
export class JwtConfig extends OptionTable {
  constructor(options: JwtOptions = {}) {
    super();
    refuse(unknownOptions(options));
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(given.map(([name, value]) => [name, copied(value)])));
    refuse(invalidOptions(this));
    refuse(entryProblems(this));
    Object.assign(this, implied(this));
    refuse(contradictions(this));
    // Kept from util.inspect, JSON.stringify and loggers.
    for (const secret of ['secretKey', 'privateKey', 'publicKey', 'keys']) {
      Object.defineProperty(this, secret, { enumerable: false });
    }
    // Lists that are defaults, too.
    for (const value of Object.values(this)) if (Array.isArray(value)) Object.freeze(value);
    Object.freeze(this);
  }

  /**
   * The options given in environment variables: `JWT_SECRET_KEY` is `secretKey`, `JWT_ACCESS_TOKEN_EXPIRES=15m`
   * is `accessTokenExpires`; lists are separated by commas. A variable with the prefix that is no option throws,
   * for a misspelt one would silently turn a check off; an application with other such variables gives
   * another prefix.
   */
  static fromEnv(
    env: Readonly<Record<string, string | undefined>> = process.env,
    prefix = 'JWT_',
  ): JwtOptions {
    const options: Record<string, unknown> = {};
    const problems: string[] = [];
    const readers = new Map(
      [...optionKinds].flatMap(([name, { variable, fromText }]) =>
        fromText === undefined ? [] : [[prefix + variable, { name, fromText }]],
      ),
    );
    for (const [variable, value] of Object.entries(env)) {
      if (!variable.startsWith(prefix) || value === undefined) continue;
      const reader = readers.get(variable);
      if (reader === undefined) problems.push(unknownName(variable, [...readers.keys()]));
      else options[reader.name] = reader.fromText(value);
    }
    refuse(problems);
    return options;
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
}

function unknownOptions(options: JwtOptions): string[] {
  // Options on the prototype of a class would be read by nobody, and silently turn a check off.
  if (!isPlainObject(options)) {
    return ['The configuration must be a plain object of options: new JwtManager({ secretKey: … })'];
  }
  return Object.keys(options)
    .filter((name) => !optionKinds.has(name))
    .map((name) => unknownName(name, [...optionKinds.keys()]));
}

function unknownName(name: string, known: readonly string[]): string {
  const closest = closestName(name, known);
  return `Unknown option ${name}: ${closest === undefined ? `known are ${known.join(', ')}` : `did you mean ${closest}?`}`;
}

function invalidOptions(config: JwtConfig): string[] {
  // The target is left out of the errors, for it holds the secrets.
  return validateSync(config, { validationError: { target: false, value: false } }).map(
    ({ property, constraints }) => `Option ${property} ${Object.values(constraints ?? {}).join(', ')}`,
  );
}

/** What the given options imply for those left out. */
function implied(config: JwtConfig): JwtOptions {
  const { algorithm, decodeAlgorithms, decodeAudience, encodeAudience } = config;
  return {
    accessTokenExpires: normalised(config.accessTokenExpires),
    refreshTokenExpires: normalised(config.refreshTokenExpires),
    implicitRefreshWithin: normalised(config.implicitRefreshWithin),
    decodeAlgorithms: Object.freeze([...new Set([...decodeAlgorithms, algorithm])]),
    ...(decodeAudience === undefined && encodeAudience !== undefined
      ? { decodeAudience: encodeAudience }
      : {}),
  };
}

function normalised(lifetime: Lifetime): Lifetime {
  return toSeconds(lifetime) ?? false;
}

/** So that a list or key changed later by the caller changes nothing here. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze((value as unknown[]).map(copied));
  if (isPlainObject(value)) {
    return Object.freeze(
      Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, copied(each)])),
    );
  }
  if (!(value instanceof Uint8Array)) return value;
  // Not in the memory that small Buffers share.
  const bytes = Buffer.alloc(value.length);
  bytes.set(value);
  return bytes;
}
