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

/**
 * Walks a market through its days minute by minute and feeds the engine: from some minutes before
 * the open to the close, then to the next day or to the end.
 */
export class TradingSteps {
  private step: TradingStep;
  private day: TradingDay;
  private events: readonly MarketEvent[] = [];
  private nextEvent = 0;

  constructor(
    private readonly engine: MatchingEngine,
    private readonly source: MarketSource,
    private readonly openLeadMinutes: number,
  ) {
    this.day = tradingDayOf(source.firstDate);
    this.step = this.beginDay(this.day);
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
    if (phase === 'after_close') return this.leaveDay();
    const atMs = epochMs(this.step.atMs + STEP_MS);
    const marketEvents = this.takeEvents(atMs);
    const orderEvents = marketEvents.flatMap((event) =>
      event.kind === 'bar' ? this.engine.onBar(event.bar) : this.engine.onQuote(event.quote),
    );
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
    const orderEvents = this.engine.endExtendedHours(this.day.postCloseAtMs);
    const next = this.source.nextDate(this.day.date);
    if (next === null) {
      const atMs = epochMs(this.step.atMs + STEP_MS);
      this.step = { atMs, marketDate: this.day.date, phase: 'ended', bars: [] };
    } else {
      this.day = tradingDayOf(next);
      this.step = this.beginDay(this.day);
    }
    return { step: this.step, orderEvents, marketEvents: [] };
  }

  /** Whatever was known before the first step only marks prices: the market is not open. */
  private beginDay(day: TradingDay): TradingStep {
    const { date, openAtMs } = day;
    const previousCloses = previousClosesOf(this.source, date);
    this.engine.beginDay({ ...day, previousCloses });
    this.events = marketEventsOf(this.source, date);
    this.nextEvent = 0;
    const atMs = epochMs(openAtMs - this.openLeadMinutes * MINUTE_MS);
    for (const event of this.takeEvents(atMs)) {
      if (event.kind === 'bar') this.engine.onBar(event.bar);
      else this.engine.onQuote(event.quote);
    }
    return { atMs, marketDate: date, phase: 'before_open', bars: [] };
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
    .filter((bar) => bar.startAtMs >= day.openAtMs);
}

function tradingDayOf(date: MarketDate): TradingDay {
  const day = tradingDay(date);
  assert(day !== null, `expected a trading day, found ${date}`);
  return day;
}
