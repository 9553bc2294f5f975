import type { Context } from 'koa';
import {
  VerifiedTokenError,
  type AnswerEvent,
  type JwtAnswer,
  type JwtError,
  type VerifiedAnswerEvent,
} from '../errors';
import type { JwtConfig } from '../JwtConfig';
import { actionOf } from '../request/actionOf';
import { challenge } from '../request/challenge';
import type { Loaders } from './Loaders';

/**
 * Fixes what a refusal is answered with: what its answer loader says or, for all that one leaves out, the
 * default. A 401 has a challenge whatever a loader says (RFC 9110 §15.5.2), unless it has its own.
 */
export async function answerRefusal(
  error: JwtError,
  ctx: Context,
  config: JwtConfig,
  loaders: Loaders,
): Promise<void> {
  const { event } = error;
  const answer: JwtAnswer =
    event === undefined || !loaders.has(event) ? {} : await loadedAnswer(error, event, ctx, loaders);
  const status = answer.status ?? error.status;
  const body = Object.hasOwn(answer, 'body') ? answer.body : { [config.errorMessageKey]: error.message };
  const hasChallenge = Object.keys(answer.headers ?? {}).some(
    (name) => name.toLowerCase() === 'www-authenticate',
  );
  const isChallenged = !hasChallenge && (status === 401 || (status === error.status && status < 500));
  const headers = {
    ...(isChallenged && { 'WWW-Authenticate': challenge(config, error.challenge, error.description) }),
    ...error.headers,
    ...answer.headers,
  };
  error.answerWith({ status, body, headers });
  // On the response at once, for routing-controllers' own error handler would not set them.
  ctx.set(headers);
}

async function loadedAnswer(
  error: JwtError,
  event: AnswerEvent,
  context: Context,
  loaders: Loaders,
): Promise<JwtAnswer> {
  const action = actionOf(context);
  const asked =
    error instanceof VerifiedTokenError
      ? await loaders.ask(error.event, { context, error, ...error.token }, action)
      : await loaders.ask(event as RefusedEventName, { context, error, reason: error.message }, action);
  const answer: unknown = asked?.answer;
  if (typeof answer === 'object' && answer !== null) return answer;
  throw new TypeError(`${loaders.nameOf(event)}.load() must return an answer: { status, body, headers }`);
}

type RefusedEventName = Exclude<AnswerEvent, VerifiedAnswerEvent>;
