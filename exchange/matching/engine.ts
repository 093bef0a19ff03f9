import type { Bar, Quote, TradePrint } from '../../domain/market/index.js';
import { type EpochMs, type Quantity, SECOND_MS, type Usd } from '../../domain/values/index.js';
import { type Admission, admitOrder, refuseAuctionWindow } from './admission.js';
import { BorrowList } from './borrow-list.js';
import { EventTape } from './event-tape.js';
import {
  type Evaluation,
  evaluateAuction,
  evaluateBar,
  evaluateQuote,
  evaluateTrade,
} from './fill-rules.js';
import { Ledger, MARGIN_MULTIPLIER } from './ledger.js';
import { OrderBook } from './order-book.js';
import { OrderDesk } from './order-desk.js';
import { legRequests, stopsOfGroupsFirst } from './order-group.js';
import {
  type Intake,
  pendingRequestOf,
  receiptOf,
  receivedLeg,
  receivedOrder,
} from './order-intake.js';
import { changedRequest } from './order-lifecycle.js';
import type {
  AccountView,
  BorrowChange,
  EngineDay,
  EngineOptions,
  Handling,
  PlaceHandling,
  PlaceResult,
} from './engine-contract.js';
import { refuseCancel, refuseReplace } from './order-refusals.js';
import type { EngineSnapshot } from './snapshot.js';
import { reverseExecution, type TradeChange } from './trade-change.js';
import {
  type Execution,
  isAuctionOrder,
  isHeld,
  isOpen,
  type OrderChange,
  type OrderEvent,
  type OrderRequest,
  type VenueOrder,
} from './venue-order.js';
import { VenueSession } from './venue-session.js';

interface Entry extends Intake {
  readonly firstPart: Quantity | null;
}

/**
 * An order that began to work later than this into a bar is not judged by what that bar printed
 * before it.
 */
const BAR_GRACE_MS = SECOND_MS;

/**
 * The venue: takes orders and market data in the order of time and says what happens to each order.
 * Without clock, I/O or randomness of its own: every call carries its market time, and the
 * generator starts from the seed.
 */
export class MatchingEngine implements AccountView {
  readonly ledger: Ledger;
  readonly book = new OrderBook();
  private readonly tape: EventTape;
  private readonly desk: OrderDesk;
  readonly borrowList: BorrowList;
  private readonly session = new VenueSession();
  private multiplierMax = MARGIN_MULTIPLIER;

  constructor(private readonly options: EngineOptions) {
    this.ledger = new Ledger(options.startingCash);
    this.tape = new EventTape(options.seed);
    this.borrowList = new BorrowList(options.hardToBorrow ?? []);
    const { book, ledger, tape } = this;
    this.desk = new OrderDesk({ book, ledger, tape }, options);
  }

  /** A new market date begins, before its open. Open orders stay. */
  beginDay(day: EngineDay): void {
    this.session.beginDay(day);
    this.ledger.beginDay(day.date, day.previousCloses);
  }

  /** The night before a day: names that turned hard to borrow lose their open short orders. */
  passNight(atMs: EpochMs): readonly OrderEvent[] {
    return this.borrowList.passNight().flatMap((symbol) => this.cancelUnborrowed(symbol, atMs));
  }

  /** Lists a name as easy or hard to borrow, and cancels the open short orders of a hard one. */
  changeBorrow({ symbol, status, from }: BorrowChange, atMs: EpochMs): readonly OrderEvent[] {
    if (from === 'tomorrow') this.borrowList.setTonight(symbol, status);
    else this.borrowList.set(symbol, status);
    return this.cancelUnborrowed(symbol, atMs);
  }

  /** The open: queued orders start to work. */
  openSession(atMs: EpochMs): readonly OrderEvent[] {
    this.session.openRegular();
    return this.book.open().flatMap(({ id }) => {
      const order = this.book.get(id);
      const activation = order.status === 'accepted' ? this.desk.activate(order, atMs) : [];
      return [...activation, ...this.meetQuote(id, atMs)];
    });
  }

