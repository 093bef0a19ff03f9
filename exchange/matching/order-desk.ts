import type { EpochMs, Price, Quantity } from '../../domain/values/index.js';
import type { EventTape } from './event-tape.js';
import type { Ledger } from './ledger.js';
import { unitsForNotional } from './notional.js';
import type { OrderBook } from './order-book.js';
import {
  activated,
  ended,
  type EndStatus,
  filled,
  pending,
  resumed,
  retired,
} from './order-lifecycle.js';
import { drawFillQuantity } from './partial-fill.js';
import { randomStateOf } from './random.js';
import {
  type Execution,
  isHeld,
  isOpen,
  type OrderEvent,
  type OrderEventType,
  remainingQuantity,
  rootIdOf,
  type VenueOrder,
} from './venue-order.js';

export interface DeskOptions {
  readonly seed: string;
  readonly partialFillShare: number;
}

export interface DeskParts {
  readonly book: OrderBook;
  readonly ledger: Ledger;
  readonly tape: EventTape;
}

/**
 * Moves orders from state to state, books what that costs, and carries each move over to the legs
 * of its group and to a replacement that waits for it. Says what happened as events.
 */
export class OrderDesk {
  private drawnState: number;
  private readonly forcedParts = new Map<string, Quantity>();
  /** Order → the order that waits to take its place. */
  private readonly successors = new Map<string, string>();

  constructor(
    private readonly parts: DeskParts,
    private readonly options: DeskOptions,
  ) {
    this.drawnState = randomStateOf(options.seed);
  }

  /** Where the generator of partial fills stands. */
  get randomState(): number {
    return this.drawnState;
  }

  /** The next fill of an order is of this quantity, unless less is left. */
  forcePart(orderId: string, part: Quantity): void {
    this.forcedParts.set(orderId, part);
  }

  emit(
    order: VenueOrder,
    type: OrderEventType,
    at: {
      readonly atMs: EpochMs;
      readonly execution?: Execution;
      readonly previousExecutionId?: string;
    },
  ): OrderEvent {
    const { book, ledger, tape } = this.parts;
    book.put(order);
    const { atMs, execution = null, previousExecutionId = null } = at;
    const positionNanos = ledger.position(order.symbol)?.signedNanos ?? 0;
    return tape.event({ type, order, atMs, positionNanos, execution, previousExecutionId });
  }

  /** The market can fill the order from now on; so it can the stop of an oco. */
  activate(order: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    const events = [this.emit(activated(order, atMs), 'new', { atMs })];
    if (order.orderClass === 'oco') this.armLegs(order, atMs);
    return events;
  }

  /** A stop that the market has reached. Its sibling is canceled, and a held stop comes alive. */
  elect(order: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    const electedOrder = { ...order, isElected: true, updatedAtMs: atMs };
    if (!isHeld(order)) {
      this.parts.book.put(electedOrder);
      return [];
    }
    const canceled = this.siblingsOf(order).flatMap((one) => this.endOne(one, 'canceled', atMs));
    const alive = { ...electedOrder, status: 'new' as const, suspendedFrom: null };
    return [...canceled, this.emit(alive, 'new', { atMs })];
  }

  /** A fill at a price: the quantity is drawn, the account booked, the group told. */
  fill(order: VenueOrder, unitPrice: Price, atMs: EpochMs): readonly OrderEvent[] {
    const { tape, ledger } = this.parts;
    const sized = this.sized(order, unitPrice);
    const trade = { price: unitPrice, quantity: this.drawQuantity(sized), atMs };
    const after = filled(sized, trade);
    const execution = tape.execution(after, trade);
    ledger.post(execution);
    const type = isOpen(after) ? 'partial_fill' : 'fill';
    const event = this.emit(after, type, { atMs, execution });
    return [event, ...this.tellGroupOfFill(after, atMs), ...this.tellReplacement(order, atMs)];
  }

  /** The end of an open order, and of its group with it. */
  end(order: VenueOrder, status: EndStatus, atMs: EpochMs): readonly OrderEvent[] {
    const own = this.endOne(order, status, atMs);
    if (order.orderClass === 'simple') return own;
    const carried = status === 'expired' ? 'expired' : 'canceled';
    return [...own, ...this.groupOf(order).flatMap((one) => this.endOne(one, carried, atMs))];
  }

  /** A replacement that the venue turns down. Its group, and the order it was for, live on. */
  rejectReplacement(order: VenueOrder, atMs: EpochMs): OrderEvent {
    if (order.replaces !== null) this.successors.delete(order.replaces);
    return this.emit(ended(order, 'rejected', atMs), 'rejected', { atMs });
  }

  /** From now on an order takes another with it when it closes. */
  awaitReplacement(order: VenueOrder, successor: VenueOrder): void {
    this.successors.set(order.id, successor.id);
  }

  /** A leg that takes the place of a held one, as held and as armed as that was. */
  hold(order: VenueOrder, old: VenueOrder, atMs: EpochMs): OrderEvent {
    const { workingSinceMs, quantity } = old;
    return this.emit({ ...order, status: 'held', workingSinceMs, quantity }, 'held', { atMs });
  }

