/** The last jest reporter: its last line is `N passed, N failed`, alone, for whoever reads only that. */
export default class ClosingLineReporter {
  /**
   * Counts tests, and as failed also every suite that could not run and every check before jest that did not pass.
   *
   * @param {Set<unknown>} _contexts
   * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number }} results
   */
  onRunComplete(_contexts, results) {
    const failedChecks = (process.env.FAILED_CHECKS ?? '').split(',').filter(Boolean);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + failedChecks.length;
    // jest prints its own summary after the last reporter, so ours waits for the end of the process
    process.once('exit', () => {
      if (failedChecks.length > 0) {
        console.log(`Failed before the tests: ${failedChecks.join(', ')}`);
      }
      console.log(`${results.numPassedTests} passed, ${failed} failed`);
    });
  }
}
