import type {
  AuditRow,
  BooksReader,
  FillRow,
  OrderEventRow,
  OrderRow,
  PositionChangeRow,
  PositionRow,
  TradeRow,
} from '../../../adapters/store/port.js';
import { brokerOrderIdOf } from '../../../domain/order/index.js';
import { epochMs } from '../../../domain/values/index.js';
import type { Books, Row } from '../../checker/books.js';

const ALL = 1_000_000;
const END_OF_TIME = epochMs(Date.UTC(3000, 0, 1));

/** Rows that are never written again are made once: a check looks at all of them. */
function once<Stored extends object, Made>(make: (stored: Stored) => Made) {
  const made = new WeakMap<Stored, Made>();
  return (stored: Stored): Made => {
    const known = made.get(stored);
    if (known !== undefined) return known;
    const fresh = make(stored);
    made.set(stored, fresh);
    return fresh;
  };
}

/** The books as the checker takes them: plain rows, integers of any size, in the order written. */
export async function booksRowsOf(reader: BooksReader): Promise<Books> {
  const account = await reader.account();
  if (account === null) throw new Error('expected an account in the books');
  const orders = (await reader.orders.recent(ALL)).toReversed();
  const ids = orders.map(({ order }) => order.intent.clientOrderId);
  const events = await Promise.all(ids.map((id) => reader.orders.eventsOf(id)));
  const told = await Promise.all(ids.map((id) => reader.brokerEvents.byOrder(id)));
  const positions = await reader.positions.all();
  const changes = await Promise.all(
    positions.map(({ symbol }) => reader.positions.changesOf(symbol)),
  );
  const fills = await reader.fills.between(epochMs(0), END_OF_TIME);
  const runs = await reader.reconciliation.recentRuns(ALL);
  const found = await Promise.all(
    runs.map(({ runId }) => reader.reconciliation.discrepanciesOf(runId)),
  );
  return {
    account: accountRow(account),
    orders: orders.map(orderRow),
    order_events: events.flat().map(eventRow),
    fills: inOrderOfBooking(fills, changes.flat()).map(fillRow),
    positions: positions.map(positionRow),
    position_changes: changes.flat().map(changeRow),
    trades: (await reader.trades.recent(ALL)).map(tradeRow),
    reservations: (await reader.reservations.all()).map((row) => ({
      client_order_id: row.clientOrderId,
      amount_micros: BigInt(row.amount),
    })),
    cash_entries: (await reader.cash.entries()).map((row) => ({
      entry_id: row.entryId,
      kind: row.kind,
      amount_micros: BigInt(row.amount),
    })),
    outbox: (await reader.outbox.undelivered(ALL)).map((row) => ({
      kind: row.kind,
      target: row.target,
      version: BigInt(row.version),
      delivered_version: BigInt(row.deliveredVersion),
    })),
    broker_events: told.flat().map((row) => ({
      event_id: row.eventId,
      outcome: row.outcome,
      client_order_id: row.clientOrderId,
    })),
    turns: (await reader.turns.recent(ALL)).map(({ turn }) => ({
      turn_id: turn.plan.turnId,
      state: turn.progress.state,
    })),
    discrepancies: found.flat(),
    instruments: (await reader.instruments.all()).map((row) => ({
      symbol: row.symbol,
      parked_reason: row.parkedReason,
    })),
    audit_records: (await reader.audit.from(1, ALL)).map(auditRow),
  };
}

/** Fills are listed by market time; positions tell in which order they were booked. */
function inOrderOfBooking(
  fills: readonly FillRow[],
  changes: readonly PositionChangeRow[],
): readonly FillRow[] {
  const places = new Map(changes.map(({ changeId }, index) => [changeId, index]));
  const placeOf = ({ fillId }: FillRow): number => places.get(fillId) ?? Number.MAX_SAFE_INTEGER;
  return fills.toSorted((left, right) => placeOf(left) - placeOf(right));
}

function accountRow(
  account: NonNullable<Awaited<ReturnType<BooksReader['account']>>>,
): Books['account'] {
  return {
    account: account.account,
    opening_cash_micros: BigInt(account.openingCash),
    cash_micros: BigInt(account.cash),
    realized_pnl_micros: BigInt(account.realizedPnl),
    fees_micros: BigInt(account.fees),
    long_cost_basis_micros: BigInt(account.longCostBasis),
    short_cost_basis_micros: BigInt(account.shortCostBasis),
    reserved_micros: BigInt(account.reserved),
    audit_sequence: BigInt(account.auditSequence),
    audit_head: account.auditHead,
  };
}

