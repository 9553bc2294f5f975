/*
 * Loaded by .mocharc.json. Mocha lets a test pass during which a promise was rejected that nobody handles. In the process
 * of a user that is the end, so here it fails the test.
 */
process.on('unhandledRejection', (reason) => {
  throw reason;
});
