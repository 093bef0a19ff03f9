import type { Environment } from '../config/index.js';
import type { RunRecord } from '../workers/run-record.js';
import type { BooksAlone, ExchangeAlone, Workers } from './ports.js';

/** Where lines go. Lines come without their end. */
export interface Screen {
  out(line: string): void;
  err(line: string): void;
  /** Whether a person looks at standard output. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** Processes of this machine, as far as commands meet them. */
export interface Processes {
  readRun(dataDirectory: string): RunRecord | null;
  isAlive(run: RunRecord): Promise<boolean>;
  askToStop(run: RunRecord): void;
  /** Calls for each Ctrl-C and each SIGTERM until the returned function is called. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Ends this process at once. */
  exitNow(code: number): void;
}

/** Everything that a command touches outside of itself. */
export interface Shell {
  readonly screen: Screen;
  readonly environment: Environment;
  readonly processes: Processes;
  /** Loaded when first needed: `--help` and wrong use must answer without Temporal. */
  readonly workers: () => Promise<Workers>;
  /** The same, for what needs the books and nothing else. */
  readonly booksAlone: () => Promise<BooksAlone>;
  readonly exchangeAlone: () => Promise<ExchangeAlone>;
  /** The folder that holds `data/` when nobody says otherwise. */
  readonly homeDirectory: string;
  readonly workingDirectory: string;
  readonly wallMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** The options that every command has, as a person wrote them. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly dataDir?: string;
  readonly debug?: boolean;
}
