import { assert, type Usd } from '../values/index.js';

/**
 * How many closed trades in a row have lost after one more, given its profit after fees: a loss
 * adds one, a win begins anew, break-even neither counts nor resets.
 */
export function countLosingStreak(streak: number, pnl: Usd): number {
  assert(Number.isSafeInteger(streak) && streak >= 0, `expected a count, found ${streak}`);
  if (pnl === 0) return streak;
  return pnl < 0 ? streak + 1 : 0;
}
