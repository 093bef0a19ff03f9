import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints the last line of a run, readable by people and machines alike:
 * "tests: 120 passed, 0 failed, 3 skipped". A file that could not be loaded and an error outside
 * every test count as failed, so that the line never looks better than the exit code.
 */
export const closingLineReporter: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      countModule(module, counts);
    }
    const { passed, failed, skipped } = counts;
    // On the next turn, so that it comes after the summary of the default reporter.
    setImmediate(() => {
      process.stdout.write(`\ntests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  },
};

function countModule(
  module: TestModule,
  counts: { passed: number; failed: number; skipped: number },
): void {
  if (module.errors().length > 0) {
    counts.failed += 1;
  }
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') {
      counts.passed += 1;
    } else if (state === 'failed') {
      counts.failed += 1;
    } else {
      counts.skipped += 1;
    }
  }
}