  /**
   * The close: closing-auction orders trade at the last price, then all that lives for the regular
   * day expires.
   */
  closeSession(atMs: EpochMs, nextCloseAtMs: EpochMs): readonly OrderEvent[] {
    const events = this.book
      .open()
      .flatMap(({ id, timeInForce }) => [
        ...(timeInForce === 'cls' ? this.meetClosingAuction(id, atMs) : []),
        ...(this.session.livesOn(this.book.get(id)) ? [] : this.expire(this.book.get(id), atMs)),
      ]);
    this.session.closeRegular(nextCloseAtMs);
    this.ledger.noteClose();
    return events;
  }

  /** The end of extended hours: what they kept alive expires. */
  endExtendedHours(atMs: EpochMs): readonly OrderEvent[] {
    return this.book
      .open()
      .filter(({ extendedHours }) => extendedHours)
      .flatMap(({ id }) => this.expire(this.book.get(id), atMs));
  }

  onQuote(quote: Quote): readonly OrderEvent[] {
    this.ledger.noteQuote(quote);
    const { symbol, atMs } = quote;
    if (this.session.phase === 'open') {
      return this.workingOrders(symbol).flatMap(({ id }) => this.meetQuote(id, atMs));
    }
    return this.book
      .openOf(symbol)
      .filter((order) => this.session.trades(order, atMs))
      .flatMap(({ id }) => this.meetExtendedQuote(id, atMs));
  }

  onTrade(trade: TradePrint): readonly OrderEvent[] {
    this.ledger.noteTrade(trade);
    return this.workingOrders(trade.symbol).flatMap(({ id }) => {
      const order = this.book.get(id);
      if (!isOpen(order) || isAuctionOrder(order) || this.isLeftToQuotes(order)) return [];
      const events = this.follow(order, evaluateTrade(order, trade), trade.atMs);
      // An elected market order takes the quote at once; one that filled already has nothing left
      // to do.
      return this.book.get(id).isElected && !order.isElected
        ? [...events, ...this.meetQuote(id, trade.atMs)]
        : events;
    });
  }

  /**
   * A bar that has just been completed. In extended hours it is there for extended orders only;
   * outside of them it only marks prices.
   */
  onBar(bar: Bar): readonly OrderEvent[] {
    this.ledger.noteBar(bar);
    const auction = this.session.noteBarOf(bar) ? this.openingAuction(bar) : [];
    const isEligible = (order: VenueOrder) =>
      isOpen(order) &&
      !isAuctionOrder(order) &&
      order.workingSinceMs !== null &&
      order.workingSinceMs <= bar.startAtMs + BAR_GRACE_MS &&
      !this.isLeftToQuotes(order);
    const continuous = stopsOfGroupsFirst(this.ordersThatMeet(bar)).flatMap(({ id }) => {
      const order = this.book.get(id);
      return isEligible(order) ? this.follow(order, evaluateBar(order, bar), bar.endAtMs) : [];
    });
    return [...auction, ...continuous];
  }

  /**
   * Takes an order or refuses it. During the session it is matched at once against the current
   * quote. With `firstPart` its first fill is of this quantity, unless less is ordered.
   */
  place(request: OrderRequest, atMs: EpochMs, how: PlaceHandling = {}): PlaceResult {
    const { clientOrderId } = request;
    if (clientOrderId !== null && this.book.findByClientOrderId(clientOrderId) !== null) {
      return { ok: false, refusal: { code: 'duplicate_client_order_id' } };
    }
    const windowRefusal = refuseAuctionWindow(request, this.session.day, atMs);
    if (windowRefusal !== null) return { ok: false, refusal: windowRefusal };
    const { handling = 'normal', firstPart = null } = how;
    return this.enter({ request, atMs, replaced: null, handling, firstPart });
  }

