/** Writes the figures of bench/results into the pages of docs, as a whole run does: npm run bench:pages */
import { writePages } from './report/pages.mjs';

writePages();
