import {
  formatPrice,
  formatQuantity,
  formatDecimal,
  QUANTITY_DECIMALS,
} from '../../domain/values/index.js';
import type { Publication } from '../run/exchange-run.js';
import { wireInstant } from '../wire/instant.js';

/** A trade update as the stream carries it. Price and quantity belong to this execution alone. */
export function tradeUpdateFrame(publication: Publication): {
  readonly stream: 'trade_updates';
  readonly data: Readonly<Record<string, unknown>>;
} {
  const { event, order } = publication;
  const at = wireInstant(event.atMs);
  const data = {
    event: event.type,
    event_id: event.eventId,
    execution_id: event.executionId,
    at,
    timestamp: at,
    order,
    ...(event.previousExecutionId === null
      ? {}
      : { previous_execution_id: event.previousExecutionId }),
  };
  if (event.execution === null) return { stream: 'trade_updates', data };
  const fill = {
    price: formatPrice(event.execution.price),
    qty: formatQuantity(event.execution.quantity),
    position_qty: formatDecimal(event.positionNanos, QUANTITY_DECIMALS),
  };
  return { stream: 'trade_updates', data: { ...data, ...fill } };
}
