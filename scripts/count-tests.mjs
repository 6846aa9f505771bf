// Prints `N passed, N failed[, N skipped]`, summed over jest's JSON results (one file per suite, given as arguments).
// A test file that could not be loaded, and a suite that left no result, count as one failure each.

import { existsSync, readFileSync } from 'node:fs';

const totals = { passed: 0, failed: 0, skipped: 0 };

for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    console.log(`${path} is missing: that suite did not run`);
    totals.failed += 1;
    continue;
  }
  const result = JSON.parse(readFileSync(path, 'utf8'));
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  totals.skipped += result.numPendingTests + result.numTodoTests;
}

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
