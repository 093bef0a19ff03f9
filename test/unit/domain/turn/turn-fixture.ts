import {
  createOrder,
  type Order,
  type OrderIntent,
  type OrderProgress,
} from '../../../../domain/order/index.js';
import type { PlanContext, TurnSignal } from '../../../../domain/signal/index.js';
import {
  applyTurnEvent,
  planTurn,
  type Turn,
  type TurnEvent,
  type TurnFacts,
  type TurnProgress,
  type TurnState,
} from '../../../../domain/turn/index.js';
import { assert, epochMs, price, wholeUnits } from '../../../../domain/values/index.js';
import { at, idOf, intentOf } from '../order/order-fixture.js';

/** Sells 103 SPY short after what is held long is gone. */
export const turnSignal: TurnSignal = {
  kind: 'turn',
  leg: 'turn',
  symbol: 'SPY',
  side: 'sell',
  size: { units: wholeUnits(103) },
  type: 'market',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'day',
  reason: 'crossed below',
};

export const planContext: PlanContext = {
  account: 'sim-1',
  strategy: 'moving-average-cross',
  decidedAtMs: at(60),
  decisionPrice: price(145_200_000_000),
  position: { side: 'long', quantity: wholeUnits(7) },
};

export function plannedTurn(): Turn {
  const turn = planTurn(turnSignal, planContext);
  assert(turn !== null, 'expected a plan');
  return turn;
}

export const STOP_ID = idOf('ord-test-SPY-1-stop');
export const EXIT_ID = idOf('ord-movingaveragecro-SPY-hmh79p4w-turn-exit');
export const WALL_MS = Date.UTC(2026, 0, 5, 9);

const removal = { removed: [STOP_ID], bareSinceWallMs: epochMs(WALL_MS), alertedAtWallMs: null };
const reason = { code: 'halted', message: 'trading is halted' };
const PROGRESS: { readonly [State in TurnState]: Extract<TurnProgress, { state: State }> } = {
  planned: { state: 'planned' },
  canceling: { state: 'canceling', ...removal },
  closing: {
    state: 'closing',
    ...removal,
    attempt: 1,
    exit: { clientOrderId: EXIT_ID, quantity: wholeUnits(7) },
    exitBeganAtWallMs: epochMs(WALL_MS),
  },
  covering: { state: 'covering', ...removal, covers: [], reason },
  opening: { state: 'opening' },
  turned: { state: 'turned' },
  closed_only: { state: 'closed_only', reason },
  kept: { state: 'kept', reason },
  uncovered: { state: 'uncovered', reason, bareSinceWallMs: epochMs(WALL_MS) },
};

export function turnIn(state: TurnState, change: object = {}): Turn {
  return { ...plannedTurn(), progress: { ...PROGRESS[state], ...change } };
}

/** An event of each kind, such as could come. */
export const EVENTS: {
  readonly [Kind in TurnEvent['kind']]: Extract<TurnEvent, { readonly kind: Kind }>;
} = {
  cancel_began: { kind: 'cancel_began', removed: [STOP_ID], bareSinceWallMs: epochMs(WALL_MS) },
  gap_told: { kind: 'gap_told', atWallMs: epochMs(WALL_MS + 1) },
  exit_began: {
    kind: 'exit_began',
    attempt: 2,
    exit: { clientOrderId: EXIT_ID, quantity: wholeUnits(7) },
    atWallMs: epochMs(WALL_MS),
  },
  entry_began: { kind: 'entry_began' },
  cover_began: { kind: 'cover_began', covers: [], reason },
  entry_filled: { kind: 'entry_filled' },
  entry_dropped: { kind: 'entry_dropped', reason },
  position_kept: { kind: 'position_kept', reason },
  left_bare: { kind: 'left_bare', reason },
};

export function moved(turn: Turn, event: TurnEvent): Turn {
  const applied = applyTurnEvent(turn, event, at(61));
  assert(applied.outcome === 'moved', `expected ${event.kind} to move the turn`);
  return applied.turn;
}

/** The stop that protects the long position of the plan. */
export function stopOrder(change: Partial<OrderIntent> = {}): Order {
  const intent = intentOf({
    clientOrderId: STOP_ID,
    leg: 'stop',
    side: 'sell',
    quantity: wholeUnits(7),
    type: 'stop',
    limitPrice: null,
    stopPrice: price(140_000_000_000),
    purpose: 'exit',
    ...change,
  });
  return createOrder(intent, at(0));
}

/** The order in a state, with so many units filled. */
export function orderIn(order: Order, progress: OrderProgress, filledUnits = 0): Order {
  return { ...order, progress, filledQuantity: wholeUnits(filledUnits) };
}

export const working = { state: 'accepted', brokerOrderId: 'broker-1' } as const;
export const pending = { state: 'pending_cancel', brokerOrderId: 'broker-1' } as const;
export const canceled = { state: 'canceled', brokerOrderId: 'broker-1' } as const;
export const filled = { state: 'filled', brokerOrderId: 'broker-1' } as const;
export const expired = { state: 'expired', brokerOrderId: 'broker-1' } as const;
export const denied = { state: 'denied', code: 'reduce_only', message: 'only exits' } as const;
export const refused = {
  state: 'refused',
  brokerOrderId: null,
  code: '40310000',
  message: 'insufficient qty',
} as const;

/** Seven units long, nothing in the way, the gate open, a second after the decision. */
export function factsOf(change: Partial<TurnFacts> = {}): TurnFacts {
  return {
    nowAtMs: at(61),
    nowAtWallMs: epochMs(WALL_MS + 10),
    haltMode: 'none',
    gateHold: null,
    position: wholeUnits(7),
    inTheWay: [],
    orders: new Map(),
    gap: { msMax: 30_000, policy: 'alert' },
    ...change,
  };
}

/** Orders by their ids. */
export function byId(...orders: readonly Order[]): ReadonlyMap<string, Order> {
  return new Map(orders.map((order) => [order.intent.clientOrderId, order]));
}
