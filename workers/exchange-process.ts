import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { exchangeFolder, exchangeStateFile, type SimulatedRun } from './simulated-run.js';
import { type BrokerChoice, StartRefused } from './start-options.js';
import { endProcessGroup } from './temporal/end-process-group.js';
import { identifyProcess, isRunning } from './temporal/process-identity.js';

const readySchema = z.object({
  tradingUrl: z.string(),
  streamUrl: z.string(),
  dataUrl: z.string(),
  dataStreamUrl: z.string(),
  notes: z.array(z.string()),
});

const recordSchema = readySchema.extend({
  pid: z.number(),
  startedAt: z.string(),
  stateFile: z.string(),
});

export type ExchangeAddresses = z.infer<typeof readySchema>;

/** The paper exchange of this run: a process of its own that outlives a killed Ordinis. */
export interface ExchangeProcess {
  readonly addresses: ExchangeAddresses;
  readonly pid: number;
  /** Ends it in order; its state file stays. */
  stop(): Promise<void>;
}

/** What the exchange's own process is given, in a file that only its owner can read. */
export interface ExchangeProcessOptions {
  readonly run: SimulatedRun;
  readonly stateFile: string;
  readonly choice: Extract<BrokerChoice, { readonly kind: 'exchange' }>;
  readonly isRolling: boolean;
  /** 0 = any free one. */
  readonly port: number;
}

export interface ExchangeProcessWish {
  readonly dataDirectory: string;
  readonly run: SimulatedRun;
  readonly choice: Extract<BrokerChoice, { readonly kind: 'exchange' }>;
  readonly isRolling: boolean;
  readonly onLine: (line: string) => void;
}

/**
 * The exchange of the run. One that a dead Ordinis left running is ended first, since the new one
 * goes on from its state file: never two on one state. Restarted on the same port and state when it
 * dies.
 */
export async function openExchangeProcess(wish: ExchangeProcessWish): Promise<ExchangeProcess> {
  const stateFile = exchangeStateFile(wish.dataDirectory, wish.run);
  await endLeftover(wish.dataDirectory, wish.onLine);
  const options = optionsOf(wish, stateFile, 0);
  const first = await launch(wish, options);
  return supervise(wish, options, first);
}

function optionsOf(
  wish: ExchangeProcessWish,
  stateFile: string,
  port: number,
): ExchangeProcessOptions {
  const { run, choice, isRolling } = wish;
  return { run, stateFile, choice, isRolling, port };
}

interface Launched {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly addresses: ExchangeAddresses;
}

async function launch(
  wish: ExchangeProcessWish,
  options: ExchangeProcessOptions,
): Promise<Launched> {
  const folder = exchangeFolder(wish.dataDirectory);
  const optionsFile = join(folder, `${wish.run.account}.options.json`);
  writeFileSync(optionsFile, JSON.stringify(options), { mode: 0o600 });
  const main = fileURLToPath(new URL('./exchange-main.js', import.meta.url));
  const child = spawn(process.execPath, [main, optionsFile], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const addresses = await readyLine(child);
  const pid = child.pid;
  const identity = pid === undefined ? null : await identifyProcess(pid);
  if (pid === undefined || identity === null) {
    throw new StartRefused('expected a running paper exchange, found that it ended at once', 1);
  }
  writeRecord(wish.dataDirectory, { ...addresses, ...identity, stateFile: options.stateFile });
  return { child, pid, addresses };
}

/** The first line of its output says where it listens; ending before that says why it could not. */
function readyLine(child: ChildProcess): Promise<ExchangeAddresses> {
  const complaints: string[] = [];
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('expected pipes to the exchange');
  createInterface({ input: stderr }).on('line', (line) => complaints.push(line));
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).once('line', (line) => {
      resolve(readySchema.parse(JSON.parse(line)));
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      const why = complaints.at(-1) ?? `exit code ${code}`;
      reject(new StartRefused(why, code === 2 ? 2 : 1));
    });
  });
}

function supervise(
  wish: ExchangeProcessWish,
  options: ExchangeProcessOptions,
  first: Launched,
): ExchangeProcess {
  let current = first;
  let isStopping = false;
  const port = Number(new URL(first.addresses.tradingUrl).port);
  const restart = async (): Promise<void> => {
    wish.onLine('the paper exchange ended; starting it again on its state');
    current = await launch(wish, { ...options, port });
    watch(current);
  };
  const watch = (launched: Launched): void => {
    launched.child.once('exit', () => {
      if (isStopping) return;
      restart().catch((error: unknown) => wish.onLine(`paper exchange: ${String(error)}`));
    });
  };
  watch(first);
  return {
    addresses: first.addresses,
    get pid() {
      return current.pid;
    },
    stop: async () => {
      isStopping = true;
      const identity = await identifyProcess(current.pid);
      if (identity !== null) await endProcessGroup(identity);
      rmSync(recordPath(wish.dataDirectory), { force: true });
    },
  };
}

/**
 * A dead run's exchange holds the state file: it is ended, and the state goes on in the new one.
 */
async function endLeftover(dataDirectory: string, onLine: (line: string) => void): Promise<void> {
  const record = readRecord(dataDirectory);
  if (record === null || !(await isRunning(record))) return;
  await endProcessGroup(record);
  onLine(`ended the paper exchange of an earlier run (process ${record.pid})`);
}

function recordPath(dataDirectory: string): string {
  return join(exchangeFolder(dataDirectory), 'process.json');
}

function writeRecord(dataDirectory: string, record: z.infer<typeof recordSchema>): void {
  const path = recordPath(dataDirectory);
  writeFileSync(`${path}.part`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

function readRecord(dataDirectory: string): z.infer<typeof recordSchema> | null {
  try {
    const parsed = recordSchema.safeParse(
      JSON.parse(readFileSync(recordPath(dataDirectory), 'utf8')),
    );
    return parsed.success ? parsed.data : null;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent || error instanceof SyntaxError) return null; // Nobody can be named by it.
    throw error;
  }
}
