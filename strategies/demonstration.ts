import { NO_EXITS, type OrderSignal, type Signal } from '../domain/signal/index.js';
import { type Price, price, wholeUnits } from '../domain/values/index.js';
import {
  type CrossParameters,
  type CrossState,
  movingAverageCrossDefinition,
} from './moving-average-cross.js';
import { isRegularBar } from './session-view.js';
import { type BarView, defineStrategy, type StrategyDefinition } from './strategy.js';

/** Market minutes after the open. */
const OVERSIZED_AT_MINUTE = 15;
const SECOND_REST_AT_MINUTE = 20;
const CANCEL_AT_MINUTE = 25;
/**
 * A resting order that is gone comes back after this long: not at once, lest a denial repeat every
 * bar.
 */
const REST_AGAIN_MINUTES = 5;

const RESTING_UNITS = wholeUnits(10);
/** More than any account's limits allow: risk must deny it. */
const OVERSIZED_UNITS = wholeUnits(5_000_000);

interface DemonstrationState {
  readonly cross: CrossState;
  /** Minutes since the open when the resting order was last asked for. */
  readonly restAskedAtMinute: number | null;
  readonly isOversizedSent: boolean;
  readonly isSecondRestSent: boolean;
  readonly isSecondRestCanceled: boolean;
}

type DemonstrationView = BarView & {
  readonly state: DemonstrationState;
  readonly parameters: CrossParameters;
};

const definition: StrategyDefinition<CrossParameters, DemonstrationState> = {
  name: 'demonstration',
  description: 'The moving-average cross, plus a resting order, a cancel and a denial to look at.',
  parameters: movingAverageCrossDefinition.parameters,
  warmUpBars: movingAverageCrossDefinition.warmUpBars,

  initialState: (parameters) => ({
    cross: movingAverageCrossDefinition.initialState(parameters),
    restAskedAtMinute: null,
    isOversizedSent: false,
    isSecondRestSent: false,
    isSecondRestCanceled: false,
  }),

  onBar: (view) => {
    const cross = movingAverageCrossDefinition.onBar({ ...view, state: view.state.cross });
    const show = isRegularBar(view.session) ? [rest(view), ...once(view)] : [];
    const acts = show.filter((act) => act !== null);
    return {
      state: acts.reduce<DemonstrationState>((state, act) => ({ ...state, ...act.change }), {
        ...view.state,
        cross: cross.state,
      }),
      signals: [...cross.signals, ...acts.flatMap((act) => act.signals)],
    };
  },
};

/**
 * Everything of the moving-average cross, and something to look at in every corner of the system.
 */
export const demonstration = defineStrategy(definition);

interface Act {
  readonly change: Partial<DemonstrationState>;
  readonly signals: readonly Signal[];
}

/** Keeps one buy order open far below the market: something to inspect and to cancel by hand. */
function rest(view: DemonstrationView): Act | null {
  const { openOrders, parameters, session, state } = view;
  const minute = session.minutesSinceOpen;
  if (openOrders.some((order) => order.leg === 'rest')) return null;
  if (session.minutesToClose <= parameters.flattenMinutesBeforeClose) return null;
  const asked = state.restAskedAtMinute;
  if (asked !== null && minute < asked + REST_AGAIN_MINUTES) return null;
  const order = restingBuy(view, 'rest', 'demonstration: rests 5 % below the market');
  return { change: { restAskedAtMinute: minute }, signals: [order] };
}

/** What happens once a day, at the first bar at or after its minute. */
function once(view: DemonstrationView): readonly (Act | null)[] {
  const { bar, session, state } = view;
  const isFrom = (minute: number): boolean => session.minutesSinceOpen >= minute;
  const cancel: Signal = {
    kind: 'cancel',
    symbol: bar.symbol,
    leg: 'rest2',
    reason: 'demonstration: a cancel',
  };
  return [
    isFrom(OVERSIZED_AT_MINUTE) && !state.isOversizedSent
      ? { change: { isOversizedSent: true }, signals: [oversized(view)] }
      : null,
    isFrom(SECOND_REST_AT_MINUTE) && !state.isSecondRestSent
      ? {
          change: { isSecondRestSent: true },
          signals: [restingBuy(view, 'rest2', 'demonstration: rests until it is canceled')],
        }
      : null,
    isFrom(CANCEL_AT_MINUTE) && state.isSecondRestSent && !state.isSecondRestCanceled
      ? { change: { isSecondRestCanceled: true }, signals: [cancel] }
      : null,
  ];
}

function restingBuy(view: DemonstrationView, leg: string, reason: string): OrderSignal {
  return {
    kind: 'order',
    leg,
    symbol: view.bar.symbol,
    side: 'buy',
    size: { units: RESTING_UNITS },
    type: 'limit',
    limitPrice: fivePercentBelow(view.bar.close),
    stopPrice: null,
    timeInForce: 'day',
    purpose: 'entry',
    ...NO_EXITS,
    reason,
  };
}

function oversized(view: DemonstrationView): OrderSignal {
  return {
    kind: 'order',
    leg: 'oversize',
    symbol: view.bar.symbol,
    side: 'buy',
    size: { units: OVERSIZED_UNITS },
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    purpose: 'entry',
    ...NO_EXITS,
    reason: 'demonstration: too large on purpose, risk denies it',
  };
}

const CENT = 10_000_000;
const HUNDREDTH_OF_A_CENT = 100_000;
const DOLLAR = 1_000_000_000;

/**
 * Rounded down to a price that the exchange accepts: whole cents from a dollar up, 0.0001 below.
 */
function fivePercentBelow(close: Price): Price {
  const below = close - Math.floor(close / 20);
  const tick = below >= DOLLAR ? CENT : HUNDREDTH_OF_A_CENT;
  return price(Math.max(tick, Math.floor(below / tick) * tick));
}
