import type { TradingDay } from '../domain/market/index.js';
import { type EpochMs, MINUTE_MS } from '../domain/values/index.js';

/** Where in the trading day an instant lies, in minutes of market time. */
export interface SessionView {
  /** Zero at the open, negative before it. */
  readonly minutesSinceOpen: number;
  /** Zero at the close (13:00 on a half day), negative after it. */
  readonly minutesToClose: number;
}

/** The view at the instant when a bar is known: its end. */
export function sessionView(day: TradingDay, atMs: EpochMs): SessionView {
  return {
    minutesSinceOpen: (atMs - day.openAtMs) / MINUTE_MS,
    minutesToClose: (day.closeAtMs - atMs) / MINUTE_MS,
  };
}

/** Whether a bar that ended at this point lay within regular hours. */
export function isRegularBar(session: SessionView): boolean {
  return session.minutesSinceOpen > 0 && session.minutesToClose >= 0;
}
