import type { Books, Row } from './books.js';
import { cashOf, sum } from './exact.js';
import type { BrokerExecution, Journal } from './journal.js';
import { standingFills, unsoundReversals } from './standing-fills.js';

/**
 * I2 and I3: the fills of each order in the books are the broker's executions, one for one, as
 * intervals that begin at zero, leave no gap, never overlap and end at the broker's cumulative
 * quantity.
 */
export function checkFills(books: Books, journal: Journal): readonly string[] {
  const standing = standingFills(books.fills);
  const fills = groupBy(standing, (fill) => fill.broker_order_id);
  const executions = groupBy(journal.executions, (execution) => execution.brokerOrderId);
  const ids = new Set([...fills.keys(), ...executions.keys()]);
  return [
    ...[...ids].flatMap((id) =>
      compareOrder({ id, booked: fills.get(id) ?? [], happened: executions.get(id) ?? [] }),
    ),
    ...repeatedIds(books.fills.map((fill) => fill.fill_id)),
    ...repeatedIds(standing.flatMap((fill) => [fill.execution_id, fill.activity_id])),
    ...unsoundReversals(books.fills),
    ...checkOrderSums(books),
  ];
}

interface OrderFills {
  readonly id: string;
  readonly booked: readonly Row<'fills'>[];
  readonly happened: readonly BrokerExecution[];
}

function compareOrder({ id, booked, happened }: OrderFills): readonly string[] {
  const byInterval = groupBy(booked, intervalOf);
  const expected = new Set(happened.map(brokerIntervalOf));
  const lost = happened.flatMap((execution) => {
    const interval = brokerIntervalOf(execution);
    const found = byInterval.get(interval) ?? [];
    if (found.length === 0) {
      return [`I2: execution ${execution.executionId} ${interval} of order ${id} is not booked`];
    }
    if (found.length > 1) {
      return [`I3: execution ${execution.executionId} of order ${id} is booked ${found.length}×`];
    }
    return found.flatMap((fill) => compareExecution(fill, execution));
  });
  const invented = booked
    .filter((fill) => !expected.has(intervalOf(fill)))
    .map((fill) => `I3: fill ${fill.fill_id} ${intervalOf(fill)} never happened at the broker`);
  return [...lost, ...invented, ...checkTiling(id, booked)];
}

function compareExecution(fill: Row<'fills'>, execution: BrokerExecution): readonly string[] {
  const name = `I3: fill ${fill.fill_id}`;
  const wrong: string[] = [];
  const units = fill.cumulative_after_nanos - fill.cumulative_before_nanos;
  const cash = cashOf(execution.priceNanos, execution.quantityNanos);
  const signedCash = execution.side === 'buy' ? -cash : cash;
  if (fill.price_nanos !== execution.priceNanos) {
    wrong.push(`${name}: price ${fill.price_nanos}, the broker has ${execution.priceNanos}`);
  }
  if (units !== execution.quantityNanos) {
    wrong.push(`${name}: quantity ${units}, the broker has ${execution.quantityNanos}`);
  }
  if (fill.notional_micros !== cash || execution.cashMicros !== signedCash) {
    wrong.push(`${name}: cash ${fill.notional_micros}, the broker has ${execution.cashMicros}`);
  }
  if (fill.symbol !== execution.symbol || fill.side !== execution.side) {
    wrong.push(`${name}: ${fill.side} ${fill.symbol}, the broker has another side or symbol`);
  }
  if (fill.execution_id !== null && fill.execution_id !== execution.executionId) {
    wrong.push(`${name}: execution ${fill.execution_id}, expected ${execution.executionId}`);
  }
  if (fill.activity_id !== null && !fill.activity_id.includes(execution.activityId)) {
    wrong.push(`${name}: activity ${fill.activity_id}, expected ${execution.activityId}`);
  }
  return wrong;
}

function checkTiling(id: string, booked: readonly Row<'fills'>[]): readonly string[] {
  const sorted = [...booked].sort((left, right) =>
    left.cumulative_before_nanos < right.cumulative_before_nanos ? -1 : 1,
  );
  let reached = 0n;
  for (const fill of sorted) {
    if (fill.cumulative_before_nanos !== reached) {
      return [`I3: the fills of order ${id} leave a gap or overlap at ${reached}`];
    }
    reached = fill.cumulative_after_nanos;
  }
  return [];
}

function repeatedIds(ids: readonly (string | null)[]): readonly string[] {
  const seen = new Set<string>();
  return ids.flatMap((id) => {
    if (id === null) return [];
    if (seen.has(id)) return [`I3: id ${id} stands for more than one fill`];
    seen.add(id);
    return [];
  });
}

/** What an order says of its fills is what its fills add up to. */
function checkOrderSums(books: Books): readonly string[] {
  const fills = groupBy(standingFills(books.fills), (fill) => fill.client_order_id);
  return books.orders.flatMap((row) => {
    const own = fills.get(row.client_order_id) ?? [];
    const notional = sum(own.map((fill) => fill.notional_micros));
    const units = sum(
      own.map((fill) => fill.cumulative_after_nanos - fill.cumulative_before_nanos),
    );
    if (notional === row.filled_notional_micros && units === row.filled_quantity_nanos) return [];
    return [
      `I5: order ${row.client_order_id} shows ${row.filled_quantity_nanos} for ` +
        `${row.filled_notional_micros}, its fills add up to ${units} for ${notional}`,
    ];
  });
}

function intervalOf(fill: Row<'fills'>): string {
  return `(${fill.cumulative_before_nanos}, ${fill.cumulative_after_nanos}]`;
}

function brokerIntervalOf(execution: BrokerExecution): string {
  const before = execution.cumulativeNanos - execution.quantityNanos;
  return `(${before}, ${execution.cumulativeNanos}]`;
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
