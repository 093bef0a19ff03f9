import { Client } from '@temporalio/client';
import { connectToRun, openReader, type RunClient } from '../../workers/index.js';
import type { BooksAccess } from '../../workers/books-access.js';
import { isRunAlive, readRunRecord, type RunRecord } from '../../workers/run-record.js';
import { connectToTemporal } from '../../workers/temporal/index.js';
import type { CommandEnd, RunningCommand, StackFolder } from './stack-folder.js';

type Environment = Readonly<Record<string, string>>;

export interface SystemOptions {
  readonly folder: StackFolder;
  /** Of `ordinis start`. */
  readonly startFlags: readonly string[];
  readonly environment: Environment;
}

/** The start was refused before anything ran: keys, or an account that is in use. */
export class StartWasRefused extends Error {
  override readonly name = 'StartWasRefused';
}

interface Running {
  readonly command: RunningCommand;
  readonly run: RunRecord;
  readonly client: RunClient;
}

const WRONG_USE = 2;
/** A start that hangs is ended, and what it said is told. */
const START_MS_MAX = 120_000;

/**
 * The real system as its user has it: the command in a process of its own, the library's client to
 * its workflows, and its books read beside it.
 */
export class System {
  readonly #options: SystemOptions;
  #running: Running | null = null;
  #books: BooksAccess | null = null;
  /** Clients of runs that died, perhaps with calls that nobody will answer. */
  readonly #left: RunClient[] = [];

  constructor(options: SystemOptions) {
    this.#options = options;
  }

  get dataDirectory(): string {
    return this.#options.folder.dataDirectory;
  }

  get isUp(): boolean {
    return this.#running !== null;
  }

  get run(): RunRecord {
    return this.#up().run;
  }

  get client(): RunClient {
    return this.#up().client;
  }

  /** What the running command has said. */
  get lines(): readonly string[] {
    return this.#running?.command.lines ?? [];
  }

  /** Starts the command, and leaves it to the caller what becomes of it. */
  launch(environment: Environment = {}, flags: readonly string[] = []): RunningCommand {
    const { folder, startFlags, environment: usual } = this.#options;
    return folder.launch(['start', ...startFlags, ...flags], { ...usual, ...environment });
  }

  /** Starts it and waits until it is up. Flags that come later win. */
  async start(environment: Environment = {}, flags: readonly string[] = []): Promise<void> {
    const command = this.launch(environment, flags);
    const late = setTimeout(() => command.signal('SIGKILL'), START_MS_MAX);
    try {
      await command.untilLine(/^(running|up, but halted): account/);
    } catch (error) {
      const end = await command.ended;
      throw end.code === WRONG_USE ? new StartWasRefused(end.complaints.join('\n')) : error;
    } finally {
      clearTimeout(late);
    }
    const run = readRunRecord(this.dataDirectory);
    if (run === null) throw new Error(`expected a record of the run in ${this.dataDirectory}`);
    this.#running = { command, run, client: await connectToRun(run) };
  }

  /** As a power cut would end it: Temporal and the exchange live on. */
  async kill(): Promise<void> {
    process.kill(this.#up().command.pid, 'SIGKILL');
    await this.untilDead();
  }

  /** Waits for an end that somebody else has brought about. */
  async untilDead(): Promise<CommandEnd> {
    const { command, client } = this.#up();
    const end = await command.ended;
    // A channel that is closed below a call leaves its caller waiting: closed with everything else.
    this.#left.push(client);
    this.#running = null;
    return end;
  }

  /** Through the shutdown workflow. */
  async stop(): Promise<CommandEnd> {
    const { command } = await this.#down();
    command.signal('SIGTERM');
    return command.ended;
  }

  /** Runs another command of `ordinis` on the same folder. */
  async command(args: readonly string[]): Promise<CommandEnd> {
    return this.#options.folder.run(args, this.#options.environment);
  }

  async reader(): Promise<ReturnType<BooksAccess['reader']>> {
    this.#books ??= await openReader(this.dataDirectory);
    return this.#books.reader(this.#up().run.account);
  }

  /** How many orders have a driver at work, as far as Temporal's index has heard. */
  async driversAtWork(): Promise<number> {
    const { temporalAddress, namespace } = this.#up().run;
    const connection = await connectToTemporal(temporalAddress);
    try {
      const client = new Client({ connection, namespace });
      const query = 'WorkflowType = "order" and ExecutionStatus = "Running"';
      return (await client.workflow.count(query)).count;
    } finally {
      await connection.close();
    }
  }

  async isAlive(): Promise<boolean> {
    return this.#running !== null && (await isRunAlive(this.#running.run));
  }

  /** Whatever still runs of it is ended by the folder. */
  async close(): Promise<void> {
    if (this.#running !== null) await this.#down();
    for (const client of this.#left.splice(0)) await client.close();
    await this.#books?.close();
    this.#books = null;
  }

  async #down(): Promise<Running> {
    const running = this.#up();
    this.#running = null;
    await running.client.close();
    return running;
  }

  #up(): Running {
    if (this.#running === null) throw new Error('expected Ordinis to run, found it down');
    return this.#running;
  }
}
