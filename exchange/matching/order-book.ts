import {
  addUsd,
  assert,
  negateUsd,
  notionalRoundedUp,
  type Quantity,
  quantity,
  type Usd,
  ZERO_USD,
} from '../../domain/values/index.js';
import {
  isHeld,
  isOpen,
  type OrderSide,
  remainingQuantity,
  type VenueOrder,
} from './venue-order.js';

/** Open orders of one symbol on one side, oldest first, and what they have yet to fill. */
interface OpenSide {
  readonly ids: Set<string>;
  unfilledNanos: number;
}

/**
 * Every order the account ever sent, with quick ways to the open ones. Sums are kept as orders
 * change, so that a check costs the same with one open order and with ten thousand.
 */
export class OrderBook {
  private readonly byId = new Map<string, VenueOrder>();
  private readonly idByClientOrderId = new Map<string, string>();
  private readonly openSides = new Map<string, OpenSide>();
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
    const freed = before === undefined ? ZERO_USD : negateUsd(reservationOf(before));
    this.reserved = addUsd(this.reserved, reservationOf(order), freed);
    this.byId.set(order.id, order);
    this.idByClientOrderId.set(order.clientOrderId, order.id);
    const side = this.side(order.symbol, order.side);
    side.unfilledNanos += spokenFor(order) - (before === undefined ? 0 : spokenFor(before));
    if (isOpen(order)) side.ids.add(order.id);
    else side.ids.delete(order.id);
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
    const buys = this.openOn(symbol, 'buy');
    const sells = this.openOn(symbol, 'sell');
    if (buys.length === 0) return sells;
    return sells.length === 0 ? buys : [...buys, ...sells].sort(bySequence);
  }

  /** Open orders of one side of a symbol, oldest first; a list of its own. */
  openOn(symbol: string, side: OrderSide): readonly VenueOrder[] {
    return [...this.side(symbol, side).ids].map((id) => this.get(id));
  }

  /** What open orders of one side have yet to fill; held legs speak for nothing. */
  unfilledOn(symbol: string, side: OrderSide): Quantity {
    return quantity(this.side(symbol, side).unfilledNanos);
  }

  /** Open orders of all symbols, oldest first. */
  open(): readonly VenueOrder[] {
    return [...this.openSides.values()]
      .flatMap(({ ids }) => [...ids].map((id) => this.get(id)))
      .sort(bySequence);
  }

  /** The book as it is now; what happens later does not show in it. */
  copy(): OrderBook {
    const copied = new OrderBook();
    for (const order of this.byId.values()) copied.put(order);
    return copied;
  }

  private side(symbol: string, side: OrderSide): OpenSide {
    const key = `${symbol} ${side}`;
    const known = this.openSides.get(key);
    if (known !== undefined) return known;
    const created = { ids: new Set<string>(), unfilledNanos: 0 };
    this.openSides.set(key, created);
    return created;
  }
}

/** What an order holds back from the buying power while it is open. */
export function reservationOf(order: VenueOrder): Usd {
  if (order.reservedPrice === null || !isOpen(order)) return ZERO_USD;
  return notionalRoundedUp(order.reservedPrice, remainingQuantity(order));
}

function spokenFor(order: VenueOrder): number {
  return isOpen(order) && !isHeld(order) ? remainingQuantity(order) : 0;
}

function bySequence(left: VenueOrder, right: VenueOrder): number {
  return left.sequence - right.sequence;
}
