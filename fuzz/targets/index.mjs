import { body } from './body.mjs';
import { config } from './config.mjs';
import { cookie } from './cookie.mjs';
import { env } from './env.mjs';
import { header } from './header.mjs';
import { jwks } from './jwks.mjs';
import { query } from './query.mjs';
import { token } from './token.mjs';

/** Each makes a target of a loaded library. */
export const TARGETS = { header, cookie, query, body, token, jwks, config, env };
