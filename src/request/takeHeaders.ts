import type { OutgoingHttpHeaders } from 'node:http';
import type { Context } from 'koa';

type Headers = Record<string, string | string[]>;

/**
 * Runs code that may set headers and cookies on the response, takes them back, and returns them. They belong to a
 * refusal, which the application may catch.
 */
export async function takeHeaders<Result>(
  ctx: Context,
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly headers: Headers }> {
  const before = headersOf(ctx);
  let result: Result;
  let headers: Headers;
  try {
    result = await run();
  } finally {
    headers = takeBack(ctx, before);
  }
  return { result, headers };
}

/** A copy, because cookies are added to the list that is there. */
function headersOf({ res }: Context): Headers {
  const entries = Object.entries<OutgoingHttpHeaders[string]>(res.getHeaders());
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? [...value] : String(value)]),
  );
}

function takeBack(ctx: Context, before: Headers): Headers {
  const taken: Headers = {};
  for (const [name, value] of Object.entries(headersOf(ctx))) {
    const earlier = before[name];
    if (String(value) === String(earlier)) continue;
    taken[name] =
      name === 'set-cookie' ? listOf(value).filter((each) => !listOf(earlier).includes(each)) : value;
    if (earlier === undefined) ctx.remove(name);
    else ctx.set(name, earlier);
  }
  return taken;
}

function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}
