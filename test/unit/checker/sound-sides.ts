import { createHash } from 'node:crypto';
import type { Books, Row } from '../../checker/books.js';
import type { Sides } from '../../checker/check.js';
import type { Journal } from '../../checker/journal.js';

const ACCOUNT = 'sim-2013-10-07-1';
const NANOS = 1_000_000_000n;
const MICROS = 1_000_000n;
export const ENTRY = 'ord-cross-SPY-1-entry';
export const EXIT = 'ord-cross-SPY-2-exit';

/**
 * A small day on which everything holds, written by hand: 100 SPY bought in two fills at 10.00 and
 * 10.01, decided at 10.00, sold in one at 10.02.
 */
export function soundSides(): Sides {
  return { books: soundBooks(), journal: soundJournal() };
}

function soundJournal(): Journal {
  const execution = {
    symbol: 'SPY',
    brokerOrderId: 'broker-1',
    side: 'buy',
    executionId: 'execution-1',
    activityId: 'activity-1',
    quantityNanos: 40n * NANOS,
    priceNanos: 10n * NANOS,
    cumulativeNanos: 40n * NANOS,
    cashMicros: -400n * MICROS,
  };
  const order = {
    symbol: 'SPY',
    type: 'market',
    timeInForce: 'day',
    quantityNanos: 100n * NANOS,
    limitPriceNanos: null,
    stopPriceNanos: null,
    status: 'filled',
    filledNanos: 100n * NANOS,
  };
  return {
    openingCashMicros: 100_000n * MICROS,
    orders: new Map([
      ['broker-1', { ...order, id: 'broker-1', clientOrderId: ENTRY, side: 'buy' }],
      ['broker-2', { ...order, id: 'broker-2', clientOrderId: EXIT, side: 'sell' }],
    ]),
    executions: [
      execution,
      {
        ...execution,
        executionId: 'execution-2',
        activityId: 'activity-2',
        quantityNanos: 60n * NANOS,
        priceNanos: 10_010_000_000n,
        cumulativeNanos: 100n * NANOS,
        cashMicros: -600_600_000n,
      },
      {
        ...execution,
        brokerOrderId: 'broker-2',
        side: 'sell',
        executionId: 'execution-3',
        activityId: 'activity-3',
        quantityNanos: 100n * NANOS,
        priceNanos: 10_020_000_000n,
        cumulativeNanos: 100n * NANOS,
        cashMicros: 1_002n * MICROS,
      },
    ],
    submissions: [
      { clientOrderId: ENTRY, receivedWallMs: 1_010.5, status: 200 },
      { clientOrderId: EXIT, receivedWallMs: 2_010.5, status: 200 },
    ],
    firedFaults: [],
  };
}

function soundBooks(): Books {
  const records = [auditRecord(ENTRY, 1, '0'.repeat(64))];
  records.push(auditRecord(EXIT, 2, records[0]?.hash ?? ''));
  return {
    account: {
      account: ACCOUNT,
      opening_cash_micros: 100_000n * MICROS,
      cash_micros: 100_001_400_000n,
      realized_pnl_micros: 1_400_000n,
      fees_micros: 0n,
      long_cost_basis_micros: 0n,
      short_cost_basis_micros: 0n,
      reserved_micros: 0n,
      audit_sequence: 2n,
      audit_head: records[1]?.hash ?? '',
    },
    orders: [
      orderRow({ id: ENTRY, broker: 'broker-1', side: 'buy', notional: 1_000_600_000n }),
      orderRow({ id: EXIT, broker: 'broker-2', side: 'sell', notional: 1_002n * MICROS }),
    ],
    order_events: [...pathOf(ENTRY, 1_000n), ...pathOf(EXIT, 2_000n)],
    fills: soundFills(),
    positions: [
      {
        symbol: 'SPY',
        side: 'flat',
        quantity_nanos: 0n,
        cost_basis_micros: 0n,
        realized_pnl_micros: 1_400_000n,
      },
    ],
    position_changes: soundChanges(),
    trades: [
      {
        trade_id: 'fill-1',
        symbol: 'SPY',
        strategy: 'cross',
        side: 'long',
        entry_quantity_nanos: 100n * NANOS,
        entry_notional_micros: 1_000_600_000n,
        exit_quantity_nanos: 100n * NANOS,
        exit_notional_micros: 1_002n * MICROS,
        realized_pnl_micros: 1_400_000n,
        fees_micros: 0n,
        slippage_micros: -1_400_000n,
        entry_fill_ids: '["fill-1","fill-2"]',
        exit_fill_ids: '["fill-3"]',
        closed_at_ms: 3_000n,
      },
    ],
    reservations: [],
    cash_entries: [
      { entry_id: 'opening', kind: 'opening_balance', amount_micros: 100_000n * MICROS },
    ],
    turns: [],
    outbox: [{ kind: 'start_order', target: ENTRY, version: 1n, delivered_version: 1n }],
    broker_events: [{ event_id: 'event-1', outcome: 'applied', client_order_id: null }],
    discrepancies: [],
    instruments: [{ symbol: 'SPY', parked_reason: null }],
    audit_records: records,
  };
}

