import { assert } from '../../../domain/values/index.js';
import type { AccountBuffer } from '../account-buffer.js';
import type * as port from '../port.js';
import { ONLY, type StagedTables } from './account-tables.js';
import { requireNewFill, requireOrder, requireOwnBrokerOrder } from './constraints.js';
import { booksReader } from './reader.js';

/** Every write of one account, staged until the transaction commits. */
export function booksTransaction(
  tables: StagedTables,
  buffer: AccountBuffer,
): port.BooksTransaction {
  const reads = booksReader(tables);
  return {
    ...recordOnly(tables),
    ...safetyRepositories(tables, reads),
    account: buffer.totals,
    orders: orderRepository(tables, reads, buffer.totals.get().account),
    fills: { ...reads.fills, record: async (fill) => recordFill(tables, fill) },
    positions: {
      ...reads.positions,
      upsert: async (row) => tables.positions.put(row.symbol, row),
      delete: async (symbol) => tables.positions.delete(symbol),
      recordChange: async (row) => tables.positionChanges.insertOnce(row.changeId, row),
    },
    trades: {
      ...reads.trades,
      record: async (row) => tables.trades.put(row.tradeId, row),
      delete: async (tradeId) => tables.trades.delete(tradeId),
    },
    reservations: {
      ...reads.reservations,
      put: async (row) => {
        requireOrder(tables, row.clientOrderId);
        tables.reservations.put(row.clientOrderId, row);
      },
      delete: async (clientOrderId) => tables.reservations.delete(clientOrderId),
    },
    cash: { ...reads.cash, record: async (row) => tables.cash.insertOnce(row.entryId, row) },
    tradingDays: {
      ...reads.tradingDays,
      put: async (row) => tables.tradingDays.put(row.date, row),
    },
    instruments: {
      ...reads.instruments,
      upsert: async (row) => tables.instruments.put(row.symbol, row),
    },
    turns: turnRepository(tables, reads),
    outbox: outboxRepository(tables, reads, buffer.totals.get().version),
    reconciliation: reconciliationRepository(tables, reads),
    audit: buffer.audit,
  };
}

type Safety = Pick<
  port.BooksTransaction,
  'systemState' | 'halts' | 'streamState' | 'limits' | 'putLimits'
>;

function safetyRepositories(tables: StagedTables, reads: port.BooksReader): Safety {
  return {
    systemState: {
      ...reads.systemState,
      set: async (row) => tables.systemState.put(ONLY, row),
    },
    halts: {
      ...reads.halts,
      engage: async (row) => tables.halts.insertOnce(row.causeId, row),
      update: async (row) => {
        const { causeId } = row;
        const isThere = tables.halts.get(causeId) !== undefined;
        assert(isThere, `expected an engaged halt cause, found none with id ${causeId}`);
        tables.halts.put(causeId, row);
      },
    },
    streamState: {
      ...reads.streamState,
      set: async (row) => tables.streamState.put(ONLY, row),
    },
    limits: reads.limits,
    putLimits: async (row) => tables.limits.put(ONLY, row),
  };
}

type RecordOnly = Pick<
  port.BooksTransaction,
  | 'signals'
  | 'riskDecisions'
  | 'brokerEvents'
  | 'alerts'
  | 'recordBreakerEvent'
  | 'recordConfigSnapshot'
>;

function recordOnly(tables: StagedTables): RecordOnly {
  const reads = booksReader(tables);
  return {
    signals: {
      ...reads.signals,
      record: async (row) => {
        const key = [row.strategy, row.symbol, row.barEndAtMs, row.leg];
        return tables.signals.insertOnce(JSON.stringify(key), row);
      },
    },
    riskDecisions: {
      ...reads.riskDecisions,
      record: async (row) => tables.riskDecisions.put(nextKey(tables.riskDecisions.all()), row),
    },
    brokerEvents: {
      ...reads.brokerEvents,
      record: async (row) => tables.brokerEvents.insertOnce(row.eventId, row),
    },
    alerts: {
      ...reads.alerts,
      record: async (row) => tables.alerts.insertOnce(row.alertId, row),
    },
    recordBreakerEvent: async (row) =>
      tables.breakerEvents.put(nextKey(tables.breakerEvents.all()), row),
    recordConfigSnapshot: async (row) =>
      tables.configSnapshots.insertOnce(`${row.hash} ${row.bootEpoch}`, row),
  };
}

