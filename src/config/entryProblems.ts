import { ALGORITHM_NAMES, isSymmetric } from './algorithms';
import { closestName } from './closestName';
import type { OptionKind } from './option';
import * as kind from './optionKinds';
import type { OptionTable } from './OptionTable';

const KEY_MEMBERS: Readonly<Record<string, OptionKind>> = {
  kid: kind.text,
  algorithm: kind.oneOf(ALGORITHM_NAMES),
  secretKey: kind.key,
  privateKey: kind.key,
  publicKey: kind.key,
};

const ISSUER_MEMBERS: Readonly<Record<string, OptionKind>> = {
  issuer: kind.text,
  audience: kind.textOrListOrFalse,
  algorithms: kind.listOf(ALGORITHM_NAMES.filter((name) => !isSymmetric(name))),
  jwksUri: kind.url,
  jwksMaxAge: kind.seconds(1, 86_400),
  jwksCooldown: kind.seconds(0, 3600),
  jwksTimeout: kind.seconds(0.01, 60),
};

/** What is wrong inside the lists of keys and of issuers. */
export function entryProblems({ keys = [], issuers = [] }: OptionTable): string[] {
  return [
    ...keys.flatMap((entry, i) => problemsOf(entry, `keys[${i}]`, KEY_MEMBERS, [])),
    ...issuers.flatMap((entry, i) =>
      problemsOf(entry, `issuers[${i}]`, ISSUER_MEMBERS, ['issuer', 'audience']),
    ),
    ...repeated(issuers.map(({ issuer }) => issuer)).map((name) => `Option issuers has ${name} twice`),
    ...issuers.flatMap(({ issuer, jwksUri }, i) =>
      jwksUri !== undefined || kind.url.accepts(issuer)
        ? []
        : [`Option issuers[${i}] needs a jwksUri, for its issuer is not ${kind.url.expects}`],
    ),
  ];
}

function problemsOf(
  entry: object,
  name: string,
  members: Readonly<Record<string, OptionKind>>,
  required: readonly string[],
): string[] {
  const given = Object.entries(entry).filter(([, value]) => value !== undefined);
  const missing = required.filter((member) => !given.some(([present]) => present === member));
  return [
    ...missing.map((member) => `Option ${name} needs ${member}: ${String(members[member]?.expects)}`),
    ...given.flatMap(([member, value]) => {
      const expected = Object.hasOwn(members, member) ? members[member] : undefined;
      if (expected === undefined) {
        const closest = closestName(member, Object.keys(members));
        const known = `known are ${Object.keys(members).join(', ')}`;
        return [
          `Option ${name} has an unknown ${member}: ${closest === undefined ? known : `did you mean ${closest}?`}`,
        ];
      }
      return expected.accepts(value) ? [] : [`Option ${name}.${member} must be ${expected.expects}`];
    }),
  ];
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i);
}
