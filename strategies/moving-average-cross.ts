import { z } from 'zod';
import {
  indicatorPriceRounded,
  type SimpleMovingAverageState,
  simpleMovingAverage,
} from '../domain/market/indicators/index.js';
import type { OrderSignal, Signal } from '../domain/signal/index.js';
import { formatDecimalFixed, PRICE_DECIMALS, wholeUsd } from '../domain/values/index.js';
import { isRegularBar } from './session-view.js';
import { type BarView, defineStrategy, type Opinion, type StrategyDefinition } from './strategy.js';

/**
 * Copy this file to write a strategy of your own: give it another name, change what it decides, and
 * list it in registry.ts. A strategy is pure: no clock, no chance, no network; everything it may
 * know is handed to it.
 */

const parameters = z
  .strictObject({
    /** Lengths of the two averages, in bars. */
    fastBars: z.int().min(1).max(500).default(5),
    slowBars: z.int().min(2).max(500).default(20),
    /** The size of a new position in dollars; risk turns it into whole units. */
    positionUsd: z.int().min(1).max(1_000_000).default(15_000),
    /** Also sell short when the fast average is below. Off: then it waits in cash. */
    allowShort: z.boolean().default(false),
    /** No position is opened, and every one is closed, within this many minutes of the close. */
    flattenMinutesBeforeClose: z.int().min(1).max(120).default(10),
  })
  .refine(({ fastBars, slowBars }) => fastBars < slowBars, {
    path: ['fastBars'],
    message: 'expected fewer bars than slowBars',
  });

export type CrossParameters = z.infer<typeof parameters>;

/** What it remembers from bar to bar, per symbol. Plain JSON that follows from the bars alone. */
export interface CrossState {
  readonly fast: SimpleMovingAverageState;
  readonly slow: SimpleMovingAverageState;
  /** The side that the averages speak for; null until both have a value. */
  readonly wanted: 'long' | 'short' | 'flat' | null;
  /** The last cross asked for a new position, and it was not asked for yet. */
  readonly isEntryDue: boolean;
}

type CrossView = BarView & { readonly state: CrossState; readonly parameters: CrossParameters };

export const movingAverageCrossDefinition: StrategyDefinition<CrossParameters, CrossState> = {
  name: 'moving-average-cross',
  description: 'Long while a fast average of closes is above a slow one; flat before the close.',
  parameters,
  warmUpBars: ({ slowBars }) => slowBars + 1,

  initialState: ({ fastBars, slowBars }) => ({
    fast: simpleMovingAverage(fastBars).initial,
    slow: simpleMovingAverage(slowBars).initial,
    wanted: null,
    isEntryDue: false,
  }),

  onBar: (view): Opinion<CrossState> => {
    // Extended hours are thin: they move no average and make no trade.
    if (!isRegularBar(view.session)) return { state: view.state, signals: [] };
    const state = observe(view);
    const isClosing = view.session.minutesToClose <= view.parameters.flattenMinutesBeforeClose;
    if (isClosing) {
      const signals = leave(view, 'flat before the close');
      return { state: { ...state, isEntryDue: false }, signals };
    }
    return act(view, state);
  },
};

export const movingAverageCross = defineStrategy(movingAverageCrossDefinition);

/**
 * Takes the close into both averages and notes a cross. What is above from the start did not cross.
 */
function observe({ bar, state, parameters }: CrossView): CrossState {
  const fast = simpleMovingAverage(parameters.fastBars).next(state.fast, bar.close);
  const slow = simpleMovingAverage(parameters.slowBars).next(state.slow, bar.close);
  const isFirstSight = spread(state.fast, state.slow) === null;
  const now = spread(fast, slow);
  if (now === null || now === 0) return { ...state, fast, slow };
  const below = parameters.allowShort ? 'short' : 'flat';
  const wanted = now > 0 ? 'long' : below;
  if (wanted === state.wanted) return { ...state, fast, slow };
  return { fast, slow, wanted, isEntryDue: !isFirstSight && wanted !== 'flat' };
}

function spread(fast: SimpleMovingAverageState, slow: SimpleMovingAverageState): number | null {
  return fast.value === null || slow.value === null ? null : fast.value - slow.value;
}

/** Leaves a position that is no longer wanted; enters once it is flat, once a cross. */
function act(view: CrossView, state: CrossState): Opinion<CrossState> {
  if (view.position.side !== 'flat') {
    const isUnwanted = state.wanted !== null && view.position.side !== state.wanted;
    if (isUnwanted) return { state, signals: leave(view, explain('crossed against us', state)) };
    // Whoever closes this position by hand must not see it opened again by an old cross.
    return { state: { ...state, isEntryDue: false }, signals: [] };
  }
  if (!state.isEntryDue || hasOpenOrder(view, 'entry') || hasOpenOrder(view, 'exit')) {
    return { state, signals: [] };
  }
  const isLong = state.wanted === 'long';
  const entry = marketOrder(view, {
    leg: 'entry',
    side: isLong ? 'buy' : 'sell',
    size: { notionalUsd: wholeUsd(view.parameters.positionUsd) },
    purpose: 'entry',
    reason: explain(isLong ? 'crossed above' : 'crossed below', state),
  });
  return { state: { ...state, isEntryDue: false }, signals: [entry] };
}

/**
 * Takes back an entry that still works, and closes what is held; asked again each bar until it is
 * done.
 */
function leave(view: CrossView, reason: string): readonly Signal[] {
  const { bar, position } = view;
  const signals: Signal[] = [];
  if (hasOpenOrder(view, 'entry')) {
    signals.push({ kind: 'cancel', symbol: bar.symbol, leg: 'entry', reason });
  }
  if (position.side !== 'flat' && !hasOpenOrder(view, 'exit')) {
    signals.push(
      marketOrder(view, {
        leg: 'exit',
        side: position.side === 'long' ? 'sell' : 'buy',
        size: { closePosition: true },
        purpose: 'exit',
        reason,
      }),
    );
  }
  return signals;
}

type OrderChoice = Pick<OrderSignal, 'leg' | 'side' | 'size' | 'purpose' | 'reason'>;

function marketOrder(view: CrossView, choice: OrderChoice): OrderSignal {
  return {
    kind: 'order',
    symbol: view.bar.symbol,
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    ...choice,
  };
}

function hasOpenOrder(view: CrossView, leg: string): boolean {
  return view.openOrders.some((order) => order.leg === leg);
}

function explain(what: string, { fast, slow }: CrossState): string {
  return `${what}: fast ${dollars(fast)}, slow ${dollars(slow)}`;
}

function dollars({ value }: SimpleMovingAverageState): string {
  const average = indicatorPriceRounded(value);
  return average === null ? 'unknown' : formatDecimalFixed(average, PRICE_DECIMALS, 4);
}
