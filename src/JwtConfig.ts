import type { KeyObject } from 'node:crypto';
import { validateSync } from 'class-validator';
import { ALGORITHM_NAMES, isSymmetric, type Algorithm } from './config/algorithms';
import { closestName } from './config/closestName';
import { toSeconds, type Lifetime } from './config/lifetime';
import { Option, optionKinds } from './config/option';
import * as kind from './config/optionKinds';
import { JwtConfigurationError } from './errors';

/** A secret (UTF-8 text or bytes), a PEM, or a KeyObject of node:crypto. */
export type KeyMaterial = string | Uint8Array | KeyObject;

export const TOKEN_LOCATIONS = ['headers'] as const;
/** Where in a request a token may ride. */
export type TokenLocation = (typeof TOKEN_LOCATIONS)[number];

/** Any class, however its constructor is injected. */
export type Constructor<T extends object = object> = new (...injected: never[]) => T;

/** What `new JwtManager({...})` takes: any of the options of JwtConfig. */
export type JwtOptions = { readonly [Name in keyof JwtConfig]?: JwtConfig[Name] | undefined };

/**
 * Every option, its type, default and rule. Names are those of flask-jwt-extended without `JWT_`, in camelCase.
 * Checked when it is built, then frozen; throws JwtConfigurationError naming each wrong option.
 */
export class JwtConfig {
  /** Signs new tokens; each token is verified with an algorithm of `decodeAlgorithms`. */
  @Option(kind.oneOf(ALGORITHM_NAMES))
  readonly algorithm: Algorithm = 'HS256';

  /** Accepted in tokens besides `algorithm`. All of one kind, symmetric or asymmetric. */
  @Option(kind.listOf(ALGORITHM_NAMES, 0))
  readonly decodeAlgorithms: readonly Algorithm[] = [];

  /** For HS*: signs and verifies. At least as many bytes as the hash has: 32, 48 or 64 (RFC 7518 §3.2). */
  @Option(kind.key)
  readonly secretKey?: KeyMaterial;

  /** For RS*, PS*, ES*: signs. A service that only verifies does without. */
  @Option(kind.key)
  readonly privateKey?: KeyMaterial;

  /** For RS*, PS*, ES*: verifies. Default: the public part of `privateKey`. */
  @Option(kind.key)
  readonly publicKey?: KeyMaterial;

  /** How long an access token lives, in seconds or with a unit; `false` for ever. */
  @Option(kind.lifetime)
  readonly accessTokenExpires: Lifetime = 900;

  /** How long a refresh token lives, in seconds or with a unit; `false` for ever. */
  @Option(kind.lifetime)
  readonly refreshTokenExpires: Lifetime = 2_592_000;

  /** Seconds of clock difference forgiven in exp, nbf and iat; at most 600. */
  @Option(kind.leeway)
  readonly decodeLeeway: number = 0;

  /** A token's `aud` must hold one of these. `false`: aud is not looked at. Default: `encodeAudience`, and
   * without that a token that has an aud is refused (RFC 7519 §4.1.3). */
  @Option(kind.textOrListOrFalse)
  readonly decodeAudience?: string | readonly string[] | false;

  /** A token's `iss` must be one of these. */
  @Option(kind.textOrList)
  readonly decodeIssuer?: string | readonly string[];

  /** Put into new tokens as `aud`. */
  @Option(kind.textOrList)
  readonly encodeAudience?: string | readonly string[];

  /** Put into new tokens as `iss`. */
  @Option(kind.text)
  readonly encodeIssuer?: string;

  /** Whether new tokens get an `nbf`, the time they are made. */
  @Option(kind.flag)
  readonly encodeNbf: boolean = true;

  /** The claim that holds the identity. */
  @Option(kind.text)
  readonly identityClaim: string = 'sub';

  /** Whether `sub` and the identity must be strings (RFC 7519 §4.1.2). */
  @Option(kind.flag)
  readonly verifySub: boolean = true;

