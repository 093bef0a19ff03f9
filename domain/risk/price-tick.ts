import { CENT_NANOS, type Price, price } from '../values/index.js';

const ONE_DOLLAR_NANOS = 1_000_000_000;
const HUNDREDTH_OF_A_CENT_NANOS = 100_000;

/**
 * Whether the venue takes the price: whole cents from one dollar on, four decimals below (SEC rule
 * 612).
 */
export function isOnTick(value: Price): boolean {
  return value % tickOf(value) === 0;
}

/** The nearest price on the tick that is not above the value, and at least one tick. */
export function roundDownToTick(value: Price): Price {
  const tick = tickOf(value);
  return price(Math.max(tick, value - (value % tick)));
}

function tickOf(value: Price): number {
  return value >= ONE_DOLLAR_NANOS ? CENT_NANOS : HUNDREDTH_OF_A_CENT_NANOS;
}
