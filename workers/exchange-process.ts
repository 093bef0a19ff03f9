import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  answers,
  type ExchangeAddresses,
  exchangeTag,
  readRecord,
  readySchema,
  removeRecord,
  writeRecord,
} from './exchange-record.js';
import {
  adoptProcess,
  type LaunchedProcess,
  superviseProcess,
} from './processes/supervise-process.js';
import { exchangeFolder, exchangeStateFile, type SimulatedRun } from './simulated-run.js';
import { type BrokerChoice, StartRefused } from './start-options.js';
import { endProcessGroup } from './processes/end-process-group.js';
import { identifyProcess, isRunning } from './processes/process-identity.js';

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
 * The exchange of the run. One that a dead Ordinis left running is gone on with when it is just
 * what would be started; any other is ended first, since the new one goes on from its state file:
 * never two on one state. Restarted on the same port and state when it dies.
 */
export async function openExchangeProcess(wish: ExchangeProcessWish): Promise<ExchangeProcess> {
  const stateFile = exchangeStateFile(wish.dataDirectory, wish.run);
  const options = optionsOf(wish, stateFile, 0);
  const first = (await adoptLeftover(wish, options)) ?? (await launch(wish, options));
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

interface Launched extends LaunchedProcess {
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
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  });
  const addresses = await readyLine(child);
  const identity = child.pid === undefined ? null : await identifyProcess(child.pid);
  if (identity === null) {
    throw new StartRefused('expected a running paper exchange, found that it ended at once', 1);
  }
  try {
    writeRecord(wish.dataDirectory, { ...addresses, ...identity, tag: exchangeTag(options) });
  } catch (error) {
    await endProcessGroup(identity); // Nobody could find it: never two on one state.
    throw error;
  }
  return { identity, addresses, ended };
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
  const port = Number(new URL(first.addresses.tradingUrl).port);
  const supervised = superviseProcess({
    first,
    launch: () => launch(wish, { ...options, port }),
    onEnded: (how) =>
      wish.onLine(`the paper exchange ended (${how}): starting it again on its state`),
    onFailed: (error) => wish.onLine(`paper exchange: ${String(error)}; it is tried again`),
    onBack: (pid) => wish.onLine(`the paper exchange is back (process ${pid})`),
  });
  return {
    addresses: first.addresses,
    get pid() {
      return supervised.pid();
    },
    stop: async () => {
      await supervised.stop();
      removeRecord(wish.dataDirectory);
    },
  };
}

/**
 * The exchange of a dead run, if it is the one that is wished for and answers; else null, and it is
 * ended: it holds the state file, which the new one goes on from.
 */
async function adoptLeftover(
  { dataDirectory, onLine }: ExchangeProcessWish,
  options: ExchangeProcessOptions,
): Promise<Launched | null> {
  const record = readRecord(dataDirectory);
  if (record === null || !(await isRunning(record))) return null;
  const { pid, startedAt, tag, ...addresses } = record;
  const identity = { pid, startedAt };
  if (tag === exchangeTag(options) && (await answers(addresses, options.run))) {
    onLine(`goes on with the paper exchange of an earlier run (process ${pid})`);
    return { ...adoptProcess(identity), addresses };
  }
  await endProcessGroup(identity);
  onLine(`ended the paper exchange of an earlier run (process ${pid})`);
  return null;
}
