import { bare } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { kindsByName } from '../config/option';
import { seconds } from '../config/optionKinds';
import { optionProblems } from '../config/optionProblems';
import { ExpiredTokenError, JwtConfigurationError, JwtError, StoreUnavailableError } from '../errors';
import type { Sessions } from '../session/Sessions';
import { hasExpired } from '../token/checkClaims';
import { eventWithoutRequest } from './eventWithoutRequest';
import type { JwtState } from './JwtState';

/** The options of watchToken. */
export interface WatchOptions {
  /** How often the blocklist loader and the revocation store are asked, in seconds from 1 to 86,400. Default: 30. */
  readonly every?: number;
  /** Ends the watch: abort it when the connection closes. */
  readonly signal?: AbortSignal;
}

const OPTIONS = kindsByName<WatchOptions>({
  every: seconds(1, 86_400),
  signal: { expects: 'an AbortSignal', accepts: (value) => value instanceof AbortSignal },
});

/** The longest time that setTimeout knows, in milliseconds. It takes a longer one for 1. */
const LONGEST = 2 ** 31 - 1;

/**
 * Waits until a token that was let in ends or is revoked, and resolves with the refusal that it would get then. Never
 * rejects. Undefined when the signal ends the watch. There is one timer, which keeps no process alive, and none when there
 * is nothing to wait for. Throws JwtConfigurationError for wrong options.
 */
export function watchToken(
  { header, payload, identity }: JwtState,
  options: WatchOptions,
  sessions: Sessions,
  config: JwtConfig,
): Promise<JwtError | undefined> {
  const problems = optionProblems(options, OPTIONS);
  if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
  const { every = 30, signal } = bare(options);
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;

    const end = (why?: JwtError): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(why);
    };
    const abort = (): void => {
      end();
    };
    if (signal?.aborted === true) {
      end();
      return;
    }
    signal?.addEventListener('abort', abort);
    // Nobody is in, so nobody has to leave.
    if (header === undefined || payload === undefined) return;
    const token = { header, payload, identity };

    const wait = (): void => {
      const left =
        payload.exp === undefined ? Infinity : payload.exp + config.decodeLeeway - Date.now() / 1000;
      const next = Math.min(left, sessions.canRevoke ? every : Infinity) * 1000;
      if (next === Infinity) return;
      timer = setTimeout(look, Math.max(1, Math.min(Math.ceil(next), LONGEST)));
      timer.unref();
    };
    const look = (): void => {
      if (hasExpired(payload, config)) {
        end(new ExpiredTokenError(token));
        return;
      }
      // To watch a refresh token is no use of it: its owner may have exchanged it.
      sessions.check(eventWithoutRequest(token), undefined, false).then(
        () => {
          if (!isOver) wait();
        },
        (error: unknown) => {
          // An error of the blocklist loader says as little about the token as a store that fails.
          end(error instanceof JwtError ? error : new StoreUnavailableError(error));
        },
      );
    };
    wait();
  });
}
