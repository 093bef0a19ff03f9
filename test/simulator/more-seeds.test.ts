import { it } from 'vitest';
import { expectNothingViolated } from './expect-nothing-violated.js';

const RUNS_MS_MAX = 900_000;

// Beside those of `simulator.test.ts`, in a process of their own: two run at a time.
it(
  'another hundred seeds with faults → nothing is violated',
  () => expectNothingViolated(101, 100),
  RUNS_MS_MAX,
);
