import {
  nextTradingDay,
  parseMarketDate,
  tradingDay,
  type TradingDay,
} from '../../../domain/market/index.js';
import {
  assert,
  type EpochMs,
  epochMs,
  MINUTE_MS,
  type Price,
  price,
  type Usd,
  wholeUnits,
} from '../../../domain/values/index.js';
import {
  type AccountView,
  type Execution,
  type Handling,
  MatchingEngine,
  type OrderChange,
  type OrderEvent,
  type OrderRequest,
  type PlaceHandling,
  type PlaceResult,
  type TradeChange,
  type VenueOrder,
} from '../../../exchange/matching/index.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { ExchangeJournal } from './exchange-journal.js';

export const MARKET_DATE = '2013-10-07';
/** The session begins this long before the run does. */
const OPEN_BEFORE_MS = 5 * 60_000;
const QUOTED_UNITS = 500;
/** The morning begins this long before the open: auction orders are still taken. */
const MORNING_MS = 20 * MINUTE_MS;

export interface ExchangeOptions {
  readonly time: VirtualTime;
  readonly seed: string;
  readonly startingCash: Usd;
  readonly partialFillShare: number;
  /** Market milliseconds in one of virtual time. */
  readonly marketSpeed: number;
}

/**
 * The matching engine with a market that the scenario moves, a clock of its own and a journal.
 * What happens is told to whoever listens; what becomes of it on the way is the stream's affair.
 */
export class SimulatedExchange {
  readonly engine: MatchingEngine;
  readonly journal: ExchangeJournal;
  readonly #options: ExchangeOptions;
  readonly #openedAtMs: EpochMs;
  #day: TradingDay;
  readonly #executions: Execution[] = [];
  readonly #stuck = new Set<string>();
  readonly #changed = new Set<string>();
  /** Between which prices each symbol has been quoted so far. */
  readonly quotedRanges = new Map<string, { readonly lowest: Price; readonly highest: Price }>();
  readonly #listeners = new Set<(event: OrderEvent) => void>();
  #skippedMs = 0;
  #isOpen = true;

  constructor(options: ExchangeOptions) {
    const { seed, startingCash, partialFillShare } = options;
    const date = parseMarketDate(MARKET_DATE);
    const day = date === null ? null : tradingDay(date);
    assert(date !== null && day !== null, `expected ${MARKET_DATE} to be a trading day`);
    this.#options = options;
    this.#openedAtMs = day.openAtMs;
    this.#day = day;
    this.engine = new MatchingEngine({ seed, startingCash, partialFillShare });
    this.journal = new ExchangeJournal(BigInt(startingCash));
    this.engine.beginDay({ ...day, previousCloses: new Map() });
    this.engine.openSession(day.openAtMs);
  }