  /** The next fill of an order is of this quantity, unless less is left. */
  forcePart(orderId: string, part: Quantity): void {
    this.desk.forcePart(orderId, part);
  }

  /** Cancels an open order and its group, or says why not. */
  cancel(orderId: string, atMs: EpochMs, handling: Handling = 'normal'): PlaceResult {
    const order = this.book.find(orderId);
    const refusal = refuseCancel(order, this.book);
    if (order === null || refusal !== null) {
      return { ok: false, refusal: refusal ?? { code: 'order_not_found' } };
    }
    if (handling === 'normal') {
      const events = this.desk.end(order, 'canceled', atMs);
      return { ok: true, order: this.book.get(orderId), legs: [], events };
    }
    const events = [this.desk.suspend(order, 'pending_cancel', atMs)];
    if (handling === 'reject') events.push(this.desk.resume(this.book.get(orderId), atMs));
    return { ok: true, order: this.book.get(orderId), legs: [], events };
  }

  /**
   * Replaces a working order by a new one with a new id. Without a new quantity it keeps the
   * ORIGINAL quantity, also when part of it has filled: the venue does so, and whoever replaces
   * must know it.
   */
  replace(
    orderId: string,
    change: OrderChange,
    how: { readonly atMs: EpochMs; readonly handling?: Handling },
  ): PlaceResult {
    const old = this.book.find(orderId);
    const refusal = refuseReplace(old, change, this.book);
    if (old === null || refusal !== null) {
      return { ok: false, refusal: refusal ?? { code: 'order_not_found' } };
    }
    const { atMs, handling = 'normal' } = how;
    const request = changedRequest(old, change);
    return this.enter({ request, atMs, replaced: old, handling, firstPart: null });
  }

  /** Does at last what a stuck order, cancel or replacement was asked for. */
  release(orderId: string, atMs: EpochMs): readonly OrderEvent[] {
    const order = this.book.get(orderId);
    if (order.status === 'pending_cancel') return this.desk.end(order, 'canceled', atMs);
    if (order.status !== 'pending_new') return [];
    const old = order.replaces === null ? null : this.book.get(order.replaces);
    if (old === null) return this.begin(order, atMs);
    if (!this.admit(pendingRequestOf(order), old).ok) {
      const resumption = old.suspendedFrom === null ? [] : [this.desk.resume(old, atMs)];
      return [...resumption, this.desk.rejectReplacement(order, atMs)];
    }
    const retirement = this.desk.retire(old, order, atMs);
    if (isHeld(old)) return [retirement, this.desk.hold(order, old, atMs)];
    return [retirement, ...this.begin(order, atMs)];
  }

  /** Takes an execution back, or gives it another price, as venues do after the fact. */
  changeTrade(execution: Execution, change: TradeChange, atMs: EpochMs): OrderEvent {
    const { ledger, tape } = this;
    const order = this.book.get(execution.orderId);
    const reversed = reverseExecution({ execution, order, change, tape, atMs });
    for (const posting of reversed.postings) ledger.post(posting);
    return this.desk.emit(reversed.order, reversed.type, {
      atMs,
      execution: reversed.execution,
      previousExecutionId: execution.id,
    });
  }

  /** What open orders may still use. */
  buyingPower(view: AccountView = this): Usd {
    return view.ledger.buyingPower(view.book.reservedCash, this.multiplierMax);
  }

  /** How often the owner lets the equity be spent: 1, 2 or 4. */
  limitMultiplier(multiplierMax: number): void {
    this.multiplierMax = multiplierMax;
  }

  /** The account as it is now; what happens later does not show in it. */
  copyView(): AccountView {
    return { book: this.book.copy(), ledger: this.ledger.copy() };
  }

