/** 64 bytes, enough for every HS algorithm. */
export const SECRET = 'a secret of the specs, long enough for HS256, HS384 and for HS512';
