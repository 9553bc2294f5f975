import type { Context } from 'koa';
import { bare, NOTHING } from '../claims';
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

/** The loaders that may decide an answer: that of the event of an error, and that of all refusals. */
export type AnswerLoader = AnswerEvent | 'refusal';

/** The loader that decides the answer to a refusal. Undefined when there is none. */
export function answerLoaderOf({ event }: JwtError, loaders: Loaders): AnswerLoader | undefined {
  if (event !== undefined && loaders.has(event)) return event;
  return loaders.has('refusal') ? 'refusal' : undefined;
}

/**
 * Sets the answer to a refusal, and not the response: somebody may catch the error. The loader decides status, body and
 * headers. The default is used for what it leaves out.
 */
export async function answerByLoader(
  error: JwtError,
  event: AnswerLoader,
  ctx: Context,
  config: JwtConfig,
  loaders: Loaders,
): Promise<void> {
  const answer: JwtAnswer = bare(await loadedAnswer(error, event, ctx, loaders));
  error.answerWith(completed(answer, error, config));
}

/** Sets the default answer, which needs no request. */
export function answerByDefault(error: JwtError, config: JwtConfig): void {
  error.answerWith(completed(NOTHING, error, config));
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
  const headers = bare<Record<string, string | string[]>>({});
  const hasChallenge = Object.keys(answer.headers ?? {}).some(isChallenge);
  if (!hasChallenge && (status === 401 || (status === error.status && status < 500)))
    headers['WWW-Authenticate'] = challenge(config, error.challenge, error.description);
  // Without the challenge that answerByDefault may have given it.
  for (const [name, value] of Object.entries(error.headers)) if (!isChallenge(name)) headers[name] = value;
  return { status, body, headers: Object.assign(headers, answer.headers) };
}

function isChallenge(name: string): boolean {
  return name.toLowerCase() === 'www-authenticate';
}

async function loadedAnswer(
  error: JwtError,
  event: AnswerLoader,
  context: Context,
  loaders: Loaders,
): Promise<JwtAnswer> {
  const { action } = notesOf(context);
  const { result, headers } = await takeHeaders(context, async () =>
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

type RefusedEventName = Exclude<AnswerLoader, VerifiedAnswerEvent>;
