import type { Bar, MarketDate, Quote, TradePrint } from '../../domain/market/index.js';
import {
  assert,
  DAY_MS,
  type EpochMs,
  epochMs,
  type Price,
  SECOND_MS,
  type Usd,
} from '../../domain/values/index.js';
import { admitOrder, type Refusal, refuseAuctionWindow, type SessionHours } from './admission.js';
import { EventTape } from './event-tape.js';
import {
  type Evaluation,
  evaluateAuction,
  evaluateBar,
  evaluateQuote,
  evaluateTrade,
} from './fill-rules.js';
import { Ledger } from './ledger.js';
import { OrderBook } from './order-book.js';
import {
  activated,
  changedRequest,
  changesAnything,
  ended,
  filled,
  newOrder,
  retired,
} from './order-lifecycle.js';
import { drawFillQuantity } from './partial-fill.js';
import { randomStateOf } from './random.js';
import type { EngineSnapshot } from './snapshot.js';
import {
  type Execution,
  isOpen,
  type OrderChange,
  type OrderEvent,
  type OrderEventType,
  type OrderRequest,
  type VenueOrder,
} from './venue-order.js';

export interface EngineOptions {
  /** Same seed and same calls, same ids and same fills. */
  readonly seed: string;
  readonly startingCash: Usd;
  /** The share of eligible fills that are partial, 0 to 1. */
  readonly partialFillShare: number;
}

/** A trading day for the engine. */
export interface EngineDay extends SessionHours {
  readonly date: MarketDate;
  /** Last regular trade of the day before, by symbol, as far as known. */
  readonly previousCloses: ReadonlyMap<string, Price>;
}

export type PlaceResult =
  | { readonly ok: false; readonly refusal: Refusal }
  /** `order` is what the client is answered; the events that follow may already have filled it. */
  | { readonly ok: true; readonly order: VenueOrder; readonly events: readonly OrderEvent[] };

/**
 * An order that began to work later than this into a bar is not judged by what that bar printed
 * before it.
 */
const BAR_GRACE_MS = SECOND_MS;
const GOOD_TILL_CANCELED_DAYS = 90;

/**
 * The venue: takes orders and market data in the order of time and says what happens to each order.
 * Without clock, I/O or randomness of its own: every call carries its market time, and the
 * generator starts from the seed.
 */
export class MatchingEngine {
  readonly ledger: Ledger;
  readonly book = new OrderBook();
  private readonly tape: EventTape;
  private phase: 'closed' | 'open' = 'closed';
  private day: EngineDay | null = null;
  private nextCloseAtMs: EpochMs | null = null;
  private readonly openedSymbols = new Set<string>();
  private randomState: number;

  constructor(private readonly options: EngineOptions) {
    this.ledger = new Ledger(options.startingCash);
    this.tape = new EventTape(options.seed);
    this.randomState = randomStateOf(options.seed);
  }

  /** A new market date begins, before its open. Open orders stay. */
  beginDay(day: EngineDay): void {
    assert(this.phase === 'closed', 'expected a closed session before the next day begins');
    this.day = day;
    this.nextCloseAtMs = day.closeAtMs;
    this.openedSymbols.clear();
    this.ledger.beginDay(day.date, day.previousCloses);
  }

  /** The open: queued orders start to work. */
  openSession(atMs: EpochMs): readonly OrderEvent[] {
    this.phase = 'open';
    return this.book
      .open()
      .flatMap((order) => [
        ...(order.status === 'accepted' ? [this.activate(order, atMs)] : []),
        ...this.meetQuote(order.id, atMs),
      ]);
  }

  /**
   * The close: closing-auction orders trade at the last price, then all that lives for the day
   * expires.
   */
  closeSession(atMs: EpochMs, nextCloseAtMs: EpochMs): readonly OrderEvent[] {
    const events = this.book
      .open()
      .flatMap((order) => [
        ...(order.timeInForce === 'cls' ? this.meetClosingAuction(order, atMs) : []),
        ...this.expire(this.book.get(order.id), atMs),
      ]);
    this.phase = 'closed';
    this.nextCloseAtMs = nextCloseAtMs;
    return events;
  }

  onQuote(quote: Quote): readonly OrderEvent[] {
    this.ledger.noteQuote(quote);
    return this.openOrders(quote.symbol).flatMap((order) => this.meetQuote(order.id, quote.atMs));
  }

  onTrade(trade: TradePrint): readonly OrderEvent[] {
    this.ledger.noteTrade(trade);
    return this.openOrders(trade.symbol).flatMap((order) => {
      if (isAuctionOrder(order) || this.isLeftToQuotes(order)) return [];
      const events = this.follow(order, evaluateTrade(order, trade), trade.atMs);
      // An elected market order takes the quote at once; one that filled already has nothing left
      // to do.
      return this.book.get(order.id).isElected && !order.isElected
        ? [...events, ...this.meetQuote(order.id, trade.atMs)]
        : events;
    });
  }

