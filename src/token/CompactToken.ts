import type { Algorithm } from '../config/algorithms';
import { InvalidTokenError } from '../errors';
import type { JoseHeader } from '../VerifiedToken';
import { parseJsonObject } from './strictJson';

/** What stands in a token, whoever may have written it there. */
export interface UnverifiedToken {
  readonly header: JoseHeader & { readonly alg: Algorithm };
  /** Good for nothing but choosing the key (RFC 8725 §3.3). Throws InvalidTokenError for what is no JSON object. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A token taken apart (RFC 7515 §7.1). Nothing in it is verified; its claims are not parsed before they are read. */
export class CompactToken implements UnverifiedToken {
  #claims: Record<string, unknown> | undefined;

  constructor(
    readonly header: UnverifiedToken['header'],
    readonly headerSegment: string,
    private readonly claimsSegment: string,
    /** In canonical base64url. */
    readonly signature: string,
    readonly hasSeenHeader: boolean,
  ) {}

  /** What is signed. */
  get signingInput(): string {
    return `${this.headerSegment}.${this.claimsSegment}`;
  }

  get claims(): Readonly<Record<string, unknown>> {
    this.#claims ??= parseJsonObject(Buffer.from(this.claimsSegment, 'base64url'));
    if (this.#claims === undefined) throw new InvalidTokenError('Invalid payload: must be a JSON object');
    return this.#claims;
  }
}
