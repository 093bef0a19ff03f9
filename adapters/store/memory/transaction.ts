import { assert } from '../../../domain/values/index.js';
import type { AccountBuffer } from '../account-buffer.js';
import type * as port from '../port.js';
import { ONLY, type StagedTables } from './account-tables.js';
import { requireNewFill, requireOrder, requireOwnBrokerOrder } from './constraints.js';
import { lazyMembers } from './lazy-members.js';
import { READS } from './reader.js';

/** What a transaction writes into. */
export interface TransactionGround {
  readonly tables: StagedTables;
  readonly buffer: AccountBuffer;
  /** Called when something is put into the outbox. */
  readonly posted: () => void;
}

/** Every write of one account, staged until the transaction commits. */
export const booksTransaction = lazyMembers<TransactionGround, port.BooksTransaction>({
  account: ({ buffer }) => buffer.totals,
  orders: ({ tables, buffer }) => orderRepository(tables, buffer.totals.get().account),
  fills: ({ tables }) => ({
    ...READS.fills(tables),
    record: async (fill) => recordFill(tables, fill),
  }),
  positions: ({ tables }) => ({
    ...READS.positions(tables),
    upsert: async (row) => tables.positions.put(row.symbol, row),
    delete: async (symbol) => tables.positions.delete(symbol),
    recordChange: async (row) => tables.positionChanges.insertOnce(row.changeId, row),
  }),
  trades: ({ tables }) => ({
    ...READS.trades(tables),
    record: async (row) => tables.trades.put(row.tradeId, row),
    delete: async (tradeId) => tables.trades.delete(tradeId),
  }),
  reservations: ({ tables }) => ({
    ...READS.reservations(tables),
    put: async (row) => {
      requireOrder(tables, row.clientOrderId);
      tables.reservations.put(row.clientOrderId, row);
    },
    delete: async (clientOrderId) => tables.reservations.delete(clientOrderId),
  }),
  cash: ({ tables }) => ({
    ...READS.cash(tables),
    record: async (row) => tables.cash.insertOnce(row.entryId, row),
  }),
  tradingDays: ({ tables }) => ({
    ...READS.tradingDays(tables),
    put: async (row) => tables.tradingDays.put(row.date, row),
  }),
  systemState: ({ tables }) => ({
    ...READS.systemState(tables),
    set: async (row) => tables.systemState.put(ONLY, row),
  }),
  halts: ({ tables }) => haltRepository(tables),
  streamState: ({ tables }) => ({
    ...READS.streamState(tables),
    set: async (row) => tables.streamState.put(ONLY, row),
  }),
  limits: ({ tables }) => READS.limits(tables),
  putLimits:
    ({ tables }) =>
    async (row) =>
      tables.limits.put(ONLY, row),
  signals: ({ tables }) => ({
    ...READS.signals(tables),
    record: async (row) => {
      const key = [row.strategy, row.symbol, row.barEndAtMs, row.leg];
      return tables.signals.insertOnce(JSON.stringify(key), row);
    },
  }),
  riskDecisions: ({ tables }) => ({
    ...READS.riskDecisions(tables),
    record: async (row) => tables.riskDecisions.put(nextKey(tables.riskDecisions.all()), row),
  }),
  instruments: ({ tables }) => ({
    ...READS.instruments(tables),
    upsert: async (row) => tables.instruments.put(row.symbol, row),
  }),
  brokerEvents: ({ tables }) => ({
    ...READS.brokerEvents(tables),
    record: async (row) => tables.brokerEvents.insertOnce(row.eventId, row),
  }),
  alerts: ({ tables }) => ({
    ...READS.alerts(tables),
    record: async (row) => tables.alerts.insertOnce(row.alertId, row),
  }),
  recordBreakerEvent:
    ({ tables }) =>
    async (row) =>
      tables.breakerEvents.put(nextKey(tables.breakerEvents.all()), row),
  recordConfigSnapshot:
    ({ tables }) =>
    async (row) =>
      tables.configSnapshots.insertOnce(`${row.hash} ${row.bootEpoch}`, row),
  turns: ({ tables }) => turnRepository(tables),
  outbox: (ground) => outboxRepository(ground),
  reconciliation: ({ tables }) => reconciliationRepository(tables),
  audit: ({ buffer }) => buffer.audit,
});

function haltRepository(tables: StagedTables): port.HaltRepository {
  return {
    ...READS.halts(tables),
    engage: async (row) => tables.halts.insertOnce(row.causeId, row),
    update: async (row) => {
      const { causeId } = row;
      const isThere = tables.halts.get(causeId) !== undefined;
      assert(isThere, `expected an engaged halt cause, found none with id ${causeId}`);
      tables.halts.put(causeId, row);
    },
  };
}

function orderRepository(tables: StagedTables, account: string): port.OrderRepository {
  return {
    ...READS.orders(tables),
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
    becomeLeg: async ({ intent, version }, parent) => {
      const { clientOrderId } = intent;
      const stored = tables.orders.get(clientOrderId);
      assert(
        stored !== undefined && stored.order.version === version,
        `expected order ${clientOrderId} at version ${version}`,
      );
      const meant = { ...stored.order.intent, purpose: 'exit' as const };
      const order = { ...stored.order, intent: meant, version: version + 1 };
      tables.orders.put(clientOrderId, { ...stored, order, parent });
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

function turnRepository(tables: StagedTables): port.TurnRepository {
  return {
    ...READS.turns(tables),
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

function outboxRepository(ground: TransactionGround): port.OutboxRepository {
  const { tables, buffer } = ground;
  const { version: accountVersion } = buffer.totals.get();
  const keyOf = (kind: port.OutboxKind, target: string): string => `${kind} ${target}`;
  return {
    ...READS.outbox(tables),
    post: async ({ kind, target, payload }) => {
      ground.posted();
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

function reconciliationRepository(tables: StagedTables): port.ReconciliationRepository {
  return {
    ...READS.reconciliation(tables),
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
