import { ALGORITHM_NAMES, isSymmetric, type Algorithm } from './algorithms';
import * as kind from './optionKinds';

/** Another issuer whose access tokens are accepted. Durations are in seconds. */
export interface JwtIssuer {
  /** The exact `iss` of its tokens: many end with a slash. */
  readonly issuer: string;
  /** A token's `aud` must hold one of these. `false`: aud is not checked, and tokens for others are accepted. */
  readonly audience: string | readonly string[] | false;
  /**
   * What its access tokens may say in `type`, besides `access` or nothing. Cloudflare Access says `app`. In the claims
   * of a verified token it reads `access`.
   */
  readonly tokenTypes?: string | readonly string[];
  /** Default: RS256. */
  readonly algorithms?: readonly Algorithm[];
  /** The URL of its keys. Default: the one that `<issuer>/.well-known/openid-configuration` names (OIDC Discovery §4). */
  readonly jwksUri?: string;
  /** Its keys are fetched again after this time. Default: 600. */
  readonly jwksMaxAge?: number;
  /**
   * After a `kid` that it does not publish, its keys are not fetched for another one for this time; no longer than
   * `jwksMaxAge`. After a fetch that failed: 5 at most. Default: 30.
   */
  readonly jwksCooldown?: number;
  /** The time limit for finding and fetching the keys. Default: 5. */
  readonly jwksTimeout?: number;
  /**
   * Lets its keys come over http: from another machine, for an issuer inside a cluster. Everyone on the way can then
   * put keys of their own in place of them, and sign tokens for anybody. Default: false.
   */
  readonly dangerouslyAllowHttp?: boolean;
}

export const jwtIssuers = kind.entries(
  'issuers',
  "{ issuer: 'https://id.example.com', audience: 'https://api.example.com' }",
  {
    issuer: kind.text,
    audience: kind.textOrListOrFalse,
    tokenTypes: kind.textOrList,
    algorithms: kind.listOf(ALGORITHM_NAMES.filter((name) => !isSymmetric(name))),
    // Which URLs are trusted depends on dangerouslyAllowHttp.
    jwksUri: kind.text,
    jwksMaxAge: kind.seconds(1, 86_400),
    jwksCooldown: kind.seconds(0, 3600),
    jwksTimeout: kind.seconds(0.01, 60),
    dangerouslyAllowHttp: kind.flag,
  } satisfies Record<keyof JwtIssuer, unknown>,
  ['issuer', 'audience'],
);
