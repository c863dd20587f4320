import { renameSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** A line a spec file, failures in full, and the counts for the driver. A skipped test counts as failed: it promises nothing. */
export default class Reporter {
  passed = 0;
  failed = 0;

  onTestResult(test, result) {
    const { testResults, failureMessage, perfStats } = result;
    const skipped = testResults.filter(({ status }) => status !== 'passed' && status !== 'failed');
    // A file that does not even load has no tests and one failure.
    const failed = testResults.filter(({ status }) => status === 'failed').length + skipped.length || (result.testExecError || failureMessage ? 1 : 0);
    const passed = testResults.filter(({ status }) => status === 'passed').length;
    this.passed += passed;
    this.failed += failed;
    const path = relative(test.context.config.rootDir, test.path);
    console.log(`${failed === 0 ? '✓' : '✗'} ${path}  ${passed} passed${failed === 0 ? '' : `, ${failed} failed`}  ${(perfStats.runtime / 1000).toFixed(1)} s`);
    if (failed > 0 && result.console?.length) for (const { message, origin } of result.console) console.log(`    ${message}${origin ? '' : ''}`);
    if (failureMessage) console.log(failureMessage);
    for (const { fullName, status } of skipped) console.log(`  ● ${fullName}: ${status}; tests are never skipped here.`);
  }

  onRunComplete(_contexts, results) {
    if (results.wasInterrupted) this.failed += 1;
    const file = process.env.HOOKLANE_TEST_COUNTS;
    if (file === undefined) return;
    writeFileSync(`${file}.next`, JSON.stringify({ passed: this.passed, failed: this.failed }));
    renameSync(`${file}.next`, file);
  }

  getLastError() {
    return undefined;
  }
}
