import { STATUS_CODES } from 'node:http';
import { JwtError, NoAuthorizationError } from '../errors';
import type { JwtManager } from '../JwtManager';
import { notesOf } from '../request/RequestNotes';
import type { Responses } from './OpenApi';
import { refusalsOf, type Refusable, type Refusal } from './refusals';
import { sampleContext } from './sampleContext';
import { schemaFor } from './schemaFor';

/** An answer to a refusal, as a client gets it. */
interface Answer {
  readonly code: string;
  readonly when: string;
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The responses of an operation to the requests that it refuses, by status, as this application's loaders give them. */
export async function refusalResponses(
  manager: JwtManager,
  refusable: Refusable,
  path: string,
): Promise<Responses> {
  const byStatus = new Map<number, Answer[]>();
  for (const refusal of refusalsOf(refusable)) {
    const answer = await answerTo(refusal, manager, refusable, path);
    byStatus.set(answer.status, [...(byStatus.get(answer.status) ?? []), answer]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, answers]) => [String(status), responseOf(status, answers)]),
  );
}

/** Asks the answer loader as a request would. The default answer if it cannot answer a request that is only a sample. */
async function answerTo(
  { error, when }: Refusal,
  manager: JwtManager,
  { demand, verb }: Refusable,
  path: string,
): Promise<Answer> {
  const { code, status, headers, message } = error;
  const context = sampleContext(verb, path);
  try {
    // A real request without a token, whose message names every location.
    if (error instanceof NoAuthorizationError) await manager.authenticate(notesOf(context), demand.policy);
    await manager.refuse(context, error);
  } catch (refused) {
    if (refused instanceof JwtError && refused.code === code) {
      return { code, when, status: refused.status, body: asSent(refused.toJSON()), headers: refused.headers };
    }
  }
  return { code, when, status, body: { [manager.config.errorMessageKey]: message }, headers };
}

/** As JSON has it: a date is a string. Undefined if it cannot be sent. */
function asSent(body: unknown): unknown {
  try {
    const text = JSON.stringify(body) as string | undefined;
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function responseOf(status: number, answers: readonly Answer[]): Responses[string] {
  const reasons = answers.map(({ when }) => when).join('; or ');
  const content: Record<string, Answer[]> = {};
  for (const answer of answers) {
    const type = contentType(answer);
    if (type !== undefined) content[type] = [...(content[type] ?? []), answer];
  }
  const names = new Set(answers.flatMap(({ headers }) => Object.keys(headers)));
  const headers = [...names].filter((name) => name.toLowerCase() !== 'content-type');
  return {
    description: `${STATUS_CODES[status] ?? 'Refused'}: ${reasons}`,
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map((name) => [name, { schema: { type: 'string' as const } }])),
    }),
    ...(Object.keys(content).length > 0 && {
      content: Object.fromEntries(
        Object.entries(content).map(([type, given]) => [
          type,
          {
            schema: schemaFor(given.map(({ body }) => body)),
            examples: Object.fromEntries(
              given.map(({ code, when, body }) => [code, { summary: `If ${when}`, value: body }]),
            ),
          },
        ]),
      ),
    }),
  };
}

/** The media type that Koa sends. Undefined without a body. */
function contentType({ body, headers }: Answer): string | undefined {
  if (body === undefined || body === null) return undefined;
  const set = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (typeof set === 'string') return set.split(';')[0]?.trim();
  if (typeof body !== 'string') return 'application/json';
  return /^\s*</.test(body) ? 'text/html' : 'text/plain';
}