  /** A bar that has just been completed. Outside the session it only marks prices. */
  onBar(bar: Bar): readonly OrderEvent[] {
    this.ledger.noteBar(bar);
    if (this.day === null || bar.startAtMs < this.day.openAtMs) return [];
    const isOpening = this.phase === 'open' && !this.openedSymbols.has(bar.symbol);
    const auction = isOpening ? this.openingAuction(bar) : [];
    const isEligible = (order: VenueOrder) =>
      !isAuctionOrder(order) &&
      order.workingSinceMs !== null &&
      order.workingSinceMs <= bar.startAtMs + BAR_GRACE_MS &&
      !this.isLeftToQuotes(order);
    const continuous = this.openOrders(bar.symbol)
      .filter(isEligible)
      .flatMap((order) => this.follow(order, evaluateBar(order, bar), bar.endAtMs));
    return [...auction, ...continuous];
  }

  /**
   * Takes an order or refuses it. During the session it is matched at once against the current
   * quote.
   */
  place(request: OrderRequest, atMs: EpochMs): PlaceResult {
    const { clientOrderId } = request;
    if (clientOrderId !== null && this.book.findByClientOrderId(clientOrderId) !== null) {
      return { ok: false, refusal: { code: 'duplicate_client_order_id' } };
    }
    const windowRefusal = refuseAuctionWindow(request, this.session(), atMs);
    if (windowRefusal !== null) return { ok: false, refusal: windowRefusal };
    return this.enter({ request, atMs, replaced: null });
  }

  /** Cancels an open order, or says why not. */
  cancel(orderId: string, atMs: EpochMs): PlaceResult {
    const order = this.book.find(orderId);
    if (order === null) return { ok: false, refusal: { code: 'order_not_found' } };
    if (!isOpen(order)) {
      return { ok: false, refusal: { code: 'order_not_open', status: order.status } };
    }
    const event = this.end(order, 'canceled', atMs);
    return { ok: true, order: event.order, events: [event] };
  }

  /**
   * Replaces a working order by a new one with a new id. Without a new quantity it keeps the
   * ORIGINAL quantity, also when part of it has filled: the venue does so, and whoever replaces
   * must know it.
   */
  replace(orderId: string, change: OrderChange, atMs: EpochMs): PlaceResult {
    const old = this.book.find(orderId);
    if (old === null) return { ok: false, refusal: { code: 'order_not_found' } };
    if (old.status !== 'new' && old.status !== 'partially_filled') {
      const code = isOpen(old) ? 'order_not_replaceable' : 'order_not_open';
      return { ok: false, refusal: { code, status: old.status } };
    }
    const { clientOrderId } = change;
    if (clientOrderId !== null && this.book.findByClientOrderId(clientOrderId) !== null) {
      return { ok: false, refusal: { code: 'duplicate_client_order_id' } };
    }
    if (!changesAnything(old, change)) return { ok: false, refusal: { code: 'order_not_changed' } };
    return this.enter({ request: changedRequest(old, change), atMs, replaced: old });
  }

  /** What open orders may still use. */
  buyingPower(): Usd {
    return this.ledger.buyingPower(this.book.reservedCash);
  }

  /** Everything that decides what happens next, as plain values: equal snapshots, equal futures. */
  snapshot(): EngineSnapshot {
    const { phase, nextCloseAtMs, randomState } = this;
    const { events: eventCount, executions: executionCount } = this.tape.counts;
    return {
      phase,
      nextCloseAtMs,
      randomState,
      eventCount,
      executionCount,
      values: this.ledger.values(),
      positions: this.ledger.allPositions(),
      orders: this.book.all(),
    };
  }

  private enter(input: {
    readonly request: OrderRequest;
    readonly atMs: EpochMs;
    readonly replaced: VenueOrder | null;
  }): PlaceResult {
    const { request, atMs, replaced } = input;
    const { ledger, book } = this;
    const admission = admitOrder({ request, ledger, book, replaced });
    if (!admission.ok) return admission;
    const { positionIntent, reservedPrice } = admission;
    const status = this.phase === 'open' ? 'pending_new' : 'accepted';
    const order = newOrder({
      seed: this.options.seed,
      sequence: book.size + 1,
      request,
      atMs,
      expiresAtMs: this.expiryOf(request, atMs),
      status,
      positionIntent,
      reservedPrice,
      replaces: replaced?.id ?? null,
    });
    const events =
      replaced === null ? [] : [this.emit(retired(replaced, order.id, atMs), 'replaced', { atMs })];
    events.push(this.emit(order, status, { atMs }));
    if (status === 'pending_new') {
      events.push(this.activate(order, atMs), ...this.meetQuote(order.id, atMs));
    }
    return { ok: true, order, events };
  }

