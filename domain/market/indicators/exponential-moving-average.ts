import { assert } from '../../values/index.js';
import type { Indicator } from './indicator.js';
import { SMOOTHING_START, type SmoothingState, smooth } from './smoothing.js';

/** EMA with k = 2 / (length + 1), seeded with the mean of the first `length` inputs. */
export function exponentialMovingAverage(length: number): Indicator<SmoothingState> {
  assert(Number.isSafeInteger(length) && length > 0, `expected a positive length, found ${length}`);
  const weight = 2 / (length + 1);
  return {
    warmUpInputs: length,
    initial: SMOOTHING_START,
    next: (state, input) => smooth(state, input, { length, weight }),
  };
}
