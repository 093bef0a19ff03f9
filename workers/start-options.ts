import type { MarketDate } from '../domain/market/index.js';
import type { SessionSummary } from '../workflows/contract/lifecycle.js';
import type { CrashWish } from './crash-point.js';
import type { RunRecord } from './run-record.js';

export interface BrokerCredentials {
  readonly keyId: string;
  readonly secret: string;
}

export type MarketChoice =
  | { readonly kind: 'synthetic'; readonly date: MarketDate; readonly seed: number }
  | { readonly kind: 'recorded'; readonly directory: string; readonly date: MarketDate };

/** Which broker the run trades at. The change from one to the other is configuration, not code. */
export type BrokerChoice =
  | {
      readonly kind: 'exchange';
      readonly market: MarketChoice;
      /**
       * Market seconds a wall second; null: as fast as the machine does it. Lockstep decides the
       * same at any speed.
       */
      readonly speed: number | null;
    }
  | {
      readonly kind: 'alpaca-paper';
      readonly credentials: BrokerCredentials;
      readonly dataFeed: 'iex' | 'sip';
    };

/**
 * A run of Ordinis, as the command line or a test asks for it. Everything is validated before it
 * gets here.
 */
export interface StartOptions {
  readonly dataDirectory: string;
  readonly broker: BrokerChoice;
  readonly symbols: readonly string[];
  readonly strategy: string;
  readonly strategyParameters: Readonly<Record<string, unknown>>;
  /**
   * Trade one session, shut down and return; otherwise stay up and roll on to the next market day.
   */
  readonly once: boolean;
  readonly temporal: {
    /** A given server instead of the embedded one. */
    readonly address: string | null;
    /** The embedded server's binary; null only with an address. */
    readonly binary: string | null;
    readonly port: number;
    readonly uiPort: number;
  };
  readonly cancelAtShutdown: 'keep-protection' | 'cancel-all' | 'none';
  /** What becomes of orders on the account that Ordinis did not place. */
  readonly externalOrders: 'observe' | 'adopt' | 'halt';
  readonly shutdownTimeoutSeconds: number;
  /** Whether a lost stop or take-profit is only told, or put back as well. */
  readonly protection: 'alert' | 're-arm';
  /** Wall milliseconds that the process may stand still before its decisions are void. */
  readonly stallMsMax: number;
  /** For kill tests; null in all other runs. */
  readonly crash: CrashWish | null;
  readonly onEvent: (event: StartEvent) => void;
}

/** What a start tells while it runs, for the live view and for plain lines. */
export type StartEvent =
  | { readonly kind: 'step'; readonly name: string; readonly message: string }
  | {
      readonly kind: 'ready';
      readonly run: RunRecord;
      readonly state: 'running' | 'halted';
      /** A person's lines: limits in force, the profile of the simulated run. */
      readonly notes: readonly string[];
    }
  | {
      readonly kind: 'market';
      readonly marketDate: string;
      readonly atMs: number;
      readonly phase: 'before_open' | 'open' | 'after_close' | 'ended';
      /** Of the regular day, 0 to 1. */
      readonly progress: number;
    }
  | {
      readonly kind: 'order';
      readonly clientOrderId: string;
      readonly state: string;
      /** `buy 100 SPY market day`. */
      readonly summary: string;
      readonly detail: string | null;
    }
  | {
      readonly kind: 'alert';
      readonly severity: string;
      readonly title: string;
      readonly message: string;
    }
  | { readonly kind: 'session_ended'; readonly summary: SessionSummary }
  | { readonly kind: 'note'; readonly message: string };

export interface ShutdownReport {
  /** `unsettled`: no order is left, but a position without its protection. */
  readonly outcome: 'stopped' | 'orders_left' | 'unsettled' | 'timed_out' | 'failed';
  /** Client order ids that may still be live at the broker, as far as the books can tell. */
  readonly ordersLeft: readonly string[];
  readonly message: string;
}

/** A run that is up. */
export interface RunningOrdinis {
  readonly run: RunRecord;
  /** The summary of the first session that ends; null when the run was stopped before. */
  readonly firstSession: Promise<SessionSummary | null>;
  /** Ends the run through the shutdown workflow. Asked again, it is the same shutdown. */
  stop(requestedBy: string): Promise<ShutdownReport>;
  /** Resolves when the run is down, whoever asked for it. */
  readonly stopped: Promise<ShutdownReport>;
}

/**
 * What a person can mend, with the one line that says how. The command line exits with `exitCode`.
 */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  constructor(
    message: string,
    readonly exitCode: 1 | 2,
  ) {
    super(message);
  }
}
