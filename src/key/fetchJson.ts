const MOST_BYTES = 262_144;

/**
 * Fetches JSON from a URL that the configuration trusts. Follows no redirect, for that might lead anywhere; waits as
 * long as the signal lets it, and reads as much as a set of keys may reasonably take. Throws Error.
 */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Read to its end, or cancelled by leaving the loop: a body that is left alone keeps its connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`${url} answered more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}
