/** What a run tells one of its processes. */
export type Command =
  | { readonly kind: 'clock'; readonly seconds: number }
  | { readonly kind: 'loader'; readonly mood: LoaderMood }
  | { readonly kind: 'plant'; readonly plant: Plant }
  | { readonly kind: 'measure' };

/** How the user loader behaves. */
export type LoaderMood = 'well' | 'slow' | 'throwing' | 'hanging';

/** A fault of the application that the run must notice. */
export type Plant = 'forgets-revocations' | 'mixes-identities' | 'rejects-unhandled' | 'leaks';

/** What a process tells the run. */
export type Report =
  | { readonly kind: 'listening' }
  | { readonly kind: 'measured'; readonly heapBytes: number; readonly handles: number }
  /** What must not happen, such as an unhandled rejection. */
  | { readonly kind: 'wrong'; readonly what: string };

/** The environment of a process. */
export interface Setting {
  readonly port: number;
  readonly redis: string;
  /** The first signs. */
  readonly secrets: readonly { readonly kid: string; readonly secretKey: string }[];
  readonly keyPairs: readonly { readonly kid: string; readonly privateKey: string }[];
}

/** Seconds, unless the name says otherwise. */
export const LIFE = {
  accessToken: 6,
  refreshToken: 20,
  /** Of a token for single use. */
  link: 6,
  freshness: 3,
  grace: 1,
  storeTimeout: 0.5,
} as const;
