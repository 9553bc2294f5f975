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
import { takeHeaders } from './takeHeaders';

/**
 * Sets the answer to a refusal, and not the response: somebody may catch the error. The loader of its event decides
 * status, body and headers; without one, the loader of all refusals. The default is used for what it leaves out.
 */
export async function answerRefusal(
  error: JwtError,
  ctx: Context,
  config: JwtConfig,
  loaders: Loaders,
): Promise<void> {
  const event = [error.event, 'refusal' as const].find((each) => each !== undefined && loaders.has(each));
  const answer: JwtAnswer = bare(event === undefined ? {} : await loadedAnswer(error, event, ctx, loaders));
  error.answerWith(completed(answer, error, config));
}

/** Sets the answer of a manager without loaders, which needs no request. */
export function answerByDefault(error: JwtError, config: JwtConfig): void {
  error.answerWith(completed(bare({}), error, config));
}

/** Puts the answer on the response. Cookies that the response has already are kept. */
export function sendRefusal(error: JwtError, ctx: Context): void {
  for (const [name, value] of Object.entries(error.headers)) {
    if (name.toLowerCase() === 'set-cookie') ctx.append(name, value);
    else ctx.set(name, value);
  }
  ctx.body = error.toJSON();
  ctx.status = error.status;
}

/** A 401 always has a challenge (RFC 9110 §15.5.2): that of the loader, or the default. */
function completed(answer: JwtAnswer, error: JwtError, config: JwtConfig): Required<JwtAnswer> {
  const status = answer.status ?? error.status;
  const body = Object.hasOwn(answer, 'body') ? answer.body : { [config.errorMessageKey]: error.message };
  const own = withoutChallenge(error.headers);
  const hasChallenge = Object.keys(answer.headers ?? {}).some(isChallenge);
  const isChallenged = !hasChallenge && (status === 401 || (status === error.status && status < 500));
  const headers = {
    ...(isChallenged && { 'WWW-Authenticate': challenge(config, error.challenge, error.description) }),
    ...own,
    ...answer.headers,
  };
  return { status, body, headers };
}

/** The headers of an error, without the challenge that answerByDefault may have given it. */
function withoutChallenge(headers: JwtError['headers']): JwtError['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isChallenge(name)));
}

function isChallenge(name: string): boolean {
  return name.toLowerCase() === 'www-authenticate';
}

async function loadedAnswer(
  error: JwtError,
  event: AnswerEvent | 'refusal',
  context: Context,
  loaders: Loaders,
): Promise<JwtAnswer> {
  const { action } = notesOf(context);
  const { result, headers } = await takeHeaders(context, () =>
    event === error.event && error instanceof VerifiedTokenError
      ? loaders.ask(error.event, { context, error, ...error.token }, action)
      : loaders.ask(event as RefusedEventName, { context, error, reason: error.message }, action),
  );
  const answer: unknown = result?.answer;
  if (typeof answer === 'object' && answer !== null) {
    return { ...answer, headers: { ...headers, ...(answer as JwtAnswer).headers } };
  }
  throw new TypeError(`${loaders.nameOf(event)}.load() must return an answer: { status, body, headers }`);
}

type RefusedEventName = Exclude<AnswerEvent | 'refusal', VerifiedAnswerEvent>;
