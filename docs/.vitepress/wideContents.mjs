/** Within a name, after _ or . or before a capital, and not within a tag. */
const BREAKS = /(?:(?<=\w[_.])(?=\w)|(?<=[a-z])(?=[A-Z]))(?![^<]*>)/g;

/**
 * For markdown-it: a table or chart that is wider than the screen scrolls by itself, by keyboard too. Long names in its cells,
 * such as JWT_ACCESS_TOKEN_EXPIRES, may go on in the next line.
 */
export function wideContents(md) {
  const { code_inline: codeInline, image } = md.renderer.rules;
  md.renderer.rules.table_open = (tokens, at, options, env) => {
    env.isInTable = true;
    return '<div class="wide" tabindex="0"><table>\n';
  };
  md.renderer.rules.table_close = (tokens, at, options, env) => {
    env.isInTable = false;
    return '</table></div>\n';
  };
  md.renderer.rules.code_inline = (tokens, at, options, env, self) => {
    const html = codeInline(tokens, at, options, env, self);
    return env.isInTable ? html.replace(BREAKS, '<wbr>') : html;
  };
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const html = image(tokens, at, options, env, self);
    return tokens[at].attrGet('src').endsWith('.svg')
      ? `<span class="wide" tabindex="0">${html}</span>`
      : html;
  };
}