  /** Everything that decides what happens next, as plain values: equal snapshots, equal futures. */
  snapshot(): EngineSnapshot {
    const { phase, nextCloseAtMs } = this.session;
    const { events: eventCount, executions: executionCount } = this.tape.counts;
    return {
      phase,
      nextCloseAtMs,
      randomState: this.desk.randomState,
      eventCount,
      executionCount,
      hardToBorrow: this.borrowList.names(),
      values: this.ledger.values(),
      positions: this.ledger.allPositions(),
      orders: this.book.all(),
    };
  }

  private admit(request: OrderRequest, replaced: VenueOrder | null): Admission {
    const { ledger, book, borrowList, multiplierMax } = this;
    const { washTradeGuard = 'strict' } = this.options;
    // A held leg speaks for nothing, and so does what takes its place.
    if (replaced !== null && isHeld(replaced)) {
      const { positionIntent } = replaced;
      return { ok: true, positionIntent, reservedPrice: null, quantity: request.quantity };
    }
    const account = { ledger, book, borrowList, multiplierMax };
    return admitOrder({ ...account, request, replaced, washTradeGuard });
  }

  private cancelUnborrowed(symbol: string, atMs: EpochMs): readonly OrderEvent[] {
    if (this.borrowList.statusOf(symbol) === 'easy_to_borrow') return [];
    return this.book
      .openOn(symbol, 'sell')
      .filter(({ positionIntent }) => positionIntent === 'sell_to_open')
      .flatMap(({ id }) => {
        const order = this.book.get(id);
        return isOpen(order) ? this.desk.end(order, 'canceled', atMs) : [];
      });
  }

  private enter(entry: Entry): PlaceResult {
    const { request, atMs, replaced, handling } = entry;
    const admission = this.admit(request, replaced);
    if (!admission.ok) return admission;
    const order = this.build(entry, admission);
    const events: OrderEvent[] = [];
    if (entry.firstPart !== null) this.desk.forcePart(order.id, entry.firstPart);
    if (replaced !== null && handling === 'normal') {
      events.push(this.desk.retire(replaced, order, atMs));
    } else if (replaced !== null) {
      events.push(this.desk.suspend(replaced, 'pending_replace', atMs));
      this.desk.awaitReplacement(replaced, order);
    }
    events.push(this.desk.emit(order, receiptOf(order), { atMs }));
    const legEvents = replaced === null ? this.enterLegs(order, request) : [];
    events.push(...legEvents);
    if (handling === 'reject') events.push(...this.turnDown(order, atMs));
    if (handling === 'normal' && order.status === 'pending_new') {
      events.push(...this.begin(order, atMs));
    }
    return { ok: true, order, legs: legEvents.map((event) => event.order), events };
  }

  /** What the venue said yes to a moment ago is refused after all. */
  private turnDown(order: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    if (order.replaces === null) return this.desk.end(this.book.get(order.id), 'rejected', atMs);
    const resumption = this.desk.resume(this.book.get(order.replaces), atMs);
    return [resumption, this.desk.rejectReplacement(order, atMs)];
  }

  /** The market can fill it from now on, and does if it can. */
  private begin(order: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    return [...this.desk.activate(order, atMs), ...this.meetQuote(order.id, atMs)];
  }

  private build(entry: Entry, admission: Extract<Admission, { ok: true }>): VenueOrder {
    const { request, atMs } = entry;
    const isWorking = this.session.trades(request, atMs);
    const { seed } = this.options;
    const sequence = this.book.size + 1;
    const expiresAtMs = this.session.expiryOf(request, atMs);
    return receivedOrder({ ...entry, admission, isWorking, seed, sequence, expiresAtMs });
  }

  private enterLegs(parent: VenueOrder, request: OrderRequest): readonly OrderEvent[] {
    const atMs = parent.createdAtMs;
    return legRequests(request).map((leg) => {
      const numbers = { seed: this.options.seed, sequence: this.book.size + 1 };
      return this.desk.emit(receivedLeg(parent, leg, numbers), 'held', { atMs });
    });
  }

