import { z } from 'zod';
import {
  indicatorPriceRounded,
  type SimpleMovingAverageState,
  simpleMovingAverage,
} from '../domain/market/indicators/index.js';
import {
  NO_EXITS,
  type OrderSignal,
  type Signal,
  type TurnSignal,
} from '../domain/signal/index.js';
import { roundDownToTick } from '../domain/risk/index.js';
import {
  basisPointsRoundedUp,
  formatDecimalFixed,
  price,
  PRICE_DECIMALS,
  usd,
  wholeUsd,
} from '../domain/values/index.js';
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
    /**
     * Also sell short when the fast average is below; a cross then turns the position that is held.
     * Off: then it waits in cash.
     */
    allowShort: z.boolean().default(false),
    /** A stop order rests this far from the price at which it was set. Null: none does. */
    stopBasisPoints: z.int().min(1).max(5_000).nullable().default(null),
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
    // Whoever turns the position finishes; an old cross must not have it opened again after that.
    if (view.isTurning) return { state: { ...state, isEntryDue: false }, signals: [] };
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

/**
 * Turns or leaves a position that is no longer wanted, protects one that is; enters once it is
 * flat, once a cross.
 */
function act(view: CrossView, state: CrossState): Opinion<CrossState> {
  if (view.position.side !== 'flat') {
    const isUnwanted = state.wanted !== null && view.position.side !== state.wanted;
    // Whoever closes this position by hand must not see it opened again by an old cross.
    const after = { ...state, isEntryDue: false };
    if (!isUnwanted) return { state: after, signals: protect(view) };
    const isTurnDue = view.parameters.allowShort && state.isEntryDue;
    if (isTurnDue) return { state: after, signals: [turnPosition(view, state)] };
    return { state, signals: leave(view, explain('crossed against us', state)) };
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

/** Short enough for the legs of its orders, `turn-entry` among them. */
const TURN_LEG = 'turn';

function turnPosition(view: CrossView, state: CrossState): TurnSignal {
  const isLong = state.wanted === 'long';
  return {
    kind: 'turn',
    leg: TURN_LEG,
    symbol: view.bar.symbol,
    side: isLong ? 'buy' : 'sell',
    size: { notionalUsd: wholeUsd(view.parameters.positionUsd) },
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    reason: explain(isLong ? 'crossed above' : 'crossed below', state),
  };
}

/** Legs of stops: its own, and those that a turn has put back. */
const STOP_LEGS = ['stop', `${TURN_LEG}-keep1`] as const;

/** A stop for what is held, where one is wanted and nothing works that it could meet. */
function protect(view: CrossView): readonly OrderSignal[] {
  const { bar, openOrders, parameters, position } = view;
  const { stopBasisPoints } = parameters;
  if (stopBasisPoints === null || openOrders.length > 0) return [];
  const isLong = position.side === 'long';
  const distance = basisPointsRoundedUp(usd(bar.close), stopBasisPoints);
  return [
    {
      ...marketOrder(view, {
        leg: 'stop',
        side: isLong ? 'sell' : 'buy',
        size: { closePosition: true },
        purpose: 'exit',
        reason: `stop ${stopBasisPoints} basis points away`,
      }),
      type: 'stop',
      stopPrice: roundDownToTick(price(bar.close + (isLong ? -distance : distance))),
    },
  ];
}

/**
 * Takes back what still works, and closes what is held; asked again each bar until it is done. A
 * stop stands in the way of an exit: it goes first.
 */
function leave(view: CrossView, reason: string): readonly Signal[] {
  const { bar, position } = view;
  const signals: Signal[] = [];
  for (const leg of ['entry', `${TURN_LEG}-entry`, ...STOP_LEGS]) {
    if (hasOpenOrder(view, leg)) signals.push({ kind: 'cancel', symbol: bar.symbol, leg, reason });
  }
  const isStopInTheWay = STOP_LEGS.some((leg) => hasOpenOrder(view, leg));
  if (position.side !== 'flat' && !isStopInTheWay && !hasOpenOrder(view, 'exit')) {
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
    ...NO_EXITS,
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
