import path from 'node:path';

/** The folder of package.json, seen from build/spec/support. */
export const ROOT = path.join(__dirname, '../../..');
