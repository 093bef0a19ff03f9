import { writeFileSync } from 'node:fs';
import { judgeCoverage, nameOf } from '../coverage/coverage-cells.js';
import { COVERAGE_PAGE, coveragePage } from '../coverage/coverage-page.js';
import type { Tally } from './tally.js';

/** From `dist/simulator/test/simulator/command`, where this runs. */
const ROOT = new URL('../../../../../', import.meta.url);

/** Writes the page of the table, and says what the runs had to meet and did not, a line each. */
export function reportCoverage({ coverage }: Tally): readonly string[] {
  writeFileSync(new URL(COVERAGE_PAGE, ROOT), coveragePage());
  const { neverMet } = judgeCoverage(coverage.map(([fault, state]) => ({ fault, state })));
  return neverMet.map((cell) => `coverage: ${nameOf(cell)} is possible, and was never met`);
}