  private workingOrders(symbol: string): readonly VenueOrder[] {
    if (this.session.phase !== 'open') return [];
    return this.book.openOf(symbol).filter((order) => order.workingSinceMs !== null);
  }

  private ordersThatMeet(bar: Bar): readonly VenueOrder[] {
    if (!this.session.isExtended(bar)) {
      return bar.startAtMs < this.session.day.openAtMs ? [] : this.workingOrders(bar.symbol);
    }
    return this.book.openOf(bar.symbol).filter(({ extendedHours }) => extendedHours);
  }

  /** A market order whose symbol is quoted never trades on a bar: the quote is what it gets. */
  private isLeftToQuotes(order: VenueOrder): boolean {
    const isMarket = order.limitPrice === null && (order.stopPrice === null || order.isElected);
    return isMarket && this.ledger.marksOf(order.symbol).quote !== null;
  }

  private meetExtendedQuote(orderId: string, atMs: EpochMs): readonly OrderEvent[] {
    const order = this.book.get(orderId);
    const activation = order.status === 'accepted' ? this.desk.activate(order, atMs) : [];
    return [...activation, ...this.meetQuote(orderId, atMs)];
  }

  private meetQuote(orderId: string, atMs: EpochMs): readonly OrderEvent[] {
    const order = this.book.get(orderId);
    const isWorking = isOpen(order) && order.workingSinceMs !== null;
    if (!isWorking || isAuctionOrder(order) || !this.session.trades(order, atMs)) return [];
    const { quote } = this.ledger.marksOf(order.symbol);
    const events = quote === null ? [] : this.follow(order, evaluateQuote(order, quote), atMs);
    return [...events, ...this.cancelUnfilledRest(orderId, atMs)];
  }

  private openingAuction(bar: Bar): readonly OrderEvent[] {
    return this.workingOrders(bar.symbol)
      .filter((order) => order.timeInForce === 'opg')
      .flatMap((order) => [
        ...this.follow(order, evaluateAuction(order, bar.open), bar.endAtMs),
        ...this.expire(this.book.get(order.id), bar.endAtMs),
      ]);
  }

  private meetClosingAuction(orderId: string, atMs: EpochMs): readonly OrderEvent[] {
    const order = this.book.get(orderId);
    if (order.workingSinceMs === null) return [];
    const { lastBar } = this.ledger.marksOf(order.symbol);
    const isOfToday = lastBar !== null && lastBar.startAtMs >= this.session.day.openAtMs;
    return isOfToday ? this.follow(order, evaluateAuction(order, lastBar.close), atMs) : [];
  }

  private follow(order: VenueOrder, evaluation: Evaluation, atMs: EpochMs): readonly OrderEvent[] {
    if (evaluation.kind === 'nothing') return [];
    if (evaluation.kind === 'elected') return this.desk.elect(order, atMs);
    const election = isHeld(order) ? this.desk.elect(order, atMs) : [];
    const fills = this.desk.fill(this.book.get(order.id), evaluation.price, atMs);
    // A leg that the fill brought to life meets the quote at once.
    const awakened = fills.filter(({ type, order: { id } }) => type === 'new' && id !== order.id);
    const met = awakened.flatMap(({ order: { id } }) => this.meetQuote(id, atMs));
    return [...election, ...fills, ...met];
  }

  private cancelUnfilledRest(orderId: string, atMs: EpochMs): readonly OrderEvent[] {
    const order = this.book.get(orderId);
    const isImmediate = order.timeInForce === 'ioc' || order.timeInForce === 'fok';
    return isImmediate && isOpen(order) ? this.desk.end(order, 'canceled', atMs) : [];
  }

  private expire(order: VenueOrder, atMs: EpochMs): readonly OrderEvent[] {
    if (!isOpen(order)) return [];
    const isOver = order.timeInForce !== 'gtc' || order.expiresAtMs <= atMs;
    return isOver ? this.desk.end(order, 'expired', atMs) : [];
  }
}
