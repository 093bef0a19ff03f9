import { assert } from '../../values/index.js';
import type { Indicator, IndicatorState } from './indicator.js';
import { SMOOTHING_START, type SmoothingState, smooth } from './smoothing.js';

/** The prices of a bar in dollars. */
export interface RangeInput {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface AverageTrueRangeState extends IndicatorState {
  readonly previousClose: number | null;
  readonly range: SmoothingState;
}

/**
 * ATR in dollars with Wilder's smoothing. The true range needs the previous close, so it begins
 * with the second bar; the first value is the mean of `length` true ranges.
 */
export function averageTrueRange(length: number): Indicator<AverageTrueRangeState, RangeInput> {
  assert(Number.isSafeInteger(length) && length > 0, `expected a positive length, found ${length}`);
  const wilder = { length, weight: 1 / length };
  return {
    warmUpInputs: length + 1,
    initial: { value: null, previousClose: null, range: SMOOTHING_START },
    next: (state, bar) => {
      if (state.previousClose === null) return { ...state, previousClose: bar.close };
      const range = smooth(state.range, trueRange(bar, state.previousClose), wilder);
      return { value: range.value, previousClose: bar.close, range };
    },
  };
}

function trueRange(bar: RangeInput, previousClose: number): number {
  return Math.max(bar.high, previousClose) - Math.min(bar.low, previousClose);
}
