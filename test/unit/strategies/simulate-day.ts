import { type Bar, type MarketDate, tradingDay } from '../../../domain/market/index.js';
import { applyFill, flatPosition, type Position } from '../../../domain/position/index.js';
import { NO_EXITS, type OrderSignal, type Signal } from '../../../domain/signal/index.js';
import { foldTrade, type Trade, type TradeInProgress } from '../../../domain/trade/index.js';
import {
  epochMs,
  notionalRounded,
  type Quantity,
  wholeUnitsAffordable,
  ZERO_USD,
} from '../../../domain/values/index.js';
import { sessionView } from '../../../strategies/session-view.js';
import type { ConfiguredStrategy } from '../../../strategies/strategy.js';

/** A signal and where in the day it was given. */
export interface SignalAt {
  readonly minute: number;
  readonly minutesToClose: number;
  readonly signal: Signal;
}

export interface SimulatedDay {
  readonly signals: readonly SignalAt[];
  readonly fillCount: number;
  readonly trades: readonly Trade[];
  readonly position: Position;
}

interface Resting {
  readonly signal: OrderSignal;
  readonly size: Quantity;
}

/**
 * One symbol's day without an exchange: market orders fill at the close of the symbol's next bar,
 * others rest until they are canceled, and more than a million units are denied. A turn closes
 * first, and opens in the same bar.
 */
export function simulateDay(
  strategy: ConfiguredStrategy,
  date: MarketDate,
  bars: readonly Bar[],
): SimulatedDay {
  const day = tradingDay(date);
  const symbol = bars[0]?.symbol;
  if (day === null || symbol === undefined) throw new Error(`expected bars of ${date}, found none`);
  const books = openBooks(symbol);
  const signals: SignalAt[] = [];
  let state = strategy.initialState;
  for (const bar of bars) {
    books.fillMarketOrders(bar);
    const session = sessionView(day, bar.endAtMs);
    const { position, open } = books;
    const openOrders = open().map(({ signal, size }) => ({
      leg: signal.leg,
      side: signal.side,
      remaining: size,
    }));
    const opinion = strategy.onBar({
      state,
      bar,
      position: position(),
      openOrders,
      isTurning: false,
      session,
    });
    state = opinion.state;
    for (const signal of opinion.signals) {
      signals.push({
        minute: session.minutesSinceOpen,
        minutesToClose: session.minutesToClose,
        signal,
      });
      books.take(signal, bar);
    }
  }
  return {
    signals,
    fillCount: books.fillCount(),
    trades: books.trades,
    position: books.position(),
  };
}

function openBooks(symbol: string) {
  let position = flatPosition(symbol, epochMs(0));
  let inProgress: TradeInProgress | null = null;
  let open: readonly Resting[] = [];
  let fillCount = 0;
  const trades: Trade[] = [];
  const fill = ({ signal, size }: Resting, bar: Bar): void => {
    fillCount += 1;
    const one = {
      fillId: `fill-${fillCount}`,
      strategy: 'any',
      symbol,
      side: signal.side,
      quantity: size,
      price: bar.close,
      notional: notionalRounded(bar.close, size),
      fee: ZERO_USD,
      decisionPrice: null,
      atMs: bar.endAtMs,
    };
    const change = applyFill(position, one);
    const folded = foldTrade(inProgress, one, change);
    position = change.position;
    inProgress = folded.inProgress;
    if (folded.closed !== null) trades.push(folded.closed);
  };
  return {
    trades,
    position: () => position,
    open: () => open,
    fillCount: () => fillCount,
    fillMarketOrders: (bar: Bar) => {
      const due = open.filter(({ signal }) => signal.type === 'market');
      open = open.filter(({ signal }) => signal.type !== 'market');
      for (const order of due) fill(order, bar);
    },
    take: (signal: Signal, bar: Bar) => {
      if (signal.kind === 'cancel') {
        open = open.filter((order) => order.signal.leg !== signal.leg);
        return;
      }
      if (signal.kind === 'turn') {
        const entry: OrderSignal = {
          ...signal,
          ...NO_EXITS,
          kind: 'order',
          leg: 'entry',
          purpose: 'entry',
        };
        const exit: OrderSignal = { ...entry, leg: 'exit', purpose: 'exit' };
        open = [
          ...open,
          { signal: exit, size: position.quantity },
          { signal: entry, size: sizeOf(entry, bar, position) },
        ];
        return;
      }
      const size = sizeOf(signal, bar, position);
      if (size <= 1_000_000_000_000_000) open = [...open, { signal, size }];
    },
  };
}

function sizeOf({ size }: OrderSignal, bar: Bar, position: Position): Quantity {
  if ('units' in size) return size.units;
  if ('notionalUsd' in size) return wholeUnitsAffordable(size.notionalUsd, bar.close);
  return position.quantity;
}