  private expiryOf(request: OrderRequest, atMs: EpochMs): EpochMs {
    if (request.timeInForce === 'gtc') return epochMs(atMs + GOOD_TILL_CANCELED_DAYS * DAY_MS);
    assert(this.nextCloseAtMs !== null, 'expected a trading day before the first order');
    return this.nextCloseAtMs;
  }

  private session(): SessionHours {
    assert(this.day !== null, 'expected a trading day before the first order');
    return this.day;
  }

  private activate(order: VenueOrder, atMs: EpochMs): OrderEvent {
    return this.emit(activated(order, atMs), 'new', { atMs });
  }

  private openOrders(symbol: string): readonly VenueOrder[] {
    return this.phase === 'open' ? this.book.openOf(symbol) : [];
  }

  /** A market order whose symbol is quoted never trades on a bar: the quote is what it gets. */
  private isLeftToQuotes(order: VenueOrder): boolean {
    const isMarket = order.limitPrice === null && (order.stopPrice === null || order.isElected);
    return isMarket && this.ledger.marksOf(order.symbol).quote !== null;
  }

  private meetQuote(orderId: string, atMs: EpochMs): readonly OrderEvent[] {
    const order = this.book.get(orderId);
    if (this.phase !== 'open' || !isOpen(order) || isAuctionOrder(order)) return [];
    const { quote } = this.ledger.marksOf(order.symbol);
    const events = quote === null ? [] : this.follow(order, evaluateQuote(order, quote), atMs);
    return [...events, ...this.cancelUnfilledRest(orderId, atMs)];
  }

  private openingAuction(bar: Bar): readonly OrderEvent[] {
    this.openedSymbols.add(bar.symbol);
    return this.openOrders(bar.symbol)
      .filter((order) => order.timeInForce === 'opg')
      .flatMap((order) => [
        ...this.follow(order, evaluateAuction(order, bar.open), bar.endAtMs),
        ...this.expire(this.book.get(order.id), bar.endAtMs),
      ]);
  }

  private meetClosingAuction(order: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    const { lastBar } = this.ledger.marksOf(order.symbol);
    const isOfToday = lastBar !== null && lastBar.startAtMs >= this.session().openAtMs;
    return isOfToday ? this.follow(order, evaluateAuction(order, lastBar.close), atMs) : [];
  }

  private follow(order: VenueOrder, evaluation: Evaluation, atMs: EpochMs): readonly OrderEvent[] {
    if (evaluation.kind === 'nothing') return [];
    if (evaluation.kind === 'fill') return [this.fill(order, evaluation.price, atMs)];
    this.book.put({ ...order, isElected: true, updatedAtMs: atMs });
    return [];
  }

  private fill(order: VenueOrder, unitPrice: Price, atMs: EpochMs): OrderEvent {
    const { partialFillShare } = this.options;
    const draw = drawFillQuantity({ order, partialFillShare, randomState: this.randomState });
    this.randomState = draw.randomState;
    const trade = { price: unitPrice, quantity: draw.quantity, atMs };
    const after = filled(order, trade);
    const execution = this.tape.execution(after, trade);
    this.ledger.post(execution);
    return this.emit(after, isOpen(after) ? 'partial_fill' : 'fill', { atMs, execution });
  }

  private cancelUnfilledRest(orderId: string, atMs: EpochMs): readonly OrderEvent[] {
    const order = this.book.get(orderId);
    const isImmediate = order.timeInForce === 'ioc' || order.timeInForce === 'fok';
    return isImmediate && isOpen(order) ? [this.end(order, 'canceled', atMs)] : [];
  }

  private expire(order: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    if (!isOpen(order)) return [];
    const isOver = order.timeInForce !== 'gtc' || order.expiresAtMs <= atMs;
    return isOver ? [this.end(order, 'expired', atMs)] : [];
  }

  private end(order: VenueOrder, status: 'canceled' | 'expired', atMs: EpochMs): OrderEvent {
    return this.emit(ended(order, status, atMs), status, { atMs });
  }

  private emit(
    order: VenueOrder,
    type: OrderEventType,
    at: { readonly atMs: EpochMs; readonly execution?: Execution },
  ): OrderEvent {
    this.book.put(order);
    const { atMs, execution = null } = at;
    const positionNanos = this.ledger.position(order.symbol)?.signedNanos ?? 0;
    return this.tape.event({ type, order, atMs, positionNanos, execution });
  }
}

function isAuctionOrder(order: VenueOrder): boolean {
  return order.timeInForce === 'opg' || order.timeInForce === 'cls';
}
