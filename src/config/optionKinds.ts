import { KeyObject } from 'node:crypto';
import { isPlainObject } from './isPlainObject';
import { toSeconds, type Seconds } from './lifetime';
import { kindsByName, type OptionKind } from './option';
import { STORE_METHODS } from '../store/RevocationStore';

const RFC9110_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** For options whose values are checked where they are used. */
export const anything: OptionKind = { expects: 'a value', accepts: () => true };

export const flag: OptionKind = {
  expects: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  fromText: readFlag,
};

export const text: OptionKind = {
  expects: 'a non-empty string',
  accepts: isText,
  fromText: (value) => value,
};

export const textOrList: OptionKind = {
  expects: 'a non-empty string or a non-empty list of them',
  accepts: (value) => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)),
  fromText: readTextOrList,
};

export const textOrListOrFalse: OptionKind = {
  expects: `${textOrList.expects}, or false`,
  accepts: (value) => value === false || textOrList.accepts(value),
  fromText: (value) => (value === 'false' ? false : readTextOrList(value)),
};

export const httpToken: OptionKind = {
  expects: 'a name as HTTP has them: letters, digits and -',
  accepts: (value) => typeof value === 'string' && RFC9110_TOKEN.test(value),
  fromText: (value) => value,
};

export const httpTokenOrEmpty: OptionKind = {
  ...httpToken,
  expects: `${httpToken.expects}; or an empty string`,
  accepts: (value) => value === '' || httpToken.accepts(value),
};

export const httpTokens: OptionKind = {
  expects: 'a non-empty list of names as HTTP has them',
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((entry) => httpToken.accepts(entry)),
  fromText: splitList,
};

export const anyText: OptionKind = {
  expects: 'a string',
  accepts: (value) => typeof value === 'string',
  fromText: (value) => value,
};

export const path: OptionKind = {
  expects: 'a path that begins with /',
  accepts: (value) => typeof value === 'string' && /^\/[!-:<-~]*$/.test(value),
  fromText: (value) => value,
};

export const domain: OptionKind = {
  expects: 'a domain such as example.com',
  accepts: (value) => typeof value === 'string' && /^\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value),
  fromText: (value) => value,
};

export const lifetime: OptionKind = {
  expects: 'a positive whole number of seconds, a string with a unit ("15m", "30 days"), or false for no end',
  accepts: (value) => value === false || toSeconds(value) !== undefined,
  parse: (value): Seconds => toSeconds(value) ?? false,
  fromText: (value) => (value === 'false' ? false : readNumber(value)),
};

/** Clocks of honest servers differ by seconds. More than ten minutes would accept dead tokens. */
const MAX_LEEWAY = 600;

export const leeway = seconds(0, MAX_LEEWAY);

export function seconds(min: number, max: number): OptionKind {
  return {
    expects: `a number of seconds from ${min} to ${max}`,
    accepts: (value) => typeof value === 'number' && value >= min && value <= max,
    fromText: readNumber,
  };
}

export function count(max: number): OptionKind {
  return {
    expects: `a whole number from 0 to ${max}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max,
    fromText: readNumber,
  };
}

export function countOrFalse(min: number, max: number): OptionKind {
  return {
    expects: `a whole number from ${min} to ${max}, or false`,
    accepts: (value) =>
      value === false || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max),
    fromText: (value) => (value === 'false' ? false : readNumber(value)),
  };
}

export const key: OptionKind = {
  expects: 'a non-empty string, a Buffer or a KeyObject of node:crypto',
  accepts: (value) => isText(value) || value instanceof Uint8Array || value instanceof KeyObject,
  fromText: (value) => value,
};

/** A list of objects, each with options of its own. */
export function entries(
  what: string,
  example: string,
  kinds: Readonly<Record<string, OptionKind>>,
  required: readonly string[] = [],
): OptionKind {
  return {
    expects: `a non-empty list of ${what} such as ${example}`,
    accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(isPlainObject),
    entries: { kinds: kindsByName(kinds), required },
  };
}

export const classes: OptionKind = {
  expects: 'a list of classes',
  accepts: (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'function'),
};

export const manager: OptionKind = {
  expects: 'a class: class PartnerJwtManager extends JwtManager {}',
  accepts: (value) => typeof value === 'function',
  // Imports in a circle leave it undefined, and then another manager would be asked.
  isUndefinedRefused: true,
};

export const store: OptionKind = {
  expects:
    'a RevocationStore, such as new MemoryRevocationStore(), or the class that the container knows it by',
  // By its methods, so that a store of another copy of this package is accepted.
  accepts: (value) =>
    typeof value === 'function' ||
    (typeof value === 'object' &&
      value !== null &&
      STORE_METHODS.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')),
};

export function oneOf(choices: readonly string[]): OptionKind {
  return {
    expects: `one of ${choices.join(', ')}`,
    accepts: (value) => choices.includes(value as string),
    fromText: (value) => value,
  };
}

export function listOf(choices: readonly string[], min = 1): OptionKind {
  return {
    expects: `a list of ${choices.join(', ')}, each at most once and ${min} at least`,
    accepts: (value) =>
      Array.isArray(value) &&
      value.length >= min &&
      value.every((entry) => choices.includes(entry as string)) &&
      new Set(value).size === value.length,
    fromText: splitList,
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function readFlag(value: string): unknown {
  const flags = new Map<string, boolean>([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ]);
  return flags.get(value.toLowerCase()) ?? value;
}

function readNumber(value: string): unknown {
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function readTextOrList(value: string): unknown {
  return value.includes(',') ? splitList(value) : value;
}

function splitList(value: string): string[] {
  return value.split(',').map((entry) => entry.trim());
}
