import type { Buffer } from 'node:buffer';
import { JwtConfigurationError } from '../errors';

/** What is used, besides, of a client that is told by Redis of each change of what it has read. */
interface TrackingClient {
  readonly options: { readonly emitInvalidate?: boolean; readonly keyPrefix?: unknown };
  readonly isReady: boolean;
  clientId(): Promise<number>;
  clientTrackingInfo(): Promise<unknown>;
  on(event: string, listener: (key: string | Buffer | null) => void): unknown;
}

interface TrackingListener {
  /** A key that was read has changed, expired or been removed; `null`: any may have. */
  changed(key: string | null): void;
  /** The connection is alive and tracks. Called a few times a second, while it is asked for. */
  confirmed(): void;
}

/**
 * For how long the connection is trusted after a question that it has answered, in milliseconds. One that has gone
 * silent tells nobody, so that this is how late a change may be noticed at most.
 */
const TRUSTED_FOR = 1000;
/** Milliseconds from one such question to the next, while there is somebody to ask for. */
const ASKED_EVERY = 250;

/**
 * Knows whether Redis, on the connection of a client, is telling of every change. Needs no timer: whoever relies on
 * it asks, and that it is asked keeps it going.
 */
export class TrackedConnection {
  readonly #client: TrackingClient;
  #connection: number | undefined;
  #trustedUntil = 0;
  #askAt = 0;
  #isAsking = false;
  #refusal: JwtConfigurationError | undefined;

  /** Throws JwtConfigurationError where the client cannot tell. */
  constructor(
    client: object,
    private readonly listener: TrackingListener,
  ) {
    this.#client = trackingClient(client);
    this.#client.on('invalidate', (key) => {
      listener.changed(key === null ? null : key.toString());
    });
    // Nothing was told between the end of the last connection and this one.
    this.#client.on('ready', () => {
      this.#distrust();
    });
  }

  /** Whether it is there, and has been heard of within TRUSTED_FOR. */
  get isTrusted(): boolean {
    const now = performance.now();
    if (now >= this.#askAt && !this.#isAsking) void this.#ask(now);
    return now < this.#trustedUntil && this.#client.isReady;
  }

  /** Throws JwtConfigurationError where it has turned out that the connection does not track. */
  assertTracking(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /**
   * Redis answers and tells in the order in which it does things: with the answer, all that had changed before the
   * question has been told.
   */
  async #ask(now: number): Promise<void> {
    this.#askAt = now + ASKED_EVERY;
    this.#isAsking = true;
    try {
      const [connection, tracking] = await Promise.all([
        this.#client.clientId(),
        this.#client.clientTrackingInfo(),
      ]);
      if (isTrackingAll(tracking)) this.#confirm(connection, now + TRUSTED_FOR);
      else this.#refuse(new Error('CLIENT TRACKINGINFO says otherwise'));
    } catch (error) {
      this.#distrust();
      // Words of Redis itself. What else goes wrong with a connection is told by whatever is asked of it next.
      if (/^(ERR|NOPERM)\b/.test(String((error as Partial<Error>).message))) this.#refuse(error);
    } finally {
      this.#isAsking = false;
    }
  }

  #confirm(connection: number, until: number): void {
    // Also a proxy, or a client that is moved to another server, may have put another one in its place.
    if (connection !== this.#connection) this.#distrust();
    this.#connection = connection;
    this.#trustedUntil = until;
    this.#refusal = undefined;
    this.listener.confirmed();
  }

  #refuse(cause: unknown): void {
    this.#distrust();
    const problem = 'localAnswers: the connection to Redis does not track what is read, or may not tell';
    this.#refusal = new JwtConfigurationError(`${problem} (Redis 6.2 or later)`, { cause });
  }

  #distrust(): void {
    this.#trustedUntil = 0;
    this.#connection = undefined;
    this.listener.changed(null);
  }
}

function trackingClient(client: object): TrackingClient {
  const { options, clientId, clientTrackingInfo, on } = client as Partial<TrackingClient>;
  const isClient = [clientId, clientTrackingInfo, on].every((method) => typeof method === 'function');
  if (!isClient || options?.emitInvalidate !== true) {
    throw new JwtConfigurationError(
      'localAnswers need a client made by createClient({ RESP: 3, emitInvalidate: true }): no cluster, pool or sentinel',
    );
  }
  if (options.keyPrefix !== undefined) {
    throw new JwtConfigurationError('localAnswers need a client without keyPrefix: give the store a prefix');
  }
  return client as TrackingClient;
}

/** Whether all that is read is tracked, in the way that the client listens to. */
function isTrackingAll(info: unknown): boolean {
  const { flags, redirect } = info as { flags?: unknown; redirect?: unknown };
  return Array.isArray(flags) && flags.length === 1 && String(flags[0]) === 'on' && Number(redirect) === 0;
}
