import type { BrokerKeys } from '../config/index.js';
import type {
  BackupReport,
  BooksAccess,
  BooksStanding,
  RestoreReport,
} from '../workers/books-access.js';
import type { DirectHalt } from '../workers/halt-directly.js';
import type {
  DeniedWish,
  ExchangeOptions,
  HaltRequest,
  RunningExchange,
} from '../workers/reference.js';
import type { RunClient } from '../workers/run-port.js';
import type { RunRecord } from '../workers/run-record.js';
import type { RunningOrdinis, StartOptions } from '../workers/start-options.js';
import type { UnparkAnswer, UnparkRequest } from '../workers/unpark-directly.js';
import type { CancelAnswer, CancelRequest } from '../workflows/contract/order.js';

export type { BooksAccess } from '../workers/books-access.js';
export type { DirectHalt } from '../workers/halt-directly.js';
export type { UnparkAnswer, UnparkRequest } from '../workers/unpark-directly.js';
export type { ManualOrder, ManualReplacement, RunClient } from '../workers/run-port.js';

/**
 * What commands need where the books are enough. `workers/books-alone.ts` is it; it loads quickly.
 */
export interface BooksAlone {
  /** Read-only, beside a running Ordinis or without one. */
  openReader(dataDirectory: string): Promise<BooksAccess>;
  /** Why the books cannot be read, once a read has failed. */
  booksStanding(dataDirectory: string): Promise<BooksStanding>;
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
