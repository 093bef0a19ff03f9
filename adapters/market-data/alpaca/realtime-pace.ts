import { type Bar, newYorkDate } from '../../../domain/market/index.js';
import { type EpochMs, epochMs, MINUTE_MS } from '../../../domain/values/index.js';
import { BrokerUnavailable } from '../../broker/errors.js';
import type {
  Broker,
  BrokerCalendarDay,
  MarketData,
  MarketPace,
  MarketStep,
} from '../../broker/port.js';
import { BarCollector } from './bar-collector.js';
import { BarFeed, type BarFeedListener } from './bar-feed.js';
import { MarketTime } from './market-time.js';
import type { MinuteBarStreamOptions } from './minute-bar-stream.js';
import { type PlannedStep, stepAfter, stepAt } from './step-plan.js';

export interface RealtimePaceOptions {
  readonly broker: Pick<Broker, 'clock' | 'calendar'>;
  readonly marketData: Pick<MarketData, 'minuteBars'>;
  readonly stream: Omit<MinuteBarStreamOptions, 'symbols'>;
  readonly symbols: readonly string[];
  /** Bars that end after this market time are delivered; null: from now on. */
  readonly deliveredThroughMs: EpochMs | null;
  /**
   * Market milliseconds a wall millisecond; 1 unless given. Only an exchange of ours has another.
   */
  readonly speed?: number;
  /** How long after a minute its bars may take, in wall milliseconds; 3 s unless given. */
  readonly graceMs?: number;
  readonly monotonicNowMs?: () => number;
  /** The data stream came or went, for logs. */
  readonly onStreamChange?: BarFeedListener['onChange'];
  /** A bar that came after a later one of its symbol was delivered; it is not delivered. */
  readonly onLateBar?: (bar: Bar) => void;
}

const GRACE_MS = 3_000;
/** Between two looks at the broker's clock. A machine that slept wakes up to the right time. */
const CLOCK_AGE_MS_MAX = 30_000;
const CALENDAR_DAYS = 14;

/**
 * Market time by the broker's clock and calendar, a step a minute. A step is ready when the stream
 * has brought every symbol's bar of that minute, or when the grace is over: what is missing then is
 * asked for by REST, so that neither a gap of the stream nor a lost frame skips a bar. Throws what
 * reads throw; a repeated call goes on.
 */
export function createRealtimePace(options: RealtimePaceOptions): MarketPace {
  return new RealtimePace(options);
}

class RealtimePace implements MarketPace {
  readonly #options: RealtimePaceOptions;
  readonly #speed: number;
  readonly #graceMarketMs: number;
  readonly #time: MarketTime;
  readonly #feed: BarFeed;
  readonly #wakers = new Set<() => void>();
  #days: readonly BrokerCalendarDay[] = [];
  #collector: BarCollector | null = null;
  #lossesCovered = 0;
  /** Bars that end up to here were asked for when they could not be missing any more. */
  #settledThroughMs = 0;
  #last: MarketStep | null = null;