function soundFills(): Books['fills'] {
  const fill = {
    fill_id: 'fill-1',
    client_order_id: ENTRY,
    broker_order_id: 'broker-1',
    strategy: 'cross',
    symbol: 'SPY',
    side: 'buy',
    cumulative_before_nanos: 0n,
    cumulative_after_nanos: 40n * NANOS,
    price_nanos: 10n * NANOS,
    notional_micros: 400n * MICROS,
    fee_micros: 0n,
    kind: 'execution',
    reverses_fill_id: null,
    replaces_fill_id: null,
    execution_id: 'execution-1',
    activity_id: null,
    at_ms: 1_000n,
  };
  return [
    fill,
    {
      ...fill,
      fill_id: 'fill-2',
      cumulative_before_nanos: 40n * NANOS,
      cumulative_after_nanos: 100n * NANOS,
      price_nanos: 10_010_000_000n,
      notional_micros: 600_600_000n,
      execution_id: 'execution-2',
    },
    {
      ...fill,
      fill_id: 'fill-3',
      client_order_id: EXIT,
      broker_order_id: 'broker-2',
      side: 'sell',
      cumulative_after_nanos: 100n * NANOS,
      price_nanos: 10_020_000_000n,
      notional_micros: 1_002n * MICROS,
      execution_id: null,
      activity_id: '20131007::activity-3',
    },
  ];
}

function soundChanges(): Books['position_changes'] {
  const change = {
    change_id: 'fill-1',
    symbol: 'SPY',
    cause: 'fill',
    side_before: 'flat',
    quantity_before_nanos: 0n,
    cost_basis_before_micros: 0n,
    side_after: 'long',
    quantity_after_nanos: 40n * NANOS,
    cost_basis_after_micros: 400n * MICROS,
    realized_micros: 0n,
  };
  const second = {
    ...change,
    change_id: 'fill-2',
    side_before: 'long',
    quantity_before_nanos: 40n * NANOS,
    cost_basis_before_micros: 400n * MICROS,
    quantity_after_nanos: 100n * NANOS,
    cost_basis_after_micros: 1_000_600_000n,
  };
  const third = {
    ...second,
    change_id: 'fill-3',
    quantity_before_nanos: 100n * NANOS,
    cost_basis_before_micros: 1_000_600_000n,
    side_after: 'flat',
    quantity_after_nanos: 0n,
    cost_basis_after_micros: 0n,
    realized_micros: 1_400_000n,
  };
  return [change, second, third];
}

function orderRow(input: {
  readonly id: string;
  readonly broker: string;
  readonly side: string;
  readonly notional: bigint;
}): Row<'orders'> {
  return {
    client_order_id: input.id,
    symbol: 'SPY',
    side: input.side,
    ordered_quantity_nanos: 100n * NANOS,
    type: 'market',
    limit_price_nanos: null,
    stop_price_nanos: null,
    time_in_force: 'day',
    // Bought 0.6 worse than decided, sold 2.0 better.
    decision_price_nanos: 10n * NANOS,
    state: 'filled',
    broker_order_id: input.broker,
    attempts: 1n,
    filled_quantity_nanos: 100n * NANOS,
    filled_notional_micros: input.notional,
    broker_filled_quantity_nanos: 100n * NANOS,
    parked_reason: null,
  };
}

function pathOf(id: string, fromWallMs: bigint): Books['order_events'] {
  const states = [null, 'created', 'submitting', 'accepted', 'filled'];
  const kinds = ['created', 'send_began', 'reported_accepted', 'filled'];
  return kinds.map((kind, index) => ({
    client_order_id: id,
    sequence: BigInt(index + 1),
    kind,
    from_state: states[index] ?? null,
    to_state: states[index + 1] ?? '',
    outcome: 'moved',
    recorded_at_wall_ms: fromWallMs + BigInt(index * 10),
  }));
}

function auditRecord(id: string, sequence: number, previous: string): Row<'audit_records'> {
  const entry = { actor: 'cross', at_wall_ms: 1_000n, body: '{}', entity: id };
  const kind = 'order_admitted';
  const text =
    `{"account":"${ACCOUNT}","actor":"cross","atWallMs":1000,"body":"{}",` +
    `"entity":"${id}","kind":"${kind}","sequence":${sequence}}`;
  const hash = createHash('sha256').update(`${previous}\n${text}`).digest('hex');
  return { ...entry, kind, sequence: BigInt(sequence), previous_hash: previous, hash };
}
