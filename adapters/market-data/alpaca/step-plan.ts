import { newYorkDate } from '../../../domain/market/index.js';
import { type EpochMs, epochMs, MINUTE_MS } from '../../../domain/values/index.js';
import type { BrokerCalendarDay, MarketStep } from '../../broker/port.js';

/** A step of market time without its bars. */
export type PlannedStep = Pick<MarketStep, 'atMs' | 'marketDate' | 'phase'>;

/** Market time begins to step this long before the open. */
const OPEN_LEAD_MS = 5 * MINUTE_MS;

/**
 * The step that market time stands at: of today while it is a trading day, else of the next one.
 * Null: the calendar given does not reach that far.
 */
export function stepAt(nowMs: EpochMs, days: readonly BrokerCalendarDay[]): PlannedStep | null {
  const today = newYorkDate(nowMs);
  const day = days.find(({ date }) => date >= today);
  if (day === undefined) return null;
  const minuteMs = epochMs(nowMs - (nowMs % MINUTE_MS));
  const marketDate = day.date;
  if (nowMs < day.openAtMs) return { atMs: minuteMs, marketDate, phase: 'before_open' };
  if (nowMs < day.closeAtMs) return { atMs: minuteMs, marketDate, phase: 'open' };
  return nowMs < endOf(day)
    ? { atMs: day.closeAtMs, marketDate, phase: 'after_close' }
    : { atMs: endOf(day), marketDate, phase: 'ended' };
}

/**
 * The step after another: some minutes before the open, each minute to the close, one that ends the
 * day, and then the next day's first. Null: the calendar given does not reach that far.
 */
export function stepAfter(
  { atMs, marketDate, phase }: PlannedStep,
  days: readonly BrokerCalendarDay[],
): PlannedStep | null {
  const day = days.find(({ date }) => date === marketDate);
  if (day === undefined) return null;
  switch (phase) {
    case 'before_open':
    case 'open':
      return minuteStep(day, Math.max(atMs + MINUTE_MS, day.openAtMs - OPEN_LEAD_MS));
    case 'after_close':
      return { atMs: endOf(day), marketDate, phase: 'ended' };
    case 'ended': {
      const next = days.find(({ date }) => date > marketDate);
      return next === undefined ? null : minuteStep(next, next.openAtMs - OPEN_LEAD_MS);
    }
  }
}

function minuteStep(day: BrokerCalendarDay, wantedAtMs: number): PlannedStep {
  const atMs = epochMs(Math.min(wantedAtMs, day.closeAtMs));
  const marketDate = day.date;
  if (atMs < day.openAtMs) return { atMs, marketDate, phase: 'before_open' };
  return { atMs, marketDate, phase: atMs < day.closeAtMs ? 'open' : 'after_close' };
}

function endOf(day: BrokerCalendarDay): EpochMs {
  return epochMs(day.closeAtMs + MINUTE_MS);
}
