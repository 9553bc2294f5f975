import type { Context } from 'koa';
import parse from 'co-body';
import type { JwtConfig } from '../JwtConfig';
import { hasParseError } from './deferParseErrors';
import type { FoundToken, NoToken } from './FoundToken';
import type { Policy } from './Policy';

const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json[ \t]*(?:;|$)/i;

/** The token in a member of a JSON body, whatever the method. */
export async function findInJson(
  ctx: Context,
  config: JwtConfig,
  policy: Policy,
): Promise<FoundToken | NoToken> {
  if (!JSON_TYPE.test(ctx.get('Content-Type'))) {
    return { absent: 'Invalid content-type. Must be application/json.' };
  }
  const key = policy.looksFor === 'refresh' ? config.refreshJsonKey : config.jsonKey;
  const body = await jsonBody(ctx);
  const value: unknown = isObject(body) && Object.hasOwn(body, key) ? body[key] : undefined;
  if (value === undefined || value === null || value === '') {
    return { absent: `Missing "${key}" key in json data.` };
  }
  // Whatever is there is a token, be it a bad one.
  return { text: typeof value === 'string' ? value : '', location: 'json' };
}

/** What a body parser has made of the body; or, of a body that none has read, what co-body makes of it. */
async function jsonBody(ctx: Context): Promise<unknown> {
  const request = ctx.request as { body?: unknown; rawBody?: string };
  try {
    if (hasParseError(ctx)) return undefined;
    if (request.rawBody !== undefined || ctx.req.readableEnded) return request.body;
    // Kept as a body parser keeps it, so that nobody after us reads the stream again.
    const { parsed, raw } = (await parse.json(ctx.req, { returnRawBody: true })) as {
      parsed: unknown;
      raw: string;
    };
    Object.assign(request, { body: parsed, rawBody: raw });
    return parsed;
  } catch (error) {
    const { status } = error as { status?: unknown };
    // Too large, or in a charset that nobody knows, is another matter than no JSON.
    if (status === 413 || status === 415) throw error;
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
