/** A token in compact form, with its dots as they are or escaped. Nothing else is as long and has two of them. */
const MIN_TOKEN = 60;

/** A path without the tokens in it, such as that of a download link. */
export function withoutTokens(path: string): string {
  return path.replace(/[\w.%-]+/g, (word) =>
    word.length >= MIN_TOKEN && word.split(/\.|%2e/i).length > 2 ? '…' : word,
  );
}

/**
 * The messages of an error and its causes, in one line. Without its other members, in which clients of stores keep
 * their commands, and without what URLs may hold: passwords and queries.
 */
export function reasonOf(error: unknown): string {
  const messages: string[] = [];
  for (let each = error; each instanceof Error && messages.length < MAX_CAUSES; each = each.cause) {
    messages.push(each.message);
  }
  return (messages.length === 0 ? String(error) : messages.join(': '))
    .replace(/\/\/[^\s/?#]*@/g, '//…@')
    .replace(/\?\S+/g, '?…');
}

const MAX_CAUSES = 5;
