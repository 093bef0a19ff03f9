import { expect } from 'vitest';
import { runSeed } from './run-seed.js';

/** Runs the seeds with all faults; a failing one is told with the end of its trace. */
export async function expectNothingViolated(first: number, count: number): Promise<void> {
  for (let seed = first; seed < first + count; seed += 1) {
    const run = await runSeed({ seed, faults: 'all', stackLines: 0 });
    const { violations, tail, orders } = run;
    expect({ seed, violations, tail }).toEqual({ seed, violations: [], tail: [] });
    expect(orders).toBeGreaterThanOrEqual(20);
  }
}
