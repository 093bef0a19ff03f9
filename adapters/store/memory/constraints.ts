import { brokerOrderIdOf } from '../../../domain/order/index.js';
import { assert } from '../../../domain/values/index.js';
import type { FillRow, OrderRow } from '../port.js';
import type { StagedTables } from './account-tables.js';

// What the triggers and constraints of the database refuse, refused here with the same effect.

/** Rows about an order need the order. */
export function requireOrder(tables: StagedTables, clientOrderId: string): void {
  assert(
    tables.orders.get(clientOrderId) !== undefined,
    `expected the order ${clientOrderId} in the books, found none`,
  );
}

/** A broker's order id belongs to one order. */
export function requireOwnBrokerOrder(tables: StagedTables, row: OrderRow): void {
  const brokerOrderId = brokerOrderIdOf(row.order);
  if (brokerOrderId === null) return;
  const { clientOrderId } = row.order.intent;
  const owner = tables.orders.all().find(({ order }) => brokerOrderIdOf(order) === brokerOrderId);
  assert(
    owner === undefined || owner.order.intent.clientOrderId === clientOrderId,
    `expected broker order ${brokerOrderId} to belong to one order, found a second`,
  );
}

/**
 * A new fill grows, reverses a fill that is there once, repeats no execution, and meets no live
 * one.
 */
export function requireNewFill(tables: StagedTables, fill: FillRow): void {
  requireOrder(tables, fill.clientOrderId);
  assert(
    fill.cumulativeAfter > fill.cumulativeBefore,
    `expected the interval of fill ${fill.fillId} to grow`,
  );
  assert(
    (fill.kind === 'reversal') === (fill.reversesFillId !== null),
    `expected a reversal, and only a reversal, to name a fill: ${fill.fillId}`,
  );
  const held = tables.fills.all();
  if (fill.reversesFillId === null) {
    requireApart(held, fill);
    requireUnusedIds(held, fill);
    return;
  }
  const reversed = tables.fills.get(fill.reversesFillId);
  assert(reversed !== undefined, `expected the fill ${fill.reversesFillId}, found none`);
  const earlier = held.find((row) => row.reversesFillId === fill.reversesFillId);
  assert(earlier === undefined, `expected ${fill.reversesFillId} to be reversed once, found twice`);
}

function requireApart(held: readonly FillRow[], fill: FillRow): void {
  const reversed = new Set(held.flatMap((row) => row.reversesFillId ?? []));
  const met = held.find(
    (row) =>
      row.brokerOrderId === fill.brokerOrderId &&
      row.kind !== 'reversal' &&
      !reversed.has(row.fillId) &&
      row.cumulativeBefore < fill.cumulativeAfter &&
      fill.cumulativeBefore < row.cumulativeAfter,
  );
  assert(met === undefined, `fills_never_overlap: ${fill.fillId} meets ${met?.fillId ?? ''}`);
}

/** An execution or activity stands for one live fill; a fill that was moved keeps its ids. */
function requireUnusedIds(held: readonly FillRow[], fill: FillRow): void {
  const reversed = new Set(held.flatMap((row) => row.reversesFillId ?? []));
  const executions = held.filter((row) => row.kind !== 'reversal' && !reversed.has(row.fillId));
  for (const name of ['executionId', 'activityId'] as const) {
    const id = fill[name];
    const used = id !== null && executions.some((row) => row[name] === id);
    assert(!used, `fills_ids_once: expected ${name} ${id ?? ''} once, found it again`);
  }
}
