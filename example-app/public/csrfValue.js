/** The value of a CSRF cookie. There is one for each token, and scripts of this site can read it. */
export function csrfValue(cookie) {
  const pairs = document.cookie.split('; ').map((pair) => pair.split('='));
  return pairs.find(([name]) => name === cookie)?.[1];
}
