import type {
  OrderRequest,
  ReplacementRequest,
  SubmitOutcome,
} from '../../adapters/broker/port.js';
import { BrokerAuthRefused, BrokerRateLimited } from '../../adapters/broker/errors.js';
import { brokerOrderIdOf, type Order, type OrderIntent } from '../../domain/order/index.js';
import { assert, formatPrice, formatQuantity, price, quantity } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { lastLook } from './gate.js';

/** What may raise exposure at the broker: a new order, or one in the place of another. */
export type RiskRaising =
  | { readonly kind: 'submit'; readonly order: OrderRequest }
  | { readonly kind: 'replace'; readonly replacement: ReplacementRequest };

/**
 * The only way to POST or PATCH an order. The attempt is durable as submitting already; here is the
 * last look at everything that can stop it, in the same tick as the request, and the classification
 * of what came back.
 */
export async function sendRiskRaising(
  world: World,
  request: RiskRaising,
  sendDeadlineAtMs: number,
): Promise<SubmitOutcome> {
  world.crashPoint('before-send');
  const objection = lastLook(world, sendDeadlineAtMs);
  if (objection !== null) return { kind: 'not_sent', reason: objection, retryAfterMs: null };
  try {
    const outcome = await ask(world, request);
    world.crashPoint('after-answer');
    return outcome;
  } catch (error) {
    // Both are thrown before anything is written to the socket, or answer that nothing was
    // processed.
    if (error instanceof BrokerRateLimited) {
      return { kind: 'not_sent', reason: error.message, retryAfterMs: error.retryAfterMs };
    }
    if (error instanceof BrokerAuthRefused) {
      return refusedKeys(error.message);
    }
    throw error;
  }
}

/** Synchronous up to the socket: nothing is awaited here. */
function ask({ broker }: World, request: RiskRaising): Promise<SubmitOutcome> {
  return request.kind === 'submit'
    ? broker.submitOrder(request.order)
    : broker.replaceOrder(request.replacement);
}

function refusedKeys(message: string): SubmitOutcome {
  return { kind: 'refused', code: 'broker_auth', message, duplicate: false, raw: '' };
}

/** The part of an intent that the broker is told. */
export function requestOf(intent: OrderIntent): OrderRequest {
  return {
    clientOrderId: intent.clientOrderId,
    symbol: intent.symbol,
    side: intent.side,
    quantity: intent.quantity,
    type: intent.type,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    timeInForce: intent.timeInForce,
    extendedHours: intent.extendedHours,
    orderClass: intent.orderClass,
    takeProfit: intent.takeProfit,
    stopLoss: intent.stopLoss,
  };
}

/**
 * How the broker is told that an order takes the place of another: its prices always, the rest
 * where it differs.
 */
export function replacementRequestOf(old: Order, intent: OrderIntent): ReplacementRequest {
  const brokerOrderId = brokerOrderIdOf(old);
  assert(brokerOrderId !== null, `expected ${old.intent.clientOrderId} to be at the broker`);
  const isTimeKept = intent.timeInForce === old.intent.timeInForce;
  return {
    brokerOrderId,
    clientOrderId: intent.clientOrderId,
    quantity: intent.quantity === old.orderedQuantity ? null : intent.quantity,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    timeInForce: isTimeKept ? null : intent.timeInForce,
  };
}

/** A request for the record, with exact decimals. */
export function textOfRequest(request: RiskRaising): string {
  const { kind } = request;
  return JSON.stringify(
    { request: kind, ...(kind === 'submit' ? request.order : request.replacement) },
    (name, value: unknown) => decimalOf(name, value),
  );
}

/** Numbers of a request are its quantity and its prices. */
function decimalOf(name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  return name === 'quantity' ? formatQuantity(quantity(value)) : formatPrice(price(value));
}
