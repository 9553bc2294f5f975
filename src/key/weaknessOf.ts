import { FILE_NAME } from './fileName';
import { spellings } from './spellings';

/**
 * Why everybody can guess a secret: it repeats itself or counts, it is a placeholder, a text that a program made by
 * mistake, the name of a file, or stands in public. Undefined for a secret that may be one. Random bytes are never
 * refused, however they are encoded.
 */
export function weaknessOf(secret: Buffer): string | undefined {
  for (const bytes of spellings(secret)) {
    const text = bytes.toString('latin1').trim();
    if (isMonotonous(bytes)) return 'it repeats itself or counts, so that it can be guessed';
    const weakness = MISTAKES.find(([pattern]) => pattern.test(text));
    if (weakness !== undefined) return weakness[1];
  }
  return undefined;
}

/** Secrets that stand or stood in these docs, and the ones of jwt.io. */
const PUBLISHED = /^(?:from your secret store: 32 bytes at least|a-(?:valid-)?string-secret-.*-bits-long.*)$/;

const UNSET = 'a program made it by mistake, of a value that was not set or is no text';
const PLACEHOLDER = 'it is a placeholder';
const FILE = 'it is the name of a file, and not what is in the file';

const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [PUBLISHED, 'it is published, so everybody knows it'],
  [/undefined|\[object [A-Z]\w*\]/i, UNSET],
  [/^null(?![a-z0-9+/=])|^NaN(?![\w+/=-])/i, UNSET],
  [
    /(?:change|replace)[ _-]?(?:me|this|it|with)|your[ _-][\w -]{0,40}(?:secret|key)|yoursecret/i,
    PLACEHOLDER,
  ],
  [/^(?:\$\{[\w .:-]+\}|\$\([\w ./-]+\)|\{\{[\w .-]+\}\}|<[\w .-]+>|%\w+%|process\.env\.\w+)$/, PLACEHOLDER],
  [FILE_NAME, FILE],
];

/** A unit of so many bytes may be secret enough, even if it comes twice. */
const MIN_UNIT = 32;
/** How much of a secret may repeat what comes before it. Of 32 random digits hardly ever half does. */
const MAX_REPEATED = 0.75;
/** Random digits have more, even if there are only 32 of them. A longer text of ones and zeros may be random. */
const MIN_DISTINCT = 6;
const MAX_OF_FEW = 192;

/** Whether bytes are a short unit again and again, very few different ones, or mostly count up or down. */
function isMonotonous(bytes: Buffer): boolean {
  const { length } = bytes;
  if (length < 16) return false;
  if (length < MAX_OF_FEW && new Set(bytes).size < MIN_DISTINCT) return true;
  for (let unit = 1; unit < MIN_UNIT && unit <= length / 2; unit++) {
    if (shareOf(bytes, unit, 0) >= MAX_REPEATED) return true;
  }
  return shareOf(bytes, 1, 1) >= MAX_REPEATED || shareOf(bytes, 1, 255) >= MAX_REPEATED;
}

/** How many of the bytes are greater by `step` than the byte `distance` before them: from 0 to 1. */
function shareOf(bytes: Buffer, distance: number, step: number): number {
  let found = 0;
  for (let at = distance; at < bytes.length; at++) {
    if (((Number(bytes[at]) - Number(bytes[at - distance])) & 255) === step) found++;
  }
  return found / (bytes.length - distance);
}
