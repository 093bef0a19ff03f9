import {
  type Bar,
  type MarketDate,
  nextTradingDay,
  type TradingDay,
  tradingDay,
} from '../../domain/market/index.js';
import { assert, type EpochMs, epochMs, MINUTE_MS } from '../../domain/values/index.js';
import type { MatchingEngine, OrderEvent } from '../matching/index.js';
import {
  type MarketEvent,
  type MarketSource,
  marketEventsOf,
  previousClosesOf,
} from '../market/index.js';

export type SessionPhase = 'before_open' | 'open' | 'after_close' | 'ended';

/** An instant at which market time may stand still, and the bars that became known at it. */
export interface TradingStep {
  readonly atMs: EpochMs;
  readonly marketDate: MarketDate;
  readonly phase: SessionPhase;
  readonly bars: readonly Bar[];
}

/** What a step brought, beside the step itself. */
export interface StepOutcome {
  readonly step: TradingStep;
  /** Whether the session went into another phase. */
  readonly isPhaseNew: boolean;
  readonly orderEvents: readonly OrderEvent[];
  readonly marketEvents: readonly MarketEvent[];
}

export const STEP_MS = MINUTE_MS;

export interface StepOptions {
  /** How long before the open a day begins, where it has no extended hours. */
  readonly openLeadMinutes: number;
  /** Whether a day goes on from the first to the last minute of its extended hours. */
  readonly hasExtendedHours: boolean;
}

/**
 * Walks a market through its days minute by minute and feeds the engine: from some minutes before
 * the open to the close, or through all of the extended hours, then to the next day or to the end.
 */
export class TradingSteps {
  private step: TradingStep;
  private day: TradingDay;
  private events: readonly MarketEvent[] = [];
  private nextEvent = 0;

  constructor(
    private readonly engine: MatchingEngine,
    private readonly source: MarketSource,
    private readonly options: StepOptions,
  ) {
    this.day = tradingDayOf(source.firstDate);
    this.step = this.beginDay(this.day).step;
  }

  get current(): TradingStep {
    return this.step;
  }

  get currentDay(): TradingDay {
    return this.day;
  }

  /** The next step. After `ended` nothing changes any more. */
  advance(): StepOutcome {
    const { phase } = this.step;
    const outcome = this.leave(phase);
    return { ...outcome, isPhaseNew: outcome.step.phase !== phase };
  }

  private leave(phase: SessionPhase): Omit<StepOutcome, 'isPhaseNew'> {
    if (phase === 'ended') return { step: this.step, orderEvents: [], marketEvents: [] };
    if (this.step.atMs >= this.lastStepAtMs()) return this.leaveDay();
    const atMs = epochMs(this.step.atMs + STEP_MS);
    const marketEvents = this.takeEvents(atMs);
    const orderEvents = this.feed(marketEvents);
    const sessionEvents = this.crossSessionEdge(atMs);
    this.step = {
      atMs,
      marketDate: this.day.date,
      phase: this.phaseAt(atMs),
      bars: regularBars(marketEvents, this.day),
    };
    return { step: this.step, orderEvents: [...orderEvents, ...sessionEvents], marketEvents };
  }

  /** What extended hours kept alive ends with the day that is left. */
  private leaveDay(): Omit<StepOutcome, 'isPhaseNew'> {
    const evening = this.engine.endExtendedHours(this.day.postCloseAtMs);
    const next = this.source.nextDate(this.day.date);
    if (next === null) {
      const atMs = epochMs(this.step.atMs + STEP_MS);
      this.step = { atMs, marketDate: this.day.date, phase: 'ended', bars: [] };
      return { step: this.step, orderEvents: evening, marketEvents: [] };
    }
    this.day = tradingDayOf(next);
    const morning = this.beginDay(this.day);
    this.step = morning.step;
    const orderEvents = [...evening, ...morning.orderEvents];
    return { step: this.step, orderEvents, marketEvents: [] };
  }

  /**
   * The night takes what can no longer be borrowed. What was known before the first step marks
   * prices, and meets the extended orders that lived through the night.
   */
  private beginDay(day: TradingDay): Pick<StepOutcome, 'step' | 'orderEvents'> {
    const { date, preOpenAtMs, openAtMs } = day;
    const previousCloses = previousClosesOf(this.source, date);
    this.engine.beginDay({ ...day, previousCloses });
    this.events = marketEventsOf(this.source, date);
    this.nextEvent = 0;
    const { hasExtendedHours, openLeadMinutes } = this.options;
    const leadAtMs = epochMs(openAtMs - openLeadMinutes * MINUTE_MS);
    const atMs = hasExtendedHours ? preOpenAtMs : leadAtMs;
    const night = this.engine.passNight(epochMs(Math.min(preOpenAtMs, atMs)));
    const orderEvents = [...night, ...this.feed(this.takeEvents(atMs))];
    return { step: { atMs, marketDate: date, phase: 'before_open', bars: [] }, orderEvents };
  }

  private lastStepAtMs(): EpochMs {
    return this.options.hasExtendedHours ? this.day.postCloseAtMs : this.day.closeAtMs;
  }

  private feed(events: readonly MarketEvent[]): readonly OrderEvent[] {
    return events.flatMap((event) =>
      event.kind === 'bar' ? this.engine.onBar(event.bar) : this.engine.onQuote(event.quote),
    );
  }

  private takeEvents(throughMs: EpochMs): readonly MarketEvent[] {
    const from = this.nextEvent;
    while ((this.events[this.nextEvent]?.atMs ?? Number.POSITIVE_INFINITY) <= throughMs) {
      this.nextEvent += 1;
    }
    return this.events.slice(from, this.nextEvent);
  }

  private crossSessionEdge(atMs: EpochMs): readonly OrderEvent[] {
    if (atMs === this.day.openAtMs) return this.engine.openSession(atMs);
    if (atMs === this.day.postCloseAtMs) return this.engine.endExtendedHours(atMs);
    if (atMs !== this.day.closeAtMs) return [];
    return this.engine.closeSession(atMs, nextTradingDay(this.day.date).closeAtMs);
  }

  private phaseAt(atMs: EpochMs): SessionPhase {
    if (atMs < this.day.openAtMs) return 'before_open';
    return atMs < this.day.closeAtMs ? 'open' : 'after_close';
  }
}

function regularBars(events: readonly MarketEvent[], day: TradingDay): readonly Bar[] {
  return events
    .filter((event) => event.kind === 'bar')
    .map((event) => event.bar)
    .filter((bar) => bar.startAtMs >= day.openAtMs && bar.endAtMs <= day.closeAtMs);
}

function tradingDayOf(date: MarketDate): TradingDay {
  const day = tradingDay(date);
  assert(day !== null, `expected a trading day, found ${date}`);
  return day;
}
