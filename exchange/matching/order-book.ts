import {
  addUsd,
  assert,
  negateUsd,
  notionalRoundedUp,
  type Usd,
  ZERO_USD,
} from '../../domain/values/index.js';
import { isOpen, remainingQuantity, type VenueOrder } from './venue-order.js';

/** Every order the account ever sent, with quick ways to the open ones. */
export class OrderBook {
  private readonly byId = new Map<string, VenueOrder>();
  private readonly idByClientOrderId = new Map<string, string>();
  /** Symbol → ids of open orders, oldest first. */
  private readonly openIds = new Map<string, Set<string>>();
  /**
   * Kept as orders change, so that a check costs the same with one open order and with ten
   * thousand.
   */
  private reserved: Usd = ZERO_USD;

  get size(): number {
    return this.byId.size;
  }

  /** What open orders hold back from the buying power. */
  get reservedCash(): Usd {
    return this.reserved;
  }

  /** Stores a new order or the next version of a known one. */
  put(order: VenueOrder): void {
    const before = this.byId.get(order.id);
    this.reserved = addUsd(this.reserved, reservationOf(order), negated(before));
    this.byId.set(order.id, order);
    this.idByClientOrderId.set(order.clientOrderId, order.id);
    this.index(order);
  }

  find(orderId: string): VenueOrder | null {
    return this.byId.get(orderId) ?? null;
  }

  /** The order of an id that we made. */
  get(orderId: string): VenueOrder {
    const order = this.find(orderId);
    assert(order !== null, `expected an order with id ${orderId}, found none`);
    return order;
  }

  findByClientOrderId(clientOrderId: string): VenueOrder | null {
    const id = this.idByClientOrderId.get(clientOrderId);
    return id === undefined ? null : this.find(id);
  }

  /** Oldest first, open and closed. */
  all(): readonly VenueOrder[] {
    return [...this.byId.values()];
  }

  /**
   * Open orders of a symbol, oldest first; a list of its own, so that fills may change the book
   * meanwhile.
   */
  openOf(symbol: string): readonly VenueOrder[] {
    return [...(this.openIds.get(symbol) ?? [])].map((id) => this.get(id));
  }

  /** Open orders of all symbols, oldest first. */
  open(): readonly VenueOrder[] {
    return [...this.openIds.keys()]
      .flatMap((symbol) => this.openOf(symbol))
      .sort((a, b) => a.sequence - b.sequence);
  }

  private index(order: VenueOrder): void {
    const ids = this.openIds.get(order.symbol) ?? new Set<string>();
    if (isOpen(order)) ids.add(order.id);
    else ids.delete(order.id);
    this.openIds.set(order.symbol, ids);
  }
}

/** What an order holds back while it is open. */
export function reservationOf(order: VenueOrder): Usd {
  if (order.reservedPrice === null || !isOpen(order)) return ZERO_USD;
  return notionalRoundedUp(order.reservedPrice, remainingQuantity(order));
}

function negated(order: VenueOrder | undefined): Usd {
  return order === undefined ? ZERO_USD : negateUsd(reservationOf(order));
}
