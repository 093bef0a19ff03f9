import type {
  CancelAnswer,
  CancelRequest,
  OrderInput,
  OrderView,
  ReplaceAnswer,
  ReplaceRequest,
} from '../../workflows/contract/index.js';
import { translatingFailures } from '../failure.js';
import { whileBeating } from '../while-beating.js';
import type { World } from '../world.js';
import { cancelOrder, cancelWish, carryOutCancel } from './cancel-order.js';
import { placeOrder, sendOrder } from './place-order.js';
import { replaceOrder } from './replace-order.js';
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
  /** With what the order is to be, since the books may not know it yet; before, without. */
  cancelOrder(
    clientOrderId: string,
    request: CancelRequest,
    wish?: OrderInput,
  ): Promise<CancelAnswer>;
  /** One step of a replacement; `canceling` asks for another one, with the same request. */
  replaceOrder(clientOrderId: string, request: ReplaceRequest): Promise<ReplaceAnswer>;
}

/** Often enough for the order workflow's heartbeat time-out; a usual call ends before the first. */
const HEARTBEAT_MS = 1_000;

/** The activities of one account's order path. */
export function createOrderActivities(world: World): OrderActivities {
  // By its next turn, what was returned is on its way to Temporal.
  const handingOver = <Result>(point: string, act: () => Promise<Result>): Promise<Result> =>
    translatingFailures(() => whileBeating(HEARTBEAT_MS, act)).finally(() =>
      setImmediate(() => world.crashPoint(point)),
    );
  // A second attempt of this process awaits the first. Whoever asked to cancel the order may have
  // found nothing at the broker: what the call has found is canceled by it.
  const call = (clientOrderId: string, act: () => Promise<OrderView>): Promise<OrderView> =>
    handingOver('after-result', () =>
      world.driverCalls.during(clientOrderId, async () => {
        const view = await act();
        await carryOutCancel(world, view);
        return view;
      }),
    );
  return {
    placeOrder: (input) => call(input.intent.clientOrderId, () => placeOrder(world, input)),
    resendOrder: (input) => call(input.intent.clientOrderId, () => sendOrder(world, input)),
    resolveOrder: (clientOrderId) => call(clientOrderId, () => resolveOrder(world, clientOrderId)),
    pollOrder: (clientOrderId) => call(clientOrderId, () => pollOrder(world, clientOrderId)),
    cancelOrder: (clientOrderId, request, wish) =>
      handingOver('after-cancel-result', () =>
        wish === undefined
          ? cancelOrder(world, clientOrderId, request)
          : cancelWish(world, wish, request),
      ),
    replaceOrder: (clientOrderId, request) =>
      handingOver('after-replace-result', () => replaceOrder(world, clientOrderId, request)),
  };
}
