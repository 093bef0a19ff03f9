import { describe, expect, it } from 'vitest';
import { expectNothingViolated } from './expect-nothing-violated.js';
import { runSeed, type SeedResult } from './run-seed.js';
import { FAILED_SEEDS } from './seeds.js';

const SEEDS_WITHOUT_FAULTS = 5;
const SEEDS_WITH_FAULTS = 100;
const RUNS_MS_MAX = 900_000;

describe('simulated runs', () => {
  it(
    'nothing goes wrong → nothing is violated, repaired or guessed',
    async () => {
      for (let seed = 1; seed <= SEEDS_WITHOUT_FAULTS; seed += 1) {
        const { violations, faults, orders } = await runSeed({ seed, faults: 'none' });
        expect({ seed, violations, faults }).toEqual({ seed, violations: [], faults: {} });
        expect(orders).toBeGreaterThanOrEqual(20);
      }
    },
    RUNS_MS_MAX,
  );

  it(
    'everything goes wrong, then nothing more → books and broker agree, and all is told',
    () => expectNothingViolated(1, SEEDS_WITH_FAULTS),
    RUNS_MS_MAX,
  );

  it.each(FAILED_SEEDS)(
    'seed $seed ($found) → no more',
    async ({ seed }) => {
      const { violations } = await runSeed({ seed, faults: 'all' });
      expect(violations).toEqual([]);
    },
    RUNS_MS_MAX,
  );

  it(
    'the same seed → the same run, event by event',
    async () => {
      const first = await runSeed({ seed: 7, faults: 'all' });
      const again = await runSeed({ seed: 7, faults: 'all' });
      expect(again.traceHash).toBe(first.traceHash);
      // As `npm run simulate` begins it: a message of its parent is a tick.
      const fromTick = await new Promise<SeedResult>((resolve, reject) => {
        process.nextTick(() => runSeed({ seed: 7, faults: 'all' }).then(resolve, reject));
      });
      expect(fromTick.traceHash).toBe(first.traceHash);
      const other = await runSeed({ seed: 8, faults: 'all' });
      expect(other.traceHash).not.toBe(first.traceHash);
    },
    RUNS_MS_MAX,
  );
});
