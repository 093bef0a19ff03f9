/**
 * The state of an average that begins as a plain mean and then moves a fixed part of the way to
 * each input.
 */
export interface SmoothingState {
  readonly value: number | null;
  readonly seedSum: number;
  readonly seedCount: number;
}

export const SMOOTHING_START: SmoothingState = { value: null, seedSum: 0, seedCount: 0 };

/**
 * Seeds with the mean of the first `length` inputs, then value += weight × (input - value). Weight
 * 2 / (length + 1) is the exponential convention, 1 / length Wilder's.
 */
export function smooth(
  state: SmoothingState,
  input: number,
  { length, weight }: { readonly length: number; readonly weight: number },
): SmoothingState {
  if (state.value !== null) {
    return { ...state, value: state.value + weight * (input - state.value) };
  }
  const seedSum = state.seedSum + input;
  const seedCount = state.seedCount + 1;
  return { value: seedCount === length ? seedSum / length : null, seedSum, seedCount };
}