  constructor(options: RealtimePaceOptions) {
    const { broker, stream, symbols, monotonicNowMs = () => performance.now() } = options;
    this.#options = options;
    this.#speed = options.speed ?? 1;
    this.#graceMarketMs = (options.graceMs ?? GRACE_MS) * this.#speed;
    this.#time = new MarketTime({ broker, monotonicNowMs, speed: this.#speed });
    this.#feed = new BarFeed(
      { ...stream, symbols },
      {
        onBar: (bar) => this.#collect(bar),
        onChange: (change) => options.onStreamChange?.(change),
      },
    );
  }

  async current(): Promise<MarketStep> {
    if (this.#last !== null) return this.#last;
    const nowMs = await this.#time.synchronize();
    const planned = await this.#planned((days) => stepAt(nowMs, days), newYorkDate(nowMs));
    this.#collector ??= new BarCollector(
      this.#options.symbols,
      this.#options.deliveredThroughMs ?? planned.atMs,
    );
    this.#feed.start();
    await this.#backfill(this.#options.symbols);
    return this.#deliver(planned);
  }

  /**
   * A step that is not the last one was advanced before, and its answer lost: the last one is the
   * answer.
   */
  async advance(step: MarketStep, signal: AbortSignal): Promise<MarketStep> {
    const last = this.#last ?? (await this.current());
    if (step.atMs < last.atMs) return last;
    const planned = await this.#planned((days) => stepAfter(step, days), step.marketDate);
    await this.#reach(planned.atMs, signal);
    await this.#completeBars(planned, signal);
    return this.#deliver(planned);
  }

  async close(): Promise<void> {
    await this.#feed.stop();
  }

  #deliver(planned: PlannedStep): MarketStep {
    const taken = this.#collector?.take(planned.atMs) ?? [];
    const bars = taken.filter((bar) => this.#isRegular(bar));
    this.#last = { ...planned, bars, lastEventId: null };
    return this.#last;
  }

  #collect(bar: Bar): void {
    const arrival = this.#collector?.add(bar);
    if (arrival === 'late') this.#options.onLateBar?.(bar);
    for (const wake of this.#wakers) wake();
  }

  /** Bars of extended hours decide nothing. */
  #isRegular({ startAtMs, endAtMs }: Bar): boolean {
    return this.#days.some((day) => startAtMs >= day.openAtMs && endAtMs <= day.closeAtMs);
  }

  async #planned(
    plan: (days: readonly BrokerCalendarDay[]) => PlannedStep | null,
    fromDate: string,
  ): Promise<PlannedStep> {
    const planned = plan(this.#days);
    if (planned !== null) return planned;
    this.#days = await this.#options.broker.calendar(fromDate, calendarEnd(fromDate));
    const found = plan(this.#days);
    if (found !== null) return found;
    throw new BrokerUnavailable(
      `expected trading days after ${fromDate} in the calendar, found ${this.#days.length}`,
    );
  }

  async #reach(atMs: EpochMs, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (this.#time.ageMs > CLOCK_AGE_MS_MAX) await this.#time.synchronize();
      const leftMs = (atMs - this.#time.now()) / this.#speed;
      if (leftMs <= 0) return;
      await this.#wait(Math.min(leftMs, CLOCK_AGE_MS_MAX), signal);
    }
  }

  async #completeBars(planned: PlannedStep, signal: AbortSignal): Promise<void> {
    const { atMs } = planned;
    const collector = this.#collector;
    if (collector === null || !this.#expectsBars(planned)) return;
    const graceEndsAtMs = atMs + this.#graceMarketMs;
    while (collector.missingAt(atMs).length > 0) {
      const leftMs = (graceEndsAtMs - this.#time.now()) / this.#speed;
      if (leftMs <= 0) break;
      await this.#wait(leftMs, signal);
    }
    const mayHaveLost = this.#feed.lossCount !== this.#lossesCovered;
    if (!mayHaveLost && atMs <= this.#settledThroughMs) return;
    const isBehind = this.#time.now() >= graceEndsAtMs + MINUTE_MS;
    const wantsAll = mayHaveLost || isBehind;
    await this.#backfill(wantsAll ? this.#options.symbols : collector.missingAt(atMs));
  }

  #expectsBars({ atMs, marketDate, phase }: PlannedStep): boolean {
    const day = this.#days.find(({ date }) => date === marketDate);
    const isSession = phase === 'open' || phase === 'after_close';
    return isSession && day !== undefined && atMs > day.openAtMs;
  }

  /**
   * Asks for everything up to now, so that a pace that is behind asks once. The losses counted
   * before the question are covered by its answer, later ones are not.
   */
  async #backfill(symbols: readonly string[]): Promise<void> {
    const fromMs = this.#collector?.deliveredThroughMs(symbols) ?? null;
    const losses = this.#feed.lossCount;
    const nowMs = this.#time.now();
    const untilMs = minuteOf(nowMs);
    if (fromMs !== null && fromMs < untilMs) {
      const query = { symbols, fromMs, untilMs };
      for (const bar of await this.#options.marketData.minuteBars(query)) this.#collect(bar);
    }
    if (symbols.length < this.#options.symbols.length) return;
    this.#lossesCovered = losses;
    this.#settledThroughMs = minuteOf(epochMs(Math.floor(nowMs - this.#graceMarketMs)));
  }

  /** Resolves after the time or when a bar comes in; rejects when the caller gives up. */
  #wait(waitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        signal.removeEventListener('abort', abort);
        settle();
      };
      const wake = (): void => end(resolve);
      const abort = (): void => end(() => reject(reasonOf(signal)));
      const timer = setTimeout(wake, waitMs);
      this.#wakers.add(wake);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}

function calendarEnd(fromDate: string): string {
  const date = new Date(`${fromDate}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + CALENDAR_DAYS);
  return date.toISOString().slice(0, 10);
}

/** The caller's own reason for giving up. */
function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('the caller gave up', { cause: reason });
}

function minuteOf(atMs: EpochMs): EpochMs {
  return epochMs(atMs - (atMs % MINUTE_MS));
}
