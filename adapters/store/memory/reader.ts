import {
  brokerOrderIdOf,
  liveFills,
  type OrderState,
  stateOf,
} from '../../../domain/order/index.js';
import type * as port from '../port.js';
import { type AccountView, ONLY } from './account-tables.js';
import { lazyMembers, type Makers } from './lazy-members.js';

/** Reads over committed tables, or over those of an open transaction. */
export const READS: Makers<AccountView, port.BooksReader> = {
  account: (view) => async () => view.account.get(ONLY) ?? null,
  limits: (view) => async () => view.limits.get(ONLY) ?? null,
  orders: orderReads,
  fills: fillReads,
  positions: positionReads,
  trades: tradeReads,
  reservations: (view) => ({
    byOrder: async (clientOrderId) => view.reservations.get(clientOrderId) ?? null,
    all: async () => sorted(view.reservations.all(), (row) => row.clientOrderId),
  }),
  cash: (view) => ({ entries: async () => view.cash.all() }),
  tradingDays: (view) => ({
    byDate: async (date) => view.tradingDays.get(date) ?? null,
    latest: async () => sorted(view.tradingDays.all(), (row) => row.date).at(-1) ?? null,
  }),
  systemState: (view) => ({ get: async () => view.systemState.get(ONLY) ?? null }),
  halts: (view) => ({
    openCauses: async () => view.halts.all().filter((row) => row.releasedAtWallMs === null),
    byId: async (causeId) => view.halts.get(causeId) ?? null,
  }),
  signals: (view) => ({
    since: async (barEndAtMs) => {
      const later = view.signals.all().filter((row) => row.barEndAtMs >= barEndAtMs);
      return sorted(later, (row) => row.barEndAtMs);
    },
  }),
  turns: turnReads,
  riskDecisions: (view) => ({
    byOrder: async (clientOrderId) =>
      view.riskDecisions.all().filter((row) => row.clientOrderId === clientOrderId),
  }),
  instruments: (view) => ({
    bySymbol: async (symbol) => view.instruments.get(symbol) ?? null,
    all: async () => sorted(view.instruments.all(), (row) => row.symbol),
  }),
  brokerEvents: (view) => ({
    byId: async (eventId) => view.brokerEvents.get(eventId) ?? null,
    byOrder: async (clientOrderId) =>
      view.brokerEvents.all().filter((row) => row.clientOrderId === clientOrderId),
  }),
  streamState: (view) => ({ get: async () => view.streamState.get(ONLY) ?? null }),
  outbox: (view) => ({
    undelivered: async (limit) => undelivered(view).slice(0, limit),
    lostStarts: async () => lostStarts(view),
  }),
  reconciliation: (view) => ({
    recentRuns: async (limit) => newest(view.runs.all(), limit),
    discrepanciesOf: async (runId) => view.discrepancies.all().filter((row) => row.runId === runId),
  }),
  alerts: (view) => ({
    byId: async (alertId) => view.alerts.get(alertId) ?? null,
    recent: async (limit) => newest(view.alerts.all(), limit),
    count: async () => view.alerts.all().length,
  }),
  audit: (view) => ({
    from: async (sequence, limit) =>
      view.audit
        .all()
        .filter((row) => row.sequence >= sequence)
        .slice(0, limit),
  }),
};

export const booksReader = lazyMembers(READS);

function orderReads(view: AccountView): port.OrderReads {
  return {
    byClientOrderId: async (clientOrderId) => view.orders.get(clientOrderId) ?? null,
    byBrokerOrderId: async (brokerOrderId) =>
      view.orders.all().find((row) => brokerOrderIdOf(row.order) === brokerOrderId) ?? null,
    inStates: async (states, symbol) =>
      view.orders.all().filter(({ order }) => {
        const isOfSymbol = symbol === undefined || order.intent.symbol === symbol;
        return isOfSymbol && states.includes(stateOf(order));
      }),
    recent: async (limit) => newest(view.orders.all(), limit),
    decidedSince: async (sinceMs) => {
      const later = view.orders.all().filter((row) => row.order.intent.decidedAtMs >= sinceMs);
      return sorted(later, (row) => row.order.intent.decidedAtMs);
    },
    countByState: async (sinceMs) => {
      const counts = new Map<OrderState, number>();
      for (const { order } of view.orders.all()) {
        if (order.createdAtMs < sinceMs) continue;
        counts.set(stateOf(order), (counts.get(stateOf(order)) ?? 0) + 1);
      }
      return counts;
    },
    legsOf: async (parent) => view.orders.all().filter((row) => row.parent === parent),
    eventsOf: async (clientOrderId) => view.orderEvents.get(clientOrderId) ?? [],
  };
}

