import { newYorkInstant, parseMarketDate } from '../../../domain/market/index.js';
import { absoluteUsd, type EpochMs, parseUsd, quantity } from '../../../domain/values/index.js';
import type {
  BrokerAccount,
  BrokerAsset,
  BrokerCalendarDay,
  BrokerClock,
  BrokerPosition,
  CashActivity,
} from '../port.js';
import {
  aggregateOf,
  aggregateOrNull,
  averagePriceOrNull,
  decimalTextOf,
  flagOf,
  instantOf,
  quantityOf,
  recordOf,
  textOf,
  textOrNull,
  unreadable,
  type WireRecord,
} from './wire-record.js';

/** The account. Money is rounded to micro-dollars; whether it may trade must be readable. */
export function readAccount(value: unknown, raw: string): BrokerAccount {
  const account = recordOf(value, 'an account');
  const blocks = ['account_blocked', 'trading_blocked', 'trade_suspended_by_user'];
  return {
    accountNumber: textOf(account, 'account_number'),
    status: textOf(account, 'status'),
    cash: aggregateOf(account, 'cash'),
    equity: aggregateOf(account, 'equity'),
    lastEquity: aggregateOf(account, 'last_equity'),
    buyingPower: aggregateOf(account, 'buying_power'),
    multiplier: decimalTextOf(account, 'multiplier'),
    shortingEnabled: flagOf(account, 'shorting_enabled'),
    blocked: blocks.map((member) => flagOf(account, member)).includes(true),
    raw,
  };
}

/** A position. The wire's quantity is negative for shorts: sign and side must agree. */
export function readPosition(value: unknown): BrokerPosition {
  const position = recordOf(value, 'a position');
  const signedText = decimalTextOf(position, 'qty');
  const isNegative = signedText.startsWith('-');
  const units = quantityOf({ qty: signedText.replace(/^-/, '') }, 'qty');
  const side = textOf(position, 'side');
  if (side !== 'long' && side !== 'short') throw unreadable('side', 'long or short', side);
  if (isNegative !== (side === 'short')) {
    throw unreadable('qty', `the sign of a ${side} position`, signedText);
  }
  const costBasis = aggregateOrNull(position, 'cost_basis');
  return {
    symbol: textOf(position, 'symbol'),
    side,
    quantity: quantity(units),
    averageEntryPrice: averagePriceOrNull(position, 'avg_entry_price'),
    costBasis: costBasis === null ? null : absoluteUsd(costBasis),
    currentPrice: averagePriceOrNull(position, 'current_price'),
    raw: JSON.stringify(value),
  };
}

export function readClock(value: unknown): BrokerClock {
  const clock = recordOf(value, 'a clock');
  return {
    atMs: instantOf(clock, 'timestamp'),
    isOpen: flagOf(clock, 'is_open'),
    nextOpenAtMs: instantOf(clock, 'next_open'),
    nextCloseAtMs: instantOf(clock, 'next_close'),
  };
}

/** A trading day; its hours are New York times of day such as 09:30. */
export function readCalendarDay(value: unknown): BrokerCalendarDay {
  const day = recordOf(value, 'a calendar day');
  const date = textOf(day, 'date');
  return {
    date,
    openAtMs: instantOfDay(day, date, 'open'),
    closeAtMs: instantOfDay(day, date, 'close'),
  };
}

export function readAsset(value: unknown): BrokerAsset {
  const asset = recordOf(value, 'an asset');
  return {
    assetId: textOf(asset, 'id'),
    symbol: textOf(asset, 'symbol'),
    name: typeof asset['name'] === 'string' ? asset['name'] : '',
    exchange: textOf(asset, 'exchange'),
    tradable: flagOf(asset, 'tradable'),
    shortable: flagOf(asset, 'shortable') && isLent(asset),
    fractionable: flagOf(asset, 'fractionable'),
  };
}

/**
 * Whether the broker lends it: shorts of what is hard to borrow are refused. An older member tells
 * it where the newer is missing; where both are, the broker decides.
 */
function isLent(asset: WireRecord): boolean {
  const status = textOrNull(asset, 'borrow_status');
  return status === null ? asset['easy_to_borrow'] !== false : status === 'easy_to_borrow';
}

/**
 * What moved cash without a fill. None for what moved no dollars, was taken back, or has an amount
 * that cannot be kept exactly: it must not keep the rest of the list from being read.
 */
export function readCashActivity(value: unknown): readonly CashActivity[] {
  const activity = recordOf(value, 'an account activity');
  const currency = textOrNull(activity, 'currency') ?? 'USD';
  const status = textOrNull(activity, 'status') ?? 'executed';
  const amount = parseUsd(textOrNull(activity, 'net_amount') ?? '0');
  if (currency !== 'USD' || status !== 'executed' || amount === null || amount === 0) return [];
  // One that is told by its day alone counts from the first moment of that day.
  const at =
    textOrNull(activity, 'created_at') ?? `${textOf(activity, 'date').slice(0, 10)}T00:00:00Z`;
  return [
    {
      activityId: textOf(activity, 'id'),
      type: textOf(activity, 'activity_type'),
      amount,
      atMs: instantOf({ at }, 'at'),
      raw: JSON.stringify(value),
    },
  ];
}

function instantOfDay(day: WireRecord, date: string, member: 'open' | 'close'): EpochMs {
  const marketDate = parseMarketDate(date);
  if (marketDate === null) throw unreadable('date', 'a date of the market calendar', date);
  const time = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(textOf(day, member));
  if (time === null) throw unreadable(member, 'a time of day such as 09:30', day[member]);
  return newYorkInstant(marketDate, Number(time[1]) * 60 + Number(time[2]));
}
