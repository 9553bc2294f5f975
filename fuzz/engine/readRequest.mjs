import { METHODS } from 'node:http';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * An input as a request: a line with method and URL, lines with headers, and after an empty line the body. Lines that Node's
 * HTTP parser would refuse are left out.
 */
export function readRequest(text) {
  const end = text.indexOf('\n\n');
  const [start = '', ...lines] = (end === -1 ? text : text.slice(0, end)).split('\n');
  const body = Buffer.from(end === -1 ? '' : text.slice(end + 2));
  const space = start.indexOf(' ');
  const method = METHODS.includes(start.slice(0, space)) ? start.slice(0, space) : 'GET';
  const url = `/${start
    .slice(space + 1)
    .replace(/[^!-~]/g, '')
    .replace(/^\/+/, '')}`;
  const headers = ['Host', 'example.com'];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)];
    if (NAME.test(name) && !/^host$/i.test(name)) headers.push(name, value.trim().replace(/[\0\r]/g, ''));
  }
  if (body.length > 0 && valuesOf({ headers }, 'content-length').length === 0)
    headers.push('Content-Length', String(body.length));
  return { method, url, headers, body };
}

/** All values that headers of one name have. */
export function valuesOf({ headers }, name) {
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1].toLowerCase() === name);
}
