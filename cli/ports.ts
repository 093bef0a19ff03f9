import type { AccountRow, BooksReader } from '../adapters/store/port.js';
import type { BrokerKeys } from '../config/index.js';
import type {
  DeniedWish,
  ExchangeOptions,
  HaltRequest,
  RunningExchange,
} from '../workers/reference.js';
import type { RunClient } from '../workers/run-port.js';
import type { RunRecord } from '../workers/run-record.js';
import type { RunningOrdinis, StartOptions } from '../workers/start-options.js';
import type { CancelAnswer, CancelRequest } from '../workflows/contract/order.js';

export type { ManualOrder, ManualReplacement, RunClient } from '../workers/run-port.js';

/**
 * What commands need where the books are enough. `workers/books-alone.ts` is it; it loads quickly.
 */
export interface BooksAlone {
  /** Read-only, beside a running Ordinis or without one. */
  openReader(dataDirectory: string): Promise<BooksAccess>;
  /** Writes the books alone, beside a running Ordinis or without one. */
  unparkDirectly(options: {
    readonly dataDirectory: string;
    readonly account: string;
    readonly request: UnparkRequest;
  }): Promise<UnparkAnswer>;
  /** Writes that a wish was denied which no order can stand for: in the books alone. */
  denyDirectly(options: {
    readonly dataDirectory: string;
    readonly account: string;
    readonly denied: Omit<DeniedWish, 'attempt'>;
  }): Promise<void>;
  /** The process that runs or starts on the folder, or restores a backup there; null: none. */
  leaseHolder(dataDirectory: string): number | null;
  backUp(dataDirectory: string): Promise<BackupReport>;
  /** Throws `StartRefused` while a process runs or starts on the folder. */
  restoreBackup(dataDirectory: string, file: string): Promise<RestoreReport>;
}

/** What the commands need of the system. `workers/index.ts` is it; tests pass a small one. */
export interface Workers extends Pick<BooksAlone, 'openReader'> {
  /** Resolves when the run is up. Throws `StartRefused` for what a person can mend. */
  start(options: StartOptions): Promise<RunningOrdinis>;
  /** Halts with nothing but the disk and the broker: Temporal, worker and books may all be dead. */
  haltDirectly(options: {
    readonly dataDirectory: string;
    /** Null: the folder knows no account; only the file can be written. */
    readonly account: string | null;
    readonly request: HaltRequest;
    /** For an account at Alpaca; a simulated run's keys are in its record. */
    readonly credentials: BrokerKeys | null;
  }): Promise<DirectHalt>;
  /** Throws an error with one line when Temporal does not answer. */
  connectToRun(run: RunRecord): Promise<RunClient>;
  /** What `RunClient.cancelOrder` does, where no workflow answers. */
  cancelOrderDirectly(options: {
    readonly dataDirectory: string;
    readonly account: string;
    readonly clientOrderId: string;
    readonly request: CancelRequest;
    /** For an account at Alpaca; a simulated run's keys are in its record. */
    readonly credentials: BrokerKeys | null;
  }): Promise<CancelAnswer>;
}

/** The paper exchange alone. `workers/exchange-alone.ts` is it. */
export interface ExchangeAlone {
  runExchange(options: ExchangeOptions): Promise<RunningExchange>;
}

/** Who lifts the park of which symbol, and why. */
export interface UnparkRequest {
  readonly symbol: string;
  readonly operator: string;
  readonly reason: string;
}

export type UnparkAnswer =
  | {
      readonly outcome: 'unparked';
      readonly was: string | null;
      readonly orders: readonly string[];
    }
  | { readonly outcome: 'not_parked' | 'unknown_symbol' };

/** How each independent part of a halt went: `done`, or what failed. */
export interface DirectHalt {
  readonly causeId: string;
  readonly file: string;
  readonly books: string;
  readonly cancel: string;
  /** Null: the broker was not reached. */
  readonly canceled: {
    /** Null: the broker's list could not be read. */
    readonly open: number | null;
    /** Null: nobody looked, since everything was to go, or since it could not be read. */
    readonly raisers: number | null;
    readonly requested: number;
    readonly failed: readonly string[];
  } | null;
  /** The account that the last run of the folder traded, where it is another: it is left alone. */
  readonly otherAccount: string | null;
  /** What may still raise exposure, one line each. Empty: the halt is complete. */
  readonly unresolved: readonly string[];
}

export interface BooksAccess {
  accounts(): Promise<readonly AccountRow[]>;
  reader(account: string): BooksReader;
  close(): Promise<void>;
}

export interface BackupReport {
  readonly path: string;
  readonly bytes: number;
}

export interface RestoreReport {
  /** Where the books that were there before are kept; null when there were none. */
  readonly previousPath: string | null;
}
