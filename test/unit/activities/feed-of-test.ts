import type { FeedContext } from '../../../activities/session/session-context.js';
import { type Bar, parseMarketDate, tradingDay } from '../../../domain/market/index.js';
import type { Signal } from '../../../domain/signal/index.js';
import { assert, epochMs, price, wholeUnits } from '../../../domain/values/index.js';
import type { SessionInput } from '../../../workflows/contract/index.js';
import { BROKER_START_MS } from '../../support/scripted-broker.js';
import { ACCOUNT, type TestWorld } from '../../support/test-world.js';

export const session: SessionInput = {
  account: ACCOUNT,
  marketDate: '2013-10-07',
  strategy: 'scripted',
  strategyParameters: {},
  symbols: ['SPY'],
  dataFeed: 'recorded',
};

/** The minute bar that ends so many minutes after the open. */
export function barAt(minute: number, closeUsd = 145): Bar {
  const close = price(Math.round(closeUsd * 1_000_000_000));
  const endAtMs = epochMs(BROKER_START_MS + minute * 60_000);
  const startAtMs = epochMs(endAtMs - 60_000);
  const prices = { open: close, high: close, low: close, close };
  return { symbol: 'SPY', startAtMs, endAtMs, ...prices, volume: wholeUnits(1_000) };
}

/** A session whose strategy says what the test wants. */
export function feedOf({ world }: TestWorld, say: () => readonly Signal[]): FeedContext {
  const date = parseMarketDate(session.marketDate);
  const day = date === null ? null : tradingDay(date);
  assert(day !== null, 'expected a trading day');
  return {
    world,
    input: session,
    day,
    strategy: {
      name: 'scripted',
      parameters: {},
      warmUpBars: 0,
      initialState: 0,
      onBar: ({ state }) => ({ state: Number(state) + 1, signals: say() }),
    },
    states: new Map(),
    givenUp: new Set(),
    signal: new AbortController().signal,
    heartbeat: () => undefined,
  };
}
