import type { OrderRequest, SubmitOutcome } from '../../adapters/broker/port.js';
import { BrokerAuthRefused, BrokerRateLimited } from '../../adapters/broker/errors.js';
import type { Order, OrderIntent } from '../../domain/order/index.js';
import type { World } from '../world.js';
import { lastLook } from './gate.js';

/**
 * The only way to POST an order. The attempt is durable as submitting already; here is the last
 * look at everything that can stop it, in the same tick as the request, and the classification of
 * what came back.
 */
export async function sendRiskRaising(
  world: World,
  order: Order,
  sendDeadlineAtMs: number,
): Promise<SubmitOutcome> {
  world.crashPoint('before-send');
  const objection = lastLook(world, sendDeadlineAtMs);
  if (objection !== null) return { kind: 'not_sent', reason: objection, retryAfterMs: null };
  try {
    const outcome = await world.broker.submitOrder(requestOf(order.intent));
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
