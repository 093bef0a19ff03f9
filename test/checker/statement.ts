import { z } from 'zod';
import type { Books } from './books.js';
import { microsOf, nanosOf } from './exact.js';

/** What the broker's own API says that the account has, beside its journal. */
export interface Statement {
  readonly cashMicros: bigint;
  /** Signed, by symbol. */
  readonly positions: ReadonlyMap<string, bigint>;
  readonly openOrders: readonly OpenOrder[];
  /** Legs that wait for their group: Alpaca lists them among the closed. */
  readonly waitingOrders: readonly OpenOrder[];
}

export interface OpenOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: string;
  readonly remainingNanos: bigint;
}

const accountBody = z.object({ cash: z.string() });
const positionsBody = z.array(z.object({ symbol: z.string(), qty: z.string() }));
const ordersBody = z.array(
  z.object({
    client_order_id: z.string(),
    symbol: z.string(),
    side: z.string(),
    qty: z.string(),
    filled_qty: z.string(),
  }),
);

const closedBody = z.array(z.looseObject({ status: z.string() }));

/** Reads the bodies of `GET /v2/account`, `/v2/positions` and `/v2/orders`, open and closed. */
export function readStatement(bodies: {
  readonly account: unknown;
  readonly positions: unknown;
  readonly openOrders: unknown;
  readonly closedOrders: unknown;
}): Statement {
  const positions = positionsBody.parse(bodies.positions);
  return {
    cashMicros: microsOf(accountBody.parse(bodies.account).cash),
    positions: new Map(positions.map(({ symbol, qty }) => [symbol, nanosOf(qty)])),
    openOrders: ordersOf(bodies.openOrders),
    waitingOrders: ordersOf(
      closedBody.parse(bodies.closedOrders).filter(({ status }) => status === 'held'),
    ),
  };
}

function ordersOf(body: unknown): readonly OpenOrder[] {
  return ordersBody.parse(body).map((order) => ({
    clientOrderId: order.client_order_id,
    symbol: order.symbol,
    side: order.side,
    remainingNanos: nanosOf(order.qty) - nanosOf(order.filled_qty),
  }));
}

/** I4 once more, against the broker's own words: cash, positions and open orders as integers. */
export function checkStatement(books: Books, statement: Statement): readonly string[] {
  const held = new Map<string, bigint>();
  for (const { symbol, side, quantity_nanos } of books.positions) {
    if (quantity_nanos !== 0n)
      held.set(symbol, side === 'short' ? -quantity_nanos : quantity_nanos);
  }
  const symbols = new Set([...held.keys(), ...statement.positions.keys()]);
  const wrong = [...symbols].flatMap((symbol) => {
    const [here, there] = [held.get(symbol) ?? 0n, statement.positions.get(symbol) ?? 0n];
    return here === there ? [] : [`I4: ${symbol} holds ${here}, the broker states ${there}`];
  });
  if (books.account.cash_micros !== statement.cashMicros) {
    wrong.push(`I4: cash ${books.account.cash_micros}, the broker states ${statement.cashMicros}`);
  }
  return [...wrong, ...checkOpenOrders(books, statement)];
}

const WORKING = ['accepted', 'partially_filled', 'held', 'pending_cancel', 'pending_replace'];

function checkOpenOrders(books: Books, statement: Statement): readonly string[] {
  const here = books.orders
    .filter((order) => WORKING.includes(order.state))
    .map((order) => {
      const leftNanos = order.ordered_quantity_nanos - order.filled_quantity_nanos;
      return `${order.client_order_id} with ${leftNanos} left`;
    });
  const there = [...statement.openOrders, ...statement.waitingOrders].map(
    (order) => `${order.clientOrderId} with ${order.remainingNanos} left`,
  );
  return [
    ...here.filter((one) => !there.includes(one)).map((one) => `I4: only here open: ${one}`),
    ...there.filter((one) => !here.includes(one)).map((one) => `I4: only there open: ${one}`),
  ];
}

/**
 * The open orders of the symbols in which more could fill than what only brings a position down to
 * zero: what may not be open at the broker after a halt.
 */
export function ordersThatRaise(statement: Statement): readonly OpenOrder[] {
  return statement.openOrders.filter(({ symbol, side }) => {
    const held = statement.positions.get(symbol) ?? 0n;
    const reducible = side === 'sell' ? held : -held;
    const wanted = statement.openOrders
      .filter((other) => other.symbol === symbol && other.side === side)
      .reduce((total, other) => total + other.remainingNanos, 0n);
    return wanted > (reducible > 0n ? reducible : 0n);
  });
}
