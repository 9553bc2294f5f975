/** What a CSRF cookie holds. It is set beside each token, for scripts of this site to read. */
export function csrfValue(cookie) {
  const pairs = document.cookie.split('; ').map((pair) => pair.split('='));
  return pairs.find(([name]) => name === cookie)?.[1];
}
