import { decideOnBar } from '../../activities/session/decide-on-bar.js';
import type { FeedContext } from '../../activities/session/session-context.js';
import { type Bar, tradingDay } from '../../domain/market/index.js';
import type { OrderSignal } from '../../domain/signal/index.js';
import { assert, epochMs, MINUTE_MS } from '../../domain/values/index.js';
import type { ConfiguredStrategy } from '../../strategies/strategy.js';
import type { OrderInput } from '../../workflows/contract/index.js';
import { MARKET } from './exchange.js';
import type { Shape } from './flights.js';
import type { BenchStack } from './stack.js';
import { wallInstantMs } from './wall-instant.js';

/**
 * Orders as a session makes them: a bar is decided on, the signal and the start of the order are
 * committed in one transaction, and the outbox starts the workflow. The clock starts in the
 * strategy.
 */
export function openDecisionShape({ world, symbols }: BenchStack): Shape {
  const day = tradingDay(MARKET.date);
  assert(day !== null, `expected a trading day, found ${MARKET.date}`);
  return {
    start: async (input) => {
      const script = openScript(input);
      const context: FeedContext = {
        world,
        input: {
          account: world.account,
          marketDate: MARKET.date,
          strategy: script.strategy.name,
          strategyParameters: {},
          symbols,
          dataFeed: MARKET.kind,
        },
        day,
        strategy: script.strategy,
        states: new Map(),
        givenUp: new Set(),
        signal: new AbortController().signal,
        heartbeat: () => undefined,
      };
      const [started] = await decideOnBar(context, barOf(input));
      assert(started === input.intent.clientOrderId, `expected one order, found ${started}`);
      return { decidedWallMs: script.decidedWallMs(), answeredWallMs: null };
    },
  };
}

/** A strategy that wants one given order and remembers when it said so. */
function openScript({ intent }: OrderInput): {
  readonly strategy: ConfiguredStrategy;
  readonly decidedWallMs: () => number;
} {
  let decidedWallMs = Number.NaN;
  const { leg, symbol, side, quantity, type, limitPrice, stopPrice, purpose, reason } = intent;
  const { takeProfit, stopLoss } = intent;
  const prices = { limitPrice, stopPrice, takeProfit, stopLoss };
  const wish = { leg, symbol, side, type, ...prices, purpose, reason };
  const signal: OrderSignal = {
    ...wish,
    kind: 'order',
    size: { units: quantity },
    timeInForce: 'day',
  };
  return {
    decidedWallMs: () => decidedWallMs,
    strategy: {
      name: intent.strategy,
      parameters: {},
      warmUpBars: 0,
      initialState: null,
      onBar: ({ state }) => {
        decidedWallMs = wallInstantMs();
        return { state, signals: [signal] };
      },
    },
  };
}

function barOf({ intent }: OrderInput): Bar {
  const { symbol, decidedAtMs: endAtMs, decisionPrice, quantity: volume } = intent;
  assert(decisionPrice !== null, `expected a quote of ${symbol}`);
  const price = decisionPrice;
  const startAtMs = epochMs(endAtMs - MINUTE_MS);
  return { symbol, startAtMs, endAtMs, open: price, high: price, low: price, close: price, volume };
}