function orderRow({ order }: OrderRow): Row<'orders'> {
  const { intent } = order;
  return {
    client_order_id: intent.clientOrderId,
    symbol: intent.symbol,
    side: intent.side,
    ordered_quantity_nanos: BigInt(order.orderedQuantity),
    type: intent.type,
    limit_price_nanos: bigintOrNull(intent.limitPrice),
    stop_price_nanos: bigintOrNull(intent.stopPrice),
    time_in_force: intent.timeInForce,
    decision_price_nanos: bigintOrNull(intent.decisionPrice),
    state: order.progress.state,
    broker_order_id: brokerOrderIdOf(order),
    attempts: BigInt(order.attempts),
    filled_quantity_nanos: BigInt(order.filledQuantity),
    filled_notional_micros: BigInt(order.filledNotional),
    broker_filled_quantity_nanos: BigInt(order.brokerFilledQuantity),
    parked_reason: order.parkedReason,
  };
}

const eventRow = once(
  (event: OrderEventRow): Row<'order_events'> => ({
    client_order_id: event.clientOrderId,
    sequence: BigInt(event.sequence),
    kind: event.kind,
    from_state: event.fromState,
    to_state: event.toState,
    outcome: event.outcome,
    recorded_at_wall_ms: BigInt(event.recordedAtWallMs),
  }),
);

function positionRow(position: PositionRow): Row<'positions'> {
  return {
    symbol: position.symbol,
    side: position.side,
    quantity_nanos: BigInt(position.quantity),
    cost_basis_micros: BigInt(position.costBasis),
    realized_pnl_micros: BigInt(position.realizedPnl),
  };
}

const auditRow = once(
  (row: AuditRow): Row<'audit_records'> => ({
    sequence: BigInt(row.sequence),
    actor: row.actor,
    kind: row.kind,
    entity: row.entity,
    body: row.body,
    at_wall_ms: BigInt(row.atWallMs),
    previous_hash: row.previousHash,
    hash: row.hash,
  }),
);

const fillRow = once(
  (fill: FillRow): Row<'fills'> => ({
    fill_id: fill.fillId,
    client_order_id: fill.clientOrderId,
    broker_order_id: fill.brokerOrderId,
    strategy: fill.strategy,
    symbol: fill.symbol,
    side: fill.side,
    cumulative_before_nanos: BigInt(fill.cumulativeBefore),
    cumulative_after_nanos: BigInt(fill.cumulativeAfter),
    price_nanos: BigInt(fill.price),
    notional_micros: BigInt(fill.notional),
    fee_micros: BigInt(fill.fee),
    kind: fill.kind,
    reverses_fill_id: fill.reversesFillId,
    replaces_fill_id: fill.replacesFillId,
    execution_id: fill.executionId,
    activity_id: fill.activityId,
    at_ms: BigInt(fill.atMs),
  }),
);

const changeRow = once(
  (change: PositionChangeRow): Row<'position_changes'> => ({
    change_id: change.changeId,
    symbol: change.symbol,
    cause: change.cause,
    side_before: change.sideBefore,
    quantity_before_nanos: BigInt(change.quantityBefore),
    cost_basis_before_micros: BigInt(change.costBasisBefore),
    side_after: change.sideAfter,
    quantity_after_nanos: BigInt(change.quantityAfter),
    cost_basis_after_micros: BigInt(change.costBasisAfter),
    realized_micros: BigInt(change.realized),
  }),
);

function tradeRow(trade: TradeRow): Row<'trades'> {
  return {
    trade_id: trade.tradeId,
    symbol: trade.symbol,
    strategy: trade.strategy,
    side: trade.side,
    entry_quantity_nanos: BigInt(trade.entryQuantity),
    entry_notional_micros: BigInt(trade.entryNotional),
    exit_quantity_nanos: BigInt(trade.exitQuantity),
    exit_notional_micros: BigInt(trade.exitNotional),
    realized_pnl_micros: BigInt(trade.realizedPnl),
    fees_micros: BigInt(trade.fees),
    slippage_micros: BigInt(trade.slippage),
    entry_fill_ids: JSON.stringify(trade.entryFillIds),
    exit_fill_ids: JSON.stringify(trade.exitFillIds),
    closed_at_ms: bigintOrNull(trade.closedAtMs),
  };
}

function bigintOrNull(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}
