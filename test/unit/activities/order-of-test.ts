import type { FillRow, OrderRow } from '../../../adapters/store/port.js';
import type { OrderRequest } from '../../../adapters/broker/port.js';
import { liveFills, type OrderIntent } from '../../../domain/order/index.js';
import { requestOf } from '../../../activities/order/send-risk-raising.js';
import { assert, formatQuantity, formatUsd } from '../../../domain/values/index.js';
import type { OrderInput } from '../../../workflows/contract/index.js';
import { ACCOUNT, type TestWorld } from '../../support/test-world.js';
import { idOf, intentOf } from '../domain/order/order-fixture.js';

export const ORDER_ID = 'ord-test-SPY-1-entry';

/** BUY 100 SPY limit 145.20 day, to be placed. */
export function inputOf(change: Partial<OrderIntent> = {}): OrderInput {
  return {
    intent: intentOf({ account: ACCOUNT, clientOrderId: idOf(ORDER_ID), ...change }),
    correlationId: 'correlation-1',
    isResumed: false,
    pollIntervalMs: 10_000,
  };
}

export function requestOfTest(change: Partial<OrderIntent> = {}): OrderRequest {
  return requestOf(inputOf(change).intent);
}

export async function rowOf({ world }: TestWorld, clientOrderId = ORDER_ID): Promise<OrderRow> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  assert(row !== null, `expected ${clientOrderId} in the books`);
  return row;
}

/** The fills of an order that count. */
export async function liveOf(
  { world }: TestWorld,
  clientOrderId = ORDER_ID,
): Promise<readonly FillRow[]> {
  return liveFills(await world.reader.fills.byOrder(clientOrderId));
}

/** The order in one line: state and how much of it is filled. */
export async function standingOf(test: TestWorld, clientOrderId = ORDER_ID): Promise<string> {
  const { order } = await rowOf(test, clientOrderId);
  return `${order.progress.state} ${formatQuantity(order.filledQuantity)}`;
}

/** What the account has reserved, in dollars. */
export async function reservedOf({ world }: TestWorld): Promise<string> {
  const account = await world.reader.account();
  assert(account !== null, 'expected an account in the books');
  return formatUsd(account.reserved);
}

/** Everything that fills move, whatever they were told by and in whichever order. */
export async function booksOf({ world }: TestWorld): Promise<unknown> {
  const { reader } = world;
  const account = await reader.account();
  assert(account !== null, 'expected an account in the books');
  const orders = await reader.orders.recent(100);
  const fills: FillRow[] = [];
  for (const { order } of orders) {
    fills.push(...(await reader.fills.byOrder(order.intent.clientOrderId)));
  }
  const positions = await reader.positions.all();
  return {
    orders: orders.map(({ order }) => [
      order.intent.clientOrderId,
      order.progress.state,
      order.filledQuantity,
      order.filledNotional,
      order.brokerFilledQuantity,
      order.parkedReason,
    ]),
    fills: liveFills(fills)
      .map((fill) => [fill.cumulativeBefore, fill.cumulativeAfter, fill.price, fill.kind])
      .sort(([a = 0], [b = 0]) => Number(a) - Number(b)),
    positions: positions.map(({ symbol, side, quantity, costBasis, realizedPnl }) => [
      symbol,
      side,
      quantity,
      costBasis,
      realizedPnl,
    ]),
    reservations: await reader.reservations.all(),
    totals: [
      account.cash,
      account.reserved,
      account.longCostBasis,
      account.shortCostBasis,
      account.realizedPnl,
      account.fees,
    ],
    trades: (await reader.trades.recent(100)).map((trade) => [
      trade.side,
      trade.entryQuantity,
      trade.entryNotional,
      trade.exitQuantity,
      trade.exitNotional,
      trade.realizedPnl,
      trade.slippage,
      trade.closedAtMs !== null,
    ]),
    day: await dayOf(reader),
  };
}

async function dayOf(reader: TestWorld['world']['reader']): Promise<readonly number[]> {
  const day = await reader.tradingDays.latest();
  return day === null ? [] : [day.realizedPnl, day.tradesClosed, day.losingStreak];
}

/** Kinds of what the books tell people and drivers. */
export async function toldOf({ world }: TestWorld): Promise<readonly string[]> {
  const alerts = await world.reader.alerts.recent(100);
  return alerts.map(({ severity, type }) => `${severity} ${type}`).toSorted();
}

export async function auditOf({ world }: TestWorld): Promise<readonly string[]> {
  const records = await world.reader.audit.from(1, 1_000);
  return records.map(({ kind }) => kind);
}

export async function outboxOf({ world }: TestWorld): Promise<readonly string[]> {
  const rows = await world.reader.outbox.undelivered(100);
  return rows.map(({ kind, target }) => `${kind} ${target}`).toSorted();
}
