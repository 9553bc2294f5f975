import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import jwt from 'jsonwebtoken';
import { JwtManager, type JwtOptions } from '../../src/index';
import { JwksServer } from '../support/JwksServer';
import { CLAIMS, type Case } from './Case';
import { formCases } from './formCases';
import { signatureCases } from './signatureCases';

/** Whether a library accepts the token. Undefined when it has no such verifier. */
type Judge = (judged: Case) => Promise<boolean> | boolean | undefined;

/** A manager with the key of the case, or one that fetches its JWK Set. */
function ours(server: JwksServer): Judge {
  return async ({ algorithm, key, set, token }) => {
    server.publish(...(set ?? []));
    const shared = { loaders: [], tokenCacheEntries: 0 } as const;
    const { iss: issuer, aud: audience } = CLAIMS;
    const options: JwtOptions =
      set === undefined
        ? {
            ...shared,
            algorithm,
            decodeAudience: audience,
            defaultTokenType: 'access',
            ...(key?.type === 'secret' ? { secretKey: key } : { publicKey: key }),
          }
        : {
            ...shared,
            issuers: [{ issuer, audience, jwksUri: server.jwksUri, algorithms: [algorithm] }],
          };
    return isFulfilled(async () => new JwtManager(options).decodeToken(token));
  };
}

/** It knows no JWK Set, and no EdDSA. */
const jsonwebtoken: Judge = ({ algorithm, key, token }) => {
  if (key === undefined || algorithm === 'EdDSA') return undefined;
  try {
    jwt.verify(token, key, { algorithms: [algorithm], audience: CLAIMS.aud });
    return true;
  } catch {
    return false;
  }
};

const jose: Judge = ({ algorithm, key, set, token }) => {
  const options = { algorithms: [algorithm], audience: CLAIMS.aud };
  if (key !== undefined) return isFulfilled(() => jwtVerify(token, key, options));
  return isFulfilled(() => jwtVerify(token, createLocalJWKSet({ keys: set } as JSONWebKeySet), options));
};

async function isFulfilled(verify: () => Promise<unknown>): Promise<boolean> {
  try {
    await verify();
    return true;
  } catch {
    return false;
  }
}

export interface Verdict extends Case {
  /** By the name of the library. */
  readonly judged: Readonly<Record<Library, boolean | undefined>>;
}

const LIBRARIES = ['this library', 'jsonwebtoken', 'jose'] as const;
type Library = (typeof LIBRARIES)[number];

/** What each library says about each case. */
export async function verdicts(): Promise<Verdict[]> {
  const server = await JwksServer.of();
  try {
    const own = ours(server);
    const found: Verdict[] = [];
    for (const each of [...signatureCases(), ...formCases()]) {
      const judged = {
        'this library': await own(each),
        jsonwebtoken: jsonwebtoken(each),
        jose: await jose(each),
      };
      found.push({ ...each, judged: judged as Verdict['judged'] });
    }
    return found;
  } finally {
    await server.stop();
  }
}

/** Why one may judge otherwise, or what follows, by kind. */
export const REASONS: Readonly<Record<string, string>> = {
  'a wrong length':
    'RFC 8017 §8.1.2 asks for the length of the key; OpenSSL takes RSA-PSS without its leading zeros, so a token has two spellings',
  'a parameter that asks for more':
    'RFC 7515 §4 ignores what it does not know; this library refuses tokens of another type, or that say they are nested, compressed or encrypted',
  'spare bits set': 'RFC 4648 §3.5 leaves it open; a token then has several spellings',
  'base64 that is not canonical base64url':
    'RFC 7515 §2 has no padding and no white space; a token then has several spellings',
  'a payload that is not a JSON object':
    'RFC 7519 §7.2 asks for UTF-8, RFC 8259 §8.1 for no byte order mark; replaced bytes make one identity of two',
  'a header that is not a JSON object': 'the same in the header',
  'crit, of which the verifier knows nothing': 'RFC 7515 §4.1.11 asks to refuse it',
  'b64: false': 'RFC 7797 §6 asks to refuse it',
  'kid of another type': 'RFC 7515 §4.1.4 asks for a string; a verifier with one key need not look',
  'a key that is too weak':
    'others can sign, or RFC 7518 §3.2 and §3.3 forbid it; one may leave the choice of keys to the application',
};

/** Two tables in Markdown: how many cases each library judges otherwise, and which. */
export function report(judged: readonly Verdict[]): string {
  const rows = LIBRARIES.map((library) => {
    const known = judged.filter((each) => each.judged[library] !== undefined);
    return [library, known.length, known.filter((each) => isDisputed(each, library)).length];
  });
  const kinds = [
    ...new Set(
      judged.filter((each) => LIBRARIES.some((library) => isDisputed(each, library))).map(({ kind }) => kind),
    ),
  ];
  const byKind = kinds.map((kind) => {
    const ofKind = judged.filter((each) => each.kind === kind);
    const counts = LIBRARIES.map((library) => ofKind.filter((each) => isDisputed(each, library)).length);
    return [kind, ...counts, REASONS[kind] ?? 'a fault'];
  });
  return [
    table(['library', 'cases', 'judged otherwise'], rows),
    table(['kind of case', ...LIBRARIES, 'reason'], byKind),
  ].join('\n\n');
}

function isDisputed({ judged, isValid }: Verdict, library: Library): boolean {
  return judged[library] !== undefined && judged[library] !== isValid;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
