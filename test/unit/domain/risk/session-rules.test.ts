import { describe, expect, it } from 'vitest';
import { marketDate, newYorkInstant } from '../../../../domain/market/index.js';
import type { TimeInForce } from '../../../../domain/order/index.js';
import { sessionFault } from '../../../../domain/risk/index.js';
import { epochMs } from '../../../../domain/values/index.js';
import { intentOf } from '../order/order-fixture.js';

const TRADING_DAY = '2013-10-07';
const HALF_DAY = '2013-11-29';
const SUNDAY = '2013-10-06';

function isTaken(timeInForce: TimeInForce, date: string, time: string): boolean {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  const atMs = newYorkInstant(marketDate(date), hours * 60 + minutes) + seconds * 1_000;
  return sessionFault(intentOf({ timeInForce }), epochMs(atMs)) === null;
}

describe('sessionFault: when auction orders are taken', () => {
  it.each<[TimeInForce, string, string, boolean]>([
    ['opg', TRADING_DAY, '09:27:59', true],
    ['opg', TRADING_DAY, '09:28:00', false],
    ['opg', TRADING_DAY, '18:59:59', false],
    ['opg', TRADING_DAY, '19:00:00', true],
    ['opg', SUNDAY, '12:00:00', true],
    ['cls', TRADING_DAY, '15:49:59', true],
    ['cls', TRADING_DAY, '15:50:00', false],
    ['cls', TRADING_DAY, '18:59:59', false],
    ['cls', TRADING_DAY, '19:00:00', true],
    ['cls', HALF_DAY, '12:49:59', true],
    ['cls', HALF_DAY, '12:50:00', false],
    ['cls', HALF_DAY, '19:00:00', true],
    ['day', TRADING_DAY, '12:00:00', true],
    ['gtc', TRADING_DAY, '23:00:00', true],
  ])('%s on %s at %s → taken: %s', (timeInForce, date, time, expected) => {
    expect(isTaken(timeInForce, date, time)).toBe(expected);
  });
});