function fillReads(view: AccountView): port.FillReads {
  return {
    byOrder: async (clientOrderId) =>
      view.fills.all().filter((row) => row.clientOrderId === clientOrderId),
    ofSymbol: async (symbol) => view.fills.all().filter((row) => row.symbol === symbol),
    inferred: async () => liveFills(view.fills.all()).filter((row) => row.kind === 'inferred'),
    between: async (fromMs, untilMs) => {
      const within = view.fills.all().filter((row) => row.atMs >= fromMs && row.atMs < untilMs);
      return sorted(within, (row) => row.atMs);
    },
    count: async () => view.fills.all().length,
  };
}

function positionReads(view: AccountView): port.PositionReads {
  const all = (): readonly port.PositionRow[] => sorted(view.positions.all(), (row) => row.symbol);
  return {
    bySymbol: async (symbol) => view.positions.get(symbol) ?? null,
    all: async () => all(),
    active: async () => all().filter((row) => row.side !== 'flat'),
    changesOf: async (symbol) => view.positionChanges.all().filter((row) => row.symbol === symbol),
  };
}

function tradeReads(view: AccountView): port.TradeReads {
  const closedAt = (row: port.TradeRow): number => row.closedAtMs ?? Number.POSITIVE_INFINITY;
  return {
    ofSymbol: async (symbol) => view.trades.all().filter((row) => row.symbol === symbol),
    openOf: async (symbol) => {
      const isOpen = (row: port.TradeRow) => row.symbol === symbol && row.closedAtMs === null;
      return view.trades.all().findLast(isOpen) ?? null;
    },
    closedBetween: async (fromMs, untilMs) => {
      const isWithin = (row: port.TradeRow) => closedAt(row) >= fromMs && closedAt(row) < untilMs;
      return sorted(view.trades.all().filter(isWithin), closedAt);
    },
    recent: async (limit) => newest(view.trades.all(), limit),
  };
}

function turnReads(view: AccountView): port.TurnReads {
  return {
    byId: async (turnId) => view.turns.get(turnId) ?? null,
    inStates: async (states, symbol) =>
      view.turns.all().filter(({ turn }) => {
        const isOfSymbol = symbol === undefined || turn.plan.entry.symbol === symbol;
        return isOfSymbol && states.includes(turn.progress.state);
      }),
    recent: async (limit) => newest(view.turns.all(), limit),
  };
}

function undelivered(view: AccountView): readonly port.OutboxRow[] {
  const late = view.outbox.all().filter((row) => row.deliveredVersion < row.version);
  const byTarget = sorted(late, (row) => `${row.kind} ${row.target}`);
  const byAge = sorted(byTarget, (row) => row.postedAtVersion);
  return sorted(byAge, urgencyOf).map(withoutAge);
}

type OutboxEntry = port.OutboxRow & { readonly postedAtVersion: number };

function urgencyOf({ kind }: OutboxEntry): number {
  return kind === 'signal_halt' ? 0 : kind === 'signal_order' ? 2 : 1;
}

function lostStarts(view: AccountView): readonly port.OutboxRow[] {
  const lost = view.outbox.all().filter(({ kind, target, version, deliveredVersion }) => {
    const isDelivered = deliveredVersion >= version;
    return kind === 'start_order' && isDelivered && view.orders.get(target) === undefined;
  });
  return sorted(lost, (row) => row.postedAtVersion).map(withoutAge);
}

function withoutAge({ postedAtVersion: _postedAtVersion, ...row }: OutboxEntry): port.OutboxRow {
  return row;
}

/** Ascending; rows of equal keys stay in the order in which they came. */
function sorted<Row, Key extends number | string>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): readonly Row[] {
  return rows.toSorted((left, right) => {
    const [a, b] = [keyOf(left), keyOf(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

function newest<Row>(rows: readonly Row[], limit: number): readonly Row[] {
  return rows.toReversed().slice(0, limit);
}