  /** Market time: runs at a speed of its own, and jumps to the close and to the next morning. */
  get nowMs(): EpochMs {
    const { time, marketSpeed } = this.#options;
    const passedMs = Math.floor(time.nowMs * marketSpeed);
    return epochMs(this.#openedAtMs + OPEN_BEFORE_MS + passedMs + this.#skippedMs);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Before the open, once the day has begun. */
  get isMorning(): boolean {
    return this.nowMs >= this.#day.preOpenAtMs && this.nowMs < this.#day.openAtMs;
  }

  get #isEvening(): boolean {
    return this.nowMs >= this.#day.closeAtMs && this.nowMs < this.#day.postCloseAtMs;
  }

  /** The bells after now. */
  get nextBells(): { readonly openAtMs: EpochMs; readonly closeAtMs: EpochMs } {
    const { date, openAtMs, closeAtMs } = this.#day;
    const next = nextTradingDay(date);
    return {
      openAtMs: this.nowMs < openAtMs ? openAtMs : next.openAtMs,
      closeAtMs: this.nowMs < closeAtMs ? closeAtMs : next.closeAtMs,
    };
  }

  listen(listener: (event: OrderEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Executions after a market instant, oldest first. */
  executionsSince(sinceMs: number): readonly Execution[] {
    return this.#executions.filter(({ atMs }) => atMs > sinceMs);
  }

  place(request: OrderRequest, how: PlaceHandling): PlaceResult {
    const result = this.engine.place(request, this.nowMs, how);
    if (!result.ok) return result;
    if (how.handling === 'stuck') this.#stuck.add(result.order.id);
    this.#publish(result.events);
    return result;
  }

  cancel(orderId: string, handling: Handling): PlaceResult {
    const result = this.engine.cancel(orderId, this.nowMs, handling);
    if (!result.ok) return result;
    if (handling === 'stuck') this.#stuck.add(orderId);
    this.#publish(result.events);
    return result;
  }

  replace(orderId: string, change: OrderChange, handling: Handling): PlaceResult {
    const result = this.engine.replace(orderId, change, { atMs: this.nowMs, handling });
    if (!result.ok) return result;
    if (handling === 'stuck') this.#stuck.add(result.order.id);
    this.#publish(result.events);
    return result;
  }

  /** The last execution, unless the venue has changed it already. */
  get lastTrade(): Execution | null {
    const execution = this.#executions.at(-1);
    return execution === undefined || this.#changed.has(execution.id) ? null : execution;
  }

  /** An execution is taken back, or gets another price. */
  changeTrade(execution: Execution, change: TradeChange): void {
    this.#changed.add(execution.id);
    this.#publish([this.engine.changeTrade(execution, change, this.nowMs)]);
  }

  /** What was stuck goes on. */
  releaseStuck(): void {
    for (const orderId of this.#stuck) this.#publish(this.engine.release(orderId, this.nowMs));
    this.#stuck.clear();
  }

  quote(symbol: string, bid: Price, ask: Price): void {
    if (!this.#isOpen && !this.isMorning && !this.#isEvening) return;
    const { lowest, highest } = this.quotedRanges.get(symbol) ?? { lowest: bid, highest: ask };
    this.quotedRanges.set(symbol, {
      lowest: price(Math.min(lowest, bid)),
      highest: price(Math.max(highest, ask)),
    });
    const size = wholeUnits(QUOTED_UNITS);
    const atMs = this.nowMs;
    this.#publish(
      this.engine.onQuote({
        symbol,
        atMs,
        bidPrice: bid,
        bidSize: size,
        askPrice: ask,
        askSize: size,
      }),
    );
  }

  /** Others trade: what elects stops and fills resting limits. */
  print(symbol: string, at: Price): void {
    if (!this.#isOpen) return;
    const size = wholeUnits(QUOTED_UNITS);
    this.#publish(this.engine.onTrade({ symbol, atMs: this.nowMs, price: at, size }));
  }

  /** The closing bell, after its auction: market time jumps there, and day orders expire. */
  close(): void {
    if (!this.#isOpen) return;
    this.#jumpTo(this.#day.closeAtMs);
    this.#printBars();
    this.#isOpen = false;
    const { closeAtMs } = nextTradingDay(this.#day.date);
    this.#publish(this.engine.closeSession(this.nowMs, closeAtMs));
  }

  /** The night is over: market time jumps to some minutes before the open. */
  beginNextDay(): void {
    if (this.#isOpen) return;
    this.#jumpTo(this.#day.postCloseAtMs);
    this.#publish(this.engine.endExtendedHours(this.nowMs));
    this.#day = nextTradingDay(this.#day.date);
    this.#jumpTo(epochMs(this.#day.openAtMs - MORNING_MS));
    this.engine.beginDay({ ...this.#day, previousCloses: new Map() });
  }

  /** The opening bell and its auction: what has waited begins to work. */
  open(): void {
    if (this.#isOpen || this.nowMs >= this.#day.closeAtMs) return;
    this.#jumpTo(this.#day.openAtMs);
    this.#isOpen = true;
    this.#publish(this.engine.openSession(this.nowMs));
    this.#printBars();
  }

  #jumpTo(atMs: EpochMs): void {
    this.#skippedMs += Math.max(0, atMs - this.nowMs);
  }

  /** A bar of each symbol at the middle of its quote: what auctions trade at. */
  #printBars(): void {
    const endAtMs = this.nowMs;
    for (const symbol of this.quotedRanges.keys()) {
      const { bidPrice = null, askPrice = null } = this.engine.ledger.marksOf(symbol).quote ?? {};
      if (bidPrice === null || askPrice === null) continue;
      const middle = price(Math.round((bidPrice + askPrice) / 2));
      const flat = { open: middle, high: middle, low: middle, close: middle };
      const startAtMs = endAtMs;
      const volume = wholeUnits(QUOTED_UNITS);
      this.#publish(this.engine.onBar({ symbol, startAtMs, endAtMs, ...flat, volume }));
    }
  }

  /** The account at this instant: what a stale read is answered from. */
  copyView(): AccountView {
    return this.engine.copyView();
  }

  #publish(events: readonly OrderEvent[]): void {
    for (const event of events) {
      this.journal.note(event);
      const isFill = event.type === 'fill' || event.type === 'partial_fill';
      if (event.execution !== null && isFill) this.#executions.push(event.execution);
      this.#options.time.note(
        `exchange ${event.type} ${event.order.clientOrderId} ${event.order.filledQuantity}`,
      );
      for (const listener of this.#listeners) listener(event);
    }
    for (const { order } of events) this.#noteGroup(order);
  }

  /** What happens to one exit changes the others, and no event says so. */
  #noteGroup({ id, parentId }: VenueOrder): void {
    const { book } = this.engine;
    const { legIds } = book.get(parentId ?? id);
    for (const legId of legIds) this.journal.noteOrder(book.get(legId));
    if (parentId !== null) this.journal.noteOrder(book.get(parentId));
  }
}

/** Whole cents as a price. */
export function cents(amount: number): Price {
  return price(amount * 10_000_000);
}
