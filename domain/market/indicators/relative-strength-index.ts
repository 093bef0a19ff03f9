import { assert } from '../../values/index.js';
import type { Indicator, IndicatorState } from './indicator.js';
import { SMOOTHING_START, type SmoothingState, smooth } from './smoothing.js';

export interface RelativeStrengthState extends IndicatorState {
  readonly previous: number | null;
  readonly gain: SmoothingState;
  readonly loss: SmoothingState;
}

/**
 * RSI from 0 to 100 with Wilder's smoothing, seeded with the mean of the first `length` changes,
 * unrounded. Without a loss in memory it is 100.
 */
export function relativeStrengthIndex(length: number): Indicator<RelativeStrengthState> {
  assert(Number.isSafeInteger(length) && length > 0, `expected a positive length, found ${length}`);
  const wilder = { length, weight: 1 / length };
  return {
    warmUpInputs: length + 1,
    initial: { value: null, previous: null, gain: SMOOTHING_START, loss: SMOOTHING_START },
    next: (state, input) => {
      if (state.previous === null) return { ...state, previous: input };
      const change = input - state.previous;
      const gain = smooth(state.gain, Math.max(change, 0), wilder);
      const loss = smooth(state.loss, Math.max(-change, 0), wilder);
      return { value: strength(gain.value, loss.value), previous: input, gain, loss };
    },
  };
}

function strength(gain: number | null, loss: number | null): number | null {
  if (gain === null || loss === null) return null;
  return loss === 0 ? 100 : 100 - 100 / (1 + gain / loss);
}