  /** The venue has taken a cancel or a replacement, and not decided about it. */
  suspend(
    order: VenueOrder,
    status: 'pending_cancel' | 'pending_replace',
    atMs: EpochMs,
  ): OrderEvent {
    return this.emit(pending(order, status, atMs), status, { atMs });
  }

  /** The venue turns a pending cancel or replacement down. */
  resume(order: VenueOrder, atMs: EpochMs): OrderEvent {
    const isOfCancel = order.status === 'pending_cancel';
    const type = isOfCancel ? 'order_cancel_rejected' : 'order_replace_rejected';
    return this.emit(resumed(order, atMs), type, { atMs });
  }

  /** Another order takes the place of this one, in its group too. */
  retire(order: VenueOrder, successor: VenueOrder, atMs: EpochMs): OrderEvent {
    const { book } = this.parts;
    this.successors.delete(order.id);
    const event = this.emit(retired(order, successor.id, atMs), 'replaced', { atMs });
    const parent = order.parentId === null ? null : book.find(order.parentId);
    if (parent !== null) {
      const legIds = parent.legIds.map((id) => (id === order.id ? successor.id : id));
      book.put({ ...parent, legIds });
    }
    for (const id of order.legIds) book.put({ ...book.get(id), parentId: successor.id });
    return event;
  }

  private endOne(order: VenueOrder, status: EndStatus, atMs: EpochMs): readonly OrderEvent[] {
    const event = this.emit(ended(order, status, atMs), status, { atMs });
    return [event, ...this.tellReplacement(order, atMs)];
  }

  /** A notional order learns at its price how many units it is. */
  private sized(order: VenueOrder, unitPrice: Price): VenueOrder {
    if (order.notional === null || order.filledQuantity > 0) return order;
    const units = unitsForNotional(order.notional, unitPrice);
    // A sale never grows beyond what was set aside for it.
    const isCut = order.side === 'sell' && units > order.quantity;
    return isCut ? order : { ...order, quantity: units };
  }

  private drawQuantity(order: VenueOrder): Quantity {
    const forced = this.forcedParts.get(order.id);
    if (forced !== undefined) {
      this.forcedParts.delete(order.id);
      if (forced < remainingQuantity(order)) return forced;
    }
    const { partialFillShare } = this.options;
    const draw = drawFillQuantity({ order, partialFillShare, randomState: this.drawnState });
    this.drawnState = draw.randomState;
    return draw.quantity;
  }

  private tellGroupOfFill(after: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    if (after.orderClass === 'simple') return [];
    if (after.parentId === null && after.orderClass !== 'oco') {
      return isOpen(after) ? [] : this.activateLegs(after, atMs);
    }
    const siblings = this.siblingsOf(after);
    if (!isOpen(after)) return siblings.flatMap((one) => this.endOne(one, 'canceled', atMs));
    for (const one of siblings) this.parts.book.put({ ...one, quantity: remainingQuantity(after) });
    return [];
  }

  /**
   * The entry has filled whole: the take-profit works, a stop beside it stays held until the market
   * reaches it, and an exit without a sibling works at once.
   */
  private activateLegs(entry: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    const legs = this.legsOf(entry);
    const isAlone = legs.length === 1;
    return legs.flatMap((leg) => {
      if (leg.type === 'limit' || isAlone) return this.activate(leg, atMs);
      this.arm(leg, atMs);
      return [];
    });
  }

  private armLegs(order: VenueOrder, atMs: EpochMs): void {
    for (const leg of this.legsOf(order)) this.arm(leg, atMs);
  }

  /** A held stop that the market can reach. */
  private arm(leg: VenueOrder, atMs: EpochMs): void {
    this.parts.book.put({ ...leg, workingSinceMs: atMs, updatedAtMs: atMs });
  }

  /** An order that closes while its replacement is pending takes the replacement with it. */
  private tellReplacement(before: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    const { book } = this.parts;
    const successorId = this.successors.get(before.id);
    if (successorId === undefined || isOpen(book.get(before.id))) return [];
    const successor = book.get(successorId);
    return isOpen(successor) ? [this.rejectReplacement(successor, atMs)] : [];
  }

  private legsOf(order: VenueOrder): readonly VenueOrder[] {
    return order.legIds.map((id) => this.parts.book.get(id)).filter(isOpen);
  }

  /** The open others of a group: the root and all legs. */
  private groupOf(order: VenueOrder): readonly VenueOrder[] {
    const root = this.parts.book.get(rootIdOf(order));
    const members = isOpen(root) ? [root, ...this.legsOf(root)] : this.legsOf(root);
    return members.filter(({ id }) => id !== order.id);
  }

  /** The open other exits of an exit's group. */
  private siblingsOf(order: VenueOrder): readonly VenueOrder[] {
    return this.groupOf(order).filter((one) => one.parentId !== null || one.orderClass === 'oco');
  }
}
