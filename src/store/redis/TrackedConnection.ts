import type { Buffer } from 'node:buffer';
import { JwtConfigurationError } from '../../errors';

/** What is needed of a client to which Redis reports each change of what it has read. */
interface TrackingClient {
  readonly options: { readonly emitInvalidate?: boolean; readonly keyPrefix?: unknown };
  readonly isReady: boolean;
  clientId(): Promise<number>;
  clientTrackingInfo(): Promise<unknown>;
  on(event: string, listener: (key: string | Buffer | null) => void): unknown;
}

interface TrackingListener {
  /** A key that was read has changed, expired or been removed. `null`: any key may have. */
  changed(key: string | null): void;
  /** The connection is alive and tracks. Called a few times a second while `isTrusted` is read. */
  confirmed(): void;
}

/**
 * For how many milliseconds the connection is trusted after a probe that it has answered. A connection that has gone
 * silent reports nothing, so a change may go unnoticed for this long.
 */
const TRUST_DURATION = 1000;
/** Milliseconds from one probe to the next, while `isTrusted` is read. */
const PROBE_INTERVAL = 250;

/**
 * Knows whether Redis reports every change on the connection of a client. It needs no timer: reading `isTrusted` sends
 * the next probe.
 */
export class TrackedConnection {
  readonly #client: TrackingClient;
  #connection: number | undefined;
  #trustedUntil = 0;
  #probeAt = 0;
  #isProbing = false;
  #refusal: JwtConfigurationError | undefined;

  /** Throws JwtConfigurationError when the client cannot receive changes. */
  constructor(
    client: object,
    private readonly listener: TrackingListener,
  ) {
    this.#client = trackingClient(client);
    this.#client.on('invalidate', (key) => {
      listener.changed(key === null ? null : key.toString());
    });
    // Changes between the end of the last connection and this one were not reported.
    this.#client.on('ready', () => {
      this.#distrust();
    });
  }

  /** Whether the connection is there, and has answered a probe within TRUST_DURATION. */
  get isTrusted(): boolean {
    const now = performance.now();
    if (now >= this.#probeAt && !this.#isProbing) void this.#probe(now);
    return now < this.#trustedUntil && this.#client.isReady;
  }

  /** Throws JwtConfigurationError when a probe found that the connection does not track. */
  assertTracking(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /**
   * Redis answers and reports in the order in which things happen: when the answer is here, all changes before the
   * probe have been reported.
   */
  async #probe(now: number): Promise<void> {
    this.#probeAt = now + PROBE_INTERVAL;
    this.#isProbing = true;
    try {
      const [connection, tracking] = await Promise.all([
        this.#client.clientId(),
        this.#client.clientTrackingInfo(),
      ]);
      if (isTrackingAll(tracking)) this.#confirm(connection, now + TRUST_DURATION);
      else this.#refuse(new Error('CLIENT TRACKINGINFO says otherwise'));
    } catch (error) {
      this.#distrust();
      // An error of Redis itself. Any other fault of the connection shows at the next question.
      if (/^(ERR|NOPERM)\b/.test(String((error as Partial<Error>).message))) this.#refuse(error);
    } finally {
      this.#isProbing = false;
    }
  }

  #confirm(connection: number, until: number): void {
    // A proxy, or a client that moves to another server, may have replaced the connection.
    if (connection !== this.#connection) this.#distrust();
    this.#connection = connection;
    this.#trustedUntil = until;
    this.#refusal = undefined;
    this.listener.confirmed();
  }

  #refuse(cause: unknown): void {
    this.#distrust();
    const problem = 'localCache: the connection to Redis does not track what it reads, or may not report it';
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
      'localCache needs a client made by createClient({ RESP: 3, emitInvalidate: true }): no cluster, pool or sentinel',
    );
  }
  if (options.keyPrefix !== undefined) {
    throw new JwtConfigurationError('localCache needs a client without keyPrefix: give the store a prefix');
  }
  return client as TrackingClient;
}

/** Whether Redis tracks all keys that are read, in the mode to which the client listens. */
function isTrackingAll(info: unknown): boolean {
  const { flags, redirect } = info as { flags?: unknown; redirect?: unknown };
  return Array.isArray(flags) && flags.length === 1 && String(flags[0]) === 'on' && Number(redirect) === 0;
}
