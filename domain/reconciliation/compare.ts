import type { OrderState } from '../order/index.js';
import {
  absoluteUsd,
  type Price,
  type Quantity,
  type Usd,
  usd,
  notionalRounded,
  quantity,
} from '../values/index.js';

/** Positive long, negative short, nano-units. */
export interface ComparedPosition {
  readonly symbol: string;
  readonly units: number;
  readonly averagePrice: Price | null;
  readonly lastPrice: Price | null;
}

export interface ComparedOrder {
  readonly clientOrderId: string;
  readonly filledQuantity: Quantity;
  readonly state: OrderState | 'open';
}

export interface ComparedBooks {
  readonly positions: readonly ComparedPosition[];
  /** Open orders that the broker must know: working ones. */
  readonly openOrders: readonly ComparedOrder[];
  readonly cash: Usd;
}

export type DiscrepancyKind =
  | 'quantity_mismatch'
  | 'side_mismatch'
  | 'missing_local'
  | 'missing_broker'
  | 'price_mismatch'
  | 'order_missing_local'
  | 'order_missing_broker'
  | 'order_state_mismatch'
  | 'cash_mismatch';

export interface Discrepancy {
  readonly kind: DiscrepancyKind;
  /** Symbol, client order id or `cash`. */
  readonly subject: string;
  readonly severity: 'critical' | 'medium' | 'low';
  readonly local: string;
  readonly broker: string;
}

export interface CompareOptions {
  /** Zero at our own exchange. */
  readonly cashTolerance: Usd;
}

/** Severity of a quantity difference: medium from ten percent or 500 USD on. */
const MEDIUM_USD = usd(500_000_000);

/**
 * Compares our books with the broker's, signed quantities, every symbol and open order of either
 * side. It judges one pair of snapshots; calm and confirmation are the caller's.
 */
export function compareBooks(
  local: ComparedBooks,
  broker: ComparedBooks,
  options: CompareOptions,
): readonly Discrepancy[] {
  return [
    ...comparePositions(local.positions, broker.positions),
    ...compareOrders(local.openOrders, broker.openOrders),
    ...compareCash(local.cash, broker.cash, options.cashTolerance),
  ];
}

function comparePositions(
  local: readonly ComparedPosition[],
  broker: readonly ComparedPosition[],
): readonly Discrepancy[] {
  const ours = new Map(local.map((position) => [position.symbol, position]));
  const theirs = new Map(broker.map((position) => [position.symbol, position]));
  const symbols = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return symbols.flatMap((symbol) => {
    const found = comparePosition(ours.get(symbol), theirs.get(symbol));
    return found === null ? [] : [{ subject: symbol, ...found }];
  });
}

function comparePosition(
  ours: ComparedPosition | undefined,
  theirs: ComparedPosition | undefined,
): Omit<Discrepancy, 'subject'> | null {
  const local = ours?.units ?? 0;
  const broker = theirs?.units ?? 0;
  if (local === broker) return null;
  const shown = { local: String(local), broker: String(broker) };
  if (broker === 0) return { kind: 'missing_broker', severity: 'critical', ...shown };
  if (local === 0) return { kind: 'missing_local', severity: 'critical', ...shown };
  if (Math.sign(local) !== Math.sign(broker)) {
    return { kind: 'side_mismatch', severity: 'critical', ...shown };
  }
  const price = theirs?.lastPrice ?? ours?.lastPrice ?? null;
  return { kind: 'quantity_mismatch', severity: quantitySeverity(local, broker, price), ...shown };
}

function quantitySeverity(local: number, broker: number, price: Price | null): 'medium' | 'low' {
  const difference = Math.abs(local - broker);
  if (difference * 10 > Math.abs(broker)) return 'medium';
  if (price === null) return 'medium';
  return notionalRounded(price, quantity(difference)) > MEDIUM_USD ? 'medium' : 'low';
}

function compareOrders(
  local: readonly ComparedOrder[],
  broker: readonly ComparedOrder[],
): readonly Discrepancy[] {
  const ours = new Map(local.map((order) => [order.clientOrderId, order]));
  const theirs = new Map(broker.map((order) => [order.clientOrderId, order]));
  const ids = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return ids.flatMap((clientOrderId) => {
    const found = compareOrder(ours.get(clientOrderId), theirs.get(clientOrderId));
    return found === null ? [] : [{ subject: clientOrderId, ...found }];
  });
}

function compareOrder(
  ours: ComparedOrder | undefined,
  theirs: ComparedOrder | undefined,
): Omit<Discrepancy, 'subject'> | null {
  const shown = { local: describe(ours), broker: describe(theirs) };
  // An order that nobody of us knows is exposure that nothing explains.
  if (ours === undefined) return { kind: 'order_missing_local', severity: 'critical', ...shown };
  if (theirs === undefined) return { kind: 'order_missing_broker', severity: 'medium', ...shown };
  if (ours.filledQuantity !== theirs.filledQuantity) {
    return { kind: 'order_state_mismatch', severity: 'medium', ...shown };
  }
  return null;
}

function describe(order: ComparedOrder | undefined): string {
  return order === undefined ? 'none' : `${order.state}, filled ${order.filledQuantity}`;
}

function compareCash(local: Usd, broker: Usd, tolerance: Usd): readonly Discrepancy[] {
  const difference = absoluteUsd(usd(local - broker));
  if (difference <= tolerance) return [];
  const shown = { local: String(local), broker: String(broker) };
  return [{ kind: 'cash_mismatch', subject: 'cash', severity: 'medium', ...shown }];
}

/** What two comparisons in a row have found alike: only these count. */
export function confirmedDiscrepancies(
  first: readonly Discrepancy[],
  second: readonly Discrepancy[],
): readonly Discrepancy[] {
  const keys = new Set(first.map(keyOf));
  return second.filter((discrepancy) => keys.has(keyOf(discrepancy)));
}

function keyOf({ kind, subject, local, broker }: Discrepancy): string {
  return JSON.stringify([kind, subject, local, broker]);
}
