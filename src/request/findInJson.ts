import type { Context } from 'koa';
import parse from 'co-body';
import type { JwtConfig } from '../config/JwtConfig';
import { headerValues } from './findInHeader';
import type { FoundToken, NoToken } from './FoundToken';
import { isSyntaxError } from './parseErrors';
import type { Policy } from './Policy';
import { notesOf } from './RequestNotes';

const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json[ \t]*(?:;|$)/i;

/** The token in a member of a JSON body, for every method. */
export async function findInJson(
  ctx: Context,
  config: JwtConfig,
  policy: Policy,
): Promise<FoundToken | NoToken> {
  const [type = '', second] = headerValues(ctx, 'Content-Type');
  if (second !== undefined || !JSON_TYPE.test(type)) {
    return { absent: 'Invalid content-type. Must be application/json.' };
  }
  const key = policy.looksFor === 'refresh' ? config.refreshJsonKey : config.jsonKey;
  const body = await jsonBody(ctx);
  const value: unknown = isObject(body) && Object.hasOwn(body, key) ? body[key] : undefined;
  if (value === undefined || value === null || value === '') {
    return { absent: `Missing "${key}" key in json data.` };
  }
  // Any other value is a bad token.
  return { text: typeof value === 'string' ? value : '', location: 'json', csrfValue: undefined };
}

/** The body as a body parser has parsed it; or, if none has read it, as co-body parses it. */
async function jsonBody(ctx: Context): Promise<unknown> {
  const request = ctx.request as { body?: unknown; rawBody?: string };
  try {
    if (notesOf(ctx).parseError !== undefined) return undefined;
    if (request.rawBody !== undefined || ctx.req.readableEnded) return request.body;
    // Stored as a body parser does, so that nobody reads the stream again.
    const { parsed, raw } = (await parse.json(ctx.req, { returnRawBody: true })) as {
      parsed: unknown;
      raw: string;
    };
    Object.assign(request, { body: parsed, rawBody: raw });
    return parsed;
  } catch (error) {
    if (!isSyntaxError(error)) throw error;
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
