import type { Broker, MarketData, MarketPace } from '../adapters/broker/port.js';
import type { HaltLatch, KillFile } from '../adapters/safety/port.js';
import type { AccountRow, Books, BooksReader, LimitsRow } from '../adapters/store/port.js';
import type { Quote } from '../domain/market/index.js';
import type { EpochMs } from '../domain/values/index.js';
import type { HaltRequest } from '../domain/safety/halt-request.js';
import type { TurnFacts } from '../domain/turn/index.js';
import type { OrderInput, OrderView } from '../workflows/contract/order.js';
import type { TurnInput } from '../workflows/contract/turn.js';
import type { DriverCalls } from './order/driver-calls.js';
import type { OrderNotices } from './order/order-notices.js';
import type { StallGuard } from './safety/stall-guard.js';
import type { FrameBacklog } from './stream/frame-backlog.js';

/** Wall time, for records and for waiting; never compared with market time. */
export interface WallClock {
  nowMs(): EpochMs;
  /** Milliseconds that never step back. */
  monotonicMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The broker's time: validity of intents, sessions, order ids, trading days. */
export interface MarketClock {
  nowMs(): EpochMs;
  /** Moves to what the broker last said; never back. */
  observe(atMs: EpochMs): void;
}

/** Whether a request may be made now. Asked before anything is written. */
export type SendPermit =
  /** The token of one request is taken; where nothing is sent after all, it stays spent. */
  | { readonly granted: true }
  | { readonly granted: false; readonly reason: string; readonly retryAfterMs: number };

/** One line of the structured log. Never a secret. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** The last quotes seen, with market time: what orders are judged by. */
export interface QuoteBoard {
  quote(symbol: string): Quote | null;
  put(quote: Quote): void;
}

/** Named places at which a test may stop the process; does nothing in production. */
export type CrashPoint = (name: string) => void;

/** The workflows that drive what the books hold. Every call may be repeated. */
export interface Drivers {
  /**
   * Workflow ids of the orders and turns of the account that run, as far as Temporal's index has
   * heard: it lags by moments.
   */
  running(): Promise<ReadonlySet<string>>;
  /** Starts the order's workflow, or leaves the one that runs. */
  startOrder(input: OrderInput): Promise<void>;
  /** `closed`: there is no workflow to tell; the books hold what it would have been told. */
  signalOrder(view: OrderView): Promise<'delivered' | 'closed'>;
  /** Starts the turn's workflow, or leaves the one that runs. */
  startTurn(input: TurnInput): Promise<void>;
  /** `closed`: there is no workflow to tell. */
  signalTurn(turnId: string): Promise<'delivered' | 'closed'>;
  /** Starts the kill switch when it is not there, with the signal. */
  signalHalt(request: HaltRequest): Promise<void>;
  /** Asked again while one runs, it is the same one. */
  requestReconciliation(trigger: string): Promise<void>;
  /** Kill switch, trade updates and schedules: there, whatever was lost. */
  ensureEntities(): Promise<void>;
  pauseSchedules(): Promise<void>;
}

/** The database as startup and sessions care for it. Each answers one line for people. */
export interface DatabaseCare {
  /** Backup when there is something to lose, migrations, integrity check. */
  prepare(): Promise<string>;
  backUp(): Promise<string>;
  health(): Promise<{ readonly isHealthy: boolean; readonly message: string }>;
}

/** `re-arm`: an order of ours is put back for what the position is now. */
export type ProtectionPolicy = 'alert' | 're-arm';
/**
 * `observe`: entered, counted, nobody's. `adopt`: entered as an order of a person here, with a
 * driver. `halt`: entered, and trading halts until a person has looked.
 */
export type ExternalOrderPolicy = 'observe' | 'adopt' | 'halt';

export interface WorldSettings {
  /** How old, in market time, a quote may be to judge an order by. */
  readonly quoteAgeMsMax: number;
  /** How long the POST of an order may take. */
  readonly submitTimeoutMs: number;
  /** Wall time between the two comparisons of a reconciliation. */
  readonly confirmAfterMs: number;
  /** Wall time between two looks at an order that the stream is silent about. */
  readonly pollIntervalMs: number;
  /**
   * How long, in wall time, a position may be without the protection that a turn took away, and
   * what becomes of an exit that works by then.
   */
  readonly turnGap: TurnFacts['gap'];
  readonly resumeOnFileRemoval: boolean;
  /** When a position has lost its stop or take-profit; a person is told in any case. */
  readonly protection: ProtectionPolicy;
  /** Own exchange: cash compares to zero. In micro-dollars. */
  readonly cashToleranceMicros: number;
  /** What becomes of orders that Ordinis did not place. */
  readonly externalOrders: ExternalOrderPolicy;
  readonly limits: LimitsRow;
  readonly symbols: readonly string[];
}

/**
 * Everything that activities reach of the outside, for one account. Constructed by `workers/` only.
 */
export interface World {
  readonly account: string;
  readonly mode: AccountRow['mode'];
  readonly bootEpoch: number;
  /** Sends that began before this were of a process that is dead: the lock has changed hands. */
  readonly startedAtWallMs: EpochMs;
  readonly books: Books;
  readonly reader: BooksReader;
  readonly broker: Broker;
  readonly marketData: MarketData;
  readonly pace: MarketPace;
  readonly quotes: QuoteBoard;
  readonly wallClock: WallClock;
  readonly marketClock: MarketClock;
  readonly killFile: KillFile;
  readonly haltLatch: HaltLatch;
  /** Whether this process still holds the one writer's lock. Synchronous. */
  readonly isLeaseHeld: () => boolean;
  /** Whether the process has lived without a gap, and which decisions a gap has made void. */
  readonly stall: StallGuard;
  readonly submitPermit: () => SendPermit;
  /**
   * Aborted when the process shuts down: long activities end at once instead of being waited for.
   */
  readonly closing: AbortSignal;
  readonly notices: OrderNotices;
  readonly driverCalls: DriverCalls;
  /** The stream's frames that wait for the books. */
  readonly frames: FrameBacklog;
  readonly drivers: Drivers;
  readonly database: DatabaseCare;
  readonly log: Log;
  readonly settings: WorldSettings;
  readonly crashPoint: CrashPoint;
}
