import type { Context } from 'koa';
import { bare } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import {
  VerifiedTokenError,
  type AnswerEvent,
  type JwtAnswer,
  type JwtError,
  type VerifiedAnswerEvent,
} from '../errors';
import type { Loaders } from '../loader/Loaders';
import { challenge } from './challenge';
import { notesOf } from './RequestNotes';

/**
 * Sets the answer to a refusal. Its answer loader decides status, body and headers; the default is used for what it
 * leaves out. A 401 always has a challenge (RFC 9110 §15.5.2): that of the loader, or the default.
 */
export async function answerRefusal(
  error: JwtError,
  ctx: Context,
  config: JwtConfig,
  loaders: Loaders,
): Promise<void> {
  const { event } = error;
  const answer: JwtAnswer = bare(
    event === undefined || !loaders.has(event) ? {} : await loadedAnswer(error, event, ctx, loaders),
  );
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
  // Set at once, because the error handler of routing-controllers would not set them.
  ctx.set(bare(headers));
}

async function loadedAnswer(
  error: JwtError,
  event: AnswerEvent,
  context: Context,
  loaders: Loaders,
): Promise<JwtAnswer> {
  const { action } = notesOf(context);
  const asked =
    error instanceof VerifiedTokenError
      ? await loaders.ask(error.event, { context, error, ...error.token }, action)
      : await loaders.ask(event as RefusedEventName, { context, error, reason: error.message }, action);
  const answer: unknown = asked?.answer;
  if (typeof answer === 'object' && answer !== null) return answer;
  throw new TypeError(`${loaders.nameOf(event)}.load() must return an answer: { status, body, headers }`);
}

type RefusedEventName = Exclude<AnswerEvent, VerifiedAnswerEvent>;
