/* Makes docs/reference, which is not committed: `node docs/.vitepress/reference/write.mjs`, after `npm run build`. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../root.mjs';
import { writeApi } from './writeApi.mjs';
import { writeRootPages } from './writeRootPages.mjs';
import { writeTables } from './writeTables.mjs';

const docs = path.join(ROOT, 'docs');
const folder = path.join(docs, 'reference');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
writeTables(folder);
writeRootPages(docs);
await writeApi(path.join(folder, 'api'));
