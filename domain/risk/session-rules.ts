import { newYorkDate, newYorkInstant, tradingDay } from '../market/index.js';
import type { OrderIntent } from '../order/index.js';
import { type EpochMs, MINUTE_MS } from '../values/index.js';
import type { Denial } from './validate-intent.js';

/** New York, when the broker takes auction orders for the next day again. */
const WINDOW_OPENS_MINUTES = 19 * 60;
const OPENING_CUTOFF_MS = 2 * MINUTE_MS;
const CLOSING_CUTOFF_MS = 10 * MINUTE_MS;

/**
 * Decides whether the broker takes an auction order now: not from two minutes before the open
 * (opg), or ten before the close (cls), until 19:00 New York of a trading day. Other orders have no
 * window: outside of the session they are queued. Null: it is taken.
 */
export function sessionFault({ timeInForce }: OrderIntent, nowAtMs: EpochMs): Denial | null {
  if (timeInForce !== 'opg' && timeInForce !== 'cls') return null;
  const date = newYorkDate(nowAtMs);
  const day = tradingDay(date);
  if (day === null) return null;
  const fromMs =
    timeInForce === 'opg' ? day.openAtMs - OPENING_CUTOFF_MS : day.closeAtMs - CLOSING_CUTOFF_MS;
  const isShut = nowAtMs >= fromMs && nowAtMs < newYorkInstant(date, WINDOW_OPENS_MINUTES);
  if (!isShut) return null;
  const since = timeInForce === 'opg' ? 'two minutes before the open' : 'ten before the close';
  const message = `${timeInForce} orders are not taken from ${since} until 19:00 New York`;
  return { code: 'outside_auction_window', message };
}
