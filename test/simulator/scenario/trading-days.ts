import { later, type Stage } from './stage.js';

const TWO_DAYS_SHARE = 0.3;
const LAST_BELL_SHARE = 0.3;
const NIGHT_MS = [500, 6_000] as const;
const MORNING_MS = [2_000, 9_000] as const;

/**
 * In some runs the bell rings in the middle: day orders expire, what comes in the night waits, and
 * a next day opens with its auction. In some it rings at the end.
 */
export function playTradingDays(stage: Stage, lastsMs: number): void {
  const { chance, exchange } = stage;
  if (chance.hit(TWO_DAYS_SHARE)) {
    const closesMs = lastsMs * chance.between(0.4, 0.7);
    const morningMs = closesMs + chance.between(...NIGHT_MS);
    later(stage, closesMs, () => exchange.close());
    later(stage, morningMs, () => exchange.beginNextDay());
    later(stage, morningMs + chance.between(...MORNING_MS), () => exchange.open());
  }
  if (chance.hit(LAST_BELL_SHARE)) later(stage, lastsMs * 0.97, () => exchange.close());
}
