import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Books } from '../../adapters/store/port.js';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { BooksAlone, ExchangeAlone, RunClient, Workers } from '../../cli/ports.js';
import { runCommandLine } from '../../cli/run-command-line.js';
import type { Processes, Screen, Shell } from '../../cli/shell.js';
import type { Canvas } from '../../cli/start/display.js';
import { loadEnvironment } from '../../config/index.js';
import type { RunRecord } from '../../workers/run-record.js';
import { ACCOUNT, newAccount } from '../store/rows-fixture.js';

/** Everything that a command may load. */
type Loaded = Workers & BooksAlone & ExchangeAlone;

/** A shell whose screen, processes and workers are kept in memory; its folders are real. */
export interface TestShell {
  readonly shell: Shell;
  readonly out: string[];
  readonly err: string[];
  readonly books: Books;
  readonly dataDirectory: string;
  readonly workers: { -readonly [Name in keyof Loaded]: Loaded[Name] };
  readonly client: { -readonly [Name in keyof RunClient]: RunClient[Name] };
  /** How often the workers were loaded: wrong use must not load them. */
  readonly loads: () => number;
  readonly signal: (name: 'SIGINT' | 'SIGTERM') => void;
  readonly exits: number[];
  readonly pictures: string[];
  readonly clock: { nowMs: number };
  /** Runs `ordinis …words`. */
  readonly run: (...words: readonly string[]) => Promise<number>;
  /** The last line of standard output, parsed. */
  readonly json: () => unknown;
}

export interface TestShellOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  /** Whether an Ordinis runs on the data folder. */
  readonly running?: boolean;
}

export const RUN: RunRecord = {
  pid: 4242,
  processStartedAt: '1',
  bootEpoch: 3,
  account: ACCOUNT,
  mode: 'simulated',
  description: 'recorded 2013-10-07 SPY,IBM',
  temporalAddress: '127.0.0.1:7233',
  namespace: 'ordinis',
  uiUrl: 'http://127.0.0.1:8233',
  exchange: null,
  startedAtWallMs: 1_000,
};

export async function testShell(options: TestShellOptions = {}): Promise<TestShell> {
  const home = mkdtempSync(join(tmpdir(), 'ordinis-cli-'));
  const dataDirectory = join(home, 'data');
  mkdirSync(dataDirectory);
  writeFileSync(join(dataDirectory, 'ordinis.db'), '');
  const books = openMemoryBooks();
  await books.openAccount(newAccount());
  const client = unreachableClient();
  const workers = unreachableWorkers(books, client);
  const kept = keepers(options);
  let loads = 0;
  const load = async (): Promise<TestShell['workers']> => {
    loads += 1;
    return workers;
  };
  const shell: Shell = {
    screen: kept.screen,
    environment: loadEnvironment(options.environment ?? { ORDINIS_TEMPORAL_BIN: process.execPath }),
    processes: kept.processes,
    workers: load,
    booksAlone: load,
    exchangeAlone: load,
    homeDirectory: home,
    workingDirectory: home,
    wallMs: () => kept.clock.nowMs,
    pause: async (ms) => {
      kept.clock.nowMs += ms;
    },
  };
  const openCanvas = async (): Promise<Canvas> => kept.canvas;
  return {
    ...kept,
    shell,
    books,
    dataDirectory,
    workers,
    client,
    loads: () => loads,
    run: (...words) => runCommandLine(words, { shell, operator: 'ann', openCanvas }),
    json: () => JSON.parse(kept.out.at(-1) ?? 'null'),
  };
}

function keepers(options: TestShellOptions) {
  const out: string[] = [];
  const err: string[] = [];
  const exits: number[] = [];
  const pictures: string[] = [];
  const clock = { nowMs: 1_000_000 };
  const listeners = new Set<(name: 'SIGINT' | 'SIGTERM') => void>();
  const screen: Screen = {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    isTerminal: options.isTerminal ?? false,
    columns: 100,
  };
  let isRunning = options.running ?? false;
  const processes: Processes = {
    readRun: () => (options.running === undefined ? null : RUN),
    isAlive: async () => isRunning,
    askToStop: () => {
      isRunning = false;
    },
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
  };
  const canvas: Canvas = {
    draw: (text) => void pictures.push(text),
    keep: (text) => void out.push(...text.split('\n')),
    done: () => undefined,
  };
  const signal = (name: 'SIGINT' | 'SIGTERM'): void => {
    for (const listener of [...listeners]) listener(name);
  };
  return { out, err, exits, pictures, clock, screen, processes, canvas, signal };
}

/** Everything that a test does not replace fails loudly, apart from reading the books. */
function unreachableWorkers(books: Books, client: RunClient): TestShell['workers'] {
  return {
    start: () => unexpected('start'),
    haltDirectly: () => unexpected('haltDirectly'),
    openReader: async () => ({
      accounts: () => books.accounts(),
      reader: (account) => books.reader(account),
      close: async () => undefined,
    }),
    booksStanding: async () => ({ kind: 'readable' }),
    connectToRun: async () => client,
    unparkDirectly: () => unexpected('unparkDirectly'),
    cancelOrderDirectly: () => unexpected('cancelOrderDirectly'),
    denyDirectly: () => unexpected('denyDirectly'),
    leaseHolder: () => null,
    backUp: () => unexpected('backUp'),
    restoreBackup: () => unexpected('restoreBackup'),
    runExchange: () => unexpected('runExchange'),
  };
}

function unreachableClient(): TestShell['client'] {
  return {
    submitOrder: () => unexpected('submitOrder'),
    cancelOrder: () => unexpected('cancelOrder'),
    replaceOrder: () => unexpected('replaceOrder'),
    signalHalt: () => unexpected('signalHalt'),
    release: () => unexpected('release'),
    haltState: () => unexpected('haltState'),
    reconcile: () => unexpected('reconcile'),
    close: async () => undefined,
  };
}

function unexpected(what: string): Promise<never> {
  return Promise.reject(new Error(`the test did not expect a call of ${what}`));
}
