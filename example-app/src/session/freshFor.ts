/** How long after a log-in the password is not asked for again. */
export const FRESH_FOR = '10 minutes';