function orderRepository(
  tables: StagedTables,
  reads: port.BooksReader,
  account: string,
): port.OrderRepository {
  return {
    ...reads.orders,
    create: async (row) => {
      const { account: owner, clientOrderId } = row.order.intent;
      assert(owner === account, `expected an order of ${account}, found one of ${owner}`);
      if (tables.orders.get(clientOrderId) === undefined) requireOwnBrokerOrder(tables, row);
      return tables.orders.insertOnce(clientOrderId, row);
    },
    update: async (order, expectedVersion, beside = {}) => {
      const { clientOrderId } = order.intent;
      const stored = tables.orders.get(clientOrderId);
      const isExpected = stored?.order.version === expectedVersion;
      assert(
        stored !== undefined && isExpected,
        `expected order ${clientOrderId} at version ${expectedVersion}`,
      );
      // The intent is fixed for ever once it is in the books.
      const changed = { ...stored, order: { ...order, intent: stored.order.intent }, ...beside };
      requireOwnBrokerOrder(tables, changed);
      tables.orders.put(clientOrderId, changed);
    },
    appendEvent: async (event) => {
      const { clientOrderId } = event;
      requireOrder(tables, clientOrderId);
      const earlier = tables.orderEvents.get(clientOrderId) ?? [];
      const numbered = { ...event, sequence: earlier.length + 1 };
      tables.orderEvents.put(clientOrderId, [...earlier, numbered]);
    },
  };
}

function turnRepository(tables: StagedTables, reads: port.BooksReader): port.TurnRepository {
  return {
    ...reads.turns,
    create: async (row) => tables.turns.insertOnce(row.turn.plan.turnId, row),
    update: async (turn, expectedVersion) => {
      const { turnId } = turn.plan;
      const stored = tables.turns.get(turnId);
      const isExpected = stored?.turn.version === expectedVersion;
      assert(
        stored !== undefined && isExpected,
        `expected turn ${turnId} at version ${expectedVersion}`,
      );
      tables.turns.put(turnId, { turn: { ...turn, plan: stored.turn.plan } });
    },
  };
}

function recordFill(tables: StagedTables, fill: port.FillRow): port.Recorded {
  if (tables.fills.get(fill.fillId) !== undefined) return 'repeated';
  requireNewFill(tables, fill);
  return tables.fills.insertOnce(fill.fillId, fill);
}

function outboxRepository(
  tables: StagedTables,
  reads: port.BooksReader,
  accountVersion: number,
): port.OutboxRepository {
  const keyOf = (kind: port.OutboxKind, target: string): string => `${kind} ${target}`;
  return {
    ...reads.outbox,
    post: async ({ kind, target, payload }) => {
      const earlier = tables.outbox.get(keyOf(kind, target));
      const version = (earlier?.version ?? 0) + 1;
      const deliveredVersion = earlier?.deliveredVersion ?? 0;
      const posted = { kind, target, payload, version, deliveredVersion };
      tables.outbox.put(keyOf(kind, target), { ...posted, postedAtVersion: accountVersion });
    },
    markDelivered: async (kind, target, version) => {
      const row = tables.outbox.get(keyOf(kind, target));
      if (row === undefined || row.deliveredVersion >= version) return;
      tables.outbox.put(keyOf(kind, target), { ...row, deliveredVersion: version });
    },
  };
}

function reconciliationRepository(
  tables: StagedTables,
  reads: port.BooksReader,
): port.ReconciliationRepository {
  return {
    ...reads.reconciliation,
    recordRun: async (run, discrepancies) => {
      const recorded = tables.runs.insertOnce(run.runId, run);
      if (recorded === 'repeated') return recorded;
      for (const row of discrepancies) {
        const key = JSON.stringify([row.runId, row.kind, row.subject]);
        const inserted = tables.discrepancies.insertOnce(key, row);
        assert(inserted === 'recorded', `expected one ${row.kind} of ${row.subject} in a run`);
      }
      return recorded;
    },
  };
}

function nextKey(rows: readonly unknown[]): string {
  return String(rows.length + 1);
}
