/**
 * What every indicator's state holds: the value after the newest input, or null while warming up.
 */
export interface IndicatorState {
  readonly value: number | null;
}

/**
 * A streaming indicator: a pure step from state and input to the next state. States are plain JSON,
 * so they can be kept and compared. Values are opinions in floating point, never money.
 */
export interface Indicator<State extends IndicatorState, Input = number> {
  /** How many inputs it takes until `value` is a number for the first time. */
  readonly warmUpInputs: number;
  readonly initial: State;
  next(state: State, input: Input): State;
}
