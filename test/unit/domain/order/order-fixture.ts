import {
  applyOrderEvent,
  type ClientOrderId,
  createOrder,
  type FillInterval,
  type Order,
  type OrderEvent,
  type OrderIntent,
  type OrderProgress,
  type OrderState,
  parseClientOrderId,
  type TransitionEvent,
} from '../../../../domain/order/index.js';
import {
  assert,
  type EpochMs,
  epochMs,
  notionalRounded,
  price,
  quantity,
  wholeUnits,
} from '../../../../domain/values/index.js';

export const BROKER_ORDER_ID = 'broker-1';
export const ORDERED_UNITS = 100;

const OPEN_AT_MS = Date.UTC(2013, 9, 7, 13, 30);

/** An instant some seconds after the open of a market day. */
export function at(seconds: number): EpochMs {
  return epochMs(OPEN_AT_MS + seconds * 1_000);
}

export function idOf(text: string): ClientOrderId {
  const id = parseClientOrderId(text);
  assert(id !== null, `expected a client order id, found ${text}`);
  return id;
}

/** BUY 100 SPY limit 145.20 day. */
export function intentOf(change: Partial<OrderIntent> = {}): OrderIntent {
  return {
    account: 'sim-1',
    clientOrderId: idOf('ord-test-SPY-1-entry'),
    strategy: 'moving-average-cross',
    leg: 'entry',
    symbol: 'SPY',
    side: 'buy',
    quantity: wholeUnits(ORDERED_UNITS),
    amount: null,
    type: 'limit',
    limitPrice: price(145_200_000_000),
    stopPrice: null,
    timeInForce: 'day',
    extendedHours: false,
    orderClass: 'simple',
    takeProfit: null,
    stopLoss: null,
    purpose: 'entry',
    decidedAtMs: at(0),
    validUntilMs: at(120),
    decisionPrice: price(145_100_000_000),
    reason: 'a test',
    ...change,
  };
}

export function newOrder(change: Partial<OrderIntent> = {}): Order {
  return createOrder(intentOf(change), at(0));
}

/** The fill (before, after] in whole units, at the limit. */
export function intervalOf(before: number, after: number): FillInterval {
  const unitPrice = price(145_200_000_000);
  return {
    cumulativeBefore: wholeUnits(before),
    cumulativeAfter: wholeUnits(after),
    price: unitPrice,
    notional: notionalRounded(unitPrice, quantity(wholeUnits(after) - wholeUnits(before))),
  };
}

export function filledEvent(before: number, after: number): OrderEvent {
  const interval = intervalOf(before, after);
  return { kind: 'filled', brokerOrderId: BROKER_ORDER_ID, interval };
}

function progressOf(state: OrderState): OrderProgress {
  const brokerOrderId = BROKER_ORDER_ID;
  switch (state) {
    case 'created':
      return { state };
    case 'submitting':
      return { state, sendDeadlineAtMs: at(1), earlierSendAtMs: null };
    case 'unknown':
      return { state, lastPossibleSendAtMs: at(1) };
    case 'refused':
      return { state, brokerOrderId: null, code: 'no', message: 'the broker said no' };
    case 'denied':
      return { state, code: 'halted', message: 'trading is halted' };
    case 'abandoned':
      return { state, evidence: 'nothing found' };
    default:
      return { state, brokerOrderId };
  }
}

const FILLED_UNITS: Partial<Record<OrderState, number>> = {
  partially_filled: 40,
  filled: ORDERED_UNITS,
  canceled: 40,
  expired: 40,
  replaced: 40,
};

/** An order as it stands in a state; where fills belong to the state, it holds them. */
export function orderIn(state: OrderState, filledUnits = FILLED_UNITS[state] ?? 0): Order {
  const held = filledUnits === 0 ? null : intervalOf(0, filledUnits);
  return {
    ...newOrder(),
    version: 7,
    progress: progressOf(state),
    attempts: state === 'created' || state === 'denied' ? 0 : 1,
    filledQuantity: wholeUnits(filledUnits),
    filledNotional: held?.notional ?? newOrder().filledNotional,
    brokerFilledQuantity: wholeUnits(filledUnits),
  };
}

/** An event of a column of the table, as it would reach the order. */
export function eventOf(column: TransitionEvent, order: Order): OrderEvent {
  const filled = order.filledQuantity / wholeUnits(1);
  switch (column) {
    case 'send_began':
      return { kind: column, sendDeadlineAtMs: at(9) };
    case 'not_sent':
    case 'replace_began':
    case 'replace_undone':
      return { kind: column };
    case 'answer_unknown':
      return { kind: column, lastPossibleSendAtMs: at(9) };
    case 'denied':
    case 'refused':
      return { kind: column, code: 'code', message: 'message' };
    case 'abandoned':
      return { kind: column, evidence: 'nothing found' };
    case 'filled_partly':
      return filledEvent(filled, filled + 10);
    case 'filled_completely':
      return filledEvent(filled, Math.max(ORDERED_UNITS, filled + 1));
    case 'fill_reversed': {
      const interval = intervalOf(Math.max(0, filled - 10), Math.max(10, filled));
      return { kind: column, brokerOrderId: BROKER_ORDER_ID, interval };
    }
    case 'resized':
      return {
        kind: column,
        brokerOrderId: BROKER_ORDER_ID,
        quantity: quantity(Math.max(0, order.orderedQuantity - wholeUnits(10))),
      };
    default:
      return { kind: column, brokerOrderId: BROKER_ORDER_ID };
  }
}

/**
 * An order as it stands in a state when an event can reach it: only one that holds fills can lose
 * one, and a filled order fills again only after it has.
 */
export function orderBefore(state: OrderState, event: TransitionEvent): Order {
  const isFilledAgain = state === 'filled' && event.startsWith('filled_');
  return isFilledAgain || event === 'fill_reversed' ? orderIn(state, 40) : orderIn(state);
}

/** The order after events that must all move it. */
export function after(order: Order, ...events: readonly OrderEvent[]): Order {
  return events.reduce((last, event) => {
    const applied = applyOrderEvent(last, event, at(10));
    assert(applied.outcome === 'moved', `expected ${event.kind} to move ${last.progress.state}`);
    return applied.order;
  }, order);
}
