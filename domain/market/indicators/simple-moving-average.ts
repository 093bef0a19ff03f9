import { assert } from '../../values/index.js';
import type { Indicator, IndicatorState } from './indicator.js';

export interface SimpleMovingAverageState extends IndicatorState {
  /** The newest inputs, oldest first. */
  readonly window: readonly number[];
}

/**
 * SMA: the plain mean of the newest `length` inputs, added up anew each time so that no error
 * builds up.
 */
export function simpleMovingAverage(length: number): Indicator<SimpleMovingAverageState> {
  assert(Number.isSafeInteger(length) && length > 0, `expected a positive length, found ${length}`);
  return {
    warmUpInputs: length,
    initial: { value: null, window: [] },
    next: (state, input) => {
      const window = [...state.window, input].slice(-length);
      const value = window.length < length ? null : mean(window);
      return { value, window };
    },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
