import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';
import type { JwtConfig } from '../config/JwtConfig';
import type { JwtKey } from '../config/JwtKey';
import { JwtConfigurationError } from '../errors';
import { keyPairOf } from './keyObjects';
import { thumbprint } from './thumbprint';

/** A configured key, ready for use. */
export interface RingKey {
  readonly kid: string | undefined;
  /** Whether it verifies tokens without a `kid`. */
  readonly withoutKid: boolean;
  readonly algorithm: Algorithm;
  /** The algorithms that it verifies: `algorithm` only, unless `decodeAlgorithms` has more. */
  readonly algorithms: readonly Algorithm[];
  readonly signing: KeyObject | undefined;
  readonly verification: KeyObject;
}

/** Throws JwtConfigurationError for keys that do not fit, and for names that are not unique. */
export function ringKeys(config: JwtConfig): RingKey[] {
  return config.keys === undefined ? singleKey(config) : ring(config.keys, config.algorithm);
}

/** The key of `secretKey`, `privateKey` and `publicKey`. Tokens that a private key signs name it. */
function singleKey(config: JwtConfig): RingKey[] {
  const { algorithm, decodeAlgorithms: algorithms } = config;
  const { signing, verification } = keyPairOf(config, algorithm, algorithms, (name) => `Option ${name}`);
  if (verification === undefined) return [];
  const kid = signing?.type === 'private' ? thumbprint(verification) : undefined;
  return [{ kid, withoutKid: true, algorithm, algorithms, signing, verification }];
}

function ring(entries: readonly JwtKey[], fallback: Algorithm): RingKey[] {
  const isAlone = entries.length === 1;
  const keys = entries.map((entry, i) => ringKey(entry, fallback, isAlone, `Option keys[${i}]`));
  const kids = keys.map(({ kid }) => kid);
  const twice = kids.findIndex((kid, i) => kids.indexOf(kid) !== i);
  if (twice !== -1) {
    throw new JwtConfigurationError(
      `Option keys[${twice}] ${kids[twice] === undefined ? 'needs a kid: only one secret may go without' : `has the kid of another key, ${kids[twice]}`}`,
    );
  }
  const [one, other] = keys.flatMap(({ withoutKid }, i) => (withoutKid ? [i] : []));
  if (other !== undefined) {
    throw new JwtConfigurationError(
      `Options keys[${one}] and keys[${other}] are both for tokens without a kid: only one may be`,
    );
  }
  const [first, ...others] = keys;
  if (first?.signing === undefined && others.some(({ signing }) => signing !== undefined)) {
    throw new JwtConfigurationError(
      'Option keys[0] is the key that signs, so it needs a privateKey: put the one that has it first',
    );
  }
  return keys;
}

function ringKey(entry: JwtKey, fallback: Algorithm, isAlone: boolean, name: string): RingKey {
  const { algorithm = fallback } = entry;
  const pair = keyPairOf(entry, algorithm, [algorithm], (member) => `${name}.${member}`);
  const { signing, verification } = pair;
  if (verification === undefined) {
    throw new JwtConfigurationError(
      `${name} has no key for ${algorithm}: give secretKey, or privateKey or publicKey`,
    );
  }
  const kid = entry.kid ?? (verification.type === 'public' ? thumbprint(verification) : undefined);
  const { withoutKid = isAlone || kid === undefined } = entry;
  if (kid === undefined && !withoutKid) throw new JwtConfigurationError(`${name} needs a kid`);
  return { kid, withoutKid, algorithm, algorithms: [algorithm], signing, verification };
}