  /** `'access'` takes tokens without a `type` claim, such as another issuer's. Beware: then any JWT signed with
   * the same key, such as one from a password-reset mail, is an access token. */
  @Option(kind.oneOf(['access']))
  readonly defaultTokenType?: 'access';

  /** Where tokens are looked for, in this order; a decorator's `locations` overrides it. */
  @Option(kind.listOf(TOKEN_LOCATIONS))
  readonly tokenLocation: readonly TokenLocation[] = ['headers'];

  /** The header that carries the token. */
  @Option(kind.httpToken)
  readonly headerName: string = 'Authorization';

  /** The scheme before the token in the header; empty for none. */
  @Option(kind.httpTokenOrEmpty)
  readonly headerType: string = 'Bearer';

  /** Whether new tokens get a `csrf` claim, which cookies need. */
  @Option(kind.flag)
  readonly cookieCsrfProtect: boolean = true;

  /** The claim that holds the role, or the list of roles, that `@Authorized('admin')` asks for. */
  @Option(kind.text)
  readonly rolesClaim: string = 'roles';

  /** The key of the message in JSON answers. */
  @Option(kind.text)
  readonly errorMessageKey: string = 'msg';

  /** The loader classes this manager asks. Default: all that are decorated as one. */
  @Option(kind.classes)
  readonly loaders?: readonly Constructor[];

  constructor(options: JwtOptions = {}) {
    refuse(unknownOptions(options));
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(given.map(([name, value]) => [name, copied(value)])));
    refuse(invalidOptions(this));
    Object.assign(this, implied(this));
    refuse(contradictions(this));
    // Kept from util.inspect, JSON.stringify and loggers.
    for (const secret of ['secretKey', 'privateKey', 'publicKey']) {
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
    const names = new Map(
      [...optionKinds]
        .filter(([, { fromText }]) => fromText !== undefined)
        .map(([name, { fromText }]) => [prefix + toSnakeCase(name), { name, fromText }]),
    );
    for (const [variable, value] of Object.entries(env)) {
      if (!variable.startsWith(prefix) || value === undefined) continue;
      const option = names.get(variable);
      if (option?.fromText === undefined) problems.push(unknownName(variable, [...names.keys()]));
      else options[option.name] = option.fromText(value);
    }
    refuse(problems);
    return options;
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
}

function unknownOptions(options: JwtOptions): string[] {
  if (typeof options !== 'object' || (options as object | null) === null) {
    return ['The configuration must be an object of options: new JwtManager({ secretKey: … })'];
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
    decodeAlgorithms: Object.freeze([...new Set([...decodeAlgorithms, algorithm])]),
    ...(decodeAudience === undefined && encodeAudience !== undefined
      ? { decodeAudience: encodeAudience }
      : {}),
  };
}

function contradictions(config: JwtConfig): string[] {
  const problems: string[] = [];
  const { decodeAlgorithms, identityClaim } = config;
  // RFC 8725 §3.1: a public key that is also taken for an HMAC secret lets anyone forge tokens.
  if (new Set(decodeAlgorithms.map(isSymmetric)).size > 1) {
    problems.push(
      'Options algorithm and decodeAlgorithms must all be symmetric (HS…) or all asymmetric (RS…, PS…, ES…)',
    );
  }
  if (RESERVED_CLAIMS.includes(identityClaim)) {
    problems.push(`Option identityClaim must not be ${identityClaim}, a claim that has a meaning of its own`);
  }
  return problems;
}

const RESERVED_CLAIMS = [
  'iss',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'type',
  'fresh',
  'csrf',
  'sid',
  '__proto__',
];

function normalised(lifetime: Lifetime): Lifetime {
  return toSeconds(lifetime) ?? false;
}

/** So that a list or key changed later by the caller changes nothing here. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze([...(value as unknown[])]);
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}
