import { body } from './body.mjs';
import { cookie } from './cookie.mjs';
import { header } from './header.mjs';
import { query } from './query.mjs';

/** Each makes a target of a loaded library. */
export const TARGETS = { header, cookie, query, body };
