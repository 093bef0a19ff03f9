import type {
  CancelAnswer,
  CancelRequest,
  OrderInput,
  OrderView,
} from '../../workflows/contract/index.js';
import { translatingFailures } from '../failure.js';
import type { World } from '../world.js';
import { cancelOrder } from './cancel-order.js';
import { placeOrder, sendOrder } from './place-order.js';
import { pollOrder, resolveOrder } from './resolve-order.js';

export interface OrderActivities {
  /** Admit, gate, POST, record. A repeat looks first; an ambiguous answer is a state. */
  placeOrder(input: OrderInput): Promise<OrderView>;
  /**
   * Sends an unknown order again under the same id, while it is wanted: the broker's uniqueness
   * makes it safe.
   */
  resendOrder(input: OrderInput): Promise<OrderView>;
  /** Looks an in-flight or unknown order up. */
  resolveOrder(clientOrderId: string): Promise<OrderView>;
  /** Asks about a working order while the stream is silent. */
  pollOrder(clientOrderId: string): Promise<OrderView>;
  cancelOrder(clientOrderId: string, request: CancelRequest): Promise<CancelAnswer>;
}

/** The activities of one account's order path. */
export function createOrderActivities(world: World): OrderActivities {
  const underWay = new Map<string, Promise<OrderView>>();
  const once = (clientOrderId: string, act: () => Promise<OrderView>): Promise<OrderView> => {
    const running = underWay.get(clientOrderId);
    if (running !== undefined) return running; // A second attempt of this process awaits the first.
    const started = act().finally(() => underWay.delete(clientOrderId));
    underWay.set(clientOrderId, started);
    return started;
  };
  return {
    placeOrder: (input) =>
      translatingFailures(() => once(input.intent.clientOrderId, () => placeOrder(world, input))),
    resendOrder: (input) =>
      translatingFailures(() => once(input.intent.clientOrderId, () => sendOrder(world, input))),
    resolveOrder: (clientOrderId) =>
      translatingFailures(() => once(clientOrderId, () => resolveOrder(world, clientOrderId))),
    pollOrder: (clientOrderId) => translatingFailures(() => pollOrder(world, clientOrderId)),
    cancelOrder: (clientOrderId, request) =>
      translatingFailures(() => cancelOrder(world, clientOrderId, request)),
  };
}
