import {
  type EpochMs,
  negateUsd,
  notionalRounded,
  type Price,
  type Quantity,
} from '../../domain/values/index.js';
import { orderedId, uuidOf } from './ids.js';
import {
  type Execution,
  type OrderEvent,
  remainingQuantity,
  type VenueOrder,
} from './venue-order.js';

/** Numbers events and executions. Their ids follow from the seed and the count. */
export class EventTape {
  private eventCount = 0;
  private executionCount = 0;

  constructor(private readonly seed: string) {}

  get counts(): { readonly events: number; readonly executions: number } {
    return { events: this.eventCount, executions: this.executionCount };
  }

  /** The execution that took an order to where it is now. Its cash is rounded here, once. */
  execution(
    order: VenueOrder,
    trade: { readonly price: Price; readonly quantity: Quantity; readonly atMs: EpochMs },
  ): Execution {
    this.executionCount += 1;
    const name = `${this.seed}/execution/${this.executionCount}`;
    const amount = notionalRounded(trade.price, trade.quantity);
    return {
      id: uuidOf(name),
      activityId: uuidOf(`${name}/activity`),
      orderId: order.id,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      quantity: trade.quantity,
      price: trade.price,
      cumulativeQuantity: order.filledQuantity,
      leavesQuantity: remainingQuantity(order),
      cash: order.side === 'buy' ? negateUsd(amount) : amount,
      atMs: trade.atMs,
    };
  }

  event(input: Omit<OrderEvent, 'eventId' | 'executionId'>): OrderEvent {
    this.eventCount += 1;
    const isReceipt = ['pending_new', 'accepted', 'held'].includes(input.type);
    const ownId = isReceipt ? null : uuidOf(`${this.seed}/event/${this.eventCount}`);
    return {
      ...input,
      eventId: orderedId(input.atMs, this.eventCount),
      executionId: input.execution?.id ?? ownId,
    };
  }
}
