import { deriveClientOrderId, type OrderClass, type OrderIntent } from '../order/index.js';
import type { PositionSide } from '../position/index.js';
import {
  type EpochMs,
  epochMs,
  type Price,
  type Quantity,
  wholeUnitsAffordable,
  ZERO_QUANTITY,
} from '../values/index.js';
import type { OrderSignal } from './signal.js';

/** How long, in market time, a strategy's wish may wait before it is too old to send. */
export const INTENT_VALID_MS = 120_000;

export interface PlanContext {
  readonly account: string;
  readonly strategy: string;
  /** Market time of the decision: the end of the bar. */
  readonly decidedAtMs: EpochMs;
  /** The price that the decision was made at. */
  readonly decisionPrice: Price;
  readonly position: { readonly side: PositionSide; readonly quantity: Quantity };
}

/**
 * Sizes a signal into a complete order with its id. Equal decisions give equal intents. Null: the
 * size comes to nothing (no position to close, or less money than one unit costs).
 */
export function planOrder(signal: OrderSignal, context: PlanContext): OrderIntent | null {
  const amount = 'amountUsd' in signal.size ? signal.size.amountUsd : null;
  const quantity = unitsOf(signal, context);
  if (quantity === 0 && amount === null) return null;
  const { account, strategy, decidedAtMs, decisionPrice } = context;
  return {
    account,
    clientOrderId: deriveClientOrderId({
      strategy,
      symbol: signal.symbol,
      decidedAtMs,
      leg: signal.leg,
    }),
    strategy,
    leg: signal.leg,
    symbol: signal.symbol,
    side: signal.side,
    quantity,
    amount,
    type: signal.type,
    limitPrice: signal.limitPrice,
    stopPrice: signal.stopPrice,
    timeInForce: signal.timeInForce,
    extendedHours: false,
    orderClass: orderClassOf(signal),
    takeProfit: signal.takeProfit,
    stopLoss: signal.stopLoss,
    purpose: signal.purpose,
    decidedAtMs,
    validUntilMs: epochMs(decidedAtMs + INTENT_VALID_MS),
    decisionPrice,
    reason: signal.reason,
  };
}

/** What the exits make of the order. Whether they fit together is for the rules of risk to say. */
function orderClassOf({ purpose, takeProfit, stopLoss }: OrderSignal): OrderClass {
  if (takeProfit === null && stopLoss === null) return 'simple';
  if (purpose === 'exit') return 'oco';
  return takeProfit !== null && stopLoss !== null ? 'bracket' : 'oto';
}

function unitsOf({ size, limitPrice }: OrderSignal, context: PlanContext): Quantity {
  if ('units' in size) return size.units;
  if ('closePosition' in size) return context.position.quantity;
  if ('amountUsd' in size) return ZERO_QUANTITY;
  return wholeUnitsAffordable(size.notionalUsd, limitPrice ?? context.decisionPrice);
}
