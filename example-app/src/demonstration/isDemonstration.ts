/** In production nobody needs to see the guard at work. */
export const isDemonstration = process.env['NODE_ENV'] !== 'production';
